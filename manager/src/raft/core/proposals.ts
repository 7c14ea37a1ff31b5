import { type ConfChange, confChangeOf } from './conf-change.ts';
import { emptyEntry } from './log.ts';
import { changeMembership, describeConfiguration, isJoint, isUnfit, type Membership, votes } from './membership.ts';
import type { Entry, Message, NodeId } from './messages.ts';
import { nobody } from './messages.ts';
import { membershipLimits, type Node, name, progressOf, trace } from './node.ts';
import { unlimited } from './options.ts';
import type { Progress } from './progress.ts';
import { isVoter, jointVote } from './quorum.ts';
import type { DropReason, StepResult } from './ready.ts';
import { appendOwn, broadcastAppend } from './replication.ts';

const dropped = (reason: DropReason, why: string): StepResult => ({ accepted: false, reason, why });

/** A learner counts as caught up when this few entries are missing (thesis 4.2.1 asks for one short round). */
const maxPromotionLag = 1_000;

/** One that was never heard from lacks little of a short log too, so it has to have taken entries one after the other. */
const hasCaughtUp = (node: Node, progress: Progress): boolean =>
  progress.state === 'replicate' && node.log.lastIndex() - progress.match <= maxPromotionLag;

/** What speaks against a change that fits: who would decide after it is not there (paper 6; thesis 4.2.1). */
const guarded = (node: Node, next: Membership): string | undefined => {
  const before = node.membership.configuration.voters;
  const { voters } = next.configuration;
  for (const id of voters.incoming) {
    if (isVoter(before, id)) continue;
    const progress = progressOf(node, id);
    if (progress === undefined) return `node ${id} has not caught up: it joins as a learner first`;
    if (!hasCaughtUp(node, progress)) return `node ${id} has not caught up`;
  }
  // Just after a check of the quorum nobody has been heard from since; who was before it is there all the same.
  const active = (id: NodeId): boolean => {
    const progress = progressOf(node, id);
    return id === node.id || progress?.recentActive === true || progress?.activeBefore === true;
  };
  const heard = new Map([...voters.incoming, ...voters.outgoing].map((id): [NodeId, boolean] => [id, active(id)]));
  return jointVote(voters, heard) === 'won' ? undefined : 'too few of the voters after it were heard from lately';
};

const objection = (node: Node, change: ConfChange): string | undefined => {
  const joint = isJoint(node.membership.configuration);
  const wantsLeave = change.steps.length === 0;
  if (node.pendingConfIndex > node.log.applied) {
    return `possible unapplied conf change at index ${node.pendingConfIndex} (applied to ${node.log.applied})`;
  }
  if (joint && !wantsLeave) return 'must transition out of joint config first';
  if (!joint && wantsLeave) return 'not in joint state; refusing empty conf change';
  const next = changeMembership(node.membership, change, membershipLimits(node));
  if (isUnfit(next)) return next.unfit;
  // Leaving a joint configuration asks less of the voters than staying in it.
  return node.options.guardMembership && !wantsLeave ? guarded(node, next) : undefined;
};

/**
 * Whether an unapplied change in the log takes this leader out of the voters. It takes no more commands then: with a tail that
 * nobody else has it could not vote for those who stay and have not heard that the change is committed, and they might need its
 * vote. Found by the simulation.
 */
const isLeaving = (node: Node): boolean => {
  const { configuration } = node.membership;
  const { pendingConfIndex } = node;
  if (!node.options.guardMembership || pendingConfIndex <= node.log.applied) return false;
  // A leader's log only grows, so what was found holds until a change is applied or another one comes.
  if (node.leaving?.configuration !== configuration || node.leaving.pendingConfIndex !== pendingConfIndex)
    node.leaving = { configuration, pendingConfIndex, answer: isRemovedByPending(node) };
  return node.leaving.answer;
};

const isRemovedByPending = (node: Node): boolean => {
  const entries = node.log.slice(node.log.applied + 1, node.pendingConfIndex + 1, unlimited);
  if (typeof entries === 'string') return false;
  return entries.some((entry) => {
    const change = confChangeOf(entry);
    if (change === undefined) return false;
    const next = changeMembership(node.membership, change, membershipLimits(node));
    return !isUnfit(next) && !votes(next.configuration, node.id);
  });
};

const typeNames = {
  'add-voter': 'ConfChangeAddNode',
  'add-learner': 'ConfChangeAddLearnerNode',
  remove: 'ConfChangeRemoveNode',
  update: 'ConfChangeUpdateNode',
};
const transitionNames = {
  auto: 'ConfChangeTransitionAuto',
  implicit: 'ConfChangeTransitionJointImplicit',
  explicit: 'ConfChangeTransitionJointExplicit',
};

const describeChange = ({ transition, steps }: ConfChange): string =>
  `transition:${transitionNames[transition]} ${steps.map(({ kind, id }) => `changes:<type:${typeNames[kind]} node_id:${id} > `).join('')}`;

const refusal = (node: Node, change: ConfChange): string | undefined => {
  if (!node.options.validateConfChange) return undefined;
  const why = objection(node, change);
  if (why !== undefined) {
    const configuration = describeConfiguration(node.membership.configuration);
    trace(node, 'info', () => `${name(node.id)} ignoring conf change ${describeChange(change)} at config ${configuration}: ${why}`);
  }
  return why;
};

/** Appends what is proposed to the leader's log and sends it on. All of it, or nothing. */
export const handleProposal = (node: Node, m: Message): StepResult => {
  if (m.entries.length === 0) return dropped('too-large', 'a proposal without entries proposes nothing');
  if (progressOf(node, node.id) === undefined) return dropped('removed', `node ${node.id} was removed from the group`);
  if (node.transferee !== nobody) {
    trace(
      node,
      'debug',
      () => `${name(node.id)} [term ${node.term}] transfer leadership to ${name(node.transferee)} is in progress; dropping proposal`,
    );
    return dropped('transfer-in-progress', `leadership is being handed to node ${node.transferee}`);
  }
  if (isLeaving(node)) return dropped('removed', `node ${node.id} is about to leave the voters: ask the next leader`);
  const drafts: Pick<Entry, 'type' | 'data'>[] = [];
  let pending: number | undefined;
  for (const entry of m.entries) {
    const change = confChangeOf(entry);
    const why = change === undefined ? undefined : pending === undefined ? refusal(node, change) : 'one change of members at a time';
    if (why !== undefined && !node.options.refusedChangeAsEmptyEntry) return dropped('conf-change-refused', why);
    if (change !== undefined && why === undefined) pending = node.log.lastIndex() + drafts.length + 1;
    drafts.push(why === undefined ? entry : emptyEntry);
  }
  const at = appendOwn(node, drafts);
  if (at === undefined)
    return dropped('too-large', `more than ${node.options.maxUncommittedSizeBytes} bytes of proposals wait to be committed`);
  if (pending !== undefined) node.pendingConfIndex = pending;
  broadcastAppend(node);
  return { accepted: true, at };
};
