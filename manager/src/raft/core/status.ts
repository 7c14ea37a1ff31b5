import { toConfState, votes } from './membership.ts';
import type { ConfState, HardState, NodeId } from './messages.ts';
import { describeProgress, type Node, roleName } from './node.ts';
import type { ProgressState } from './progress.ts';
import type { Role } from './ready.ts';

export interface ProgressStatus {
  readonly id: NodeId;
  readonly state: ProgressState;
  readonly match: number;
  readonly next: number;
  readonly isLearner: boolean;
  readonly paused: boolean;
  readonly recentActive: boolean;
  /** Heard from since the check of the quorum before the last one: just after a check nobody has been since. */
  readonly activeLately: boolean;
  readonly pendingSnapshot: number;
  readonly inflightMessages: number;
  readonly inflightBytes: number;
  /** In the field's form. */
  readonly text: string;
}

export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly lead: NodeId;
  readonly isVoter: boolean;
  readonly transferee: NodeId;
  readonly hardState: HardState;
  readonly applied: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Of the entry at `lastIndex`: with it, how much of the log this member has (paper 5.4.1). */
  readonly lastTerm: number;
  readonly confState: ConfState;
  readonly uncommittedBytes: number;
  readonly electionTimeoutTicks: number;
  readonly electionElapsedTicks: number;
  /** Ascending by id; empty unless this node leads. */
  readonly progress: readonly ProgressStatus[];
  /** `StateLeader (Voter) Term:1 Lead:1`, in the field's form. */
  readonly text: string;
}

const progressStatus = (node: Node): readonly ProgressStatus[] =>
  [...node.membership.progress]
    .sort(([a], [b]) => a - b)
    .map(([id, progress]) => ({
      id,
      state: progress.state,
      match: progress.match,
      next: progress.next,
      isLearner: progress.isLearner,
      paused: progress.isPaused,
      recentActive: progress.recentActive,
      activeLately: progress.recentActive || progress.activeBefore,
      pendingSnapshot: progress.pendingSnapshot,
      inflightMessages: progress.inflights.count,
      inflightBytes: progress.inflights.totalBytes,
      text: describeProgress(progress),
    }));

/** Values as of now; nothing in it changes later. */
export const statusOf = (node: Node): RaftStatus => {
  const isVoter = votes(node.membership.configuration, node.id);
  return {
    id: node.id,
    role: node.role,
    lead: node.lead,
    isVoter,
    transferee: node.transferee,
    hardState: { term: node.term, vote: node.vote, commit: node.log.committed },
    applied: node.log.applied,
    firstIndex: node.log.firstIndex(),
    lastIndex: node.log.lastIndex(),
    lastTerm: node.log.lastTerm(),
    confState: toConfState(node.membership.configuration),
    uncommittedBytes: node.uncommittedBytes,
    electionTimeoutTicks: node.electionTimeoutTicks,
    electionElapsedTicks: node.electionElapsed,
    progress: node.role === 'leader' ? progressStatus(node) : [],
    text: `${roleName(node.role)} (${isVoter ? 'Voter' : 'Non-Voter'}) Term:${node.term} Lead:${node.lead}`,
  };
};
