import { connect } from 'node:net';
import { type RaftHello, type RaftPacket, TsoError } from '@tso/proto';
import { Raft, RpcChannel } from '@tso/proto/rpc';
import test, { type ExecutionContext } from 'ava';
import { type Message, message } from '../../core/index.ts';
import { toWire } from './message-codec.ts';
import { type Cluster, eventually, newCluster, ways } from './testing/cluster.ts';

const append = (from: number, to: number, index: number): Message =>
  message('MsgApp', {
    from,
    to,
    term: 1,
    index,
    entries: [{ type: 'EntryNormal', term: 1, index: index + 1, data: Buffer.alloc(100, index) }],
  });

/** A stream to member 1 in the name of whoever the hello says. */
const stranger = async (t: ExecutionContext, cluster: Cluster, nodeId: string) => {
  const channel = new RpcChannel(cluster.peers[0]?.address ?? '', await cluster.credentials(nodeId));
  t.teardown(() => channel.close());
  const hello: RaftHello = { groupId: 'group', from: 2, fromNode: nodeId, to: 1, address: '' };
  const open = () => channel.client({ messages: Raft.messages }).messages();
  return { channel, hello, open };
};

/** What the member answers to these packets: how often it said yes, and why it ended the stream. */
const outcome = async (stream: { send(packet: RaftPacket): Promise<void> } & AsyncIterable<unknown>, packets: readonly RaftPacket[]) => {
  let receipts = 0;
  try {
    for (const packet of packets) await stream.send(packet);
    for await (const _ of stream) receipts += 1;
  } catch (error) {
    if (error instanceof TsoError) return { receipts, error };
    throw error;
  }
  return { receipts, error: undefined };
};

for (const way of ways) {
  test(`${way}: messages arrive whole and in order, both ways`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const [one, two] = [await cluster.start(1), await cluster.start(2)];
    await eventually(() => one.transport.reachable(2) && two.transport.reachable(1), 'both connected');
    const there = Array.from({ length: 500 }, (_, index) => append(1, 2, index));
    const back = Array.from({ length: 500 }, (_, index) => append(2, 1, index));
    for (let at = 0; at < 500; at += 50) {
      one.transport.send(there.slice(at, at + 50));
      two.transport.send(back.slice(at, at + 50));
      await eventually(() => two.owner.received.length >= at && one.owner.received.length >= at, `messages up to ${at}`);
    }
    await eventually(() => two.owner.received.length === 500 && one.owner.received.length === 500, 'all messages');
    t.deepEqual(two.owner.received, there);
    t.deepEqual(one.owner.received, back);
  });

  test(`${way}: a member that is not in the book yet is heard, and answered at the address it names`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const [lagging, leader] = [await cluster.start(1, { peers: [] }), await cluster.start(2)];
    await eventually(() => leader.transport.reachable(1), 'the leader is let in');
    leader.transport.send([append(2, 1, 5)]);
    await eventually(() => lagging.owner.received.length === 1, 'its append');
    lagging.transport.send([message('MsgAppResp', { from: 1, to: 2, term: 1, index: 6 })]);
    await eventually(() => leader.owner.received.length === 1, 'the answer');
    t.is(leader.owner.received[0]?.index, 6);
  });

  test(`${way}: who is not who it says, or speaks of another log, is refused by name, and the others go on`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const [one, two] = [await cluster.start(1), await cluster.start(2)];
    const { hello, open } = await stranger(t, cluster, 'node-9');
    const refused = async (change: Partial<RaftHello>) => (await outcome(open(), [{ hello: { ...hello, from: 9, ...change } }])).error;
    t.like(await refused({ groupId: 'other' }), { code: 'FAILED_PRECONDITION', details: { reason: 'other-log' } });
    t.like(await refused({ to: 2 }), { code: 'FAILED_PRECONDITION', details: { reason: 'not-for-us' } });
    t.like(await refused({ from: 2 }), { code: 'PERMISSION_DENIED', details: { reason: 'not-its-member' } });
    t.like(await refused({ from: 1 }), { code: 'PERMISSION_DENIED', details: { reason: 'not-its-member' } });
    if (way === 'TLS')
      t.like(await refused({ from: 2, fromNode: 'node-2' }), { code: 'PERMISSION_DENIED', details: { reason: 'not-its-node' } });
    one.transport.setPeers(cluster.peers, new Set([9]));
    t.like(await refused({}), { code: 'PERMISSION_DENIED', details: { reason: 'removed' } });
    await eventually(() => two.transport.reachable(1), 'the right one connected');
    two.transport.send([append(2, 1, 1)]);
    await eventually(() => one.owner.received.length === 1, 'the message of the right one');
  });

  test(`${way}: garbage, too large messages and messages out of place end their own stream alone`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const [one, two] = [await cluster.start(1), await cluster.start(2)];
    await eventually(() => two.transport.reachable(1), 'member 2 connected');
    const { hello, open, channel } = await stranger(t, cluster, 'node-9');
    const greeted = { hello: { ...hello, from: 9 } };
    const after = async (packet: RaftPacket) => outcome(open(), [greeted, packet]);
    const messages = (...all: Message[]): RaftPacket => ({ messages: { messages: all.map(toWire) } });
    t.like(await after(messages(append(2, 1, 1))), { receipts: 1, error: { code: 'INVALID_ARGUMENT' } }, "another member's message");
    t.like(await after(messages(append(9, 2, 1))), { receipts: 1, error: { code: 'INVALID_ARGUMENT' } }, 'for another member');
    t.like(await after(messages(message('MsgSnap', { from: 9, to: 1, term: 1 }))), { receipts: 1, error: { code: 'INVALID_ARGUMENT' } });
    t.like(await after(greeted), { receipts: 1, error: { code: 'INVALID_ARGUMENT' } }, 'hello twice');
    t.like(await after({}), { receipts: 1, error: { code: 'INVALID_ARGUMENT' } }, 'an empty packet');
    const strange = { ...toWire(append(9, 1, 1)), type: 99 as 0 };
    t.like(await after({ messages: { messages: [strange] } }), { receipts: 1, error: { code: 'INVALID_ARGUMENT' } });
    t.like(await outcome(open(), [messages(append(9, 1, 1))]), { receipts: 0, error: { code: 'INVALID_ARGUMENT' } }, 'no hello');
    // The same path, spoken in other words: bytes that are no packet, and one that is larger than anything allowed.
    const garbled = channel.client({ garbled: { ...Raft.messages, request: 'GetStackRequest' } as const }).garbled();
    await garbled.send({ name: '\u0001\u0002 no hello' });
    const isGarbage = await outcome(garbled as never, []);
    t.is(isGarbage.error?.code, 'INVALID_ARGUMENT');
    const huge = message('MsgApp', {
      from: 9,
      to: 1,
      term: 1,
      entries: [{ type: 'EntryNormal', term: 1, index: 1, data: new Uint8Array(65 * 1024 * 1024) }],
    });
    t.is((await after(messages(huge))).error?.code, 'RESOURCE_EXHAUSTED');
    two.transport.send([append(2, 1, 42)]);
    await eventually(() => one.owner.received.some(({ index }) => index === 42), 'the message of the right one');
    t.deepEqual(
      one.owner.received.map(({ from }) => from),
      [2],
    );
  });

  test(`${way}: bytes that are not even a connection disturb nobody`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const [one, two] = [await cluster.start(1), await cluster.start(2)];
    const address = cluster.peers[0]?.address ?? '';
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\u0000'.repeat(10_000), `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'x'.repeat(500)}`]) {
      const [host, port] = address.split(':');
      const socket = way === 'unix' ? connect(address.slice('unix:'.length)) : connect(Number(port), host);
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.end(bytes);
      socket.resume();
      await closed;
    }
    await eventually(() => two.transport.reachable(1), 'member 2 connected');
    two.transport.send([append(2, 1, 1)]);
    await eventually(() => one.owner.received.length === 1, 'the message of the right one');
    t.pass();
  });

  test(`${way}: a later stream of a member takes the place of the earlier`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const one = await cluster.start(1);
    const { hello, open } = await stranger(t, cluster, 'node-2');
    const [first, second] = [open(), open()];
    await first.send({ hello });
    const answers = first[Symbol.asyncIterator]();
    t.false((await answers.next()).done ?? false);
    await second.send({ hello });
    t.false((await second[Symbol.asyncIterator]().next()).done ?? false);
    const replaced = await t.throwsAsync(answers.next(), { instanceOf: TsoError, code: 'CANCELLED' });
    t.is(replaced.details.reason, 'replaced');
    await second.send({ messages: { messages: [toWire(append(2, 1, 3))] } });
    await eventually(() => one.owner.received.length === 1, 'the message of the second');
  });
}

test('what is sent in one turn of the loop goes as few packets, and nothing is lost', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1, { peers: cluster.peers.slice(0, 1) });
  const two = await cluster.start(2);
  await eventually(() => two.transport.reachable(1), 'connected');
  const sizes: number[] = [];
  let turn = 0;
  one.owner.onReceive = () => {
    if (turn === 0) {
      sizes.push(0);
      turn = 1;
      setImmediate(() => {
        turn = 0;
      });
    }
    sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + 1;
    return { accepted: true };
  };
  for (let index = 0; index < 64; index += 1) two.transport.send([message('MsgHeartbeat', { from: 2, to: 1, term: 1, index })]);
  await eventually(() => one.owner.received.length === 64, 'all of them');
  t.deepEqual(sizes, [64]);
});

test('a message that makes no sense to the core is counted and said once, and the stream goes on', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [one, two] = [await cluster.start(1), await cluster.start(2)];
  one.owner.onReceive = ({ index }) => (index < 5 ? { accepted: false, reason: 'malformed', why: 'it has no term' } : { accepted: true });
  await eventually(() => two.transport.reachable(1), 'connected');
  for (let index = 0; index < 6; index += 1) two.transport.send([append(2, 1, index)]);
  await eventually(() => one.owner.received.length === 6, 'all of them');
  t.is(one.transport.malformed, 5);
  t.is(one.log.filter((line) => line.includes('a message makes no sense')).length, 1);
});

test('a member that was removed is told so, its stream ends, and it hears it again when it comes back', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [one, two] = [await cluster.start(1), await cluster.start(2)];
  await eventually(() => two.transport.reachable(1) && one.transport.reachable(2), 'connected');
  one.transport.setPeers(cluster.peers.slice(0, 1), new Set([2]));
  await eventually(() => two.owner.told.filter((it) => it.startsWith('expelled')).length >= 2, 'told twice');
  t.regex(two.owner.told.find((it) => it.startsWith('expelled')) ?? '', /member 2 was removed from the managers/);
  t.false(one.transport.reachable(2));
  t.false(two.owner.told.includes('lost 1'));
  one.transport.send([append(1, 2, 1)]);
  await eventually(() => one.owner.told.includes('unreachable 2'), 'nobody to send to');
});

test('a full queue drops, and says so once for all that is dropped', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1, { limits: { queuedMessages: 10 } });
  const two = await cluster.start(2);
  await eventually(() => one.transport.reachable(2), 'connected');
  one.owner.told.length = 0;
  one.transport.send(Array.from({ length: 100 }, (_, index) => append(1, 2, index)));
  await eventually(() => two.owner.received.length === 10, 'what fits');
  t.deepEqual(one.owner.told, ['unreachable 2']);
  one.transport.send([append(1, 2, 200)]);
  await eventually(() => two.owner.received.length === 11, 'one more');
  t.deepEqual(one.owner.told, ['unreachable 2']);
  one.transport.send(Array.from({ length: 100 }, (_, index) => append(1, 2, index)));
  t.deepEqual(one.owner.told, ['unreachable 2'], 'the owner is not called from within send');
  await eventually(() => one.owner.told.length === 2, 'another burst');
});

test('nothing is sent before the start or after the stop, and the owner is told', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1);
  one.transport.send([append(1, 7, 1), append(1, 7, 2)]);
  await eventually(() => one.owner.told.includes('unreachable 7'), 'nobody knows member 7');
  t.is(one.owner.told.filter((it) => it === 'unreachable 7').length, 1);
  await one.transport.stop();
  await one.transport.stop();
  one.owner.told.length = 0;
  one.transport.send([append(1, 2, 1)]);
  await Promise.resolve();
  t.deepEqual(one.owner.told, []);
});
