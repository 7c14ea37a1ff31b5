import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAddress } from './address.ts';
import { isFileId } from './task-plan.ts';

const suffix = '.dns';

/** Resolvers that tasks wish for names that are not ours (`dns:`), in files beside the namespaces: `DIR/<taskId>.dns`, one address a line. */
export class TaskResolvers {
  readonly #dir: string;
  readonly #servers = new Map<string, readonly string[]>();

  constructor(options: { readonly dir: string }) {
    this.#dir = options.dir;
  }

  /** Finds what a predecessor wrote. */
  async start(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#dir)) {
      const taskId = name.slice(0, -suffix.length);
      if (!name.endsWith(suffix) || !isFileId(taskId)) continue;
      const lines = (await readFile(join(this.#dir, name), 'utf8')).split('\n');
      this.#servers.set(
        taskId,
        lines.filter((line) => isAddress(line) || line.includes(':')),
      );
    }
  }

  /** Empty: the host's. */
  of(taskId: string): readonly string[] {
    return this.#servers.get(taskId) ?? [];
  }

  async set(taskId: string, servers: readonly string[]): Promise<void> {
    if (servers.length === 0) return this.remove(taskId);
    this.#servers.set(taskId, servers);
    await writeFile(join(this.#dir, `${taskId}${suffix}`), servers.join('\n'), { mode: 0o600 });
  }

  async remove(taskId: string): Promise<void> {
    this.#servers.delete(taskId);
    await rm(join(this.#dir, `${taskId}${suffix}`), { force: true });
  }
}
