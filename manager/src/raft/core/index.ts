/** The room's door: what raft/io, the simulation and the scenario runner use of the core. */
export * from './conf-change.ts';
export * from './describe.ts';
export * from './memory-storage.ts';
export * from './messages.ts';
export * from './options.ts';
export * from './raft.ts';
export * from './ready.ts';
export type { ProgressStatus, RaftStatus } from './status.ts';
export * from './storage.ts';
