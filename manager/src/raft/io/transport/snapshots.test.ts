import { createHash } from 'node:crypto';
import { type SnapshotPart, TsoError } from '@tso/proto';
import { Raft, RpcChannel } from '@tso/proto/rpc';
import test from 'ava';
import { type Message, message, noBytes } from '../../core/index.ts';
import type { SnapshotMeta } from '../ports.ts';
import { toWire } from './message-codec.ts';
import { type Cluster, eventually, newCluster, ways } from './testing/cluster.ts';
import { kill } from './testing/echo.ts';

const confState = { voters: [1, 2], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
const meta: SnapshotMeta = { index: 50, term: 3, confState };
const snap = (from = 1, to = 2, term = 3): Message => message('MsgSnap', { from, to, term, snapshot: { ...meta, data: noBytes } });

const pieces = async function* (count: number, bytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < count; at += 1) yield Buffer.alloc(bytes, at);
};
/** Some of it, and then nothing more until the end of the test. */
const stuck = async function* (until: Promise<void>): AsyncIterable<Uint8Array> {
  yield new Uint8Array(10);
  await until;
};
const hashOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

for (const way of ways) {
  test(`${way}: a snapshot arrives whole, then its message, and the sender is told once`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const [one, two] = [await cluster.start(1), await cluster.start(2)];
    one.owner.onOpen = async (index) => {
      t.is(index, 50);
      return { meta, contents: pieces(33, 100_001) };
    };
    let hash = '';
    two.owner.onContents = async (got, contents) => {
      t.deepEqual(got, meta);
      hash = await hashOf(contents);
      t.deepEqual(two.owner.received, [], 'not before it is durable');
    };
    one.transport.send([snap()]);
    await eventually(() => one.owner.told.some((it) => it.startsWith('snapshot')), 'the outcome');
    t.deepEqual(
      one.owner.told.filter((it) => it.startsWith('snapshot')),
      ['snapshot 2 finished'],
    );
    t.is(hash, await hashOf(pieces(33, 100_001)));
    t.deepEqual(two.owner.received, [snap()]);
  });

  test(`${way}: heartbeats are answered while many megabytes are on their way`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const one = await cluster.start(1);
    await cluster.startEcho(2);
    await eventually(() => one.transport.reachable(2), 'connected');
    await eventually(() => {
      one.transport.send([message('MsgHeartbeat', { from: 1, to: 2, term: 1 })]);
      return one.owner.received.length > 0;
    }, 'the way back');
    one.owner.onOpen = async () => ({ meta, contents: pieces(32, 1024 * 1024) });
    const times: number[] = [];
    let heard: () => void = () => undefined;
    one.owner.onReceive = ({ context }) => {
      if (context === String(times.length)) heard();
      return { accepted: true };
    };
    one.transport.send([snap()]);
    while (!one.owner.told.includes('snapshot 2 finished')) {
      const begun = performance.now();
      await new Promise<void>((resolve) => {
        heard = resolve;
        one.transport.send([message('MsgHeartbeat', { from: 1, to: 2, term: 1, context: String(times.length) })]);
      });
      times.push(performance.now() - begun);
      t.false(one.owner.told.includes('snapshot 2 failed'));
    }
    times.sort((a, b) => a - b);
    const median = times[times.length >> 1] ?? Number.NaN;
    t.log(`${times.length} heartbeats: median ${median.toFixed(1)} ms, longest ${times.at(-1)?.toFixed(1)} ms`);
    t.true(times.length > 10 && median < 100);
  });

  test(`${way}: a peer that dies in the middle fails the snapshot, once`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const one = await cluster.start(1);
    const child = await cluster.startEcho(2);
    const opened = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    one.owner.onOpen = async () => ({
      meta,
      contents: (async function* () {
        for (let at = 0; ; at += 1) {
          if (at === 20) opened.resolve();
          if (at === 10_000) return;
          yield new Uint8Array(100_000);
        }
      })(),
    });
    one.owner.onTold = (what) => what.startsWith('snapshot') && ended.resolve();
    one.transport.send([snap()]);
    await opened.promise;
    await kill(child);
    await ended.promise;
    t.deepEqual(
      one.owner.told.filter((it) => it.startsWith('snapshot')),
      ['snapshot 2 failed'],
    );
  });
}

test('a snapshot that is not there, or whose peer is not, has failed', async (t) => {
  const cluster = await newCluster(t, 'unix', 3);
  const one = await cluster.start(1);
  await cluster.start(2);
  one.transport.send([snap(), snap(1, 9)]);
  t.deepEqual(one.owner.told, [], 'not from within send');
  await eventually(() => one.owner.told.includes('snapshot 2 failed') && one.owner.told.includes('snapshot 9 failed'), 'both');
  one.owner.onOpen = async () => ({ meta: { ...meta, index: 60 }, contents: pieces(1, 1) });
  one.transport.send([snap()]);
  await eventually(() => one.owner.told.filter((it) => it === 'snapshot 2 failed').length === 2, 'another snapshot than was asked for');
  one.owner.onOpen = async () => ({ meta, contents: pieces(1, 1) });
  one.transport.send([snap(1, 3)]);
  await eventually(() => one.owner.told.includes('snapshot 3 failed'), 'nobody listens there');
});

test('one snapshot at a time goes to a peer, a second one fails at once, and stopping fails the first', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [one, two] = [await cluster.start(1), await cluster.start(2)];
  const over = Promise.withResolvers<void>();
  let begun = false;
  let closed = false;
  two.owner.onContents = async (_, contents) => {
    begun = true;
    try {
      for await (const _chunk of contents);
    } finally {
      closed = true;
    }
  };
  one.owner.onOpen = async () => ({ meta, contents: stuck(over.promise) });
  one.transport.send([snap()]);
  one.transport.send([snap()]);
  await eventually(() => begun && one.owner.told.includes('snapshot 2 failed'), 'the first to begin, the second to fail');
  one.owner.told.length = 0;
  await one.transport.stop();
  over.resolve();
  await eventually(() => one.owner.told.includes('snapshot 2 failed'), 'the first');
  await eventually(() => closed, 'the receiver let go of it');
  t.deepEqual(two.owner.received, []);
  t.is(one.owner.told.filter((it) => it.startsWith('snapshot')).length, 1);
});

test('a receiver that takes no more, or a sender that says no more, ends it after the stall time', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const limits = { snapshotStallMs: 100, snapshotReceiptMs: 100 };
  const [one, two] = [await cluster.start(1, { limits }), await cluster.start(2)];
  const over = Promise.withResolvers<void>();
  two.owner.onContents = () => over.promise;
  one.owner.onOpen = async () => ({ meta, contents: pieces(100, 1024 * 1024) });
  one.transport.send([snap()]);
  await eventually(() => one.owner.told.includes('snapshot 2 failed'), 'the sender gave up');
  over.resolve();
  const three = await cluster.start(1, { address: `unix:${cluster.directory}/three.sock`, limits, peers: [] });
  const failed = Promise.withResolvers<unknown>();
  three.owner.onContents = async (_, contents) => {
    try {
      for await (const _chunk of contents);
    } catch (error) {
      failed.resolve(error);
      throw error;
    }
  };
  const { call } = rawSender(t, cluster, `${cluster.directory}/three.sock`);
  await call.send({ start: { hello: hello(), message: toWire(snap(2, 1)) } });
  await call.send({ chunk: new Uint8Array(5) });
  t.is(((await failed.promise) as TsoError).code, 'DEADLINE_EXCEEDED');
});

const hello = () => ({ groupId: 'group', from: 2, fromNode: 'node-2', to: 1, address: '' });

const rawSender = (t: { teardown(work: () => void): void }, cluster: Cluster, path = `${cluster.directory}/1.sock`) => {
  const channel = new RpcChannel(`unix:${path}`);
  t.teardown(() => channel.close());
  return { call: channel.client({ snapshot: Raft.snapshot }).snapshot() };
};

const start: SnapshotPart = { start: { hello: hello(), message: toWire(snap(2, 1)) } };
const chunk: SnapshotPart = { chunk: new Uint8Array(5) };
const bad: readonly [string, readonly SnapshotPart[], string][] = [
  ['a stream that ends early', [start, chunk], 'DATA_LOSS'],
  ['a size that differs', [start, chunk, { end: { sizeBytes: 6 } }], 'DATA_LOSS'],
  ['another start in the middle', [start, chunk, start], 'DATA_LOSS'],
  ['contents without a start', [chunk], 'INVALID_ARGUMENT'],
  ['another log', [{ start: { hello: { ...hello(), groupId: 'x' }, message: toWire(snap(2, 1)) } }], 'FAILED_PRECONDITION'],
  ["another member's message", [{ start: { hello: hello(), message: toWire(snap(3, 1)) } }], 'INVALID_ARGUMENT'],
  [
    'a message that is no MsgSnap',
    [{ start: { hello: hello(), message: toWire(message('MsgApp', { from: 2, to: 1 })) } }],
    'INVALID_ARGUMENT',
  ],
];
for (const [what, parts, code] of bad) {
  test(`${what} is refused, and what came in is thrown away`, async (t) => {
    const cluster = await newCluster(t, 'unix', 2);
    const one = await cluster.start(1);
    const { call } = rawSender(t, cluster);
    const refused = t.throwsAsync(call[Symbol.asyncIterator]().next(), { instanceOf: TsoError, code });
    for (const part of parts) await call.send(part);
    call.end();
    await refused;
    t.deepEqual(one.owner.snapshots, []);
    t.deepEqual(one.owner.received, []);
  });
}

test('a snapshot that the core cannot make sense of is refused, one that it does not want is not', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [one, two] = [await cluster.start(1), await cluster.start(2)];
  one.owner.onOpen = async () => ({ meta, contents: pieces(1, 1) });
  two.owner.onReceive = () => ({ accepted: false, reason: 'malformed', why: 'it names no voters' });
  one.transport.send([snap()]);
  await eventually(() => one.owner.told.includes('snapshot 2 failed'), 'the refusal');
  two.owner.onReceive = () => ({ accepted: false, reason: 'unknown-peer', why: 'node 1 is not known' });
  one.transport.send([snap()]);
  await eventually(() => one.owner.told.includes('snapshot 2 finished'), 'the receipt');
  t.pass();
});

test('another attempt takes the place of one that is coming in, after the owner has let go of it; an older leader does not', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1);
  const order: string[] = [];
  one.owner.onContents = async (_, contents) => {
    order.push('begin');
    try {
      for await (const _chunk of contents);
    } finally {
      order.push('end');
    }
  };
  const [first, older, second] = [rawSender(t, cluster).call, rawSender(t, cluster).call, rawSender(t, cluster).call];
  const firstEnds = t.throwsAsync(first[Symbol.asyncIterator]().next(), { instanceOf: TsoError, code: 'CANCELLED' });
  await first.send(start);
  await first.send(chunk);
  await eventually(() => order.length === 1, 'the first');
  const olderEnds = t.throwsAsync(older[Symbol.asyncIterator]().next(), { instanceOf: TsoError, code: 'FAILED_PRECONDITION' });
  await older.send({ start: { hello: hello(), message: toWire(snap(2, 1, 2)) } });
  await olderEnds;
  for (const part of [start, chunk, { end: { sizeBytes: 5 } }]) await second.send(part);
  t.is((await second[Symbol.asyncIterator]().next()).value?.applied, 50);
  await firstEnds;
  t.deepEqual(order, ['begin', 'end', 'begin', 'end']);
});
