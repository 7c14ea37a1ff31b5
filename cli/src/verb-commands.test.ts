import {
  type ChangeServicesRequest,
  type ObjectChange,
  ServiceVerb,
  type SignalRequest,
  type StackView,
  TaskState,
  TsoError,
  UpdateState,
} from '@tso/proto';
import test from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { runWith } from './testing/run-with.ts';
import { aService, aTask, aView } from './testing/views.ts';

const change = (name: string): ObjectChange => ({ kind: 'service', name, action: 'update', changes: [] });

interface World {
  readonly asked: ChangeServicesRequest[];
  readonly daemon: FakeDaemonOptions;
}

/** A cluster that takes every verb, and shows these views one after another to who watches or asks. */
const worldOf = (
  views: readonly StackView[],
  changes: readonly ObjectChange[] = [change('web')],
  control: FakeDaemonOptions['control'] = {},
): World => {
  const asked: ChangeServicesRequest[] = [];
  const left = [...views];
  const next = (): StackView => (left.length > 1 ? (left.shift() ?? aView([])) : (left[0] ?? aView([])));
  return {
    asked,
    daemon: {
      control: {
        listStacks: async () => ({ stacks: [{ name: 'visits', services: 1, tasksDesired: 1, tasksRunning: 1 }] }),
        changeServices: async (request) => {
          asked.push(request);
          return { version: 9, changes };
        },
        getStack: async () => next(),
        watchStack: async function* ({ minVersion }) {
          if (minVersion !== 9) throw new TsoError('INTERNAL', `watched from ${minVersion}`);
          yield* views;
          await new Promise(() => undefined);
        },
        ...control,
      },
    },
  };
};

const running = aView([aService([aTask()])]);

test('restart replaces and waits until all run', async (t) => {
  const replaced = aView([aService([aTask({ id: 'new' }), aTask({ id: 'old', desired: TaskState.SHUTDOWN, state: TaskState.SHUTDOWN })])]);
  const begun = aView([aService([aTask({ id: 'old' })], { converged: false })]);
  const world = worldOf([begun, replaced]);
  const { code, err } = await runWith(t, world.daemon, ['restart', '-p', 'visits', 'web']);
  t.is(code, 0);
  t.is(err, 'web.1: running\nweb.1: shutdown\nweb.1: running\nweb: restarted.\n');
  t.deepEqual(world.asked, [{ stack: 'visits', services: ['web'], verb: ServiceVerb.VERB_RESTART }]);
});

test('stop and start name all of the stack when no service is named', async (t) => {
  const stopped = aView([aService([], { desired: 0, converged: true })]);
  const stop = worldOf([stopped], [change('web'), change('cache')]);
  const { code, err } = await runWith(t, stop.daemon, ['stop', '-p', 'visits', '-d']);
  t.deepEqual([code, err], [0, 'web, cache: to be stopped.\n']);
  t.deepEqual(stop.asked[0], { stack: 'visits', services: [], verb: ServiceVerb.VERB_STOP });
  const waited = await runWith(t, worldOf([stopped]).daemon, ['stop', '-p', 'visits']);
  t.deepEqual([waited.code, waited.err], [0, 'web: stopped, with its scale kept for tso start.\n']);
  const start = await runWith(t, worldOf([running]).daemon, ['start', '-p', 'visits', '-q', '--format', 'json']);
  t.deepEqual([start.code, JSON.parse(start.out), start.err], [0, [change('web')], '']);
});

test('what is so already is told with why and not waited for', async (t) => {
  const none = { kind: 'service', name: 'web', action: 'none', changes: [{ path: 'stopped', from: '', to: 'it is stopped already' }] };
  const { code, err } = await runWith(t, worldOf([], [none]).daemon, ['stop', '-p', 'visits', 'web']);
  t.deepEqual([code, err], [0, 'web: left as it is, it is stopped already.\n']);
});

test('what the cluster refuses ends with its reason', async (t) => {
  const refuse = {
    changeServices: async () => {
      throw new TsoError('FAILED_PRECONDITION', 'service web has nothing to go back to', { hint: 'It was never changed' });
    },
  };
  const { code, err } = await runWith(t, worldOf([running], [], refuse).daemon, ['service', 'rollback', 'visits_web']);
  t.is(code, 1);
  t.regex(err, /service web has nothing to go back to/);
});

test('pause is done once every task is seen to be frozen, and says which one is not', async (t) => {
  const frozen = (slot: number, seen: boolean) => ({ ...aTask({ slot, status: { paused: seen } }), paused: true });
  const view = (second: boolean) => aView([aService([frozen(1, true), frozen(2, second)], { desired: 2 })], { version: 9 });
  const old = aView([aService([aTask()])], { version: 8 });
  const world = worldOf([old, view(false), view(true)]);
  const { code, err } = await runWith(t, world.daemon, ['pause', '-p', 'visits', 'web']);
  t.is(code, 0);
  t.is(err, 'web.1: paused\nweb.2: running\nweb.2: paused\nweb: paused.\n');
  t.is(world.asked[0]?.verb, ServiceVerb.VERB_PAUSE);
});

test('pause of one task waits for that one alone', async (t) => {
  const one = { ...aTask({ slot: 2, status: { paused: true } }), paused: true };
  const world = worldOf([aView([aService([aTask(), one], { desired: 2 })], { version: 9 })]);
  t.is((await runWith(t, world.daemon, ['pause', '-p', 'visits', '-q', 'web.2'])).code, 0);
  t.deepEqual(world.asked[0]?.services, ['web.2']);
});

test('service rm waits until the service is gone', async (t) => {
  const web = aService([aTask({ desired: TaskState.REMOVE })]);
  const going = aView([{ ...web, service: { ...web.service, removing: true }, converged: false }]);
  const world = worldOf([running, going, aView([])], [{ kind: 'service', name: 'web', action: 'remove', changes: [] }], {
    getStack: async () => running,
  });
  // What was there before the change is not waited for: the watch begins with a view that has it.
  const { code, err } = await runWith(
    t,
    {
      control: {
        ...world.daemon.control,
        watchStack: async function* () {
          yield going;
          yield aView([]);
          await new Promise(() => undefined);
        },
      },
    },
    ['service', 'rm', 'visits_web'],
  );
  t.is(code, 0);
  t.regex(err, /web: removed\.\n$/);
  t.is(world.asked[0]?.verb, ServiceVerb.VERB_REMOVE);
});

test('an update that stands still as it was asked to is told with how to go on, and is no failure', async (t) => {
  const web = aService([aTask()], { converged: false });
  const message = '1 of 3 tasks replaced';
  const update = { state: UpdateState.UPDATE_PAUSED, startedAtMs: 1, completedAtMs: 0, message, wished: true };
  const world = worldOf([aView([{ ...web, service: { ...web.service, update } }])]);
  const { code, err } = await runWith(t, world.daemon, ['service', 'update', '--continue', 'visits_web', '--progress', 'quiet'], {});
  t.is(code, 0);
  t.is(
    err,
    'web: 1 of 3 tasks replaced. Go on with tso service update --continue visits_web, go back with tso service rollback visits_web.\n',
  );
});

const signalling = (asked: SignalRequest[], warnings: readonly string[] = []): FakeDaemonOptions => ({
  control: {
    signal: async (request) => {
      asked.push(request);
      return { tasks: warnings.length > 0 ? [] : [{ taskId: 'web-task-1', service: 'web', slot: 1, node: 'host-a' }], warnings };
    },
  },
});

test('kill sends SIGKILL unless told otherwise, to what is named or to all of the stack', async (t) => {
  const asked: SignalRequest[] = [];
  const { code, out } = await runWith(t, signalling(asked), ['kill', '-p', 'visits', '-s', 'SIGHUP', 'web.1']);
  t.deepEqual([code, out], [0, 'web.1 on host-a: SIGHUP\n']);
  await runWith(t, signalling(asked), ['kill', '-p', 'visits']);
  t.deepEqual(asked, [
    { stack: 'visits', targets: ['web.1'], signal: 'SIGHUP' },
    { stack: 'visits', targets: [], signal: 'SIGKILL' },
  ]);
  const silent = await runWith(t, signalling([], ['node host-b does not answer']), ['kill', '-p', 'visits']);
  t.deepEqual([silent.code, silent.err], [1, 'warning: node host-b does not answer\n']);
  const none = { control: { listStacks: async () => ({ stacks: [] }) } };
  t.is((await runWith(t, none, ['kill'])).code, 2, 'without a stack nobody is killed');
});

test('rebalance --dry-run prints the moves and asks for nothing more', async (t) => {
  const asked: unknown[] = [];
  const control: FakeDaemonOptions['control'] = {
    rebalanceServices: async (request) => {
      asked.push(request);
      return {
        version: 9,
        changes: [
          {
            kind: 'service',
            name: 'db',
            action: 'none',
            changes: [{ path: 'rebalance', from: '', to: 'its data is in volume visits_data' }],
          },
          { kind: 'service', name: 'web', action: 'update', changes: [{ path: 'web.3', from: 'host-a', to: 'host-b' }] },
        ],
      };
    },
  };
  const { code, out } = await runWith(t, { control }, ['rebalance', '-p', 'visits', '--dry-run']);
  t.is(code, 0);
  t.is(out, '= db stays as it is: its data is in volume visits_data\n~ web is spread anew\n    web.3: host-a -> host-b\n');
  t.deepEqual(asked, [{ stack: 'visits', services: [], dryRun: true }]);
});

test('rebalance waits for the services that move', async (t) => {
  const control: FakeDaemonOptions['control'] = {
    rebalanceServices: async () => ({ version: 9, changes: [change('web')] }),
  };
  const world = worldOf([running], [], control);
  const { code, err } = await runWith(t, world.daemon, ['rebalance', '-p', 'visits', '--progress', 'quiet']);
  t.deepEqual([code, err], [0, 'web: tasks are spread over the nodes as they are now.\n']);
});

test('service ps --explain groups the nodes by what speaks against them', async (t) => {
  const asked: unknown[] = [];
  const control: FakeDaemonOptions['control'] = {
    explainPlacement: async (request) => {
      asked.push(request);
      const nodes = ['b', 'c'].map((hostname) => ({ nodeId: hostname, hostname, fits: false, reason: 'is drained' }));
      return { version: 3, placements: [{ task: aTask(), node: '', sentence: 'no node fits (2 drained)', nodes }] };
    },
  };
  const world = worldOf([running], [], control);
  const { code, out } = await runWith(t, world.daemon, ['service', 'ps', '--explain', 'visits_web']);
  t.deepEqual([code, out], [0, 'web.1 waits: no node fits (2 drained)\n  does not fit: b, c: is drained\n']);
  t.deepEqual(asked, [{ stack: 'visits', services: ['web'] }]);
  t.is((await runWith(t, world.daemon, ['service', 'ps', '--explain', '-a', 'visits_web'])).code, 2);
  const [row] = JSON.parse((await runWith(t, world.daemon, ['service', 'ps', '--explain', '--format', 'json', 'visits_web'])).out);
  t.like(row, { slot: 1, node: null, because: 'no node fits (2 drained)' });
});

test('service ps --explain says of how many tasks it is not told what the nodes say', async (t) => {
  const nodes = [{ nodeId: 'b', hostname: 'b', fits: true, reason: '' }];
  const told = { task: aTask(), node: 'b', sentence: 'fewest tasks', nodes };
  const control: FakeDaemonOptions['control'] = {
    explainPlacement: async () => ({ version: 3, placements: [{ ...told, task: aTask({ id: 'y', slot: 2 }), nodes: [] }, told], cut: 1 }),
  };
  const asked = ['service', 'ps', '--explain', 'visits_web'];
  const text = await runWith(t, worldOf([running], [], control).daemon, asked);
  const sentence =
    'Of 1 of 2 tasks it is not told what the nodes say to them: it would be too much for one answer. Naming fewer services leaves out less.\n';
  t.deepEqual(
    [text.code, text.out, text.err],
    [0, 'web.2 is on b: fewest tasks\n  not told:     what the nodes say\nweb.1 is on b: fewest tasks\n  fits:         b\n', sentence],
  );
  t.is((await runWith(t, worldOf([running], [], control).daemon, [...asked, '--format', 'json'])).err, sentence);
});
