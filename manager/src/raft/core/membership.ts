import { type ConfChange, type ConfChangeStep, entersJoint, leavesJoint } from './conf-change.ts';
import { Inflights } from './inflights.ts';
import type { ConfState, NodeId } from './messages.ts';
import { Progress } from './progress.ts';
import { isVoter, type JointVoters } from './quorum.ts';

export interface Configuration {
  readonly voters: JointVoters;
  readonly learners: ReadonlySet<NodeId>;
  /** Voters of the outgoing half that become learners on leaving: nobody is voter and learner at once. */
  readonly learnersNext: ReadonlySet<NodeId>;
  readonly autoLeave: boolean;
}

/** The members and what the leader knows of each; replaced as one. */
export interface Membership {
  readonly configuration: Configuration;
  readonly progress: ReadonlyMap<NodeId, Progress>;
}

export interface MembershipLimits {
  readonly lastIndex: number;
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
}

/** A change that does not fit the configuration, and why. */
export interface Unfit {
  readonly unfit: string;
}

export const isUnfit = (result: Membership | Unfit): result is Unfit => 'unfit' in result;

export const isJoint = (configuration: Configuration): boolean => configuration.voters.outgoing.size > 0;

export const emptyMembership: Membership = {
  configuration: { voters: { incoming: new Set(), outgoing: new Set() }, learners: new Set(), learnersNext: new Set(), autoLeave: false },
  progress: new Map(),
};

const ascending = (ids: ReadonlySet<NodeId>): readonly NodeId[] => [...ids].sort((a, b) => a - b);

/** The configuration as entries and snapshots keep it. */
export const toConfState = ({ voters, learners, learnersNext, autoLeave }: Configuration): ConfState => ({
  voters: ascending(voters.incoming),
  votersOutgoing: ascending(voters.outgoing),
  learners: ascending(learners),
  learnersNext: ascending(learnersNext),
  autoLeave,
});

/** `voters=(1 2 3)&&(1 2) learners=(4) learners_next=(2) autoleave`, in the field's form. */
export const describeConfiguration = (configuration: Configuration): string => {
  const state = toConfState(configuration);
  const list = (ids: readonly NodeId[]): string => `(${ids.join(' ')})`;
  return [
    `voters=${list(state.voters)}${state.votersOutgoing.length > 0 ? `&&${list(state.votersOutgoing)}` : ''}`,
    ...(state.learners.length > 0 ? [`learners=${list(state.learners)}`] : []),
    ...(state.learnersNext.length > 0 ? [`learners_next=${list(state.learnersNext)}`] : []),
    ...(state.autoLeave ? ['autoleave'] : []),
  ].join(' ');
};

/** A membership under change: plain sets and copies, so that a change that turns out unfit leaves no trace. */
interface Draft {
  readonly incoming: Set<NodeId>;
  readonly outgoing: Set<NodeId>;
  readonly learners: Set<NodeId>;
  readonly learnersNext: Set<NodeId>;
  readonly progress: Map<NodeId, Progress>;
}

const draftOf = ({ configuration, progress }: Membership): Draft => ({
  incoming: new Set(configuration.voters.incoming),
  outgoing: new Set(configuration.voters.outgoing),
  learners: new Set(configuration.learners),
  learnersNext: new Set(configuration.learnersNext),
  progress: new Map([...progress].map(([id, it]) => [id, it.clone()])),
});

const finished = (draft: Draft, autoLeave: boolean): Membership | Unfit => {
  for (const id of [...draft.incoming, ...draft.outgoing, ...draft.learners, ...draft.learnersNext]) {
    if (!draft.progress.has(id)) return { unfit: `no progress for ${id}` };
  }
  for (const id of draft.learnersNext)
    if (!draft.outgoing.has(id)) return { unfit: `${id} waits to become a learner, but is no outgoing voter` };
  for (const id of draft.learners) {
    if (draft.incoming.has(id) || draft.outgoing.has(id)) return { unfit: `${id} is learner and voter at once` };
    if (draft.progress.get(id)?.isLearner !== true) return { unfit: `${id} is a learner, but not tracked as one` };
  }
  const { incoming, outgoing, learners, learnersNext, progress } = draft;
  return { configuration: { voters: { incoming, outgoing }, learners, learnersNext, autoLeave }, progress };
};

/** New members are taken as active, or the leader would step down before they had a chance to answer. */
const begin = (draft: Draft, id: NodeId, isLearner: boolean, limits: MembershipLimits): void => {
  const inflights = new Inflights(limits.maxInflightMessages, limits.maxInflightBytes);
  draft.progress.set(id, new Progress({ match: 0, next: Math.max(limits.lastIndex, 1), isLearner, recentActive: true, inflights }));
};

const makeVoter = (draft: Draft, id: NodeId, limits: MembershipLimits): void => {
  const progress = draft.progress.get(id);
  if (progress === undefined) begin(draft, id, false, limits);
  else progress.isLearner = false;
  draft.learners.delete(id);
  draft.learnersNext.delete(id);
  draft.incoming.add(id);
};

const remove = (draft: Draft, id: NodeId): void => {
  draft.incoming.delete(id);
  draft.learners.delete(id);
  draft.learnersNext.delete(id);
  if (!draft.outgoing.has(id)) draft.progress.delete(id);
};

const makeLearner = (draft: Draft, id: NodeId, limits: MembershipLimits): void => {
  const progress = draft.progress.get(id);
  if (progress === undefined) {
    begin(draft, id, true, limits);
    draft.learners.add(id);
    return;
  }
  if (progress.isLearner) return;
  remove(draft, id);
  draft.progress.set(id, progress);
  if (draft.outgoing.has(id)) {
    draft.learnersNext.add(id);
  } else {
    progress.isLearner = true;
    draft.learners.add(id);
  }
};

/** Changes the incoming half; undefined when all went well. */
const applySteps = (draft: Draft, steps: readonly ConfChangeStep[], limits: MembershipLimits): Unfit | undefined => {
  for (const { kind, id } of steps) {
    if (id === 0) continue;
    if (kind === 'add-voter') makeVoter(draft, id, limits);
    else if (kind === 'add-learner') makeLearner(draft, id, limits);
    else if (kind === 'remove') remove(draft, id);
  }
  return draft.incoming.size === 0 ? { unfit: 'removed all voters' } : undefined;
};

const differences = (a: ReadonlySet<NodeId>, b: ReadonlySet<NodeId>): number =>
  [...a].filter((id) => !b.has(id)).length + [...b].filter((id) => !a.has(id)).length;

/** At most one voter comes or goes: then any two majorities meet without a joint configuration (thesis 4.1). */
export const changeSimply = (membership: Membership, steps: readonly ConfChangeStep[], limits: MembershipLimits): Membership | Unfit => {
  if (isJoint(membership.configuration)) return { unfit: "can't apply simple config change in joint config" };
  const draft = draftOf(membership);
  const failed = applySteps(draft, steps, limits);
  if (failed) return failed;
  const changed = differences(draft.incoming, membership.configuration.voters.incoming);
  if (changed > 1) return { unfit: 'more than one voter changed without entering joint config' };
  return finished(draft, false);
};

/** From here on both the old and the new voters must agree (thesis 4.3). */
export const enterJoint = (
  membership: Membership,
  steps: readonly ConfChangeStep[],
  autoLeave: boolean,
  limits: MembershipLimits,
): Membership | Unfit => {
  if (isJoint(membership.configuration)) return { unfit: 'config is already joint' };
  if (membership.configuration.voters.incoming.size === 0) return { unfit: "can't make a zero-voter config joint" };
  const draft = draftOf(membership);
  for (const id of draft.incoming) draft.outgoing.add(id);
  return applySteps(draft, steps, limits) ?? finished(draft, autoLeave);
};

/** The new voters alone decide; who is in neither list any more is forgotten. */
export const exitJoint = (membership: Membership): Membership | Unfit => {
  if (!isJoint(membership.configuration)) return { unfit: "can't leave a non-joint config" };
  const draft = draftOf(membership);
  for (const id of draft.learnersNext) {
    draft.learners.add(id);
    const progress = draft.progress.get(id);
    if (progress) progress.isLearner = true;
  }
  draft.learnersNext.clear();
  for (const id of draft.outgoing) if (!draft.incoming.has(id) && !draft.learners.has(id)) draft.progress.delete(id);
  draft.outgoing.clear();
  return finished(draft, false);
};

/** The members after a change that was committed. */
export const changeMembership = (membership: Membership, change: ConfChange, limits: MembershipLimits): Membership | Unfit => {
  if (leavesJoint(change)) return exitJoint(membership);
  const joint = entersJoint(change);
  return joint ? enterJoint(membership, change.steps, joint.autoLeave, limits) : changeSimply(membership, change.steps, limits);
};

/** The members as a snapshot or a restart gives them, all progress at its beginning. */
export const restoreMembership = (state: ConfState, limits: MembershipLimits): Membership | Unfit => {
  const draft = draftOf(emptyMembership);
  for (const id of [...state.voters, ...state.votersOutgoing, ...state.learnersNext]) begin(draft, id, false, limits);
  for (const id of state.learners) begin(draft, id, true, limits);
  for (const id of state.voters) draft.incoming.add(id);
  for (const id of state.votersOutgoing) draft.outgoing.add(id);
  for (const id of state.learners) draft.learners.add(id);
  for (const id of state.learnersNext) draft.learnersNext.add(id);
  return finished(draft, state.autoLeave);
};

export const votes = (configuration: Configuration, id: NodeId): boolean => isVoter(configuration.voters, id);
