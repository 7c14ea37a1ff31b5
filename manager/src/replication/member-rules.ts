import { type Manager, TsoError } from '@tso/proto';
import type { ConfChange, ConfState, NodeId, ProgressStatus } from '../raft/core/index.ts';

/** What the leader knows of the members; `progress` has everybody, itself too. */
export interface MembersSeen {
  readonly self: NodeId;
  readonly confState: ConfState;
  readonly progress: readonly ProgressStatus[];
  readonly lastIndex: number;
}

/** A learner that lacks so few entries has caught up (thesis 4.2.1: one short round of replication). */
export const maxPromotionLag = 1_000;

const isActive = ({ self, progress }: MembersSeen, id: NodeId): boolean =>
  id === self || (progress.find((it) => it.id === id)?.recentActive ?? false);

const lagOf = ({ progress, lastIndex }: MembersSeen, id: NodeId): number => lastIndex - (progress.find((it) => it.id === id)?.match ?? 0);

const hasCaughtUp = (seen: MembersSeen, id: NodeId): boolean => isActive(seen, id) && lagOf(seen, id) <= maxPromotionLag;

const isMember = ({ confState }: MembersSeen, id: NodeId): boolean =>
  confState.voters.includes(id) || confState.learners.includes(id) || confState.votersOutgoing.includes(id);

const one = (kind: 'add-voter' | 'add-learner' | 'remove', id: NodeId): ConfChange => ({ transition: 'auto', steps: [{ kind, id }] });

/**
 * The next change that brings the members nearer to what the store wishes, or undefined. One voter at a time (thesis 4.1). The
 * leader does not remove or demote itself: it hands over first.
 */
export const nextChange = (managers: readonly Manager[], seen: MembersSeen): ConfChange | undefined => {
  const { confState, self } = seen;
  if (confState.votersOutgoing.length > 0) return undefined;
  const gone = managers.find(({ raftId, removed }) => removed && raftId !== self && isMember(seen, raftId));
  if (gone !== undefined) return one('remove', gone.raftId);
  const wished = managers.filter(({ removed }) => !removed);
  const missing = wished.find(({ raftId }) => !isMember(seen, raftId));
  if (missing !== undefined) return one('add-learner', missing.raftId);
  const demoted = wished.find(({ raftId, wantsVote }) => !wantsVote && raftId !== self && confState.voters.includes(raftId));
  if (demoted !== undefined) return one('add-learner', demoted.raftId);
  const ripe = wished.find(({ raftId, wantsVote }) => wantsVote && confState.learners.includes(raftId) && hasCaughtUp(seen, raftId));
  return ripe === undefined ? undefined : one('add-voter', ripe.raftId);
};

/** Whether the members are as the store wishes that one to be. */
export const isFulfilled = (manager: Manager, confState: ConfState): boolean => {
  const { raftId, removed, wantsVote } = manager;
  const votes = confState.voters.includes(raftId) || confState.votersOutgoing.includes(raftId);
  const learns = confState.learners.includes(raftId) || confState.learnersNext.includes(raftId);
  if (removed) return !votes && !learns;
  return wantsVote ? confState.voters.includes(raftId) && !learns : learns && !votes;
};

/** The member of that id. NOT_FOUND names those there are. */
export const managerOf = (managers: readonly Manager[], raftId: NodeId): Manager => {
  const found = managers.find((it) => it.raftId === raftId && !it.removed);
  if (found !== undefined) return found;
  const there = managers.filter(({ removed }) => !removed).map((it) => it.raftId);
  throw new TsoError('NOT_FOUND', `there is no manager ${raftId}`, { hint: `The managers are ${there.join(', ')}` });
};

const refuse = (message: string, hint: string): never => {
  throw new TsoError('FAILED_PRECONDITION', message, { hint, details: { outcome: 'refused' } });
};

/** FAILED_PRECONDITION: the managers left could not decide. */
const checkQuorumWithout = (raftId: NodeId, what: string, seen: MembersSeen): void => {
  const left = seen.confState.voters.filter((id) => id !== raftId);
  if (left.length === 0)
    refuse(`manager ${raftId} is the last one with a vote: ${what} would end the cluster`, 'Promote another manager first');
  const active = left.filter((id) => isActive(seen, id));
  if (active.length > left.length / 2) return;
  refuse(
    `${what} would lose the quorum: of the ${left.length} managers left with a vote only ${active.length} answer`,
    'Bring the others back, or remove those that are gone for good first',
  );
};

/** FAILED_PRECONDITION: it votes already, or has not caught up. */
export const checkPromotion = (managers: readonly Manager[], raftId: NodeId, seen: MembersSeen): Manager => {
  const manager = managerOf(managers, raftId);
  if (seen.confState.voters.includes(raftId)) refuse(`manager ${raftId} has a vote already`, 'There is nothing to do');
  if (!isActive(seen, raftId)) refuse(`manager ${raftId} does not answer: its vote would only be missed`, 'Start it, then try again');
  if (!hasCaughtUp(seen, raftId)) {
    refuse(`manager ${raftId} has not caught up: it lacks ${lagOf(seen, raftId)} entries of the log`, 'Try again when it has');
  }
  return manager;
};

/** FAILED_PRECONDITION: it has no vote, or the managers left could not decide. */
export const checkDemotion = (managers: readonly Manager[], raftId: NodeId, seen: MembersSeen): Manager => {
  const manager = managerOf(managers, raftId);
  if (!seen.confState.voters.includes(raftId)) refuse(`manager ${raftId} has no vote`, 'There is nothing to do');
  checkQuorumWithout(raftId, `demoting manager ${raftId}`, seen);
  return manager;
};

/** FAILED_PRECONDITION: the managers left could not decide. */
export const checkRemoval = (managers: readonly Manager[], raftId: NodeId, seen: MembersSeen): Manager => {
  const manager = managerOf(managers, raftId);
  if (seen.confState.voters.includes(raftId)) checkQuorumWithout(raftId, `removing manager ${raftId}`, seen);
  return manager;
};

/** FAILED_PRECONDITION: it has no vote or does not answer. */
export const checkTransfer = (managers: readonly Manager[], raftId: NodeId, seen: MembersSeen): Manager => {
  const manager = managerOf(managers, raftId);
  if (!seen.confState.voters.includes(raftId)) refuse(`manager ${raftId} has no vote and cannot lead`, 'Promote it first');
  if (!isActive(seen, raftId)) refuse(`manager ${raftId} does not answer`, 'Start it, or choose another');
  return manager;
};

/**
 * Who may join: the member that this node already is and that has never been heard of (its answer was lost), or a new one under the
 * id given. ALREADY_EXISTS: the node is a manager already; one whose disk is gone is removed first, for it must not come back.
 */
export const admission = (
  managers: readonly Manager[],
  joiner: { readonly nodeId: string; readonly address: string },
  seen: MembersSeen,
): { readonly raftId: NodeId; readonly isNew: boolean } => {
  const known = managers.find(({ nodeId, removed }) => nodeId === joiner.nodeId && !removed);
  if (known === undefined) return { raftId: Math.max(0, ...managers.map(({ raftId }) => raftId)) + 1, isNew: true };
  const heard = seen.progress.some(({ id, match }) => id === known.raftId && match > 0);
  if (!heard && known.raftId !== seen.self && !seen.confState.voters.includes(known.raftId)) return { raftId: known.raftId, isNew: false };
  throw new TsoError('ALREADY_EXISTS', `node ${joiner.nodeId} is manager ${known.raftId} already`, {
    hint: `Start it with the state directory that it had; if that is lost, remove manager ${known.raftId} first, then join again`,
  });
};
