import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFileId } from './task-plan.ts';

const guestSuffix = '.of';
const leftSuffix = '.left';

/**
 * Which tasks live in the namespace of another (`network_mode: service:NAME`), in files beside the namespaces: `DIR/<guest>.of` has the owner's id,
 * `DIR/<owner>.left` says that the owner is gone and only its guests keep the namespace.
 */
export class Sharing {
  readonly #dir: string;
  /** Guest to owner. */
  readonly #owners = new Map<string, string>();
  readonly #left = new Set<string>();

  constructor(options: { readonly dir: string }) {
    this.#dir = options.dir;
  }

  /** Finds what a predecessor wrote. */
  async start(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#dir)) {
      const [id = ''] = name.split('.');
      if (!isFileId(id)) continue;
      if (name.endsWith(leftSuffix)) this.#left.add(id);
      if (!name.endsWith(guestSuffix)) continue;
      const owner = await readFile(join(this.#dir, name), 'utf8');
      if (isFileId(owner)) this.#owners.set(id, owner);
    }
  }

  ownerOf(guest: string): string | undefined {
    return this.#owners.get(guest);
  }

  /** Whether anybody lives in the namespace of that task beside itself. */
  isShared(owner: string): boolean {
    return [...this.#owners.values()].includes(owner);
  }

  /** Whether the owner itself is gone. */
  isLeft(owner: string): boolean {
    return this.#left.has(owner);
  }

  /** Whether only others keep its namespace. One that nobody keeps any more is a leftover: whoever removed the last of them ended before it. */
  isKept(owner: string): boolean {
    return this.isLeft(owner) && this.isShared(owner);
  }

  async add(guest: string, owner: string): Promise<void> {
    this.#owners.set(guest, owner);
    await writeFile(join(this.#dir, `${guest}${guestSuffix}`), owner, { mode: 0o600 });
  }

  async remove(guest: string): Promise<void> {
    this.#owners.delete(guest);
    await rm(join(this.#dir, `${guest}${guestSuffix}`), { force: true });
  }

  /** The owner goes; its namespace stays for the others. */
  async leave(owner: string): Promise<void> {
    this.#left.add(owner);
    await writeFile(join(this.#dir, `${owner}${leftSuffix}`), '', { mode: 0o600 });
  }

  /** The namespace is gone. */
  async forget(owner: string): Promise<void> {
    if (!this.#left.delete(owner)) return;
    await rm(join(this.#dir, `${owner}${leftSuffix}`), { force: true });
  }
}
