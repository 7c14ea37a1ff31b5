import { type Mutant, patch } from './mutant.ts';

/** Rules of the core that liferaft did not have at all, left out one at a time. */
export const ruleMutants: readonly Mutant[] = [
  {
    name: 'ignores-joint-quorum',
    focus: 'membership',
    bug: 'a joint configuration decides by its new half alone',
    patches: [
      patch(
        'quorum.ts',
        '  Math.min(majorityCommitted(voters.incoming, acknowledged), majorityCommitted(voters.outgoing, acknowledged));',
        '  majorityCommitted(voters.incoming, acknowledged);',
      ),
    ],
  },
  {
    name: 'several-changes-at-once',
    focus: 'membership',
    bug: 'a change of members is let in while another one is unapplied',
    patches: [
      patch(
        'proposals.ts',
        'if (node.pendingConfIndex > node.log.applied) {\n    return `possible',
        'if (node.pendingConfIndex < 0) {\n    return `possible',
      ),
    ],
  },
  {
    name: 'learners-count',
    focus: 'membership',
    bug: 'an acknowledgement of a learner counts',
    patches: [
      patch(
        'replication.ts',
        'const committed = jointCommitted(node.membership.configuration.voters, (id)',
        'const { progress: all, configuration: { voters: { outgoing } } } = node.membership;\n  const committed = jointCommitted({ incoming: new Set(all.keys()), outgoing }, (id)',
      ),
    ],
  },
  {
    name: 'unbounded-inflight',
    bug: 'appends are sent without a limit on what is under way',
    patches: [
      patch('inflights.ts', 'return this.sent.length >= this.maxMessages || this.bytes >= this.maxBytes;', 'return this.sent.length < 0;'),
    ],
  },
  {
    name: 'removed-leader-stays',
    focus: 'membership',
    bug: 'a removed leader goes on',
    patches: [patch('configuration.ts', 'if (node.options.stepDownOnRemoval) becomeFollower(node, node.term, nobody);', '')],
  },
  {
    name: 'ignores-joint-votes',
    focus: 'membership',
    bug: 'a joint configuration elects by its new half alone',
    patches: [
      patch(
        'quorum.ts',
        'const results = [majorityVote(voters.incoming, votes), majorityVote(voters.outgoing, votes)];',
        'const results = [majorityVote(voters.incoming, votes)];',
      ),
    ],
  },
  {
    name: 'learner-campaigns',
    focus: 'membership',
    bug: 'a learner asks for votes',
    patches: [patch('node.ts', 'return own !== undefined && !own.isLearner && ', 'return own !== undefined && ')],
  },
  {
    name: 'counts-pre-votes',
    bug: 'an answer to a pre-vote counts as a vote',
    patches: [patch('candidate.ts', "if (node.role === 'pre-candidate') takeVote", 'takeVote')],
  },
  {
    name: 'acknowledges-own-tail',
    bug: 'a follower acknowledges all that it has, not what it was sent',
    harmless:
      'every append of a leader begins behind all that it shares with the follower: its first guess is the end of its own log, a true ' +
      'rejection is of an index where the logs differ, and the hints of both sides never go below the last index where they agree. So the ' +
      'first of its entries, of which its opening one is the last, cuts a tail that differs; no tail is left that could be taken for its own.',
    patches: [
      patch(
        'follower.ts',
        "if (last !== undefined) {\n    send(node, 'MsgAppResp', m.from, { index: last });",
        "if (last !== undefined) {\n    send(node, 'MsgAppResp', m.from, { index: node.log.lastIndex() });",
      ),
    ],
  },
  {
    name: 'commits-own-tail',
    bug: 'a follower commits its own tail by the commit index of a message that ends before it',
    harmless: 'as with acknowledges-own-tail: behind an append that fits there is no tail that differs from the log of the leader.',
    patches: [patch('log.ts', 'this.commitTo(Math.min(commit, last));', 'this.commitTo(Math.min(commit, this.lastIndex()));')],
  },
  {
    name: 'heartbeat-commits-unmatched',
    bug: 'a heartbeat tells a commit index beyond what is known to match',
    patches: [
      patch('replication.ts', 'const commit = Math.min(progress.match, node.log.committed);', 'const { committed: commit } = node.log;'),
    ],
  },
  {
    name: 'stable-mark-by-index',
    focus: 'elections',
    bug: 'what a Ready handed out is marked as stored although another leader replaced it meanwhile',
    patches: [
      patch(
        'log-unstable.ts',
        'if (index < this.offset || this.entries[index - this.offset]?.term !== term) return;',
        'if (index < this.offset || this.entries[index - this.offset]?.term === undefined) return;',
      ),
    ],
  },
  {
    name: 'stable-mark-across-terms',
    bug: 'what a Ready handed out is marked as stored although a later term began meanwhile',
    harmless:
      'the mark is by index and term, which name all entries before them as well (log matching), and one Ready is out at a time: where ' +
      'the tail still or again holds that entry, the disk holds the same up to there. The term is looked at first so that this need not ' +
      'be thought through each time.',
    patches: [
      patch('raft.ts', 'if (done.last !== undefined && done.term === node.term) node.log', 'if (done.last !== undefined) node.log'),
    ],
  },
  {
    name: 'campaigns-before-applying',
    focus: 'membership',
    bug: 'a node campaigns with committed changes of members that it has not applied',
    patches: [patch('election.ts', 'if (hasUnappliedConfChange(node)) {', 'if (hasUnappliedConfChange(node) && node.id < 0) {')],
  },
  {
    name: 'believes-stale-rejections',
    bug: 'a stale rejection of an append is taken as true while probing',
    harmless:
      'it only sets what is sent next, never below what is known to match: the follower is sent again what it has, and answers so. A ' +
      'message can be late only so many times, so no catching up takes for ever; the rule saves messages.',
    patches: [patch('progress.ts', 'if (this.next - 1 !== rejected) return false;', 'if (this.next < rejected) return false;')],
  },
  {
    name: 'believes-late-rejections',
    bug: 'a rejection of what was acknowledged since is taken as true',
    harmless: 'as with believes-stale-rejections: streaming starts over behind what is known to match; the rule saves messages.',
    patches: [patch('progress.ts', 'if (rejected <= this.match) return false;', 'if (rejected < 0) return false;')],
  },
  {
    name: 'forgets-committed-change',
    focus: 'membership',
    bug: 'a committed change of members is applied before it is known on disk to be committed',
    patches: [patch('raft.ts', '(node.options.guardMembership && committedEntries.some(', '(node.id < 0 && committedEntries.some(')],
  },
  {
    name: 'leaving-leader-goes-on',
    focus: 'growth',
    bug: 'a leader whose removal is in its log takes more commands',
    harmless:
      'those who stay may then need the vote of a longer log that is gone from their number, and hear from its refusal that it is ' +
      '(votes-tell-no-commit): for as long as it answers. The rule spares them that.',
    patches: [patch('proposals.ts', 'if (isLeaving(node)) return', 'if (isLeaving(node) && node.id < 0) return')],
  },
  {
    name: 'reads-before-first-commit',
    bug: 'a new leader serves reads before it has committed an entry of its term',
    patches: [patch('replication.ts', '=> node.log.termOrZero(node.log.committed) === node.term;', '=> node.log.committed > 0;')],
  },
  {
    name: 'one-confirms-a-read',
    focus: 'elections',
    bug: 'a read is served once any other node confirmed the leader',
    patches: [
      patch(
        'read-queue.ts',
        'const upTo = jointCommitted(voters, (id) => this.confirmed.get(id) ?? 0);',
        'const upTo = voters.incoming.size > 0 && jointCommitted(voters, () => 0) === 0 ? sequence : 0;',
      ),
    ],
  },
  {
    name: 'snapshot-while-applying',
    focus: 'snapshots',
    bug: 'a snapshot is taken over while entries before it are being applied',
    patches: [patch('follower.ts', 'if (node.log.applying > node.log.applied) {', 'if (node.log.applying < node.log.applied) {')],
  },
  {
    name: 'takes-late-changes',
    focus: 'membership',
    bug: 'a new leader lets a change of members in before it applied those of its predecessor',
    patches: [patch('election.ts', 'node.pendingConfIndex = node.log.lastIndex();', 'node.pendingConfIndex = node.log.applied;')],
  },
  {
    name: 'votes-tell-no-commit',
    focus: 'growth',
    bug: 'a request for a vote does not tell what is committed, and who does not know yet that it votes never asks',
    patches: [patch('election.ts', 'if (m.commit > node.log.committed && m.rejectHint > 0 &&', 'if (node.id < 0 &&')],
  },
];
