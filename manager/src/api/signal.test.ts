import { type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { StoreWatch } from '../store/watch.ts';
import { FakeAgents } from '../testing/agents.ts';
import { silentLogger } from '../testing/ports.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { signal } from './signal.ts';

const never = new AbortController().signal;

const alice = { actor: 'alice', source: 'socket' };

const cluster = (replicas = 2) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas }), serviceSpec('db')]));
  for (const task of world.tables.tasks()) world.report(task, { state: TaskState.RUNNING });
  const agents = new FakeAgents();
  const watch = new StoreWatch();
  const logged: Readonly<Record<string, unknown>>[] = [];
  const logger = { ...silentLogger, info: (fields: Readonly<Record<string, unknown>>) => void logged.push(fields) };
  const ports = { proposer: { view: world.tables, subscribe: watch.subscribe.bind(watch) }, relays: agents, logger };
  const named = (name: string): Task => world.task(name);
  return { world, agents, ports, named, logged };
};
const request = (targets: readonly string[], name = 'SIGHUP') => ({ stack: 'shop', targets, signal: name });

test('each running task that is meant gets the signal once, and the answer names them in their order', async (t) => {
  const { agents, ports, named } = cluster();
  agents.onOpen = (relay) => relay.say({ end: true });
  const reply = await signal(ports, request([]), alice, never);
  t.deepEqual(
    reply.tasks.map(({ service, slot }) => `${service}.${slot}`),
    ['db.1', 'web.1', 'web.2'],
  );
  t.deepEqual(reply.warnings, []);
  t.deepEqual(
    agents.opened.map(({ wish }) => wish.signal?.signal),
    ['SIGHUP', 'SIGHUP', 'SIGHUP'],
  );
  const one = await signal(ports, request(['web.2', named('web.2').id], '1'), alice, never);
  t.deepEqual(
    one.tasks.map(({ taskId }) => taskId),
    [named('web.2').id],
  );
  t.true(one.tasks.every(({ node }) => node === 'alpha' || node === 'beta'));
});

test('a task that could not be reached is a warning, and is not among those that got it', async (t) => {
  const { agents, ports, named } = cluster();
  agents.onOpen = (relay) =>
    relay.taskId === named('web.1').id
      ? relay.say({ error: { code: 'FAILED_PRECONDITION', message: 'it ends already', hint: '' } })
      : relay.say({ end: true });
  const reply = await signal(ports, request(['web']), alice, never);
  t.deepEqual(
    reply.tasks.map(({ slot }) => slot),
    [2],
  );
  t.deepEqual(reply.warnings, ['web.1: it ends already']);
});

test('a signal that does not exist is refused before any task is asked', async (t) => {
  const { agents, ports } = cluster();
  for (const name of ['', 'SIGNOPE', '0', '65', 'SIGRTMAX+1'])
    await t.throwsAsync(signal(ports, request(['web'], name), alice, never), { code: 'INVALID_ARGUMENT', message: /^there is no signal/ });
  t.is(agents.opened.length, 0);
});

test('where nothing runs there is nobody to send to, and what is not there is not found', async (t) => {
  const { agents, ports, world } = cluster(1);
  world.fail('web.1');
  await t.throwsAsync(signal(ports, request(['web']), alice, never), { code: 'FAILED_PRECONDITION', message: 'no task of web is running' });
  await t.throwsAsync(signal(ports, request(['nope']), alice, never), { code: 'NOT_FOUND' });
  t.is(agents.opened.length, 0);
  agents.onOpen = (relay) => relay.say({ end: true });
  t.deepEqual((await signal(ports, request(['web', 'db']), alice, never)).warnings, ['no task of web is running']);
});

test('a call that is cut short does not say that all is done', async (t) => {
  const { agents, ports } = cluster();
  const caller = new AbortController();
  agents.onOpen = () => caller.abort();
  await t.throwsAsync(signal(ports, request(['web']), alice, caller.signal), { code: 'UNAVAILABLE' });
});

test('all tasks of all stacks are never meant: without a stack each has to be named', async (t) => {
  const { agents, ports, named } = cluster();
  agents.onOpen = (relay) => relay.say({ end: true });
  await t.throwsAsync(signal(ports, { ...request([]), stack: '' }, alice, never), {
    code: 'INVALID_ARGUMENT',
    message: 'it was not said which tasks the signal is for',
  });
  t.is(agents.opened.length, 0);
  const { tasks } = await signal(ports, { ...request([named('web.1').id]), stack: '' }, alice, never);
  t.deepEqual(
    tasks.map(({ taskId }) => taskId),
    [named('web.1').id],
  );
});

test('who sent which signal to what is logged, and nothing of one that was refused', async (t) => {
  const { agents, ports, logged } = cluster();
  agents.onOpen = (relay) => relay.say({ end: true });
  await t.throwsAsync(signal(ports, request(['nope']), alice, never), { code: 'NOT_FOUND' });
  t.deepEqual(logged, []);
  await signal(ports, request(['web'], 'SIGTERM'), alice, never);
  t.deepEqual(logged, [{ actor: 'alice', source: 'socket', stack: 'shop', targets: ['web'], signal: 'SIGTERM', tasks: 2 }]);
});
