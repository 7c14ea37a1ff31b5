import { type ExecRequest, LogStream, TaskState } from '@tso/proto';
import test from 'ava';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { clockByHand, fakeIo } from './testing/fake-io.ts';
import { runWith } from './testing/run-with.ts';
import { aService, aTask, aTaskView, aView } from './testing/views.ts';

const psDaemon = (asked: unknown[] = []): FakeDaemonOptions => ({
  control: {
    listTasks: async (request) => {
      asked.push(request);
      const broken = aTask({ slot: 2, state: TaskState.REJECTED, status: { error: 'there is no image visits-web:1' } });
      return { tasks: [aTaskView(broken), aTaskView(aTask({ status: { startedAtMs: 1_700_000_001_000, exitCode: 0 } }))], version: 3 };
    },
  },
});

test('ps --format json has the fields of the contract', async (t) => {
  const { code, out } = await runWith(t, psDaemon(), ['ps', '--format', 'json']);
  t.is(code, 0);
  const [first, second] = JSON.parse(out);
  t.deepEqual(first, {
    id: 'web-task-1',
    stack: 'visits',
    service: 'web',
    slot: 1,
    node: 'host-a',
    image: 'visits-web:1',
    desiredState: 'running',
    state: 'running',
    health: 'none',
    createdAt: '2023-11-14T22:13:20.000Z',
    startedAt: '2023-11-14T22:13:21.000Z',
    finishedAt: null,
    exitCode: 0,
    error: '',
    message: '',
    paused: false,
    placedBecause: null,
    retiredBecause: null,
    addresses: { visits_default: '10.0.1.3' },
    addresses6: {},
    ports: [],
  });
  t.is(second.error, 'there is no image visits-web:1');
});

test('ps asks for all stacks outside of a project, and for one with -p, before or after the command', async (t) => {
  const asked: unknown[] = [];
  await runWith(t, psDaemon(asked), ['ps']);
  await runWith(t, psDaemon(asked), ['ps', '-p', 'visits', '-a', 'web']);
  await runWith(t, psDaemon(asked), ['ps'], { env: { COMPOSE_PROJECT_NAME: 'other' } });
  t.deepEqual(asked, [
    { stack: '', services: [], all: false, node: '' },
    { stack: 'visits', services: ['web'], all: true, node: '' },
    { stack: 'other', services: [], all: false, node: '' },
  ]);
});

test('ps of a service that the stack does not have says which there are', async (t) => {
  const daemon: FakeDaemonOptions = { control: { ...psDaemon().control, getStack: async () => aView([aService([])]) } };
  const { code, err } = await runWith(t, daemon, ['ps', '-p', 'visits', 'wbe']);
  t.is(code, 1);
  t.is(err, 'error: there is no service wbe in stack visits. It has: web.\n');
});

test('ps -q prints ids only, the table has the error', async (t) => {
  t.is((await runWith(t, psDaemon(), ['ps', '-q'])).out, 'web-task-1\nweb-task-2\n');
  const { out } = await runWith(t, psDaemon(), ['ps']);
  t.regex(out, /^STACK +NAME +ID +IMAGE +NODE +STATUS +ERROR\n/);
  t.regex(out, /web\.2 .*rejected .* there is no image visits-web:1\n/);
});

const line = (text: string, slot: number, partial = false) => ({
  line: {
    taskId: `task-${slot}`,
    atNsHigh: 1_700_000_000,
    atNsLow: 5,
    stream: LogStream.STDOUT,
    data: new TextEncoder().encode(text),
    partial,
    serviceName: 'web',
    slot,
    stack: 'visits',
    node: 'host-a',
    ordinal: 1,
  },
});

const logsDaemon = (asked: unknown[] = []): FakeDaemonOptions => ({
  control: {
    listTasks: async () => ({ tasks: [aTaskView(aTask({ slot: 10 }))], version: 1 }),
    logs: async function* (request) {
      asked.push(request);
      yield line('one ', 1, true);
      yield line('other', 10);
      yield line('line', 1);
      yield { warning: 'node host-b does not answer' };
    },
  },
});

test('logs puts the task before each line and partial lines together', async (t) => {
  const { code, out, err } = await runWith(t, logsDaemon(), ['logs', '-p', 'visits']);
  t.is(code, 0);
  t.is(out, 'web.10  | other\nweb.1   | one line\n');
  t.is(err, 'warning: node host-b does not answer\n');
});

test('logs hands its limits to the cluster', async (t) => {
  const asked: unknown[] = [];
  const { out } = await runWith(t, logsDaemon(asked), [
    'logs',
    '-f',
    '-n',
    '5',
    '--since',
    '2023-11-14T22:13:20Z',
    '-t',
    '--no-prefix',
    '-p',
    'visits',
    'web',
  ]);
  t.deepEqual(asked, [{ stack: 'visits', targets: ['web'], options: { follow: true, tail: 5, sinceMs: 1_700_000_000_000 }, seen: [] }]);
  t.true(out.startsWith('2023-11-14T22:13:20.000000005Z other\n'));
});

test('logs --format json is one array', async (t) => {
  const entries = JSON.parse((await runWith(t, logsDaemon(), ['logs', '-p', 'visits', '--format', 'json'])).out);
  t.deepEqual(
    entries.map((entry: { line: string; service: string }) => [entry.service, entry.line]),
    [
      ['web', 'other'],
      ['web', 'one line'],
    ],
  );
});

test('a command that needs a stack names those there are', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: { listStacks: async () => ({ stacks: [{ name: 'visits', services: 2, tasksDesired: 3, tasksRunning: 3 }] }) },
  };
  const { code, err } = await runWith(t, daemon, ['logs']);
  t.is(code, 2);
  t.regex(err, /Name it with -p; the cluster has: visits\./);
});

const execDaemon = (requests: ExecRequest[]): FakeDaemonOptions => ({
  control: {
    exec: async function* (frames) {
      for await (const frame of frames) {
        requests.push(frame);
        if (frame.frame?.stdin !== undefined && frame.frame.stdin !== null) yield { stdout: frame.frame.stdin };
        if (frame.start !== undefined && frame.start !== null && !frame.start.options.interactive) break;
        if (frame.frame?.stdinEnd) break;
      }
      yield { stderr: new TextEncoder().encode('bye\n') };
      yield { exitCode: 42 };
    },
  },
});

test('exec passes standard input on and the exit code back', async (t) => {
  const requests: ExecRequest[] = [];
  const argv = ['exec', '-i', '-u', 'app', '-e', 'A=1', '-e', 'FROM_HERE', '-p', 'visits', 'web', 'cat', '-n', '--format', 'x'];
  const { code, out, err } = await runWith(t, execDaemon(requests), argv, { stdin: 'hello', env: { FROM_HERE: 'yes' } });
  t.is(code, 42);
  t.is(out, 'hello');
  t.is(err, 'bye\n');
  t.like(requests[0]?.start, { stack: 'visits', target: 'web', index: 0 });
  t.like(requests[0]?.start?.options, {
    command: ['cat', '-n', '--format', 'x'],
    user: 'app',
    env: ['A=1', 'FROM_HERE=yes'],
    tty: false,
    interactive: true,
  });
});

test('exec without -i reads nothing, and -it without a terminal is refused', async (t) => {
  const requests: ExecRequest[] = [];
  t.is((await runWith(t, execDaemon(requests), ['exec', '-p', 'visits', 'web', 'true'], { stdin: 'unread' })).code, 42);
  t.is(requests.length, 1);
  const { code, err } = await runWith(t, execDaemon([]), ['exec', '-it', '-p', 'visits', 'web', 'sh'], { stdin: 'x' });
  t.is(code, 2);
  t.regex(err, /-t needs a terminal/);
});

test('an exec that fails to start tells why', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: {
      exec: async function* () {
        yield { error: { code: 'NOT_FOUND', message: 'there is no running task of web', hint: '' } };
      },
    },
  };
  const { code, err } = await runWith(t, daemon, ['exec', '-p', 'visits', 'web', 'true']);
  t.is(code, 1);
  t.is(err, 'error: there is no running task of web.\n');
});

test('scale waits until the service has what was wished', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: {
      scaleServices: async ({ stack, scales }) => {
        t.deepEqual({ stack, scales }, { stack: 'visits', scales: [{ service: 'web', replicas: 2 }] });
        return { version: 9, changes: [] };
      },
      watchStack: async function* ({ minVersion }) {
        t.is(minVersion, 9);
        yield aView([aService([aTask(), aTask({ slot: 2, state: TaskState.PREPARING })], { desired: 2 })]);
        yield aView([aService([aTask(), aTask({ slot: 2 })], { desired: 2 })]);
        // A watch does not end by itself; the command leaves it.
        await new Promise(() => undefined);
      },
    },
  };
  const { code, err } = await runWith(t, daemon, ['scale', '-p', 'visits', 'web=2']);
  t.is(code, 0);
  t.is(err, 'web.1: running\nweb.2: preparing\nweb.2: running\nweb is at 2.\n');
});

const stuck: FakeDaemonOptions = {
  control: {
    scaleServices: async () => ({ version: 9, changes: [] }),
    watchStack: async function* () {
      yield aView([aService([aTask({ state: TaskState.NEW, pendingReason: 'no node fits (1 drained)' })])]);
      await new Promise(() => undefined);
    },
  },
};

test('a wait that takes longer than --timeout ends with 3 and says what it waits for', async (t) => {
  const fake = await startFakeDaemon(stuck);
  t.teardown(() => fake.stop());
  const { clock, ring } = clockByHand();
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir }, clock });
  // The first line shows that the view has come; then the minute is over.
  io.stderr.once('written', () => ring(60_000));
  t.is(await run(['scale', '-p', 'visits', 'web=1', '--timeout', '60'], io), 3);
  t.regex(io.stderr.text, /error: stack visits is not converged after 60 s: web: no node fits \(1 drained\)\. The cluster goes on with it/);
});

test('a wait without news is explained once', async (t) => {
  const fake = await startFakeDaemon(stuck);
  t.teardown(() => fake.stop());
  const { clock, ring } = clockByHand();
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir }, clock });
  io.stderr.once('written', () => setImmediate(() => ring(30_000)));
  io.stderr.on('written', () => io.stderr.text.includes('Still') && io.raise('SIGINT'));
  await run(['scale', '-p', 'visits', 'web=1'], io);
  t.regex(io.stderr.text, /^Still waiting: web: no node fits \(1 drained\)$/m);
});

test('Ctrl-C leaves the work going and says how to follow it', async (t) => {
  const fake = await startFakeDaemon(stuck);
  t.teardown(() => fake.stop());
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir } });
  io.stderr.on('written', () => io.raise('SIGINT'));
  t.is(await run(['scale', '-p', 'visits', 'web=1'], io), 130);
  t.regex(io.stderr.text, /The work goes on without you\. See it with tso ps -p visits/);
});

test('down waits until the stack is gone', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: {
      listStacks: async () => ({ stacks: [{ name: 'visits', services: 1, tasksDesired: 1, tasksRunning: 1 }] }),
      removeStack: async ({ volumes }) => {
        t.true(volumes);
        return { version: 4, changes: [] };
      },
      watchStack: async function* () {
        yield aView([aService([aTask({ desired: TaskState.REMOVE })])]);
        yield aView([], { exists: false });
        await new Promise(() => undefined);
      },
    },
  };
  const { code, err } = await runWith(t, daemon, ['down', '-v', '-p', 'visits']);
  t.is(code, 0);
  t.is(err, 'web.1: stopping\nweb.1: removed\nStack visits is removed.\n');
});

test('down says which of its networks and secrets stay for others', async (t) => {
  const kept = { kind: 'network', name: 'visits_back', action: 'none', changes: [{ path: 'users', from: '', to: 'stack report' }] };
  const users = 'services a_web, b_web';
  const keptKey = { kind: 'secret', name: 'visits_key', action: 'none', changes: [{ path: 'users', from: '', to: users }] };
  const daemon: FakeDaemonOptions = {
    control: {
      listStacks: async () => ({ stacks: [{ name: 'visits', services: 1, tasksDesired: 1, tasksRunning: 1 }] }),
      removeStack: async () => ({
        version: 4,
        changes: [{ ...kept, name: 'visits_default', action: 'remove', changes: [] }, kept, keptKey],
      }),
      watchStack: async function* () {
        yield aView([], { exists: false });
      },
    },
  };
  const { code, err } = await runWith(t, daemon, ['down', '-p', 'visits']);
  t.is(code, 0);
  t.is(
    err,
    [
      'Network visits_back stays for stack report. When nobody uses it: tso network rm visits_back',
      'Secret visits_key stays for services a_web, b_web. When nobody uses it: tso secrets rm visits_key',
      'Stack visits is removed.\n',
    ].join('\n'),
  );
});

test('down of a stack that was named and is not there ends with 1', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: {
      listStacks: async () => ({ stacks: [{ name: 'visits', services: 1, tasksDesired: 1, tasksRunning: 1 }] }),
      getStack: async ({ name }) => aView([], { name, exists: false }),
    },
  };
  const { code, err } = await runWith(t, daemon, ['down', '-p', 'vists']);
  t.is(code, 1);
  t.is(err, 'error: there is no stack vists. There are: visits.\n');
});
