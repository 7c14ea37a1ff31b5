import test from 'ava';
import fc from 'fast-check';
import { type Message, type MessageType, message } from '../../core/index.ts';
import { defaultTransportLimits } from './limits.ts';
import { messageBytes, Outbox } from './outbox.ts';

const append = (index: number, bytes: number): Message =>
  message('MsgApp', { index, entries: [{ type: 'EntryNormal', term: 1, index, data: new Uint8Array(bytes) }] });
const heartbeat = (index: number): Message => message('MsgHeartbeat', { index });
const indexes = (messages: readonly Message[]): readonly number[] => messages.map(({ index }) => index);
const everything = (outbox: Outbox): readonly Message[][] => {
  const packets: Message[][] = [];
  for (let packet = outbox.take(); packet.length > 0; packet = outbox.take()) packets.push([...packet]);
  return packets;
};

test('small things leave together', (t) => {
  const outbox = new Outbox(defaultTransportLimits);
  for (const it of [append(1, 10), heartbeat(2), append(3, 10)]) outbox.push(it);
  t.deepEqual(everything(outbox).map(indexes), [[2, 1, 3]]);
});

test('a heartbeat and a vote do not wait for megabytes of appends', (t) => {
  const outbox = new Outbox(defaultTransportLimits);
  for (let index = 1; index <= 10; index += 1) outbox.push(append(index, 600_000));
  outbox.push(heartbeat(11));
  outbox.push(message('MsgVoteResp', { index: 12 }));
  t.deepEqual(everything(outbox).map(indexes), [[11, 12], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10]]);
});

test('a message larger than a packet goes alone', (t) => {
  const outbox = new Outbox({ ...defaultTransportLimits, packetBytes: 1_000 });
  for (const it of [append(1, 10), append(2, 5_000), append(3, 10)]) t.true(outbox.push(it));
  t.deepEqual(everything(outbox).map(indexes), [[1], [2], [3]]);
});

test('full is full, in messages and in bytes, and appends leave room for what is urgent', (t) => {
  const outbox = new Outbox({ ...defaultTransportLimits, queuedMessages: 2, queuedBytes: 1_000 });
  t.deepEqual(
    [append(1, 600), append(2, 600), append(3, 10), append(4, 10), heartbeat(5)].map((it) => outbox.push(it)),
    [true, false, true, false, true],
  );
  t.is(outbox.clear(), 3);
  t.is(outbox.length, 0);
  t.true(outbox.push(append(6, 5_000)), 'the first one always fits');
});

const limits = { packetBytes: 2_000, packetMessages: 8, mixedPacketBytes: 500, queuedMessages: 60, queuedBytes: 20_000 };
const kind = fc.constantFrom<MessageType>('MsgApp', 'MsgHeartbeat', 'MsgAppResp', 'MsgProp', 'MsgVote');
const step = fc.oneof(fc.record({ kind, bytes: fc.nat({ max: 3_000 }) }), fc.constant('take' as const));

test('whatever is pushed and taken: nothing is lost, doubled or reordered among its like, and no packet is too large', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const outbox = new Outbox(limits);
      const pushed: Message[] = [];
      const taken: Message[] = [];
      const take = (): number => {
        const packet = outbox.take();
        const bytes = packet.reduce((sum, it) => sum + messageBytes(it), 0);
        t.true(packet.length <= limits.packetMessages && (packet.length <= 1 || bytes <= limits.packetBytes));
        taken.push(...packet);
        return packet.length;
      };
      for (const [index, it] of steps.entries()) {
        if (it === 'take') take();
        else {
          const made = message(it.kind, { index, entries: [{ type: 'EntryNormal', term: 1, index, data: new Uint8Array(it.bytes) }] });
          if (outbox.push(made)) pushed.push(made);
        }
      }
      while (take() > 0);
      const bulk = (all: readonly Message[]) => all.filter(({ type }) => type === 'MsgApp' || type === 'MsgProp');
      const urgent = (all: readonly Message[]) => all.filter(({ type }) => type !== 'MsgApp' && type !== 'MsgProp');
      t.deepEqual(indexes(bulk(taken)), indexes(bulk(pushed)));
      t.deepEqual(indexes(urgent(taken)), indexes(urgent(pushed)));
    }),
    { numRuns: 100 },
  );
});
