import { type ListManagersReply, TsoError } from '@tso/proto';
import type { Member, MemberList } from './members-port.ts';

export type MemberWish = 'promote' | 'demote' | 'remove' | 'transfer';

/** Entries that a learner may lack and still count as caught up: on a busy group it is always a moment behind. */
export const caughtUpEntries = 1_000;

const hostOf = ({ manager }: Member): string =>
  manager.address === '' ? `manager ${manager.raftId}` : `manager ${manager.raftId} (${manager.address})`;

const isThere = ({ manager }: Member): boolean => !manager.removed;

const unfit = (message: string, hint?: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', message, hint === undefined ? {} : { hint });

/** The managers left could not decide: refused whoever asks. */
const withoutQuorum = (message: string, hint: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', message, { hint, details: { reason: 'quorum' } });

const notThere = ({ members }: MemberList, raftId: number): TsoError => {
  const ids = members.filter(isThere).map(({ manager }) => manager.raftId);
  const was = members.some(({ manager }) => manager.raftId === raftId);
  return new TsoError('NOT_FOUND', was ? `manager ${raftId} was removed, and an id is never used again` : `there is no manager ${raftId}`, {
    hint: ids.length === 1 ? `The only one is ${ids[0]}` : `There are ${ids.join(', ')}`,
    details: { raftId, managers: ids },
  });
};

/** Why the voters that would be there then could not decide, or undefined. They decide by a majority of them that can be reached. */
const quorumProblem = (what: string, voters: readonly Member[]): TsoError | undefined => {
  const needed = Math.floor(voters.length / 2) + 1;
  const lost = voters.filter(({ reachable }) => !reachable);
  if (voters.length - lost.length >= needed) return undefined;
  const who = lost.map(hostOf).join(', ');
  return withoutQuorum(
    `${what} would leave ${voters.length} voters of which ${voters.length - lost.length} can be reached, and ${needed} are needed to decide: nothing is heard of ${who}`,
    'Bring it back, or remove it first',
  );
};

const lagging = (list: MemberList, member: Member): TsoError | undefined => {
  const behind = list.committed - member.match;
  if (behind <= caughtUpEntries) return undefined;
  return unfit(`${hostOf(member)} lacks ${behind} entries of the log and cannot vote yet`, 'Wait until it has caught up');
};

const unheard = (member: Member, why: string): TsoError | undefined =>
  member.reachable ? undefined : unfit(`nothing is heard of ${hostOf(member)}: ${why}`, 'Look after it first');

type Rule = (list: MemberList, member: Member, voters: readonly Member[]) => TsoError | undefined;

const rules: Readonly<Record<MemberWish, Rule>> = {
  promote: (list, member) => {
    if (member.voter) return unfit(`${hostOf(member)} has a vote already`);
    // One more voter that answers never costs a majority that is there.
    return unheard(member, 'it cannot be given a vote') ?? lagging(list, member);
  },
  demote: (_, member, voters) => {
    if (!member.voter) return unfit(`${hostOf(member)} is a learner and has no vote to lose`);
    return withoutVoter(`taking the vote of manager ${member.manager.raftId}`, member, voters);
  },
  remove: (_, member, voters) => (member.voter ? withoutVoter(`removing manager ${member.manager.raftId}`, member, voters) : undefined),
  transfer: (list, member) => {
    if (list.leader === member.manager.raftId) return unfit(`${hostOf(member)} leads already`);
    if (!member.voter) return unfit(`${hostOf(member)} is a learner and cannot lead`, 'Promote it first');
    return unheard(member, 'it cannot take over');
  },
};

const withoutVoter = (what: string, member: Member, voters: readonly Member[]): TsoError | undefined => {
  const left = voters.filter((voter) => voter !== member);
  if (left.length > 0) return quorumProblem(what, left);
  return withoutQuorum(
    `${hostOf(member)} is the only voter: without it nobody decides`,
    'Let another manager join and become a voter first',
  );
};

/**
 * Why the wish is refused, or undefined. INVALID_ARGUMENT: no id. NOT_FOUND: no such manager; it names those there are.
 * FAILED_PRECONDITION: not as things are. UNAVAILABLE: nobody leads.
 */
export const memberProblem = (list: MemberList, wish: MemberWish, raftId: number): TsoError | undefined => {
  if (raftId < 1) return new TsoError('INVALID_ARGUMENT', 'it was not said which manager is meant', { hint: 'Give its raft id' });
  if (list.leader === 0) return new TsoError('UNAVAILABLE', 'no manager leads just now', { hint: 'Try again in a moment' });
  const there = list.members.filter(isThere);
  const member = there.find(({ manager }) => manager.raftId === raftId);
  if (member === undefined) return notThere(list, raftId);
  return rules[wish](
    list,
    member,
    there.filter(({ voter }) => voter),
  );
};

/** The list as it is answered: by raft id, removed ones left out. */
export const listReply = ({ members, leader, term, committed, self }: MemberList): ListManagersReply => ({
  managers: members.filter(isThere).sort((a, b) => a.manager.raftId - b.manager.raftId),
  leader,
  term,
  committed,
  answeredBy: self,
});
