import { generateKeyPairSync } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDir, readJson, removeFile, writeDurably } from '../../durable-file.ts';
import type { OwnKey } from './plan.ts';

/** Base64 with padding, as WireGuard writes keys, of what a JSON web key has in base64url. */
const wireguardText = (text: string | undefined): string => Buffer.from(text ?? '', 'base64url').toString('base64');

/**
 * The key pairs of this node, one for each generation, in the run directory: they outlast the agent and not the devices. The private halves are
 * in files of their own that only `wg` reads; no other part of the agent ever has one.
 */
export class TunnelKeys {
  readonly #dir: string;
  #all: readonly OwnKey[] = [];

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Oldest first. */
  get all(): readonly OwnKey[] {
    return this.#all;
  }

  get newest(): OwnKey | undefined {
    return this.#all.at(-1);
  }

  /** Takes up what a predecessor had: those whose private half is there. */
  async start(): Promise<void> {
    await makePrivateDir(this.#dir);
    const stored = (await readJson<readonly OwnKey[]>(this.#listPath)) ?? [];
    const files = new Set(await readdir(this.#dir));
    this.#all = stored.filter(({ generation }) => files.has(keyFile(generation))).toSorted((a, b) => a.generation - b.generation);
    // What a crash left between the key and the list.
    const known = new Set(this.#all.map(({ generation }) => keyFile(generation)));
    const strays = [...files].filter((name) => name.endsWith('.key') && !known.has(name));
    await Promise.all(strays.map((name) => removeFile(join(this.#dir, name))));
  }

  /** Where the private half is. */
  privateKeyPath(generation: number): string {
    return join(this.#dir, keyFile(generation));
  }

  /** Makes the pair of a generation that is newer than all. Both halves are stored before it is known. */
  async make(generation: number, port: number, madeAtMs: number): Promise<OwnKey> {
    const { x, d } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    await writeDurably(this.privateKeyPath(generation), `${wireguardText(d)}\n`);
    const key = { generation, publicKey: wireguardText(x), port, madeAtMs };
    await this.#store([...this.#all.filter((one) => one.generation !== generation), key]);
    return key;
  }

  /** The port of a generation was in use. */
  async move(generation: number, port: number): Promise<void> {
    await this.#store(this.#all.map((key) => (key.generation === generation ? { ...key, port } : key)));
  }

  async drop(generations: readonly number[]): Promise<void> {
    if (generations.length === 0) return;
    await this.#store(this.#all.filter(({ generation }) => !generations.includes(generation)));
    await Promise.all(generations.map((generation) => removeFile(this.privateKeyPath(generation))));
  }

  get #listPath(): string {
    return join(this.#dir, 'keys.json');
  }

  async #store(keys: readonly OwnKey[]): Promise<void> {
    const sorted = keys.toSorted((a, b) => a.generation - b.generation);
    await writeDurably(this.#listPath, JSON.stringify(sorted));
    this.#all = sorted;
  }
}

const keyFile = (generation: number): string => `${generation}.key`;
