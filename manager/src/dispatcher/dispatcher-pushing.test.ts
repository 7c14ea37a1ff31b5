import { type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import { windows } from '../limits.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { network, node, status, task } from './dispatcher-fixture.ts';
import { connect, settled, world, worldAt } from './session-fixture.ts';

/** Looking at it takes time: a millisecond each. */
class SlowClock extends ManualClock {
  isSlow = false;
  /** How often others were let in between. */
  pauses = 0;
  #taken = 0;

  override monotonic(): number {
    if (this.isSlow) this.#taken += 1;
    return super.monotonic() + this.#taken;
  }

  override setTimer(delayMs: number, callback: () => void): () => void {
    if (delayMs === 0) this.pauses += 1;
    return super.setTimer(delayMs, callback);
  }
}

const put = (...actions: readonly StoreAction[]) => ({ actions, expect: [], atMs: 1, origin: 'test' });

const running = (id: string, nodeId: string) => task(id, nodeId, { status: status(TaskState.RUNNING) });

test('a node hears in one set that its task is to stop, how long it drains, and that others are sent to it no more', async (t) => {
  const it = await world({ putNode: node('a') }, { putNetwork: network('net') }, { putTask: running('x', 'a') });
  const agent = connect(it.dispatcher, 'a');
  await settled();
  t.true(agent.sets()[0]?.networks[0]?.endpoints[0]?.serving);
  await it.proposer.propose(put({ putTask: { ...running('x', 'a'), desiredState: TaskState.SHUTDOWN, drainMs: 1_000 } }));
  await settled();
  it.clock.advance(windows.assignmentsMs);
  await settled();
  const [, set, ...more] = agent.sets();
  t.is(more.length, 0);
  t.deepEqual(
    set?.tasks.map(({ id, desiredState, drainMs }) => [id, desiredState, drainMs]),
    [['x', TaskState.SHUTDOWN, 1_000]],
  );
  t.deepEqual(
    set?.networkChanges.map(({ networkId, endpoints }) => [networkId, endpoints.map(({ taskId, serving }) => [taskId, serving])]),
    [['net', [['x', false]]]],
  );
  await it.dispatcher.stop();
});

test('a task whose draining is called off is told so, though nothing else of it changed', async (t) => {
  const draining = { ...running('x', 'a'), desiredState: TaskState.REMOVE, drainMs: 60_000 };
  const it = await world({ putNode: node('a') }, { putTask: draining });
  const agent = connect(it.dispatcher, 'a');
  await settled();
  await it.proposer.propose(put({ putTask: { ...draining, drainMs: 0 } }));
  await settled();
  it.clock.advance(windows.assignmentsMs);
  await settled();
  t.is(agent.sets()[1]?.tasks[0]?.drainMs, 0);
  await it.dispatcher.stop();
});

test('a key that a node tells within its session reaches the nodes that it has tunnels to, and nothing else does', async (t) => {
  const plain = network('net');
  const secret = { ...plain, spec: { ...plain.spec, driverOpts: { encrypted: 'true' } } };
  const { description } = node('a');
  const armed = (id: string) => ({
    putNode: node(id, {
      tunnelAddress: `10.200.0.${id.length}`,
      description: { ...description, wireguardKey: `key-${id}`, wireguardPort: 24_790, wireguardGeneration: 1 },
    }),
  });
  const tasks = [{ putTask: running('x', 'a') }, { putTask: running('y', 'bb') }];
  const it = await world(armed('a'), armed('bb'), { putNetwork: secret }, ...tasks);
  const hello = (id: string) => ({ hello: { description: armed(id).putNode.description } });
  const [one, other] = [connect(it.dispatcher, 'a', hello('a')), connect(it.dispatcher, 'bb', hello('bb'))];
  await settled();
  it.clock.advance(windows.assignmentsMs);
  await settled();
  t.is(one.sets()[0]?.tunnelAddress, '10.200.0.1');
  t.deepEqual(
    one.sets()[0]?.peers.map(({ nodeId, publicKey }) => [nodeId, publicKey]),
    [['bb', 'key-bb']],
  );
  const before = one.sets().length;
  const newer = { wireguardKey: `${'B'.repeat(42)}E=`, wireguardPort: 24_791, wireguardGeneration: 2 };
  other.describe(newer);
  await settled();
  it.clock.advance(windows.assignmentsMs);
  await settled();
  const [set, ...more] = one.sets().slice(before);
  t.is(more.length, 0);
  t.deepEqual(
    set?.peers.map(({ publicKey, port, generation }) => [publicKey, port, generation]),
    [[newer.wireguardKey, 24_791, 2]],
  );
  t.deepEqual([set?.tasks, set?.networks, set?.networkChanges, set?.tunnelAddress], [[], [], [], '10.200.0.1']);
  await it.dispatcher.stop();
});

const many = Array.from({ length: 100 }, (_, at) => `n${at}`);

test('many nodes are told in slices, all of them soon, and what changes meanwhile waits for no longer than the longest window', async (t) => {
  const tasks = many.map((id) => ({ putTask: running(`on-${id}`, id) }));
  const clock = new SlowClock();
  const it = await worldAt(clock, ...many.map((id) => ({ putNode: node(id) })), { putNetwork: network('net') }, ...tasks);
  const agents = many.map((id) => connect(it.dispatcher, id));
  await settled();
  const toldTwice = (): number => agents.filter((agent) => agent.sets().length === 2).length;
  const toldThrice = (): number => agents.filter((agent) => agent.sets().length === 3).length;
  t.deepEqual([toldTwice(), toldThrice()], [0, 0]);

  clock.isSlow = true;
  await it.proposer.propose(put({ putTask: { ...running('on-n0', 'n0'), desiredState: TaskState.SHUTDOWN } }));
  await settled();
  clock.advance(windows.assignmentsMs - 1);
  await settled();
  t.is(toldTwice(), 0, 'small changes are gathered for a moment');
  clock.isSlow = false;
  clock.advance(1);
  await settled();
  t.is(toldTwice(), 100, 'without a limit of time all are told at once');

  clock.isSlow = true;
  await it.proposer.propose(put({ putTask: { ...running('on-n1', 'n1'), desiredState: TaskState.SHUTDOWN } }));
  await settled();
  t.is(clock.pauses, 0);
  clock.advance(windows.assignmentsMs);
  await settled();
  t.is(toldThrice(), 100);
  t.true(clock.pauses >= 100 / windows.assignmentSliceMs - 1, 'slice by slice');

  await it.proposer.propose(put({ putTask: { ...running('on-n2', 'n2'), desiredState: TaskState.SHUTDOWN } }));
  await settled();
  clock.isSlow = false;
  clock.advance(windows.assignmentsMostMs);
  await settled();
  t.is(agents.filter((agent) => agent.sets().length === 4).length, 100);
  await it.dispatcher.stop();
});
