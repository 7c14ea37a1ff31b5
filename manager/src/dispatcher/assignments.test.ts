import { HealthState, NodeState, TaskState } from '@tso/proto';
import test from 'ava';
import { emptyShare, isEmptyDifference, nodeShare, ownShare, shareDifference } from './assignments.ts';
import { network, node, status, tablesOf, task, volume, withVolume } from './dispatcher-fixture.ts';
import { IngressShares } from './ingress-shares.ts';
import { NetworkShares } from './network-shares.ts';

const shareOf = (tables: ReturnType<typeof tablesOf>, nodeId: string, doomedVolumes: readonly string[] = []) => {
  const [networks, ingress] = [new NetworkShares(), new IngressShares()];
  networks.reset(tables);
  networks.refresh(tables);
  ingress.reset(tables);
  ingress.refresh(tables);
  return nodeShare(tables, nodeId, ownShare(tables, nodeId), { networks, ingress: ingress.ports, doomedVolumes });
};

test('a node is told its own tasks from their placement to their end, and no others', (t) => {
  const tables = tablesOf(
    { putTask: task('placed', 'a', { status: status(TaskState.ASSIGNED) }) },
    { putTask: task('unplaced', 'a', { status: status(TaskState.ALLOCATED) }) },
    { putTask: task('elsewhere', 'b') },
    { putTask: task('stopping', 'a', { desiredState: TaskState.REMOVE }) },
    { putTask: task('stopped', 'a', { desiredState: TaskState.REMOVE, status: status(TaskState.SHUTDOWN) }) },
    { putTask: task('history', 'a', { desiredState: TaskState.SHUTDOWN, status: status(TaskState.FAILED) }) },
    { putTask: task('lost', 'a', { status: status(TaskState.ORPHANED) }) },
  );
  t.deepEqual([...shareOf(tables, 'a').tasks.keys()].sort(), ['history', 'placed', 'stopping']);
});

test('a node that was declared down is told of nothing that still counts as running there', (t) => {
  const tables = tablesOf(
    { putNode: node('a', { state: NodeState.NODE_DOWN }) },
    { putTask: task('superseded', 'a') },
    { putTask: task('history', 'a', { desiredState: TaskState.SHUTDOWN, status: status(TaskState.FAILED) }) },
  );
  t.deepEqual([...shareOf(tables, 'a').tasks.keys()], ['history']);
});

test('a node knows the networks its tasks are on, with everyone on them, wherever they are', (t) => {
  const tables = tablesOf(
    { putNode: node('a') },
    { putNode: node('bb') },
    { putNetwork: network('net') },
    { putNetwork: network('other') },
    { putTask: task('y', 'bb') },
    { putTask: task('xx', 'a') },
    { putTask: task('gone', 'bb', { status: status(TaskState.FAILED) }) },
  );
  const { networks } = shareOf(tables, 'a');
  t.deepEqual([...networks.keys()], ['net']);
  const endpoints = networks.get('net')?.endpoints ?? [];
  t.deepEqual(
    endpoints.map(({ taskId, vtep, names, serving }) => ({ taskId, vtep, names, serving })),
    [
      { taskId: 'xx', vtep: '192.0.2.1', names: ['web', 'xx'], serving: true },
      { taskId: 'y', vtep: '192.0.2.2', names: ['web', 'y'], serving: true },
    ],
  );
});

test('a task serves when it runs, is well and is meant to run', (t) => {
  const serves = (more: Parameters<typeof task>[2]): boolean | undefined => {
    const tables = tablesOf({ putNetwork: network('net') }, { putTask: task('x', 'a', more) });
    return shareOf(tables, 'a').networks.get('net')?.endpoints[0]?.serving;
  };
  t.true(serves({ status: status(TaskState.RUNNING, { health: HealthState.HEALTHY }) }));
  t.false(serves({ status: status(TaskState.RUNNING, { health: HealthState.HEALTH_STARTING }) }));
  t.false(serves({ status: status(TaskState.RUNNING, { health: HealthState.UNHEALTHY }) }));
  t.false(serves({ status: status(TaskState.STARTING) }));
  t.false(serves({ desiredState: TaskState.SHUTDOWN }));
});

test('the whole comes first, then only what changed; what a node said itself is no news to it', (t) => {
  const before = shareOf(tablesOf({ putNetwork: network('net') }, { putTask: task('x', 'a') }), 'a');
  const whole = shareDifference(emptyShare, before);
  t.deepEqual([whole.tasks.length, whole.networks.length], [1, 1]);
  const said = task('x', 'a', { status: status(TaskState.RUNNING, { message: 'well', health: HealthState.HEALTHY }) });
  t.true(isEmptyDifference(shareDifference(before, shareOf(tablesOf({ putNetwork: network('net') }, { putTask: said }), 'a'))));
  const asked = task('x', 'a', { desiredState: TaskState.SHUTDOWN });
  const next = shareDifference(before, shareOf(tablesOf({ putNetwork: network('net') }, { putTask: asked }), 'a'));
  t.deepEqual(
    next.tasks.map(({ id, desiredState }) => [id, desiredState]),
    [['x', TaskState.SHUTDOWN]],
  );
  t.is(next.networkChanges[0]?.endpoints[0]?.serving, false, 'it does not serve any more');
  const gone = shareDifference(before, emptyShare);
  t.deepEqual([gone.removedTasks, gone.removedNetworks], [['x'], ['net']]);
});

test('a volume is told with its tasks, and its end only when no task of the node has it any more', (t) => {
  const mounted = withVolume(task('x', 'a'), 'shop_data');
  const using = shareOf(tablesOf({ putVolume: volume('shop_data', true) }, { putTask: mounted }), 'a', ['shop_data']);
  t.deepEqual([...using.volumes.keys()], ['shop_data']);
  t.deepEqual([...using.removedVolumes], []);
  const freed = shareOf(tablesOf({ putVolume: volume('shop_data', true) }), 'a', ['shop_data']);
  t.deepEqual(shareDifference(using, freed).removedVolumes, ['shop_data']);
  t.deepEqual(shareDifference(freed, freed).removedVolumes, []);
});
