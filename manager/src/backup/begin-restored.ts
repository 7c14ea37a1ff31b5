import { rename, rm } from 'node:fs/promises';
import { type Authority, type Clock, type Logger, newId, parseUnlockKey, type Random } from '@tso/proto';
import { emptyConfState } from '../raft/core/index.ts';
import { createLog, defaultDiskOptions, logExists } from '../raft/io/index.ts';
import { logDirectoryOf, preparedDirectoryOf, prepareStateDirectory, replaceLog } from '../replication/log-directory.ts';
import { restoreFrom } from './restore.ts';

export interface BeginRestoredOptions {
  /** The backup. */
  readonly file: string;
  readonly stateDir: string;
  readonly nodeId: string;
  /** Of this manager's door for others; empty: none. */
  readonly address: string;
  readonly lockPatienceMs: number;
}

export interface BeginRestoredPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Gives this node a certificate of the restored authority. */
  readonly issue: (clusterId: string, authority: Authority) => Promise<void>;
}

/**
 * A new group of managers, of this one alone, with the state of the backup. What was in the state directory is kept beside. Until the
 * backup was found whole nothing is changed. Errors are those of `restoreFrom`.
 * Returns the unlock key of a cluster that locks its managers: what is written here is locked with it from its first byte on.
 */
export const beginRestored = async (options: BeginRestoredOptions, ports: BeginRestoredPorts): Promise<string | undefined> => {
  const { file, stateDir, nodeId, address, lockPatienceMs } = options;
  const { clock, random, logger } = ports;
  const { header, machine, raftId } = await restoreFrom(file, { nodeId, address, nowMs: clock.now() });
  await prepareStateDirectory(stateDir);
  const authority = machine.view.authority();
  if (authority !== undefined) await ports.issue(header.clusterId, authority);
  const groupId = newId((count) => random.bytes(count));
  const prepared = preparedDirectoryOf(stateDir);
  await rm(prepared, { recursive: true, force: true });
  const bootstrap = { index: machine.view.index, term: 1, confState: { ...emptyConfState, voters: [raftId] }, contents: machine.capture() };
  const key = authority?.unlockKey || undefined;
  const locked = key === undefined ? {} : { keyEncryptionKey: parseUnlockKey(key) };
  const diskOptions = { ...defaultDiskOptions, lockPatienceMs, ...locked };
  const log = await createLog(prepared, { groupId, raftId, nodeId }, bootstrap, diskOptions, ports);
  await log.close();
  if (await logExists(logDirectoryOf(stateDir), ports)) await replaceLog(stateDir, `restore-${groupId}`);
  else await rename(prepared, logDirectoryOf(stateDir));
  logger.warn(
    { clusterId: header.clusterId, index: header.index, takenAtMs: header.createdAtMs, raftId },
    'the cluster was restored from a backup: what happened after it was taken is forgotten',
  );
  return key;
};
