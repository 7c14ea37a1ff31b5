import {
  type CopyInRequest,
  type LogLine,
  LogStream,
  type LogsOptions,
  NodeState,
  type RelayFrame,
  type StatsSample,
  type Task,
  TaskState,
  TsoError,
} from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { StoreWatch } from '../store/watch.ts';
import { FakeAgents, type OpenedRelay } from '../testing/agents.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { copyIn, copyOut } from './copy.ts';
import { exec } from './exec.ts';
import { logs } from './logs.ts';
import { stats } from './stats.ts';
import { top } from './top.ts';

const never = new AbortController().signal;

/** A stack whose tasks all run, and agents that wait for what a test has them say. */
const cluster = (replicas = 1) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas })]));
  const watch = new StoreWatch();
  const put = (task: Task, change: Partial<Task['status']>, more: Partial<Task> = {}): void => {
    const after = { ...task, ...more, status: { ...task.status, ...change } };
    world.commit([{ putTask: after }]);
    watch.publish([{ kind: 'task', id: task.id, before: task, after }]);
  };
  for (const task of world.tables.tasks()) put(task, { state: TaskState.RUNNING });
  const agents = new FakeAgents();
  const clock = new ManualClock();
  const proposer = { view: world.tables, subscribe: watch.subscribe.bind(watch) };
  const tasks = (): readonly Task[] => [...world.tables.tasks()].sort((a, b) => a.slot - b.slot);
  const downs = (id: string): void => {
    const before = world.tables.node(id);
    if (before === undefined) throw new Error(`there is no node ${id}`);
    const after = { ...before, state: NodeState.NODE_DOWN };
    world.commit([{ putNode: after }]);
    watch.publish([{ kind: 'node', id, before, after }]);
  };
  return { agents, clock, tasks, put, downs, ports: { proposer, relays: agents, clock } };
};

const line = (text: string, second: number, ordinal = 1): RelayFrame & { readonly log: LogLine } => ({
  log: {
    taskId: '',
    atNsHigh: second,
    atNsLow: 0,
    stream: LogStream.STDOUT,
    data: Buffer.from(text),
    partial: false,
    serviceName: '',
    slot: 0,
    stack: '',
    node: '',
    ordinal,
  },
});

const request = (options: Partial<LogsOptions> = {}) => ({ stack: 'shop', targets: [], options: { follow: false, ...options }, seen: [] });

/** Until the condition holds; every wait is a turn of the event loop. */
const turnsUntil = async (what: string, holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (holds()) return;
    await new Promise(setImmediate);
  }
  throw new Error(`waited in vain for: ${what}`);
};

/** A log that is asked for what is there answers that there is nothing, or what it is told; then it is followed. */
const followed = (agents: FakeAgents, there: (relay: OpenedRelay) => readonly RelayFrame[] = () => []): readonly OpenedRelay[] => {
  const relays: OpenedRelay[] = [];
  agents.onOpen = (relay) => {
    if (relay.wish.logs?.follow === true) relays.push(relay);
    else relay.say(...there(relay), { end: true });
  };
  return relays;
};

/** What a call answers, as it comes. */
const heardOf = (replies: ReturnType<typeof logs>) => {
  const heard: string[] = [];
  const over = (async () => {
    for await (const reply of replies) heard.push(reply.warning ?? Buffer.from(reply.line?.data ?? []).toString());
  })();
  return { heard, over };
};

const logsOf = (relay: OpenedRelay | undefined): LogsOptions | undefined => relay?.wish.logs;

test('a followed log begins with what is there, by time over all tasks, and goes on behind each last line', async (t) => {
  const { agents, tasks, ports } = cluster(2);
  const first = tasks()[0]?.id;
  const relays = followed(agents, ({ taskId }) => (taskId === first ? [line('a1', 1), line('a4', 4)] : [line('b2', 2), line('b3', 3)]));
  const caller = new AbortController();
  const { heard, over } = heardOf(logs(ports, request({ follow: true, tail: 2 }), caller.signal));
  await turnsUntil('both are followed', () => relays.length === 2);
  t.deepEqual(heard, ['a1', 'b2', 'b3', 'a4']);
  const second = (relay: OpenedRelay): number | undefined => logsOf(relay)?.after?.atNsHigh;
  t.deepEqual(relays.map(second).toSorted(), [3, 4]);
  t.true(relays.every((relay) => logsOf(relay)?.tail === undefined));
  caller.abort();
  await over;
});

test('a task that had nothing to say yet is followed from its first line, one that could not be asked as was wished', async (t) => {
  const { agents, tasks, ports } = cluster(2);
  const first = tasks()[0]?.id;
  const relays = followed(agents, ({ taskId }) =>
    taskId === first ? [] : [{ error: { code: 'UNAVAILABLE', message: 'it does not answer', hint: '' } }],
  );
  const caller = new AbortController();
  const { heard, over } = heardOf(logs(ports, request({ follow: true, tail: 2, sinceMs: 9 }), caller.signal));
  await turnsUntil('both are followed', () => relays.length === 2);
  const of = (isFirst: boolean) => logsOf(relays.find(({ taskId }) => (taskId === first) === isFirst));
  t.deepEqual(of(true), { follow: true, sinceMs: 9 });
  t.deepEqual(of(false), { follow: true, tail: 2, sinceMs: 9 });
  t.deepEqual(heard, ['logs of web.2: it does not answer']);
  caller.abort();
  await over;
});

test('who wants none of what is there waits for nothing', async (t) => {
  const { agents, ports } = cluster();
  const caller = new AbortController();
  const { over } = heardOf(logs(ports, request({ follow: true, tail: 0 }), caller.signal));
  await turnsUntil('it is opened', () => agents.opened.length === 1);
  t.deepEqual(logsOf(agents.opened[0]), { follow: true, tail: 0 });
  caller.abort();
  await over;
});

test('a followed log that breaks off is opened again behind its last line', async (t) => {
  const { agents, clock, ports } = cluster();
  const relays = followed(agents);
  const caller = new AbortController();
  const { heard, over } = heardOf(logs(ports, request({ follow: true }), caller.signal));
  await turnsUntil('it is followed', () => relays.length === 1);
  relays[0]?.say(line('one', 10), line('two', 10, 2));
  await turnsUntil('they are heard', () => heard.length === 2);
  await relays[0]?.lose();
  await turnsUntil('it waits', () => clock.pending > 0);
  clock.advance(limits.followAgainMinMs);
  await turnsUntil('it is opened again', () => relays.length === 2);
  t.deepEqual(logsOf(relays[1])?.after, { atNsHigh: 10, atNsLow: 0, ordinal: 2 });
  relays[1]?.say(line('three', 9));
  await turnsUntil('it goes on', () => heard.length === 3);
  t.deepEqual(heard, ['one', 'two', 'three'], 'a short interruption is not worth a word');
  caller.abort();
  await over;
  t.true(relays[1]?.cancelled);
});

test('an interruption that lasts is told once, and lines go on afterwards', async (t) => {
  const { agents, clock, ports } = cluster();
  const relays = followed(agents);
  const caller = new AbortController();
  const { heard, over } = heardOf(logs(ports, request({ follow: true }), caller.signal));
  await turnsUntil('it is followed', () => relays.length === 1);
  agents.refusal = new TsoError('UNAVAILABLE', 'node alpha is not connected');
  await relays[0]?.lose();
  for (let second = 0; second < 20; second += 1) {
    await turnsUntil('it waits', () => clock.pending > 0);
    clock.advance(1_000);
  }
  agents.refusal = undefined;
  await turnsUntil('it is opened again', () => {
    clock.advance(limits.followAgainMaxMs);
    return relays.length === 2;
  });
  relays[1]?.say(line('back', 1), { end: true });
  await turnsUntil('the line is heard', () => heard.includes('back'));
  t.deepEqual(heard, ['logs of web.1: node alpha is not connected; they go on once that is over', 'back']);
  caller.abort();
  await over;
});

test('what cannot be mended is told and does not end the other tasks’ logs', async (t) => {
  const { agents, ports } = cluster(2);
  const relays = followed(agents);
  const caller = new AbortController();
  const { heard, over } = heardOf(logs(ports, request({ follow: true }), caller.signal));
  await turnsUntil('both are followed', () => relays.length === 2);
  relays[0]?.say({ error: { code: 'NOT_FOUND', message: 'its log is gone', hint: '' } });
  relays[1]?.say(line('still here', 1));
  await turnsUntil('both are heard', () => heard.length === 2);
  t.deepEqual(heard.toSorted(), ['logs of web.1: its log is gone', 'still here']);
  caller.abort();
  await over;
});

test('a caller that had lines already gets what is behind them, of each task for itself', async (t) => {
  const { agents, tasks, ports } = cluster(2);
  const [first, second] = tasks();
  const position = { atNsHigh: 7, atNsLow: 8, ordinal: 9 };
  const relays = followed(agents);
  const caller = new AbortController();
  const wish = { ...request({ follow: true, sinceMs: 5 }), seen: [{ taskId: first?.id ?? '', position }] };
  const { over } = heardOf(logs(ports, wish, caller.signal));
  await turnsUntil('both are followed', () => relays.length === 2);
  const of = (task: Task | undefined) => agents.opened.filter(({ taskId }) => taskId === task?.id).map((relay) => logsOf(relay));
  t.deepEqual(
    of(first).map((asked) => asked?.after),
    [position, position],
  );
  t.deepEqual(
    of(second).map((asked) => [asked?.after, asked?.sinceMs]),
    [
      [undefined, 5],
      [undefined, 5],
    ],
  );
  caller.abort();
  await over;
});

test('a task that comes later is heard from its first line, one that had ended is not asked twice', async (t) => {
  const { agents, tasks, put, ports } = cluster(2);
  const [ended, running] = tasks();
  if (ended === undefined || running === undefined) return t.fail('there are two tasks');
  put(ended, { state: TaskState.FAILED });
  const relays = followed(agents);
  const caller = new AbortController();
  const { over } = heardOf(logs(ports, request({ follow: true, tail: 1 }), caller.signal));
  await turnsUntil('the running one is followed', () => relays.length === 1);
  put({ ...running, id: 'another'.padEnd(25, '0') }, { state: TaskState.RUNNING });
  await turnsUntil('the new one is followed', () => relays.length === 2);
  t.deepEqual(
    relays.map(({ taskId }) => taskId),
    [running.id, 'another'.padEnd(25, '0')],
  );
  t.deepEqual(logsOf(relays[1]), { follow: true });
  caller.abort();
  await over;
});

test('a node that is declared down gives its part of a merged log up, with a warning', async (t) => {
  const { agents, tasks, downs, ports } = cluster(2);
  const { heard, over } = heardOf(logs(ports, request(), never));
  await turnsUntil('both are opened', () => agents.opened.length === 2);
  const [frozen, ...others] = agents.opened.toSorted((a) => (a.taskId === tasks()[0]?.id ? -1 : 1));
  frozen?.say(line('a', 1));
  for (const relay of others) relay.say(line('b', 2), { end: true });
  await turnsUntil('what is certain is heard', () => heard.length === 1);
  t.deepEqual(heard, ['a'], 'b must wait: an earlier line may still come');
  downs(frozen?.node.id ?? '');
  await over;
  t.deepEqual(heard, ['a', `logs of web.1: node ${frozen?.node.hostname} is down; its last lines are missing`, 'b']);
  t.true(frozen?.cancelled);
});

test('a task that has ended is heard as long as it is remembered, and follows end when it is forgotten', async (t) => {
  const { agents, tasks, put, ports } = cluster();
  const [task] = tasks();
  if (task === undefined) return t.fail('there is a task');
  put(task, { state: TaskState.FAILED });
  agents.onOpen = (relay) => relay.say(line('last words', 1), { end: true });
  const { heard, over } = heardOf(logs(ports, request(), never));
  await over;
  t.deepEqual(heard, ['last words']);
  put(task, { state: TaskState.FAILED }, { desiredState: TaskState.REMOVE });
  const later = heardOf(logs(ports, request(), never));
  await later.over;
  t.deepEqual(later.heard, []);
});

const sample: StatsSample = {
  taskId: '',
  atMs: 1,
  cpuNs: 2,
  cpuPercent: 3,
  memoryBytes: 4,
  memoryLimitBytes: 5,
  networkRxBytes: 6,
  networkTxBytes: 7,
  blockReadBytes: 8,
  blockWriteBytes: 9,
  pids: 10,
  throttledNs: 11,
};

test('one sample of each running task comes with its place; one that cannot be asked is a warning', async (t) => {
  const { agents, tasks, ports } = cluster(2);
  agents.onOpen = (relay) =>
    relay.taskId === tasks()[0]?.id
      ? relay.say({ stats: sample }, { end: true })
      : relay.say({ error: { code: 'FAILED_PRECONDITION', message: 'it is not running', hint: '' } });
  const replies = [];
  for await (const reply of stats(ports, { stack: 'shop', targets: [], stream: false }, never)) replies.push(reply);
  t.deepEqual(
    replies.flatMap(({ sample: one }) => one ?? []),
    [
      {
        stats: { ...sample, taskId: tasks()[0]?.id ?? '' },
        stack: 'shop',
        serviceName: 'web',
        slot: 1,
        node: tasks()[0]?.nodeId ?? '',
      },
    ],
  );
  t.deepEqual(
    replies.flatMap(({ warning }) => warning ?? []),
    ['web.2: it is not running'],
  );
  t.deepEqual(
    agents.opened.map(({ wish }) => wish),
    [{ stats: { stream: false } }, { stats: { stream: false } }],
  );
});

test('a service that was named and does not run is told; of a stack nobody expects all', async (t) => {
  const { agents, tasks, put, ports } = cluster();
  for (const task of tasks()) put(task, { state: TaskState.FAILED });
  const replies = [];
  for await (const reply of stats(ports, { stack: 'shop', targets: ['web'], stream: false }, never)) replies.push(reply);
  t.deepEqual(replies, [{ warning: 'no task of web is running' }]);
  t.deepEqual(await top(ports, { stack: 'shop', targets: ['web.1'] }, never), { tasks: [], warnings: ['no task of web.1 is running'] });
  t.deepEqual(await top(ports, { stack: 'shop', targets: [] }, never), { tasks: [], warnings: [] });
  await t.throwsAsync(top(ports, { stack: 'shop', targets: ['db'] }, never), { code: 'NOT_FOUND' });
  t.is(agents.opened.length, 0);
});

test('samples go on when an agent comes back', async (t) => {
  const { agents, clock, ports } = cluster();
  const caller = new AbortController();
  const replies = stats(ports, { stack: 'shop', targets: ['web'], stream: true }, caller.signal)[Symbol.asyncIterator]();
  agents.onOpen = (relay) => relay.say({ stats: sample });
  t.is((await replies.next()).value.sample.stats.cpuNs, 2);
  await agents.opened[0]?.lose();
  const next = replies.next();
  await turnsUntil('it waits', () => clock.pending > 0);
  clock.advance(limits.followAgainMinMs);
  t.is((await next).value.sample.stats.cpuNs, 2);
  t.is(agents.opened.length, 2);
  caller.abort();
  await replies.return?.();
});

test('the processes of tasks come in their order, with what could not be had', async (t) => {
  const { agents, tasks, ports } = cluster(3);
  agents.onOpen = (relay) =>
    relay.taskId === tasks()[1]?.id
      ? void relay.lose()
      : relay.say({ processes: { titles: ['PID'], rows: [{ cells: [relay.taskId] }] } }, { end: true });
  const reply = await top(ports, { stack: 'shop', targets: [] }, never);
  t.deepEqual(
    reply.tasks.map(({ task }) => task.slot),
    [1, 3],
  );
  t.deepEqual(reply.warnings, ['web.2: the connection was lost']);
});

test('a copy out says whose path it is, and fails as the agent does', async (t) => {
  const { agents, tasks, ports } = cluster();
  const path = { name: 'f', sizeBytes: 1, mode: 0, modifiedAtMs: 0, linkTarget: '', isDirectory: false, missing: false, taskId: '' };
  const options = { path: '/f', followLinks: false, statOnly: false };
  const target = { stack: 'shop', target: 'web', index: 0 };
  agents.onOpen = (relay) => relay.say({ path }, { archive: Buffer.from('x') }, { end: true });
  const frames: RelayFrame[] = [];
  for await (const frame of copyOut(ports, { target, options }, never)) frames.push(frame);
  t.deepEqual(frames, [{ path: { ...path, taskId: tasks()[0]?.id ?? '' } }, { archive: Buffer.from('x') }, { end: true }]);
  agents.onOpen = (relay) => relay.say({ error: { code: 'NOT_FOUND', message: 'there is no /f', hint: '' } });
  const failing = copyOut(ports, { target, options }, never)[Symbol.asyncIterator]();
  await t.throwsAsync(async () => failing.next(), { code: 'NOT_FOUND' });
});

const start: CopyInRequest = {
  start: { target: { stack: 'shop', target: 'web', index: 0 }, options: { path: '/', keepOwner: false, noOverwriteDirNonDir: true } },
};

test('a copy in carries the archive and its end, and ends with the agent’s word', async (t) => {
  const { agents, ports } = cluster();
  const requests = async function* (): AsyncGenerator<CopyInRequest> {
    yield start;
    yield { frame: { archive: Buffer.from('one') } };
    yield { frame: { exitCode: 3 } };
    yield { frame: { stdinEnd: true } };
  };
  const replies = copyIn(ports, requests(), never)[Symbol.asyncIterator]();
  const first = replies.next();
  await turnsUntil('all is sent', () => agents.opened[0]?.toAgent.length === 2);
  t.deepEqual(agents.opened[0]?.toAgent, [{ archive: Buffer.from('one') }, { stdinEnd: true }], 'nothing but an archive goes on');
  agents.opened[0]?.say({ warning: 'a pipe was passed over' }, { end: true });
  t.deepEqual((await first).value, { warning: 'a pipe was passed over' });
  t.deepEqual((await replies.next()).value, { end: true });
  t.true((await replies.next()).done);
  t.true(agents.opened[0]?.ended);
});

test('a caller that goes before it said the archive’s end has it broken off', async (t) => {
  const { agents, ports } = cluster();
  const requests = async function* (): AsyncGenerator<CopyInRequest> {
    yield start;
    yield { frame: { archive: Buffer.from('half') } };
  };
  await t.throwsAsync(async () => {
    for await (const _ of copyIn(ports, requests(), never));
  });
  t.true(agents.opened[0]?.cancelled);
  t.false(agents.opened[0]?.toAgent.some((frame) => frame.stdinEnd));
});

test('an exec that was left running ends without an exit code', async (t) => {
  const { agents, ports } = cluster();
  const options = { command: ['sh'], user: '', workingDir: '', env: [], tty: true, interactive: true, privileged: false };
  const requests = async function* () {
    yield { start: { stack: 'shop', target: 'web', index: 0, options } };
    yield { frame: { detach: true } };
    await new Promise(() => undefined);
  };
  const replies = exec(ports, requests(), never)[Symbol.asyncIterator]();
  const first = replies.next();
  await turnsUntil('it is asked', () => agents.opened[0]?.toAgent.length === 1);
  agents.opened[0]?.say({ end: true });
  t.deepEqual((await first).value, { end: true });
  t.true((await replies.next()).done);
  t.true(agents.opened[0]?.ended);
});
