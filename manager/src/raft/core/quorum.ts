import type { NodeId } from './messages.ts';

/** Voters that decide by majority. The empty set agrees with everything, so that it can be one half of a joint configuration. */
export type Majority = ReadonlySet<NodeId>;

/** Two sets that must both agree (thesis 4.3); `outgoing` is empty outside of a joint change. */
export interface JointVoters {
  readonly incoming: Majority;
  readonly outgoing: Majority;
}

export type VoteResult = 'won' | 'pending' | 'lost';

export const quorumSize = (voters: Majority): number => Math.floor(voters.size / 2) + 1;

/** All that vote on either side, ascending. */
export const voterIds = (voters: JointVoters): readonly NodeId[] =>
  [...new Set([...voters.incoming, ...voters.outgoing])].sort((a, b) => a - b);

export const isVoter = (voters: JointVoters, id: NodeId): boolean => voters.incoming.has(id) || voters.outgoing.has(id);

/** The highest index that a majority acknowledged (paper 5.3); no voters acknowledge everything. */
export const majorityCommitted = (voters: Majority, acknowledged: (id: NodeId) => number): number => {
  if (voters.size === 0) return Number.POSITIVE_INFINITY;
  const indices = [...voters].map(acknowledged).sort((a, b) => a - b);
  return indices[voters.size - quorumSize(voters)] ?? 0;
};

export const jointCommitted = (voters: JointVoters, acknowledged: (id: NodeId) => number): number =>
  Math.min(majorityCommitted(voters.incoming, acknowledged), majorityCommitted(voters.outgoing, acknowledged));

/** What the votes so far come to; no voters elect anybody. */
export const majorityVote = (voters: Majority, votes: ReadonlyMap<NodeId, boolean>): VoteResult => {
  if (voters.size === 0) return 'won';
  let granted = 0;
  let missing = 0;
  for (const id of voters) {
    const vote = votes.get(id);
    if (vote === undefined) missing += 1;
    else if (vote) granted += 1;
  }
  const needed = quorumSize(voters);
  if (granted >= needed) return 'won';
  return granted + missing >= needed ? 'pending' : 'lost';
};

export const jointVote = (voters: JointVoters, votes: ReadonlyMap<NodeId, boolean>): VoteResult => {
  const results = [majorityVote(voters.incoming, votes), majorityVote(voters.outgoing, votes)];
  if (results.includes('lost')) return 'lost';
  return results.includes('pending') ? 'pending' : 'won';
};
