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
  #version = '';
  #text = '';

  constructor(options: { readonly path: string }, ports: { readonly clock: Clock }) {
    this.#path = options.path;
    this.#clock = ports.clock;
  }

  /** The file's text; empty when there is none. */
  async text(): Promise<string> {
    const now = this.#clock.monotonic();
    if (now - this.#checkedAt < freshMs) return this.#text;
    this.#checkedAt = now;
    try {
      const { mtimeMs, ino, size } = await stat(this.#path);
      const version = `${ino}:${mtimeMs}:${size}`;
      if (version !== this.#version) {
        this.#text = await readFile(this.#path, 'utf8');
        this.#version = version;
      }
    } catch {
      // No file: resolv.conf(5) then means the host itself.
      this.#text = '';
      this.#version = '';
    }
    return this.#text;
  }

  async conf(): Promise<ResolvConf> {
    return parseResolvConf(await this.text());
  }
}
