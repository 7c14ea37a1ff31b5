// What is reported stored when another leader has spoken since it was handed out (etcd calls it the ABA problem of appends).
import test from 'ava';
import type { Entry } from './messages.ts';
import { Member } from './testing/member.ts';

const entry = (index: number, term: number): Entry => ({ type: 'EntryNormal', term, index, data: new Uint8Array(1) });

const store = (member: Member, entries: readonly Entry[]): void => member.storage.append(entries);

test('within one term an entry of the term before that is replaced while it is written is handed out anew', (t) => {
  const member = new Member({ voters: [1, 2, 3] });
  member.hear(2, 'MsgApp', { term: 1, index: 1, logTerm: 1, entries: [entry(2, 1)] });
  // The term has changed before the entry is handed out, so the Ready is of the same term as the leader that replaces it.
  member.hear(3, 'MsgHeartbeat', { term: 2 });
  const old = member.core.ready();
  t.deepEqual([old.term, old.entries.map(({ term }) => term)], [2, [1]]);
  member.hear(3, 'MsgApp', { term: 2, index: 1, logTerm: 1, entries: [entry(2, 2)] });
  store(member, old.entries);
  member.core.advance(old);
  const fresh = member.core.ready();
  t.deepEqual(
    fresh.entries.map(({ term, index }) => [term, index]),
    [[2, 2]],
  );
  store(member, fresh.entries);
  member.core.advance(fresh);
  t.is(member.storage.term(2), 2);
});

test('what was written before a later leader spoke is acknowledged to that leader, not to the one before', (t) => {
  const member = new Member({ voters: [1, 2, 3] });
  member.hear(2, 'MsgApp', { term: 1, index: 1, logTerm: 1, entries: [entry(2, 1), entry(3, 1)] });
  const old = member.core.ready();
  member.hear(3, 'MsgApp', { term: 2, index: 2, logTerm: 1, entries: [] });
  store(member, old.entries);
  member.core.advance(old);
  member.run();
  t.deepEqual(
    member.of('MsgAppResp').map(({ to, term, index }) => [to, term, index]),
    [[3, 2, 2]],
  );
  t.is(member.core.status().lastIndex, 3, 'what the later leader said nothing of stays');
});
