import { NodeAvailability, NodeState, ServiceMode, TaskState } from '@tso/proto';
import test from 'ava';
import { removeAction } from './store/kinds.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const web = (replicas: number) => stackSpec('shop', [serviceSpec('web', { replicas })]);
const everywhere = stackSpec('shop', [serviceSpec('agent', { mode: ServiceMode.GLOBAL })]);
const two = () => new World([nodeNamed('alpha'), nodeNamed('beta')]);

const down = { state: NodeState.NODE_DOWN };
const ready = { state: NodeState.NODE_READY };

/** Web's two tasks run, one on each node. */
const running = (): World => {
  const world = two();
  world.up(web(2));
  world.run();
  return world;
};

test('a node that is silent for a while keeps its tasks, and gets no new ones', (t) => {
  const world = running();
  world.changeNode('beta', { state: NodeState.NODE_DISCONNECTED });
  t.is(world.settle(), 0);
  world.scale('shop', 'web', 3);
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 running on beta', 'web.3 assigned on alpha']);
});

test('tasks of a lost node run elsewhere at once, without the delay of a restart', (t) => {
  const world = running();
  const { now } = world;
  world.changeNode('beta', down);
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 assigned on alpha', 'web.2 orphaned on beta, wished shutdown']);
  t.is(world.task('web.2').notBeforeMs, 0);
  t.true(world.now - now <= 1_000);
  t.regex(world.tables.tasks().find(({ status }) => status.state === TaskState.ORPHANED)?.status.error ?? '', /its node beta is down/);
});

test('a node that returns gets nothing back of what was replaced, and nothing before it is ready', (t) => {
  const world = running();
  world.changeNode('beta', down);
  world.run();
  world.changeNode('beta', { ...down, stateMessage: 'it is back' });
  world.scale('shop', 'web', 3);
  world.run();
  t.true(world.lines().every((line) => !line.includes('running on beta')));
  world.changeNode('beta', ready);
  t.is(world.settle(), 0, 'what runs well is not moved');
  t.deepEqual(
    world.lines().filter((line) => line.includes('beta')),
    ['web.2 orphaned on beta, wished shutdown'],
  );
  world.scale('shop', 'web', 4);
  t.true(world.lines().includes('web.4 assigned on beta'));
});

test('a drained node is emptied, each task once its successor is prepared, and takes tasks again when it is activated', (t) => {
  const world = running();
  world.changeNode('beta', { availability: NodeAvailability.DRAIN });
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 assigned on alpha, wished ready', 'web.2 running on beta']);
  world.agentsStep();
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 ready on alpha, wished ready', 'web.2 running on beta, wished shutdown']);
  world.run();
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 running on alpha', 'web.2 shutdown on beta, wished shutdown']);
  world.changeNode('beta', { availability: NodeAvailability.ACTIVE });
  t.is(world.settle(), 0);
  world.scale('shop', 'web', 3);
  t.true(world.lines().includes('web.3 assigned on beta'));
});

test('a paused node keeps what it has and gets nothing new, not even in place of what ended there', (t) => {
  const world = running();
  world.changeNode('beta', { availability: NodeAvailability.PAUSE });
  t.is(world.settle(), 0);
  world.scale('shop', 'web', 4);
  t.deepEqual(
    world.lines().filter((line) => line.includes('assigned')),
    ['web.3 assigned on alpha', 'web.4 assigned on alpha'],
  );
  world.run();
  world.fail('web.2');
  world.sleep();
  t.is(world.task('web.2').nodeId, 'alpha');
});

test('a node that is being removed is left like a drained one, and what it had is given up once it is gone', (t) => {
  const world = running();
  world.changeNode('beta', { removing: true });
  t.true(world.lines().includes('web.2 assigned on alpha, wished ready'));
  world.scale('shop', 'web', 4);
  t.true(world.lines().every((line) => !line.includes('assigned on beta')));
  world.commit([removeAction('node', 'beta')]);
  world.run();
  const lost = world.tables.tasks().find(({ nodeId }) => nodeId === 'beta');
  t.is(lost?.status.state, TaskState.ORPHANED);
  t.regex(lost?.status.error ?? '', /its node was removed from the cluster/);
  t.is(world.lines().filter((line) => line.endsWith('running on alpha')).length, 4);
});

test('a node that is removed while it is down leaves its tasks given up, and nothing of a stack that is taken down', (t) => {
  const world = running();
  world.changeNode('beta', down);
  world.run();
  world.commit([removeAction('node', 'beta')]);
  world.run();
  world.down('shop');
  world.run();
  t.deepEqual(world.lines(), []);
});

test('without another node a lost task waits and says why', (t) => {
  const world = new World();
  world.up(web(1));
  world.run();
  world.changeNode('alpha', { removing: true });
  t.regex(world.lines()[0] ?? '', /no node fits \(1 being removed\)/);
});

test('a global service has its task wherever a node may run it, through all that becomes of nodes', (t) => {
  const world = two();
  world.up(everywhere);
  world.run();
  const on = () =>
    world
      .lines()
      .filter((line) => !line.includes('wished'))
      .map((line) => line.split(' on ')[1] ?? '')
      .sort();
  t.deepEqual(on(), ['alpha', 'beta']);
  world.commit([{ putNode: nodeNamed('gamma') }]);
  world.run();
  t.deepEqual(on(), ['alpha', 'beta', 'gamma'], 'a node that joins has it');
  world.changeNode('beta', { availability: NodeAvailability.PAUSE });
  t.deepEqual(on(), ['alpha', 'beta', 'gamma'], 'a paused one keeps it');
  world.changeNode('beta', { availability: NodeAvailability.DRAIN });
  world.run();
  t.deepEqual(on(), ['alpha', 'gamma'], 'a drained one does not');
  world.changeNode('beta', { availability: NodeAvailability.ACTIVE });
  world.run();
  t.deepEqual(on(), ['alpha', 'beta', 'gamma'], 'and has it again');
  world.changeNode('gamma', down);
  world.run();
  t.deepEqual(on(), ['alpha', 'beta'], 'what is lost with its node is made nowhere else');
  world.changeNode('gamma', ready);
  world.run();
  t.deepEqual(on(), ['alpha', 'beta', 'gamma'], 'a node that returns has a new one');
  world.changeNode('gamma', { removing: true });
  world.run();
  t.deepEqual(on(), ['alpha', 'beta']);
  world.commit([removeAction('node', 'gamma')]);
  world.run();
  t.deepEqual(
    world.tables.tasks().filter(({ nodeId }) => nodeId === 'gamma'),
    [],
    'nothing is kept of a node that is gone',
  );
});

test('however nodes come and go, no slot runs twice and in the end every slot runs', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta'), nodeNamed('gamma')]);
  world.up(web(6));
  world.run();
  const changes = [
    ['alpha', down],
    ['beta', { availability: NodeAvailability.DRAIN }],
    ['alpha', ready],
    ['gamma', down],
    ['beta', { availability: NodeAvailability.ACTIVE }],
    ['gamma', ready],
  ] as const;
  for (const [id, change] of changes) {
    world.changeNode(id, change);
    do {
      const slots = world.tables
        .tasks()
        .filter(({ status }) => status.state === TaskState.RUNNING)
        .map(({ slot }) => slot);
      t.is(new Set(slots).size, slots.length, `after ${id}`);
    } while (world.agentsStep());
  }
  t.is(world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING).length, 6);
});

test('a task that a node rejected is tried elsewhere, also when the clock of the node is an hour behind', (t) => {
  const world = new World(['a', 'b', 'c'].map((id) => nodeNamed(id)));
  world.up(stackSpec('shop', [serviceSpec('web')]));
  const tried: string[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const task = world.task('web.1');
    tried.push(task.nodeId);
    const atMs = world.now - 3_600_000;
    world.report(task, { state: TaskState.REJECTED, error: 'no space left on device', atMs, finishedAtMs: atMs });
    world.sleep();
  }
  t.deepEqual(tried, ['a', 'b', 'c']);
});
