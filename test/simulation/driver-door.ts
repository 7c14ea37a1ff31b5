/** What the simulation uses of the real room around the core: the driver and the disk, not the sockets. */
export {
  createLog,
  type DiskPorts,
  defaultDiskOptions,
  type Files,
  logExists,
  type OpenFile,
  openLog,
} from '../../manager/src/raft/io/disk/index.ts';
export { MemoryFiles } from '../../manager/src/raft/io/disk/testing/memory-files.ts';
export { RaftDriver } from '../../manager/src/raft/io/driver.ts';
export { type DriverOptions, defaultDriverOptions } from '../../manager/src/raft/io/driver-options.ts';
export { failure, outcomeOf } from '../../manager/src/raft/io/outcome.ts';
export type { Chunks, DiskWrite, RaftDisk, RaftTransport, SnapshotMeta, StateMachine } from '../../manager/src/raft/io/ports.ts';
