import { rm } from 'node:fs/promises';
import { encode, type Logger, newId, type Random, TsoError } from '@tso/proto';
import { type Entry, emptyConfState, isConfChange } from '../raft/core/index.ts';
import type { LogIdentity, RaftDisk, SnapshotMeta } from '../raft/io/ports.ts';
import { preparedDirectoryOf, replaceLog } from './log-directory.ts';
import { soleManagerActions } from './sole-manager.ts';
import { StoreMachine } from './store-machine.ts';

/** A disk that also says whose log it is. */
export interface IdentifiedDisk extends RaftDisk {
  readonly identity: LogIdentity;
  close(): Promise<void>;
}

export interface NewClusterPorts {
  readonly random: Random;
  readonly logger: Logger;
  readonly nowMs: number;
  readonly openLog: () => Promise<IdentifiedDisk>;
  readonly createLog: (
    directory: string,
    identity: LogIdentity,
    bootstrap: SnapshotMeta & { readonly contents: AsyncIterable<Uint8Array> },
  ) => Promise<IdentifiedDisk>;
}

const pageBytes = 4 * 1024 * 1024;

const replay = (machine: StoreMachine, entry: Entry): void => {
  if (isConfChange(entry.type) || entry.data.length === 0) machine.skip(entry.index);
  else machine.apply(entry.index, entry.data);
};

const applyAll = async (disk: RaftDisk, machine: StoreMachine): Promise<void> => {
  const newest = disk.snapshot();
  if (newest !== undefined && newest.index > 0) {
    const { meta, contents } = await disk.openSnapshot(newest.index);
    await machine.restore(meta.index, contents);
  }
  for (let next = machine.view.index + 1; next <= disk.lastIndex(); ) {
    const page = disk.entries(next, disk.lastIndex() + 1, pageBytes);
    if (typeof page === 'string') throw new TsoError('DATA_LOSS', `the log lacks entry ${next}`);
    for (const entry of page) replay(machine, entry);
    next += page.length;
  }
};

/**
 * After a majority of the managers is lost for ever: this manager alone begins a new group with all that its log holds, also what it
 * does not know to be committed, since a lost manager may have acknowledged it. What only the lost ones had is gone. The group gets a
 * new id, so that whoever of the old one comes back is refused; the old log is kept beside.
 */
export const forceNewCluster = async (stateDir: string, ports: NewClusterPorts): Promise<void> => {
  const { random, logger, nowMs } = ports;
  const disk = await ports.openLog();
  try {
    const machine = new StoreMachine();
    await applyAll(disk, machine);
    const { identity } = disk;
    const lastIndex = disk.lastIndex();
    const { hardState } = disk.initialState();
    const lastTerm = disk.term(lastIndex);
    const index = lastIndex + 1;
    const actions = soleManagerActions(machine.view, identity);
    machine.apply(index, encode('Transaction', { actions, expect: [], atMs: nowMs, origin: 'force-new-cluster' }));
    const term = Math.max(hardState.term, typeof lastTerm === 'number' ? lastTerm : 0) + 1;
    const groupId = newId((count) => random.bytes(count));
    await rm(preparedDirectoryOf(stateDir), { recursive: true, force: true });
    const bootstrap = { index, term, confState: { ...emptyConfState, voters: [identity.raftId] }, contents: machine.capture() };
    const fresh = await ports.createLog(preparedDirectoryOf(stateDir), { ...identity, groupId }, bootstrap);
    await fresh.close();
    await disk.close();
    const aside = await replaceLog(stateDir, identity.groupId);
    logger.warn(
      {
        lastIndex,
        keptThoughUnconfirmed: Math.max(0, lastIndex - hardState.commit),
        removedManagers: actions.flatMap(({ putManager }) => (putManager?.removed === true ? [putManager.raftId] : [])),
        oldLog: aside,
      },
      `a new cluster was made of this manager's log up to index ${lastIndex}: what only the lost managers had acknowledged after it is missing`,
    );
  } catch (error) {
    await disk.close();
    throw error;
  }
};
