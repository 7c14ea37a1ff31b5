import test from 'ava';
import { encodeConfChange } from './conf-change.ts';
import { MemoryStorage } from './memory-storage.ts';
import type { Entry } from './messages.ts';
import type { Missing } from './storage.ts';
import { Member, reasonOf } from './testing/member.ts';

class CountingStorage extends MemoryStorage {
  given = 0;

  override entries(low: number, high: number, maxBytes: number): readonly Entry[] | Missing {
    const entries = super.entries(low, high, maxBytes);
    this.given += typeof entries === 'string' ? 0 : entries.length;
    return entries;
  }
}

test('a command costs the same however many wait behind a change of members', (t) => {
  const storage = new CountingStorage();
  const leader = new Member({ voters: [1, 2, 3] }, {}, storage).lead(2, 3);
  t.is(reasonOf(leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'add-learner', id: 4 }] })), 'accepted');
  leader.run();
  storage.given = 0;
  const commands = 500;
  for (let at = 0; at < commands; at += 1) {
    t.is(reasonOf(leader.propose(`command ${at}`)), 'accepted');
    leader.run();
  }
  t.true(storage.given < 2 * commands, `${storage.given} entries were read for ${commands} commands`);
});

const removal = (id: number): Entry => ({
  type: 'EntryConfChangeV2',
  term: 2,
  index: 2,
  data: encodeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id }] }),
});

test('a leader that a change takes out of the voters takes no more commands, whoever proposed the change', (t) => {
  const own = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  t.is(reasonOf(own.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 1 }] })), 'accepted');
  t.is(reasonOf(own.propose('a')), 'removed');
  for (const [id, outcome] of [
    [1, 'removed'],
    [3, 'accepted'],
  ] as const) {
    const heir = new Member({ voters: [1, 2, 3] }).take(2, 'MsgApp', { term: 2, index: 1, logTerm: 1, entries: [removal(id)] });
    heir.core.campaign();
    heir.run();
    for (const from of [2, 3]) heir.take(from, 'MsgPreVoteResp', { term: 3 });
    heir.take(2, 'MsgVoteResp');
    t.is(heir.core.status().role, 'leader');
    t.is(reasonOf(heir.propose('a')), outcome);
  }
});

test('once the change is applied that kept a leader from taking commands, the next one is judged anew', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  t.is(reasonOf(leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 3 }] })), 'accepted');
  t.is(reasonOf(leader.propose('a')), 'accepted');
  leader.run().acknowledged(2, 3);
  t.deepEqual(leader.core.status().confState.voters, [1, 2]);
  t.is(reasonOf(leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 1 }] })), 'accepted');
  t.is(reasonOf(leader.propose('b')), 'removed');
});

test('commands in front of a change that a new leader found do not make it a leaving one', (t) => {
  const found: readonly Entry[] = [
    { type: 'EntryNormal', term: 2, index: 2, data: new Uint8Array(1) },
    { ...removal(3), index: 3 },
  ];
  const heir = new Member({ voters: [1, 2, 3] }, { preVote: false }).take(2, 'MsgApp', { term: 2, index: 1, logTerm: 1, entries: found });
  heir.core.campaign();
  heir.run().take(2, 'MsgVoteResp');
  t.is(heir.core.status().role, 'leader');
  t.is(reasonOf(heir.propose('a')), 'accepted');
});

test('a proposal without commands proposes nothing', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  t.is(reasonOf(leader.core.propose()), 'too-large');
  t.is(leader.core.status().lastIndex, 2);
});

test('where changes of members are not validated, they enter the log whatever they say', (t) => {
  const leave = { transition: 'auto', steps: [] } as const;
  const careful = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  t.is(reasonOf(careful.core.proposeConfChange(leave)), 'conf-change-refused');
  const trusting = new Member({ voters: [1, 2, 3] }, { validateConfChange: false, guardMembership: false }).lead(2, 3);
  t.is(reasonOf(trusting.core.proposeConfChange(leave)), 'accepted');
});
