import { createLog, logExists, openLog } from '../../manager/src/raft/io/disk/index.ts';
import { RaftDriver } from '../../manager/src/raft/io/driver.ts';

/** What the simulation uses of the real room around the core, not the sockets: a broken variant (mutants.ts) has the same face. */
export interface RoomModule {
  readonly RaftDriver: typeof RaftDriver;
  readonly createLog: typeof createLog;
  readonly logExists: typeof logExists;
  readonly openLog: typeof openLog;
}

export const shippedRoom: RoomModule = { RaftDriver, createLog, logExists, openLog };

export { defaultDiskOptions, type Files, type OpenFile } from '../../manager/src/raft/io/disk/index.ts';
export { MemoryFiles } from '../../manager/src/raft/io/disk/testing/memory-files.ts';
export type { RaftDriver } from '../../manager/src/raft/io/driver.ts';
export { type DriverOptions, defaultDriverOptions } from '../../manager/src/raft/io/driver-options.ts';
export { failure, outcomeOf } from '../../manager/src/raft/io/outcome.ts';
export type { Chunks, DiskWrite, RaftDisk, RaftTransport, SnapshotMeta, StateMachine } from '../../manager/src/raft/io/ports.ts';
