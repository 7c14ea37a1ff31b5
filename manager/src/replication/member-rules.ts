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
  id === self || (progress.find((it) => it.id === id)?.activeLately ?? false);

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
