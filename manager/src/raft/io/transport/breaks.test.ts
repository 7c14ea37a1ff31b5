import test from 'ava';
import { type Message, message } from '../../core/index.ts';
import { eventually, newCluster, ways } from './testing/cluster.ts';
import { kill } from './testing/echo.ts';

const heartbeat = (index = 0): Message => message('MsgHeartbeat', { from: 1, to: 2, term: 1, index });

for (const way of ways) {
  test(`${way}: the death of a peer's process is noticed as such at once, and its return too`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const one = await cluster.start(1);
    const child = await cluster.startEcho(2);
    await eventually(() => one.transport.reachable(2), 'connected');
    one.owner.told.length = 0;
    const lost = Promise.withResolvers<number>();
    one.owner.onTold = (what) => what === 'lost 2' && lost.resolve(performance.now());
    const killedMs = performance.now();
    const gone = kill(child).then(() => performance.now());
    const [lostMs, goneMs] = await Promise.all([lost.promise, gone]);
    const since = (fromMs: number): string => `${(lostMs - fromMs).toFixed(1)} ms`;
    t.log(`noticed ${since(killedMs)} after the signal, ${since(goneMs)} after the parent heard of its end`);
    t.true(lostMs - goneMs < 500);
    t.false(one.transport.reachable(2));
    await eventually(() => one.owner.told.filter((it) => it === 'lost 2').length >= 2, 'a refused connection');
    await cluster.startEcho(2);
    await eventually(() => one.transport.reachable(2), 'connected again');
    await eventually(() => {
      one.transport.send([heartbeat()]);
      return one.owner.received.length > 0;
    }, 'an answer');
  });

  test(`${way}: the death of a peer's process is noticed in the middle of heavy traffic too`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const one = await cluster.start(1);
    const child = await cluster.startEcho(2);
    await eventually(() => {
      one.transport.send([heartbeat()]);
      return one.owner.received.length > 0;
    }, 'the way back');
    const data = new Uint8Array(100_000);
    const append = message('MsgApp', { from: 1, to: 2, term: 1, entries: [{ type: 'EntryNormal', term: 1, index: 1, data }] });
    one.owner.received.length = 0;
    const longMs = 30_000;
    await eventually(
      () => {
        one.transport.send([append, append]);
        return one.owner.received.length > 20;
      },
      'traffic both ways',
      longMs,
    );
    one.owner.told.length = 0;
    const gone = kill(child);
    await eventually(
      () => {
        one.transport.send([append, append]);
        return one.owner.told.includes('lost 2');
      },
      'the loss',
      longMs,
    );
    await gone;
    t.true(
      one.log.some((line) => line.includes('"how":"closed"')),
      one.log.join('\n'),
    );
  });

  test(`${way}: a peer that is silent is not lost, only unreachable in the end, and comes back without a word`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const limits = { keepaliveEveryMs: 100, keepaliveAnswerMs: 200, handshakeMs: 300, backoffFirstMs: 10 };
    const one = await cluster.start(1, { limits });
    const child = await cluster.startEcho(2, { limits });
    await eventually(() => one.transport.reachable(2), 'connected');
    one.owner.told.length = 0;
    child.kill('SIGSTOP');
    await eventually(() => one.owner.told.includes('unreachable 2'), 'nothing answers');
    await eventually(() => one.log.filter((line) => line.includes('silent')).length > 0, 'it is logged as silence');
    child.kill('SIGCONT');
    await eventually(() => one.transport.reachable(2), 'connected again');
    t.false(one.owner.told.includes('lost 2'));
  });

  test(`${way}: a peer that stops in good order is lost at once, and stopping ourselves loses nobody`, async (t) => {
    const cluster = await newCluster(t, way, 3);
    const [one, two, three] = [await cluster.start(1), await cluster.start(2), await cluster.start(3)];
    await eventually(
      () => [one, two, three].every((it) => [1, 2, 3].every((id) => id === it.peer.raftId || it.transport.reachable(id))),
      'all',
    );
    for (const { owner } of [one, two, three]) owner.told.length = 0;
    const stopping = two.stop();
    await eventually(() => one.owner.told.includes('lost 2') && three.owner.told.includes('lost 2'), 'both know');
    await stopping;
    t.deepEqual(two.owner.told, []);
    t.true(one.transport.reachable(3));
    t.false([...one.owner.told, ...three.owner.told].some((it) => it !== 'lost 2' && it !== 'unreachable 2'));
  });
}

test('what waits for a peer that does not read is bounded, and flows again when it does', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1, { limits: { queuedBytes: 1_000_000, keepaliveAnswerMs: 60_000 } });
  const child = await cluster.startEcho(2);
  await eventually(() => one.transport.reachable(2), 'connected');
  await eventually(() => {
    one.transport.send([heartbeat()]);
    return one.owner.received.length > 0;
  }, 'the way back');
  one.owner.told.length = 0;
  child.kill('SIGSTOP');
  const data = new Uint8Array(100_000);
  const append = message('MsgApp', { from: 1, to: 2, term: 1, entries: [{ type: 'EntryNormal', term: 1, index: 1, data }] });
  await eventually(() => {
    one.transport.send([append]);
    return one.owner.told.includes('unreachable 2');
  }, 'a drop');
  t.true(one.transport.reachable(2), 'the stream still stands');
  one.owner.received.length = 0;
  child.kill('SIGCONT');
  await eventually(() => one.owner.received.length >= 10, 'answers to what waited');
  t.false(one.owner.told.includes('lost 2'));
});

test('where nobody listens the connection is refused, again and again but not in a hurry', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1, { limits: { backoffFirstMs: 20, backoffMostMs: 40 } });
  await eventually(() => one.owner.told.filter((it) => it === 'lost 2').length >= 3, 'three refusals');
  one.transport.send([heartbeat(), heartbeat()]);
  await eventually(() => one.owner.told.includes('unreachable 2'), 'the drop is told');
  t.is(one.log.filter((line) => line.includes('no connection')).length, 1, 'it is logged once');
});

test('a peer that connects to us is connected to at once, however long the pause', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const one = await cluster.start(1, { limits: { backoffFirstMs: 60_000, backoffMostMs: 60_000 } });
  await eventually(() => one.owner.told.includes('lost 2'), 'nobody is there');
  await cluster.start(2);
  await eventually(() => one.transport.reachable(2), 'connected', 20_000);
  t.pass();
});

test('a message that is sent while connecting arrives', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const two = await cluster.start(2);
  const one = await cluster.start(1);
  one.transport.send([heartbeat(77)]);
  await eventually(() => two.owner.received.some(({ index }) => index === 77), 'the message');
  t.deepEqual(one.owner.told, []);
});

test('a peer that has moved is found again, when the log says so and when it says so itself', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [, second] = cluster.peers;
  if (second === undefined) throw new Error('two peers');
  const one = await cluster.start(1, { limits: { backoffFirstMs: 20_000, backoffMostMs: 20_000 } });
  await eventually(() => one.owner.told.includes('lost 2'), 'nobody is there');
  const moved = { ...second, address: `${second.address}.moved` };
  const two = await cluster.start(2, { address: moved.address });
  await eventually(() => one.transport.reachable(2), 'it said where it is');
  await two.stop();
  const again = { ...second, address: `${second.address}.again` };
  await cluster.start(2, { address: again.address, peers: [] });
  one.transport.setPeers([again], new Set());
  await eventually(() => one.transport.reachable(2), 'the log says where it is');
  t.pass();
});

test('another node behind the address of a peer is not spoken to', async (t) => {
  const cluster = await newCluster(t, 'TLS', 2);
  await cluster.start(2, { nodeId: 'node-x', tls: await cluster.issue('node-x') });
  const one = await cluster.start(1);
  await eventually(
    () => one.log.some((line) => line.includes('node node-x answers, not node node-2')),
    () => `the refusal: ${one.log.join('\n')}`,
  );
  t.false(one.transport.reachable(2));
  t.false(one.owner.told.includes('lost 2'));
});

test('a certificate of a worker, or of another cluster, opens no stream', async (t) => {
  const cluster = await newCluster(t, 'TLS', 2);
  const two = await cluster.start(2);
  for (const [role, clusterId] of [
    ['worker', 'cluster'],
    ['manager', 'abroad'],
  ] as const) {
    const one = await cluster.start(1, { tls: await cluster.issue('node-1', role, clusterId) });
    await eventually(() => one.log.some((line) => line.startsWith('warn: no connection')), 'the refusal');
    t.false(one.transport.reachable(2));
    await one.stop();
  }
  t.deepEqual(two.owner.received, []);
});
