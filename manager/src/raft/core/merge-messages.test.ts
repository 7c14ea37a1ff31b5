import test from 'ava';
import fc from 'fast-check';
import { mergeMessages } from './merge-messages.ts';
import { type Entry, type Message, message } from './messages.ts';
import { Member } from './testing/member.ts';

const entry = (index: number, size = 10): Entry => ({ type: 'EntryNormal', term: 3, index, data: new Uint8Array(size) });
const append = (to: number, index: number, count: number, commit = 0, term = 3): Message =>
  message('MsgApp', {
    from: 1,
    to,
    term,
    index,
    logTerm: 3,
    commit,
    entries: Array.from({ length: count }, (_, at) => entry(index + 1 + at)),
  });
const beat = (to: number, context: string, commit = 0): Message => message('MsgHeartbeat', { from: 1, to, term: 3, context, commit });
const short = (messages: readonly Message[], maxBytes = 1_000): readonly string[] =>
  mergeMessages(messages, maxBytes).map(
    (m) => `${m.type} ${m.to} ${m.index}+${m.entries.length} c${m.commit}${m.reject ? ' rejected' : ''} ${m.context}`,
  );

test('appends that continue each other are one, with the newest commit index', (t) => {
  t.deepEqual(short([append(2, 5, 1, 4), append(3, 5, 1, 4), append(2, 6, 2, 5), append(2, 8, 0, 7)]), [
    'MsgApp 2 5+3 c7 ',
    'MsgApp 3 5+1 c4 ',
  ]);
});

test('an append that starts over, or one of another term, stands for itself', (t) => {
  t.deepEqual(short([append(2, 5, 2), append(2, 5, 2), append(2, 7, 1), append(2, 8, 1, 0, 4)]), [
    'MsgApp 2 5+2 c0 ',
    'MsgApp 2 5+3 c0 ',
    'MsgApp 2 8+1 c0 ',
  ]);
});

test('a message grows to the limit of its size and no further; one that is larger goes alone', (t) => {
  // Eighteen bytes each: ten of the command, eight around it.
  t.deepEqual(short([append(2, 5, 1), append(2, 6, 1), append(2, 7, 1), append(2, 8, 0, 6)], 36), ['MsgApp 2 5+2 c0 ', 'MsgApp 2 7+1 c6 ']);
  t.deepEqual(short([append(2, 5, 0), append(2, 5, 3), append(2, 8, 1)], 1), ['MsgApp 2 5+3 c0 ', 'MsgApp 2 8+1 c0 ']);
});

test('the last heartbeat stands for those before it, the highest acknowledgement for the lower ones', (t) => {
  const ack = (index: number, reject = false): Message => message('MsgAppResp', { from: 2, to: 1, term: 3, index, reject });
  t.deepEqual(short([beat(2, '1'), append(2, 5, 1), beat(2, '2', 3), append(2, 6, 1), beat(3, '2')]), [
    'MsgHeartbeat 2 0+0 c3 2',
    'MsgApp 2 5+2 c0 ',
    'MsgHeartbeat 3 0+0 c0 2',
  ]);
  t.deepEqual(short([ack(5), ack(7), ack(6)]), ['MsgAppResp 1 7+0 c0 ']);
  t.deepEqual(short([ack(5), ack(9, true), ack(6)]), ['MsgAppResp 1 5+0 c0 ', 'MsgAppResp 1 9+0 c0 rejected ', 'MsgAppResp 1 6+0 c0 ']);
});

test('what comes after a snapshot or a call to take over stays after it', (t) => {
  const snapshot = message('MsgSnap', { from: 1, to: 2, term: 3 });
  t.deepEqual(short([append(2, 5, 1), snapshot, append(2, 6, 1), beat(2, ''), message('MsgTimeoutNow', { to: 2, term: 3 }), beat(2, '')]), [
    'MsgApp 2 5+1 c0 ',
    'MsgSnap 2 0+0 c0 ',
    'MsgApp 2 6+1 c0 ',
    'MsgHeartbeat 2 0+0 c0 ',
    'MsgTimeoutNow 2 0+0 c0 ',
    'MsgHeartbeat 2 0+0 c0 ',
  ]);
});

test('a leader sends what was proposed together in one append to each, and a follower acknowledges it once', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  for (let at = 0; at < 64; at += 1) leader.propose('command');
  leader.run();
  t.deepEqual(
    leader.of('MsgApp').map(({ to, entries }) => [to, entries.length]),
    [
      [2, 64],
      [3, 64],
    ],
  );
  const follower = new Member({ voters: [1, 2, 3] });
  for (const index of [1, 2, 3])
    follower.hear(2, 'MsgApp', {
      term: 1,
      index,
      logTerm: 1,
      entries: [{ type: 'EntryNormal', term: 1, index: index + 1, data: new Uint8Array(1) }],
    });
  follower.run();
  t.deepEqual(
    follower.of('MsgAppResp').map(({ index }) => index),
    [4],
  );
});

const part = fc.record({ to: fc.constantFrom(2, 3), count: fc.nat(3), commit: fc.nat(9) });

test('whatever is merged, each member gets the same entries in the same order and learns the same commit index', (t) => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.integer({ min: 1, max: 200 }), (parts, maxBytes) => {
      const next = new Map<number, number>();
      const messages = parts.map(({ to, count, commit }) => {
        const index = next.get(to) ?? 5;
        next.set(to, index + count);
        return append(to, index, count, commit);
      });
      const merged = mergeMessages(messages, maxBytes);
      for (const to of [2, 3]) {
        const of = (list: readonly Message[]): readonly Message[] => list.filter((m) => m.to === to);
        const indices = (list: readonly Message[]): readonly number[] =>
          of(list).flatMap(({ entries }) => entries.map(({ index }) => index));
        t.deepEqual(indices(merged), indices(messages));
        t.is(Math.max(0, ...of(merged).map(({ commit }) => commit)), Math.max(0, ...of(messages).map(({ commit }) => commit)));
        for (const { index, entries } of of(merged)) t.is(entries[0]?.index ?? index + 1, index + 1);
      }
    }),
  );
});
