// A disk and a state machine that work beside the core, each at its own pace (thesis 10.2.1).
import test from 'ava';
import { awaitsDurability, type Message } from './messages.ts';
import type { Ready } from './ready.ts';
import { Member } from './testing/member.ts';

const store = (member: Member, ready: Ready): void => {
  if (ready.hardState) member.storage.hardState = ready.hardState;
  member.storage.append(ready.entries);
  for (const m of ready.messages) if (awaitsDurability(m.type) && m.to === member.core.id) member.core.step(m);
  member.core.stored(ready);
};

const leader = (): Member => {
  const member = new Member({ voters: [1, 2, 3] }, { asyncStorage: true, preVote: false });
  member.core.campaign();
  store(member, member.core.ready());
  member.hear(2, 'MsgVoteResp');
  return member;
};

const indices = (ready: Ready): readonly number[] => ready.committedEntries.map(({ index }) => index);

test('the next Ready comes out while the disk still writes the one before it, and the entries leave at once', (t) => {
  const member = leader();
  const first = member.core.ready();
  const appended = (ready: Ready): readonly Message[] => ready.messages.filter(({ type, to }) => type === 'MsgApp' && to === 2);
  member.hear(2, 'MsgAppResp', { index: 2 });
  member.propose('a');
  const second = member.core.ready();
  t.deepEqual(
    [first, second].map((ready) => ready.entries.map(({ index }) => index)),
    [[2], [3]],
  );
  t.deepEqual(
    appended(second).flatMap(({ entries }) => entries.map(({ index }) => index)),
    [3],
  );
  store(member, first);
  store(member, second);
  t.is(member.core.status().hardState.commit, 2);
});

test('what a quorum of the others has is committed, and applied here only once it is durable here', (t) => {
  const member = leader();
  const first = member.core.ready();
  for (const id of [2, 3]) member.hear(id, 'MsgAppResp', { index: 2 });
  t.is(member.core.status().hardState.commit, 2);
  const committed = member.core.ready();
  t.deepEqual(indices(committed), []);
  store(member, first);
  t.true(member.core.hasReady());
  const durable = member.core.ready();
  t.deepEqual(indices(durable), [2]);
  t.false(member.core.hasReady(), 'what is being applied is not handed out again');
  member.core.applied(durable);
  t.is(member.core.status().applied, 2);
});

test('entries that another leader replaced while the disk wrote them are not taken for durable', (t) => {
  const member = new Member({ voters: [1, 2, 3] }, { asyncStorage: true });
  const entry = (term: number) => ({ type: 'EntryNormal', term, index: 2, data: new Uint8Array(1) }) as const;
  member.hear(2, 'MsgApp', { term: 1, index: 1, logTerm: 1, entries: [entry(1)] });
  const old = member.core.ready();
  member.hear(3, 'MsgApp', { term: 2, index: 1, logTerm: 1, entries: [entry(2)], commit: 2 });
  member.storage.append(old.entries);
  member.core.stored(old);
  const fresh = member.core.ready();
  t.deepEqual(
    fresh.entries.map(({ term }) => term),
    [2],
  );
  t.deepEqual(indices(fresh), [], 'the disk has the entry of the earlier leader');
  store(member, fresh);
  t.deepEqual(
    member.core.ready().committedEntries.map(({ term }) => term),
    [2],
  );
});

test('an entry that came back under a third leader is not taken for durable by its first write, which a second one follows', (t) => {
  const member = new Member({ voters: [1, 2, 3] }, { asyncStorage: true });
  const entry = (term: number) => ({ type: 'EntryNormal', term, index: 2, data: new Uint8Array(1) }) as const;
  const written = (
    [
      [1, 1, 2],
      [2, 2, 3],
      [3, 1, 2],
    ] as const
  ).map(([term, entryTerm, from]) => {
    member.hear(from, 'MsgApp', { term, index: 1, logTerm: 1, entries: [entry(entryTerm)] });
    return member.core.ready();
  });
  member.hear(2, 'MsgHeartbeat', { term: 3, commit: 2 });
  const done: number[][] = [];
  for (const ready of written) {
    store(member, ready);
    done.push(member.core.hasReady() ? indices(member.core.ready()).map(Number) : []);
  }
  t.deepEqual(done, [[], [], [2]], 'the disk has the entry for good only after the third write');
});
