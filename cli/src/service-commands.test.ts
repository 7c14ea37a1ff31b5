import { type StackView, TaskState } from '@tso/proto';
import test from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { runWith } from './testing/run-with.ts';
import { aService, aTask, aTaskView, aView } from './testing/views.ts';

const ofStack = (stack: string, view: StackView): StackView => ({
  ...view,
  name: stack,
  services: view.services.map((one) => ({ ...one, service: { ...one.service, id: `${stack}-${one.service.spec.name}-id`, stack } })),
});

/** Two stacks that both have a web; only one has a cache. */
const stacks: readonly StackView[] = [
  ofStack('blog', aView([aService([], { desired: 1, running: 0, converged: false, waitingReason: 'web.1: no node fits (1 drained)' })])),
  ofStack('visits', aView([aService([aTask()], {}, 'cache'), aService([aTask()])])),
];

const daemon = (control: FakeDaemonOptions['control'] = {}): FakeDaemonOptions => ({
  control: {
    listStacks: async () => ({ stacks: stacks.map(({ name }) => ({ name, services: 2, tasksDesired: 2, tasksRunning: 2 })) }),
    getStack: async ({ name }) => stacks.find((stack) => stack.name === name) ?? aView([], { name, exists: false }),
    ...control,
  },
});

test('service ls shows the services of all stacks, or of the one that was named', async (t) => {
  const { code, out } = await runWith(t, daemon(), ['service', 'ls']);
  t.is(code, 0);
  t.is(
    out,
    [
      'ID             STACK    NAME    MODE         TASKS   MESSAGE',
      'blog-web-id    blog     web     replicated     0/1   web.1: no node fits (1 drained)',
      'visits-cache   visits   cache   replicated     1/1',
      'visits-web-i   visits   web     replicated     1/1',
      '',
    ].join('\n'),
  );
  t.is((await runWith(t, daemon(), ['service', 'ls', '-q', '-p', 'blog'])).out, 'blog-web-id\n');
  const json = await runWith(t, daemon(), ['service', 'ls', '--format', 'json', '-p', 'visits']);
  t.like(JSON.parse(json.out)[1], {
    id: 'visits-web-id',
    stack: 'visits',
    name: 'web',
    mode: 'replicated',
    replicas: { desired: 1, running: 1, healthy: 1 },
  });
  const unknown = await runWith(t, daemon(), ['service', 'ls', '-p', 'vists']);
  t.deepEqual([unknown.code, unknown.err], [1, 'error: there is no stack vists. tso ls lists the stacks.\n']);
});

test('a service is meant by its full name, by its name while that is plain, or by its id', async (t) => {
  const idsOf = async (...argv: readonly string[]): Promise<readonly string[]> =>
    JSON.parse((await runWith(t, daemon(), ['service', 'inspect', '--format', 'json', ...argv])).out).map((row: { id: string }) => row.id);
  t.deepEqual(await idsOf('cache', 'blog_web'), ['visits-cache-id', 'blog-web-id']);
  t.deepEqual(await idsOf('-p', 'visits', 'web', 'visits_web'), ['visits-web-id']);
  t.deepEqual(await idsOf('visits-w'), ['visits-web-id']);
  const several = await runWith(t, daemon(), ['service', 'inspect', 'web']);
  t.is(several.code, 1);
  t.is(
    several.err,
    'error: web means several services: blog_web, visits_web. Write the whole of one of these names, or name the stack with -p.\n',
  );
  const none = await runWith(t, daemon(), ['service', 'inspect', 'wbe']);
  t.is(none.err, 'error: there is no service wbe. There are: blog_web, visits_cache, visits_web.\n');
});

test('service inspect is a page for people', async (t) => {
  const { out } = await runWith(t, daemon(), ['service', 'inspect', 'blog_web']);
  t.is(
    out,
    `Id:           blog-web-id
Stack:        blog
Name:         web
Mode:         replicated
Tasks:        0 of 1 run, 0 healthy
State:        web.1: no node fits (1 drained)
Endpoint:     vip
Limits:       1 at a time
Rebalancing:  only when asked for
Version:      0
`,
  );
});

test('service ps asks for that service of that stack', async (t) => {
  const asked: unknown[] = [];
  const control: FakeDaemonOptions['control'] = {
    listTasks: async (request) => {
      asked.push(request);
      return { tasks: [aTaskView(aTask())], version: 1 };
    },
  };
  const { out } = await runWith(t, daemon(control), ['service', 'ps', '-a', '-q', 'visits_web']);
  t.is(out, 'web-task-1\n');
  t.deepEqual(asked, [{ stack: 'visits', services: ['web'], all: true, node: '' }]);
});

test('service logs asks for that service of that stack, with the options of logs', async (t) => {
  const asked: unknown[] = [];
  const control: FakeDaemonOptions['control'] = {
    listTasks: async () => ({ tasks: [aTaskView(aTask())], version: 1 }),
    logs: async function* ({ stack, targets, options }) {
      asked.push({ stack, targets, tail: options.tail });
      yield { warning: 'node host-b does not answer' };
    },
  };
  const { code, err } = await runWith(t, daemon(control), ['service', 'logs', '-n', '5', 'visits_web']);
  t.deepEqual([code, err], [0, 'warning: node host-b does not answer\n']);
  t.deepEqual(asked, [{ stack: 'visits', targets: ['web'], tail: 5 }]);
});

test('service scale changes services of several stacks and waits for all', async (t) => {
  const asked: unknown[] = [];
  const control: FakeDaemonOptions['control'] = {
    scaleServices: async (request) => {
      asked.push(request);
      return { version: 9, changes: [] };
    },
    watchStack: async function* ({ name }) {
      yield ofStack(name, aView([aService([aTask()]), aService([aTask()], {}, 'cache')]));
      await new Promise(() => undefined);
    },
  };
  const { code, err } = await runWith(t, daemon(control), ['service', 'scale', '-q', 'blog_web=1', 'cache=1']);
  t.deepEqual([code, err], [0, '']);
  t.deepEqual(asked, [
    { stack: 'blog', scales: [{ service: 'web', replicas: 1 }] },
    { stack: 'visits', scales: [{ service: 'cache', replicas: 1 }] },
  ]);
});

test('service update --rebalance follows until the tasks were spread anew', async (t) => {
  const asked: unknown[] = [];
  const spread = (rebalanced: number, moving: boolean): StackView => {
    const view = aService([aTask({ slot: 1 }), aTask({ slot: 2, state: moving ? TaskState.PREPARING : TaskState.RUNNING })], {
      desired: 2,
    });
    return aView([{ ...view, converged: rebalanced === 3, service: { ...view.service, rebalance: 3, rebalanced } }]);
  };
  const control: FakeDaemonOptions['control'] = {
    rebalanceServices: async (request) => {
      asked.push(request);
      return { version: 9, changes: [] };
    },
    watchStack: async function* ({ minVersion }) {
      t.is(minVersion, 9);
      yield spread(2, false);
      yield spread(2, true);
      yield spread(3, false);
      await new Promise(() => undefined);
    },
  };
  const { code, err } = await runWith(t, daemon(control), ['service', 'update', '--rebalance', 'visits_web']);
  t.is(code, 0);
  t.is(err, 'web.1: running\nweb.2: running\nweb.2: preparing\nweb.2: running\nweb: tasks are spread over the nodes as they are now.\n');
  t.deepEqual(asked, [{ stack: 'visits', services: ['web'] }]);
});

test('service update --rebalance says why a service stays as it is, and does not wait for it', async (t) => {
  const none = (name: string, why: string) => ({
    kind: 'service',
    name,
    action: 'none',
    changes: [{ path: 'rebalance', from: '', to: why }],
  });
  const held = none('cache', 'its data is in volume visits_data, which stays where it is');
  const web = { kind: 'service', name: 'web', action: 'update', changes: [] };
  const control: FakeDaemonOptions['control'] = {
    rebalanceServices: async ({ services }) => ({ version: 9, changes: [held, web].filter(({ name }) => services.includes(name)) }),
    watchStack: async function* () {
      const cache = aService([], { converged: false, waitingReason: 'cache.1: no node fits' }, 'cache');
      yield aView([cache, aService([aTask()])]);
      await new Promise(() => undefined);
    },
  };
  const update = (...argv: readonly string[]) => runWith(t, daemon(control), ['service', 'update', '--rebalance', ...argv]);
  const stays = 'cache: stays as it is, its data is in volume visits_data, which stays where it is.';
  const only = await update('cache');
  t.deepEqual([only.code, only.err], [0, `${stays}\n`]);
  t.is((await update('-d', 'cache')).err, `${stays}\n`);
  t.is((await update('-d', 'cache', 'visits_web')).err, `web: tasks are to be spread anew. ${stays}\n`);
  const both = await update('--progress', 'quiet', 'cache', 'visits_web');
  t.deepEqual([both.code, both.err], [0, `web: tasks are spread over the nodes as they are now. ${stays}\n`]);
  t.deepEqual(JSON.parse((await update('cache', '--format', 'json')).out), [held]);
});

test('a move that failed ends the wait with its reason', async (t) => {
  const view = aService([aTask()], { converged: false, failed: true, waitingReason: 'web.1 failed on host-b' });
  const control: FakeDaemonOptions['control'] = {
    rebalanceServices: async () => ({ version: 9, changes: [] }),
    watchStack: async function* () {
      yield aView([{ ...view, service: { ...view.service, rebalance: 1 } }]);
      await new Promise(() => undefined);
    },
  };
  const { code, err } = await runWith(t, daemon(control), ['service', 'update', '--rebalance', 'visits_web']);
  t.is(code, 1);
  t.regex(err, /web\.1 failed on host-b/);
});
