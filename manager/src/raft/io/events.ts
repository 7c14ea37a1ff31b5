import type { ConfState, NodeId, Role } from '../core/index.ts';

/**
 * What a driver tells whoever listens, in the words that liferaft made familiar. `leader`, `follower` and `candidate` come behind
 * `state change`, which comes behind `leader change` and `term change`.
 */
export interface DriverEvents {
  'term change': [now: number, before: number];
  /** 0 stands for nobody. */
  'leader change': [now: NodeId, before: NodeId];
  'state change': [now: Role, before: Role];
  leader: [];
  follower: [];
  /** Pre-candidates too. */
  candidate: [];
  /** An entry is applied. */
  commit: [index: number];
  /** A member is in: a learner or a voter. */
  join: [id: NodeId];
  leave: [id: NodeId];
  /** The members as a committed change left them. */
  members: [confState: ConfState];
}
