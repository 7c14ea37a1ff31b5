import { decode, encode, type RaftMessage, RaftMessageType } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import {
  type Entry,
  entryTypes,
  localMessageTypes,
  type Message,
  message,
  noBytes,
  peerMessageTypes,
  type Snapshot,
} from '../../core/index.ts';
import { fromWire, toWire } from './message-codec.ts';

const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const ids = fc.array(count, { maxLength: 5 });
const entry: fc.Arbitrary<Entry> = fc.record({
  type: fc.constantFrom(...entryTypes),
  term: count,
  index: count,
  data: fc.uint8Array({ maxLength: 40 }),
});
const confState = fc.record({ voters: ids, votersOutgoing: ids, learners: ids, learnersNext: ids, autoLeave: fc.boolean() });
const snapshot: fc.Arbitrary<Snapshot> = fc.record({ index: count, term: count, confState, data: fc.constant(noBytes) });
const anyMessage: fc.Arbitrary<Message> = fc.record({
  type: fc.constantFrom(...peerMessageTypes),
  from: count,
  to: count,
  term: count,
  logTerm: count,
  index: count,
  entries: fc.array(entry, { maxLength: 5 }),
  commit: count,
  reject: fc.boolean(),
  rejectHint: count,
  snapshot: fc.option(snapshot, { nil: undefined }),
  context: fc.string({ unit: 'grapheme', maxLength: 12 }),
});

const overTheWire = (wire: RaftMessage): RaftMessage => decode('RaftMessage', encode('RaftMessage', wire));
const plain = (it: Message): Message => ({ ...it, entries: it.entries.map((e) => ({ ...e, data: new Uint8Array(e.data) })) });

test('every message arrives as it was sent', (t) => {
  fc.assert(
    fc.property(anyMessage, (sent) => {
      t.deepEqual(plain(fromWire(overTheWire(toWire(sent)))), sent);
    }),
  );
});

test('the contents of a snapshot do not travel with its message', (t) => {
  const sent = message('MsgSnap', {
    snapshot: {
      index: 3,
      term: 1,
      confState: { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false },
      data: Uint8Array.of(1),
    },
  });
  t.is(fromWire(overTheWire(toWire(sent))).snapshot?.data.length, 0);
});

test('what a node says only to itself cannot be sent', (t) => {
  for (const type of localMessageTypes) t.throws(() => toWire(message(type)), { code: 'INTERNAL' });
});

test('a type of message or entry that is not known is refused', (t) => {
  const wire = toWire(message('MsgApp', { entries: [{ type: 'EntryNormal', term: 1, index: 1, data: noBytes }] }));
  for (const type of [RaftMessageType.RAFT_MESSAGE_UNKNOWN, 16, 1_000_000]) {
    t.throws(() => fromWire(overTheWire({ ...wire, type: type as RaftMessageType })), {
      code: 'INVALID_ARGUMENT',
      message: /unknown type/,
    });
  }
  const strange = { ...wire, entries: wire.entries.map((it) => ({ ...it, type: 7 as typeof it.type })) };
  t.throws(() => fromWire(overTheWire(strange)), { code: 'INVALID_ARGUMENT', message: 'entry 1 is of unknown type 7' });
});
