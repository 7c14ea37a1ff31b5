import { type ClusterEvent, emptyMeta, FileKind, HealthState, NodeAvailability, NodeState, newNetwork, TaskState } from '@tso/proto';
import test from 'ava';
import type { Change } from '../store/apply.ts';
import { networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { type EventContext, eventsOfChange, passesFilters } from './event-of-change.ts';

const context: EventContext = { index: 7, atMs: 1_000, audit: undefined, hostname: (id) => `host of ${id}` };

const world = new World();
world.up(stackSpec('shop', [serviceSpec('web')]));
const [task] = world.tables.tasks();
if (task === undefined) throw new Error('the world has no task');

const taskEvents = (change: Partial<typeof task>, status: Partial<typeof task.status> = {}): readonly ClusterEvent[] => {
  const after = { ...task, ...change, status: { ...task.status, ...change.status, ...status } };
  return eventsOfChange({ kind: 'task', id: task.id, before: task, after }, context);
};

test('a task that comes to another state is an event with that name, with its place, its exit code and why', (t) => {
  t.deepEqual(taskEvents({}, { state: TaskState.FAILED, exitCode: 3, error: 'its command exited with code 3' }), [
    {
      atMs: 1_000,
      version: 7,
      kind: 'task',
      action: 'failed',
      id: task.id,
      name: 'web.1',
      attributes: {
        stack: 'shop',
        service: 'web',
        slot: '1',
        image: task.spec.container.image,
        node: `host of ${task.nodeId}`,
        from: 'assigned',
        error: 'its command exited with code 3',
        exitCode: '3',
      },
    },
  ]);
});

test('a task whose message alone changes is no event; its health and the wish to end it are', (t) => {
  t.deepEqual(taskEvents({}, { message: 'pulling' }), []);
  t.deepEqual(
    taskEvents({ desiredState: TaskState.SHUTDOWN }, { health: HealthState.UNHEALTHY }).map(({ action }) => action),
    ['unhealthy', 'update'],
  );
});

test('a task that is frozen and let go on tells so, and one that is asked to stop says why', (t) => {
  t.deepEqual(
    taskEvents({}, { paused: true }).map(({ action }) => action),
    ['paused'],
  );
  const frozen = { ...task, status: { ...task.status, paused: true } };
  const thawed = eventsOfChange({ kind: 'task', id: task.id, before: frozen, after: task }, context);
  t.deepEqual(
    thawed.map(({ action }) => action),
    ['unpaused'],
  );
  const [stopping] = taskEvents({ desiredState: TaskState.SHUTDOWN, retiredBecause: 'the service was stopped' });
  t.like(stopping, { action: 'update', attributes: { reason: 'the service was stopped' } });
});

test('a node tells its state and what was wished of it, and nothing when it only reports', (t) => {
  const before = nodeNamed('alpha');
  const told = (change: Partial<typeof before>): readonly ClusterEvent[] =>
    eventsOfChange({ kind: 'node', id: before.id, before, after: { ...before, ...change } }, context);
  t.deepEqual(told({ description: { ...before.description, kernel: 'another' } }), []);
  const [down, drained] = told({ state: NodeState.NODE_DOWN, stateMessage: 'silent', availability: NodeAvailability.DRAIN });
  t.like(down, { action: 'down', name: 'alpha', attributes: { from: 'ready', error: 'silent' } });
  t.like(drained, { action: 'update', attributes: { availability: 'active -> drain' } });
});

test('who asked is told, and what is secret never is', (t) => {
  const authority = {
    id: 'authority',
    meta: emptyMeta,
    certificate: 'a certificate',
    key: 'a key',
    epoch: 2,
    workerSecret: 'worker secret',
    managerSecret: 'manager secret',
    certificateLifeMs: 1,
    revoked: [],
    unlockKey: '',
  };
  const audit = { actor: 'ada', role: 'client', source: 'socket', manager: 'm', method: '/tso.v1.Ca/Rotate', target: '', requestId: '' };
  const change: Change = {
    kind: 'authority',
    id: 'authority',
    before: authority,
    after: { ...authority, workerSecret: 'new secret', unlockKey: 'k' },
  };
  const [event, ...more] = eventsOfChange(change, { ...context, audit });
  t.deepEqual(event?.attributes, { changed: 'tokens,autolock', epoch: '2', actor: 'ada', source: 'socket', method: 'Rotate' });
  t.is(more.length, 0);
  t.false(JSON.stringify([event, eventsOfChange({ kind: 'authority', id: 'authority', after: authority }, context)]).includes('secret'));
});

test('filters of one key are alternatives, those of several must all pass', (t) => {
  const [event] = taskEvents({}, { state: TaskState.RUNNING });
  if (event === undefined) return t.fail('there is an event');
  const passes = (...filters: readonly (readonly [string, string])[]): boolean =>
    passesFilters(
      event,
      filters.map(([key, value]) => ({ key, value })),
    );
  t.true(passes());
  t.true(passes(['kind', 'node'], ['kind', 'task'], ['stack', 'shop'], ['service', 'web']));
  t.false(passes(['kind', 'task'], ['action', 'failed']));
  t.true(passes(['task', 'web.1'], ['node', `host of ${task.nodeId}`]));
  t.true(passes(['id', task.id.slice(0, 6)]));
  t.false(passes(['service', 'web'], ['stack', 'other']));
  t.false(passes(['colour', 'blue']));
});

test('that a network is made or goes is an event; that an address of it was given out is none, nor is the block of tunnel addresses', (t) => {
  const network = { ...newNetwork, id: 'n', spec: networkSpec('net') };
  const actions = (change: Omit<Extract<Change, { kind: 'network' }>, 'kind' | 'id'>, id = 'n') =>
    eventsOfChange({ kind: 'network', id, ...change }, context).map(({ action, name }) => `${action} ${name}`);
  t.deepEqual(actions({ after: network }), ['create net']);
  t.deepEqual(actions({ before: network, after: { ...network, nextHost: 9 } }), []);
  t.deepEqual(actions({ before: network, after: { ...network, removing: true } }), ['update net']);
  t.deepEqual(actions({ before: network }), ['remove net']);
  t.deepEqual(actions({ after: { ...network, id: 'tunnels' } }, 'tunnels'), []);
});

test('a service that goes by another version of a secret says of which', (t) => {
  const ref = { kind: FileKind.SECRET_FILE, name: 'shop_key', versionId: 'v1' };
  const [before] = world.tables.services().map((service) => ({ ...service, files: [ref] }));
  if (before === undefined) throw new Error('the world has no service');
  const after = { ...before, files: [{ ...ref, versionId: 'v2' }] };
  const [event] = eventsOfChange({ kind: 'service', id: before.id, before, after }, context);
  t.like(event, { action: 'update', name: 'web', attributes: { stack: 'shop', files: 'secret shop_key' } });
});
