import * as shipped from '../../manager/src/raft/core/index.ts';

/** What the simulation uses of the core: a broken variant (mutants.ts) has the same face. */
export type CoreModule = Pick<
  typeof shipped,
  'RaftCore' | 'MemoryStorage' | 'awaitsDurability' | 'confChangeOf' | 'defaultRaftOptions' | 'leaveJoint' | 'message'
>;

export const shippedCore: CoreModule = shipped;

export type {
  ConfChange,
  ConfState,
  Entry,
  HardState,
  MemoryStorage,
  Message,
  NodeId,
  RaftCore,
  RaftStatus,
  Ready,
  Snapshot,
} from '../../manager/src/raft/core/index.ts';
export { emptyConfState, noBytes } from '../../manager/src/raft/core/index.ts';
