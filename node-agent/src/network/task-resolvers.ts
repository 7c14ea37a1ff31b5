import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DnsConfig, Link } from '@tso/proto';
import { isObject } from './json.ts';
import { ndotsOf } from './resolv-conf.ts';
import { isFileId } from './task-plan.ts';
import type { TaskNetworkPlan } from './types.ts';

/** What the names that a task gets depend on, beside its networks. */
export interface TaskResolution {
  readonly stack: string;
  readonly links: readonly Link[];
  /** Resolvers for names that are not ours (`dns:`); empty: the host's. */
  readonly servers: readonly string[];
  /** It said with `ndots` that single labels are to be completed: such a name is not asked elsewhere as it is. */
  readonly completesNames: boolean;
}

const unknown: TaskResolution = { stack: '', links: [], servers: [], completesNames: false };
const suffix = '.dns';

const isLink = (value: unknown): value is Link => isObject(value) && typeof value.service === 'string' && typeof value.alias === 'string';
const isText = (value: unknown): value is string => typeof value === 'string';

const decode = (text: string): TaskResolution | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !isText(value.stack) || typeof value.completesNames !== 'boolean') return undefined;
    if (!Array.isArray(value.links) || !value.links.every(isLink)) return undefined;
    if (!Array.isArray(value.servers) || !value.servers.every(isText)) return undefined;
    return { stack: value.stack, links: value.links, servers: value.servers, completesNames: value.completesNames };
  } catch {
    // Half-written by a crash: the task is then treated as one without wishes.
    return undefined;
  }
};

/** What names depend on for each task, in files beside the namespaces (`DIR/<taskId>.dns`), so that a restarted agent answers as before. */
export class TaskResolvers {
  readonly #dir: string;
  readonly #tasks = new Map<string, TaskResolution>();

  constructor(options: { readonly dir: string }) {
    this.#dir = options.dir;
  }

  /** Finds what a predecessor wrote. */
  async start(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#dir)) {
      const taskId = name.slice(0, -suffix.length);
      if (!name.endsWith(suffix) || !isFileId(taskId)) continue;
      const resolution = decode(await readFile(join(this.#dir, name), 'utf8'));
      if (resolution !== undefined) this.#tasks.set(taskId, resolution);
    }
  }

  of(taskId: string): TaskResolution {
    return this.#tasks.get(taskId) ?? unknown;
  }

  async set(plan: TaskNetworkPlan, dns: DnsConfig | undefined): Promise<void> {
    const { taskId, stack, links } = plan;
    const resolution = { stack, links, servers: dns?.servers ?? [], completesNames: (ndotsOf(dns?.options ?? []) ?? 0) > 0 };
    this.#tasks.set(taskId, resolution);
    const path = join(this.#dir, `${taskId}${suffix}`);
    // No fsync: the task's namespace does not survive a crash of the host either.
    await writeFile(`${path}.new`, JSON.stringify(resolution), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  async remove(taskId: string): Promise<void> {
    this.#tasks.delete(taskId);
    const path = join(this.#dir, `${taskId}${suffix}`);
    await Promise.all([rm(path, { force: true }), rm(`${path}.new`, { force: true })]);
  }
}
