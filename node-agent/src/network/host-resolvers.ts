import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '@tso/proto';
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts';

/** How old the knowledge that the file is unchanged may be. */
const freshMs = 1_000;

/** The host's /etc/resolv.conf, read again when it changed. */
export class HostResolvers {
  readonly #path: string;
  readonly #clock: Clock;
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** Whoever asks meanwhile waits for the same look: a client's two first questions come at once. */
  #looking: Promise<void> | undefined;
  #version = '';
  #text = '';
  #conf = parseResolvConf('');

  constructor(options: { readonly path: string }, ports: { readonly clock: Clock }) {
    this.#path = options.path;
    this.#clock = ports.clock;
  }

  /** The file's text; empty when there is none. */
  async text(): Promise<string> {
    await this.#refresh();
    return this.#text;
  }

  async conf(): Promise<ResolvConf> {
    await this.#refresh();
    return this.#conf;
  }

  async #refresh(): Promise<void> {
    if (this.#looking === undefined && this.#clock.monotonic() - this.#checkedAt < freshMs) return;
    this.#looking ??= this.#look();
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const { mtimeMs, ino, size } = await stat(this.#path);
      const version = `${ino}:${mtimeMs}:${size}`;
      if (version !== this.#version) {
        this.#take(await readFile(this.#path, 'utf8'));
        this.#version = version;
      }
    } catch {
      // No file: resolv.conf(5) then means the host itself.
      this.#take('');
      this.#version = '';
    }
    this.#checkedAt = this.#clock.monotonic();
    this.#looking = undefined;
  }

  #take(text: string): void {
    this.#text = text;
    this.#conf = parseResolvConf(text);
  }
}
