import { type Mutant, patch } from './mutant.ts';

/** The bugs that were seen in liferaft, put back one at a time. */
export const liferaftMutants: readonly Mutant[] = [
  {
    name: 'forgets-term-and-vote',
    bug: 'a restarted node has term 0 and no vote, and votes again',
    patches: [patch('node.ts', 'term: hardState.term,\n    vote: hardState.vote,', 'term: 0,\n    vote: nobody,')],
  },
  {
    name: 'votes-twice',
    bug: 'two votes in one term without any restart',
    patches: [patch('election.ts', 'node.vote === m.from || (node.vote === nobody && node.lead === nobody) ||', 'node.lead === nobody ||')],
  },
  {
    name: 'empty-log-wins',
    bug: 'a candidate with an empty log wins, and a committed entry is replaced',
    patches: [
      patch(
        'log.ts',
        'return other.term > own.term || (other.term === own.term && other.index >= own.index);',
        'return other.index >= 0 || own.index < 0;',
      ),
    ],
  },
  {
    name: 'shorter-log-wins',
    bug: 'a shorter log of the same term wins, because the check joins index and term with "and"',
    patches: [
      patch(
        'log.ts',
        'return other.term > own.term || (other.term === own.term && other.index >= own.index);',
        'return !(other.term < own.term && other.index < own.index);',
      ),
    ],
  },
  {
    name: 'no-previous-term-check',
    bug: 'no check of the previous term on append',
    patches: [
      patch('log.ts', 'if (!this.matches(previous)) return undefined;', 'if (previous.index > this.lastIndex()) return undefined;'),
    ],
  },
  {
    name: 'commits-old-terms-by-counting',
    bug: 'figure 8 of the paper commits and then loses an entry',
    patches: [patch('log.ts', ' || this.term(index) !== term) return false;', ') return false;')],
  },
  {
    name: 'counts-repeated-votes',
    bug: 'a vote reply delivered twice counts twice',
    patches: [
      patch(
        'election.ts',
        'if (!node.votes.has(from)) node.votes.set(from, !reject);',
        'node.votes.set(node.votes.has(from) ? (voterIds(node.membership.configuration.voters).find((id) => !node.votes.has(id)) ?? from) : from, !reject);',
      ),
    ],
  },
  {
    name: 'late-append-cuts-log',
    bug: 'a late message of the leader deletes a committed entry',
    patches: [
      patch('log.ts', 'const conflict = entries.find((entry) => !this.matches(entry));', 'const conflict = entries[0];'),
      patch(
        'log.ts',
        'assert(conflict.index > this.committed, `entry ${conflict.index} conflict with',
        'assert(conflict.index > 0, `entry ${conflict.index} conflict with',
      ),
      patch('log.ts', 'assert(first.index > this.committed, `entry', 'assert(first.index > 0, `entry'),
    ],
  },
  {
    name: 'concurrent-commands-overwrite',
    bug: 'ten concurrent commands: all ten are acknowledged, one survives',
    patches: [patch('replication.ts', 'const first = node.log.lastIndex() + 1;', 'const first = node.log.committed + 1;')],
  },
  {
    name: 'malformed-message-crashes',
    bug: 'a malformed peer message ends the process',
    patches: [patch('raft.ts', 'const wrong = malformed(m, this.node.id);', 'const wrong = malformed(m, Number.NaN) && undefined;')],
  },
  { name: 'no-fsync', bug: 'no fsync at all', patches: [], disk: 'never-syncs' },
  {
    name: 'votes-before-durable',
    bug: 'a vote or acknowledgement leaves before it is on disk',
    patches: [patch('messages.ts', "new Set(['MsgAppResp', 'MsgVoteResp', 'MsgPreVoteResp'] as const);", 'new Set<MessageType>();')],
  },
  {
    name: 'single-node-never-leads',
    bug: 'a single-node cluster never elects itself',
    patches: [
      patch(
        'election.ts',
        'if (id === node.id) {\n      send(node, answer, id, { term });\n      continue;',
        'if (id === node.id) {\n      if (node.membership.configuration.voters.incoming.size > 1) send(node, answer, id, { term });\n      continue;',
      ),
    ],
  },
  {
    name: 'catch-up-entry-by-entry',
    bug: 'catch-up costs O(n²) messages',
    patches: [
      patch(
        'progress.ts',
        'this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);',
        'this.next = Math.max(rejected, this.match + 1);',
      ),
    ],
  },
  {
    name: 'no-snapshots',
    bug: 'no snapshots',
    patches: [patch('follower.ts', 'if (snapshot.index <= node.log.committed) return false;', 'if (snapshot.index >= 0) return false;')],
  },
  {
    name: 'no-membership-change',
    bug: 'no membership change: one node takes it over, the others do not',
    patches: [
      patch(
        'configuration.ts',
        'return switchTo(node, changed);',
        "return switchTo(node, node.role === 'leader' ? changed : node.membership);",
      ),
    ],
  },
  {
    name: 'stale-reads',
    bug: 'no linearizable read',
    patches: [patch('read-index.ts', 'if (isOnlyVoter(node) && committedInOwnTerm(node)) {', 'if (node.log.committed > 0) {')],
  },
];
