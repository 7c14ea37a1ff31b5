import {
  type ClusterEvent,
  type EventsRequest,
  HealthState,
  LogStream,
  type LogsRequest,
  PortProtocol,
  PublishMode,
  type StatsOfTask,
  TsoError,
} from '@tso/proto';
import test from 'ava';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { fakeIo } from './testing/fake-io.ts';
import { aNode } from './testing/nodes.ts';
import { alone, runWith } from './testing/run-with.ts';
import { aTask, aTaskView } from './testing/views.ts';

const sample = (slot: number, cpuPercent: number): StatsOfTask => ({
  stats: {
    taskId: `task-${slot}`,
    atMs: 1_700_000_000_000,
    cpuNs: 5,
    cpuPercent,
    memoryBytes: 512 * 1024 * 1024,
    memoryLimitBytes: 2 * 1024 ** 3,
    networkRxBytes: 1_500,
    networkTxBytes: 20,
    blockReadBytes: 0,
    blockWriteBytes: 4_096,
    pids: 3,
    throttledNs: 9,
  },
  stack: 'visits',
  serviceName: 'web',
  slot,
  node: 'host-a',
});

const statsDaemon: FakeDaemonOptions = {
  control: {
    stats: async function* ({ stream }) {
      yield { sample: sample(2, stream ? 0 : 12.345) };
      yield { warning: 'web.3: node host-b is down' };
      yield { sample: sample(1, 99) };
    },
  },
};

test('stats --no-stream is one table, or one document, with warnings beside', async (t) => {
  const table = await runWith(t, statsDaemon, ['stats', '-p', 'visits', '--no-stream']);
  t.is(
    table.out,
    'NAME    NODE     CPU %      MEMORY / LIMIT   MEM %    NET IN / OUT   DISK READ / WRITE   PIDS\n' +
      'web.1   host-a   99.00   512 MiB / 2.0 GiB   25.00   1.5 kB / 20 B        0 B / 4.1 kB      3\n' +
      'web.2   host-a   12.35   512 MiB / 2.0 GiB   25.00   1.5 kB / 20 B        0 B / 4.1 kB      3\n',
  );
  t.is(table.err, 'warning: web.3: node host-b is down\n');
  const { out } = await runWith(t, statsDaemon, ['stats', '-p', 'visits', '--no-stream', '--format', 'json']);
  t.deepEqual(JSON.parse(out)[1], {
    time: '2023-11-14T22:13:20.000Z',
    taskId: 'task-2',
    stack: 'visits',
    service: 'web',
    slot: 2,
    node: 'host-a',
    cpuPercent: 12.35,
    cpuNs: 5,
    memoryBytes: 536_870_912,
    memoryLimitBytes: 2_147_483_648,
    memoryPercent: 25,
    networkRxBytes: 1_500,
    networkTxBytes: 20,
    blockReadBytes: 0,
    blockWriteBytes: 4_096,
    pids: 3,
    throttledNs: 9,
  });
});

test('stats that are followed are one line of JSON for each sample', async (t) => {
  const { out } = await runWith(t, statsDaemon, ['stats', '-p', 'visits', '--format', 'json']);
  t.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).slot),
    [2, 1],
  );
});

test('top shows each task under its name, and a process cannot steer the terminal', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: {
      top: async () => ({
        tasks: [{ task: aTask(), node: 'host-a', processes: { titles: ['PID', 'CMD'], rows: [{ cells: ['1', 'a\u001b[2J b'] }] } }],
        warnings: ['web.2: node host-b is down'],
      }),
    },
  };
  const { out, err, code } = await runWith(t, daemon, ['top', '-p', 'visits']);
  t.is(out, 'visits_web.1 on host-a\nPID   CMD\n1     a [2J b\n');
  t.is(err, 'warning: web.2: node host-b is down\n');
  t.is(code, 0);
  const json = JSON.parse((await runWith(t, daemon, ['top', '-p', 'visits', '--format', 'json'])).out);
  t.deepEqual(json, [
    {
      stack: 'visits',
      service: 'web',
      slot: 1,
      taskId: 'web-task-1',
      node: 'host-a',
      titles: ['PID', 'CMD'],
      processes: [['1', 'a\u001b[2J b']],
    },
  ]);
});

const published = (published: number, protocol: PortProtocol, hostIp = '') => ({
  target: 53,
  published,
  protocol,
  mode: PublishMode.INGRESS,
  hostIp,
  onlyLocal: false,
  rangeFrom: 0,
  rangeTo: 0,
});
const portDaemon: FakeDaemonOptions = {
  control: {
    listTasks: async () => ({
      tasks: [
        aTaskView({ ...aTask({ slot: 2 }), ports: [published(5353, PortProtocol.UDP, '::1')] }),
        aTaskView({ ...aTask(), ports: [published(1053, PortProtocol.UDP), published(2053, PortProtocol.TCP, '10.0.0.1')] }),
      ],
      version: 1,
    }),
  },
};

test('port --all prints every node that is to answer', async (t) => {
  const listNodes = async () => ({ nodes: [aNode('host-b'), aNode('host-c', { address: '10.0.0.3' })] });
  const { code, out } = await runWith(t, { control: { ...portDaemon.control, listNodes } }, [
    'port',
    '--all',
    '-p',
    'visits',
    'web',
    '53/udp',
  ]);
  t.is(code, 0);
  t.is(
    out,
    [
      'PORT     MODE      NODE     REACHED AT',
      '53/udp   ingress   host-b   10.0.0.2:1053',
      '53/udp   ingress   host-c   10.0.0.3:1053',
      '53/udp   ingress   host-b   [::1]:5353',
      '53/udp   ingress   host-c   [::1]:5353',
      '',
    ].join('\n'),
  );
});

test('port --all says that nobody serves where only nodes with a task that serves answer', async (t) => {
  const ports = [{ ...published(8081, PortProtocol.TCP), onlyLocal: true }];
  const tasks = [aTaskView({ ...aTask({ health: HealthState.HEALTH_STARTING }), ports })];
  const control = { listTasks: async () => ({ tasks, version: 1 }), listNodes: async () => ({ nodes: [aNode('host-b')] }) };
  const { code, err } = await runWith(t, { control }, ['port', '--all', '-p', 'visits', 'web']);
  t.is(code, 1);
  t.regex(err, /no node is to answer for web: no task of it serves there/);
});

test('port prints where the port of a task is reached', async (t) => {
  const port = async (...args: readonly string[]) => runWith(t, portDaemon, ['port', '-p', 'visits', ...args]);
  t.is((await port('web', '53')).out, '10.0.0.1:2053\n');
  t.is((await port('web', '53/udp')).out, '0.0.0.0:1053\n');
  t.is((await port('web', '53', '--protocol', 'udp', '--index', '2')).out, '[::1]:5353\n');
  t.is((await port('web.2', '53/udp')).out, '[::1]:5353\n');
  t.like(JSON.parse((await port('web', '53', '--format', 'json')).out)[0], {
    service: 'web',
    slot: 1,
    node: 'host-a',
    address: '10.0.0.1',
    port: 2053,
  });
  t.is((await port('web')).out, '53/udp -> 0.0.0.0:1053\n53/tcp -> 10.0.0.1:2053\n');
  const missing = await port('web', '80');
  t.is(missing.code, 1);
  t.regex(missing.err, /does not publish its port 80\/tcp/);
  t.is((await port('web', 'http')).code, 2);
  t.is((await port('wbe', '53')).code, 1);
});

const event: ClusterEvent = {
  atMs: 1_700_000_000_000,
  version: 9,
  kind: 'task',
  action: 'failed',
  id: 'task-1',
  name: 'web.1',
  attributes: { stack: 'visits', exitCode: '3', error: 'a\u001bb' },
};

test('events are lines, lines of JSON, or with --until one document', async (t) => {
  const asked: EventsRequest[] = [];
  const daemon: FakeDaemonOptions = {
    control: {
      events: async function* (request) {
        asked.push(request);
        yield event;
        yield event;
      },
    },
  };
  const text = await runWith(t, daemon, ['events', '-p', 'visits', '--filter', 'kind=task', '--filter', 'kind=node']);
  t.is(text.out.split('\n')[0], '2023-11-14T22:13:20.000Z task failed web.1 (error=a b, exitCode=3, stack=visits)');
  const lines = await runWith(t, daemon, ['events', '--format', 'json']);
  t.is(lines.out.trim().split('\n').length, 2);
  t.like(JSON.parse(lines.out.split('\n')[0] ?? ''), { action: 'failed', version: 9, time: '2023-11-14T22:13:20.000Z' });
  const document = await runWith(t, daemon, ['events', '--since', '1700000000', '--until', '1700000100', '--format', 'json']);
  t.is(JSON.parse(document.out).length, 2);
  t.deepEqual(asked[0]?.filters, [
    { key: 'kind', value: 'task' },
    { key: 'kind', value: 'node' },
    { key: 'stack', value: 'visits' },
  ]);
  t.like(asked[2], { sinceMs: 1_700_000_000_000, untilMs: 1_700_000_100_000 });
  t.is((await runWith(t, daemon, ['events', '--filter', 'colour=blue'])).code, 2);
});

test('a followed log whose manager is lost is asked for again behind the last line of each task', async (t) => {
  const asked: LogsRequest[] = [];
  const line = (taskId: string, text: string, second: number) => ({
    line: {
      taskId,
      atNsHigh: second,
      atNsLow: 5,
      stream: LogStream.STDOUT,
      data: Buffer.from(text),
      partial: false,
      serviceName: 'web',
      slot: 1,
      stack: 'visits',
      node: 'host-a',
      ordinal: 2,
    },
  });
  const daemon: FakeDaemonOptions = {
    control: {
      listTasks: async () => ({ tasks: [], version: 1 }),
      logs: async function* (request) {
        asked.push(request);
        if (asked.length === 2) throw new TsoError('UNAVAILABLE', 'no leader yet');
        yield line('a', `line ${asked.length}`, asked.length);
        if (asked.length === 1) throw new TsoError('UNAVAILABLE', 'the manager is stopping');
      },
    },
  };
  const { out, err, code } = await runWith(t, daemon, ['logs', '-f', '-p', 'visits', '-n', '3', '--no-prefix']);
  t.is(code, 0);
  t.is(out, 'line 1\nline 3\n');
  t.regex(err, /the connection was lost and is made again: the manager is stopping/);
  t.is(err.split('connection was lost').length, 2, 'told once');
  t.deepEqual(asked[0], { stack: 'visits', targets: [], options: { follow: true, tail: 3 }, seen: [] });
  t.deepEqual(asked[2]?.seen, [{ taskId: 'a', position: { atNsHigh: 1, atNsLow: 5, ordinal: 2 } }]);
  t.is(asked[2]?.options.tail, undefined);
  t.true((asked[2]?.options.sinceMs ?? 0) > 1_700_000_000_000, 'a task that said nothing yet is heard from the call on');
});

test('followed events whose manager is lost go on behind the last one, none twice', async (t) => {
  const asked: EventsRequest[] = [];
  const at = (version: number, name: string): ClusterEvent => ({ ...event, version, name });
  const daemon: FakeDaemonOptions = {
    control: {
      events: async function* (request) {
        asked.push(request);
        yield at(7, 'a');
        yield at(7, 'b');
        if (asked.length === 1) throw new TsoError('UNAVAILABLE', 'the manager is stopping');
        yield at(7, 'c');
        yield at(8, 'd');
      },
    },
  };
  const { out } = await runWith(t, daemon, ['events', '--format', 'json']);
  t.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name),
    ['a', 'b', 'c', 'd'],
  );
  t.is(asked[1]?.afterVersion, 6);
});

test('events whose manager is lost before the first of them are asked for from the call on', async (t) => {
  const asked: EventsRequest[] = [];
  const daemon: FakeDaemonOptions = {
    control: {
      events: async function* (request) {
        asked.push(request);
        if (asked.length === 1) throw new TsoError('DEADLINE_EXCEEDED', 'the manager said nothing any more');
        yield event;
      },
    },
  };
  const { out } = await runWith(t, daemon, ['events', '--format', 'json']);
  t.is(out.trim().split('\n').length, 1);
  t.is(asked[0]?.sinceMs, undefined);
  t.true((asked[1]?.sinceMs ?? 0) > 1_700_000_000_000);
});

test('what is followed ends at once where nobody can be reached, with code 4', async (t) => {
  for (const argv of [['events'], ['stats']]) {
    const { code, err } = await alone(argv);
    t.is(code, 4, argv.join(' '));
    t.regex(err, /cannot reach the daemon at \/nonexistent\/tso\/tso.sock: there is no such socket/);
    t.notRegex(err, /was lost/);
  }
});

test('a log that is not followed, and one that cannot be had at all, end at the first failure', async (t) => {
  const daemon: FakeDaemonOptions = {
    control: {
      listTasks: async () => ({ tasks: [], version: 1 }),
      logs: ({ options }) => {
        throw options.follow ? new TsoError('NOT_FOUND', 'there is no stack visits') : new TsoError('UNAVAILABLE', 'no leader');
      },
    },
  };
  t.is((await runWith(t, daemon, ['logs', '-p', 'visits'])).code, 4);
  t.is((await runWith(t, daemon, ['logs', '-f', '-p', 'visits'])).code, 1);
});

test('the detach keys end the session and leave the command running', async (t) => {
  const heard: unknown[] = [];
  const daemon = await startFakeDaemon({
    control: {
      exec: async function* (requests) {
        for await (const { frame } of requests) {
          if (frame === undefined) continue;
          heard.push(frame.stdin === undefined ? frame : Buffer.from(frame.stdin).toString());
          if (frame.detach === true) yield { end: true };
        }
      },
    },
  });
  t.teardown(() => daemon.stop());
  const io = fakeIo({ env: { TSO_RUN_DIR: daemon.dir }, stdin: 'ls\r\u0010\u0011never', terminal: { columns: 80, rows: 24 } });
  Object.assign(io.stdin, { isTTY: true });
  t.is(await run(['exec', '-it', '-p', 'visits', 'web', 'sh'], io), 0);
  t.deepEqual(heard, ['ls\r', { detach: true }]);
  t.regex(io.stderr.text, /goes on without this terminal/);
  const wrong = fakeIo({ env: { TSO_RUN_DIR: daemon.dir } });
  t.is(await run(['exec', '-p', 'visits', '--detach-keys', 'ctrl-', 'web', 'sh'], wrong), 2);
});
