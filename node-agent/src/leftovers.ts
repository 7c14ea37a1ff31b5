import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, sentenceOf } from '@tso/proto';
import { namesIn } from './durable-file.ts';
import type { Rootfses } from './image/types.ts';
import type { Networks } from './network/types.ts';
import { type AgentPaths, etcDir, etcFilesDir, sharedMemoryDir, sharedMemoryDirs, taskLogsDir } from './paths.ts';
import { removeSharedMemory } from './runtime/shared-memory.ts';
import type { Containers } from './runtime/types.ts';
import type { FileStore } from './secrets/file-store.ts';
import { ownerOf } from './task/hook-ids.ts';
import type { Volumes } from './volumes/volumes.ts';

export interface LeftoverPorts {
  readonly logger: Logger;
  readonly containers: Containers;
  readonly rootfses: Rootfses;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly files: FileStore;
}

export interface TaskIds {
  /** Tasks that may still run: nothing of theirs is touched. */
  readonly live: ReadonlySet<string>;
  /** Every task that is known; those that ended keep their logs. */
  readonly known: ReadonlySet<string>;
}

/**
 * Removes what a crash left behind of tasks that ended or that nobody knows. One that cannot be removed (a process that does not die)
 * stops neither the others nor the agent. Returns the ids of those.
 */
export const removeLeftovers = async (paths: AgentPaths, ids: TaskIds, ports: LeftoverPorts): Promise<ReadonlySet<string>> => {
  const { logger, containers, rootfses, networks, volumes, files } = ports;
  const stuck = new Set<string>();
  const attempt = async (taskId: string, what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      stuck.add(taskId);
      logger.error({ taskId, error: sentenceOf(error) }, `${what} that no task needs could not be removed`);
    }
  };
  for (const id of (await containers.list()).filter((it) => !ids.live.has(ownerOf(it)))) {
    logger.warn({ taskId: id }, 'removes a container that no task names');
    await attempt(ownerOf(id), 'a container', () => containers.remove(id));
  }
  // What a process that does not die still uses is not taken from under it.
  const spared = new Set([...ids.live, ...stuck]);
  for (const id of (await rootfses.list()).filter((it) => !spared.has(ownerOf(it))))
    await attempt(ownerOf(id), 'a root filesystem', () => rootfses.remove(id));
  await attempt('', 'a network namespace', () => networks.collectGarbage(spared));
  await attempt('', 'an unnamed volume', () => volumes.collectGarbage(spared));
  for (const id of (await files.owners()).filter((it) => !spared.has(it)))
    await attempt(id, 'secrets and configs of a task', () => files.remove(id));
  for (const id of (await namesIn(sharedMemoryDirs(paths))).filter((it) => !spared.has(it)))
    await attempt(id, 'shared memory of a task', () => removeSharedMemory(sharedMemoryDir(paths, id)));
  const folders = [
    ...(await namesIn(etcDir(paths))).filter((id) => !spared.has(id)).map((id) => etcFilesDir(paths, id)),
    ...(await namesIn(taskLogsDir(paths))).filter((id) => !ids.known.has(id)).map((id) => join(taskLogsDir(paths), id)),
  ];
  for (const folder of folders) await attempt('', `the folder ${folder}`, () => rm(folder, { recursive: true, force: true }));
  stuck.delete('');
  return stuck;
};
