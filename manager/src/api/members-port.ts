import type { Audit, Manager } from '@tso/proto';

/** One manager of the group, as the leader sees it. */
export interface Member {
  readonly manager: Manager;
  /** False: a learner. */
  readonly voter: boolean;
  readonly leader: boolean;
  /** Heard from within an election timeout; the leader always hears itself. */
  readonly reachable: boolean;
  /** Index up to which it is known to hold the log. */
  readonly match: number;
}

export interface MemberList {
  /** By raft id. Removed ones may be among them: they are told apart by `manager.removed`. */
  readonly members: readonly Member[];
  /** Raft id; 0: none known. */
  readonly leader: number;
  readonly term: number;
  readonly committed: number;
  /** Raft id of the manager that was asked. */
  readonly self: number;
}

/** Where the change stands in the log. */
export interface MemberChanged {
  readonly index: number;
}

/** Who asks for a change: for the log, and for the manager that it is passed on to. Absent: nobody does, the cluster decided. */
export interface AskedBy {
  readonly audit: Audit;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The group of managers. A manager that does not lead passes the change on to the leader; a leader that is to lose its vote or to leave
 * hands over first. Each change resolves once it is committed. UNAVAILABLE: no leader, or it was lost before the outcome is known.
 * FAILED_PRECONDITION: another change of members is under way, or the managers left could not decide.
 */
export interface Members {
  /** As the leader sees it, and not older than the call. UNAVAILABLE: nobody leads. */
  list(): Promise<MemberList>;
  promote(raftId: number, asked?: AskedBy): Promise<MemberChanged>;
  demote(raftId: number, asked?: AskedBy): Promise<MemberChanged>;
  remove(raftId: number, asked?: AskedBy): Promise<MemberChanged>;
  transfer(raftId: number, asked?: AskedBy): Promise<MemberChanged>;
}
