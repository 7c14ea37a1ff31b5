import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentHello,
  type AgentMessage,
  type AssignmentSet,
  emptyAssignmentSet,
  emptyNodeDescription,
  type FetchImageRequest,
  type ManagerMessage,
  NodeRole,
  newTaskStatus,
  type RelayFrame,
  type SessionUpdate,
  TaskState,
  type TaskStatus,
  TsoError,
} from '@tso/proto';
import { ChannelQueue, Dispatcher, type Handlers, RpcChannel, RpcServer } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Session } from './session.ts';

const heartbeatMs = 1_000;
const identityHeld = { authorityEpoch: 3, role: NodeRole.WORKER };
const status = (state: TaskState): TaskStatus => ({ ...newTaskStatus, state });
const description = {
  ...emptyNodeDescription,
  hostname: 'host',
  platform: { os: 'linux', architecture: 'amd64', variant: '' },
  resources: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
  engineVersion: '',
  engineLabels: {},
  kernel: '',
};
const assignments = (version: number, baseVersion: number): AssignmentSet => ({
  ...emptyAssignmentSet,
  version,
  baseVersion,
  tasks: [],
  removedTasks: [],
  networks: [],
  removedNetworks: [],
  volumes: [],
  removedVolumes: [],
});

/** The manager's end of one session after the other. */
class ManagerEnd {
  readonly hellos: AgentHello[] = [];
  readonly heard: AgentMessage[] = [];
  epoch = 'first';
  welcomes = true;
  #current = new ChannelQueue<ManagerMessage>(1_000);

  async *serve(messages: AsyncIterable<AgentMessage>): AsyncIterable<ManagerMessage> {
    const mine = new ChannelQueue<ManagerMessage>(1_000);
    this.#current = mine;
    // How a session ends is the agent's to notice here.
    this.#listen(messages).catch(() => undefined);
    if (this.welcomes)
      mine.push({ welcome: { epoch: this.epoch, heartbeatMs, clusterId: 'c', addressPool: '10.128.0.0/12', vxlanPort: 4789 } });
    yield* mine;
  }

  async #listen(messages: AsyncIterable<AgentMessage>): Promise<void> {
    for await (const message of messages) {
      if (message.hello !== undefined) this.hellos.push(message.hello);
      else this.heard.push(message);
    }
  }

  say(message: ManagerMessage): void {
    this.#current.push(message);
  }

  breakOff(): void {
    this.#current.end(new TsoError('UNAVAILABLE', 'the manager is stopping'));
  }

  /** `task:state` of all statuses heard so far. */
  get statuses(): readonly string[] {
    return this.heard.flatMap(({ statuses }) => statuses?.updates.map(({ taskId, status: it }) => `${taskId}:${it.state}`) ?? []);
  }

  /** Versions that were said to be settled. */
  get settled(): readonly number[] {
    return this.heard.flatMap(({ ack }) => (ack?.settled === true ? [ack.version] : []));
  }

  get acks(): readonly number[] {
    return this.heard.flatMap(({ ack }) => (ack === undefined ? [] : [ack.version]));
  }
}

interface World {
  readonly manager: ManagerEnd;
  readonly session: Session;
  readonly clock: ManualClock;
  readonly log: CollectedLog;
  readonly applied: AssignmentSet[];
  readonly updates: SessionUpdate[];
  readonly refusals: unknown[];
  /** What is superseded still runs until this resolves; undefined: nothing is. */
  readonly settling: { promise: Promise<void> | undefined };
  readonly failures: Error[];
  readonly statuses: [string, TaskStatus][];
  /** What this node is called from now on. */
  readonly described: { hostname: string };
  /** Lets the pause between two sessions pass. */
  readonly comeBack: (sessions: number) => Promise<void>;
}

const withSession = async (body: (world: World) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-session-'));
  const address = `unix:${join(folder, 'manager.sock')}`;
  const log = new CollectedLog();
  const clock = new ManualClock();
  const manager = new ManagerEnd();
  const relay = (): never => {
    throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
  };
  const fetchImage = async function* ({ digest }: FetchImageRequest): AsyncGenerator<RelayFrame> {
    yield { signal: digest };
    yield { end: true };
  };
  const handlers: Handlers<typeof Dispatcher> = { session: (messages) => manager.serve(messages), relay, fetchImage };
  const server = new RpcServer({ address, authenticate: () => ['worker'], logger: log }).add(Dispatcher, handlers);
  await server.start();
  const applied: AssignmentSet[] = [];
  const updates: SessionUpdate[] = [];
  const refusals: unknown[] = [];
  const settling: World['settling'] = { promise: undefined };
  const failures: Error[] = [];
  const statuses: [string, TaskStatus][] = [];
  const described = { hostname: 'host' };
  let toMeasure: readonly string[] = [];
  const session = new Session(
    { nodeId: 'n', address: '', begin: '' },
    {
      clock,
      random: { number: () => 0.5, bytes: (count) => new Uint8Array(count) },
      logger: log,
      ways: () => ({ own: true, ownAddress: '', addresses: [] }),
      connect: (_, observer) => new RpcChannel(address, observer),
      identity: () => identityHeld,
      onUpdate: async (update) => void updates.push(update),
      onFailure: (error) => void refusals.push(error),
      settling: () => settling.promise,
      describe: async () => ({ ...description, hostname: described.hostname }),
      relays: { open: () => undefined, cancel: () => undefined },
      meter: {
        measure: (taskIds) => {
          toMeasure = taskIds;
        },
        take: () => toMeasure.map((taskId) => ({ taskId, atMs: 1, cpuNs: 2, memoryBytes: 3 })),
      },
      onWelcome: async () => undefined,
      onAssignments: async (set) => {
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        applied.push(set);
      },
      statuses: () => statuses,
    },
  );
  const comeBack = async (sessions: number): Promise<void> => {
    await eventually('the session ended', () => !session.isConnected && clock.pending === 1);
    clock.advance(limits.reconnectMaxMs);
    await eventually('there is another', () => manager.hellos.length === sessions && session.isConnected);
  };
  try {
    await session.start();
    await eventually('there is a session', () => session.isConnected);
    await body({ manager, session, clock, log, applied, updates, refusals, settling, failures, statuses, described, comeBack });
  } finally {
    manager.breakOff();
    await session.stop();
    await server.stop(0);
    await rm(folder, { recursive: true });
  }
};

test('assignments are acknowledged once they are durable, and their version is what the next session begins with', (t) =>
  withSession(async ({ manager, applied, comeBack }) => {
    manager.say({ assignments: assignments(7, 0) });
    manager.say({ assignments: assignments(9, 7) });
    await eventually('both are acknowledged', () => manager.acks.join() === '7,9');
    t.is(applied.length, 2);
    manager.breakOff();
    await comeBack(2);
    t.like(manager.hellos[0], { haveVersion: 0, sessionEpoch: '' });
    t.like(manager.hellos[1], { haveVersion: 9, sessionEpoch: 'first' });
  }));

test('assignments that cannot be carried out are not acknowledged, and the whole is asked for: they may be carried out in part', (t) =>
  withSession(async ({ manager, applied, log, failures, comeBack }) => {
    manager.say({ assignments: assignments(7, 0) });
    await eventually('it is acknowledged', () => manager.acks.length === 1);
    failures.push(new Error('no space left on device'));
    manager.say({ assignments: assignments(8, 7) });
    await comeBack(2);
    t.like(manager.hellos[1], { haveVersion: 0, sessionEpoch: 'first' });
    t.deepEqual(manager.acks, [7]);
    t.deepEqual(log.lines.find(({ level }) => level === 'warn')?.fields, { reason: 'no space left on device', manager: 'own' });
    manager.say({ assignments: assignments(9, 0) });
    await eventually('the whole is acknowledged', () => manager.acks.join() === '7,9');
    t.is(applied.length, 2);
  }));

test('a session that ends for what this node cannot do is begun again later each time, one that was lost at once', (t) =>
  withSession(async ({ manager, session, clock, failures, comeBack }) => {
    const pauses: (number | undefined)[] = [];
    for (let sessions = 1; sessions <= 5; sessions += 1) {
      if (sessions < 5) failures.push(new Error('no space left on device'));
      if (sessions < 5) manager.say({ assignments: assignments(sessions, 0) });
      else manager.breakOff();
      await eventually('the session ended', () => !session.isConnected && clock.pending === 1);
      pauses.push(clock.delays.at(-1));
      await comeBack(sessions + 1);
    }
    const inMiddle = (limits.reconnectSpreadMs * 5) / 8;
    t.deepEqual(pauses, [2 * inMiddle, 4 * inMiddle, 8 * inMiddle, 16 * inMiddle, limits.reconnectSpreadMs / 2]);
  }));

test('a difference to what is not held is not applied: the whole is asked for', (t) =>
  withSession(async ({ manager, applied, comeBack }) => {
    manager.say({ assignments: assignments(7, 0) });
    manager.say({ assignments: assignments(12, 11) });
    await comeBack(2);
    t.is(manager.hellos[1]?.haveVersion, 0);
    t.deepEqual(
      applied.map(({ version }) => version),
      [7],
    );
  }));

test('statuses that were not acknowledged are said again, acknowledged ones are not', (t) =>
  withSession(async ({ manager, session, comeBack }) => {
    session.report('a', status(TaskState.RUNNING));
    await eventually('it is heard', () => manager.statuses.length === 1);
    manager.say({ statusAck: { sequence: 1 } });
    // What comes after the acknowledgement on the same stream shows that it arrived.
    manager.say({ assignments: assignments(7, 0) });
    await eventually('it arrived', () => manager.acks.length === 1);
    session.report('b', status(TaskState.READY));
    await eventually('it is heard', () => manager.statuses.length === 2);
    manager.breakOff();
    await eventually('the session ended', () => !session.isConnected);
    session.report('b', status(TaskState.RUNNING));
    await comeBack(2);
    await eventually('it is heard', () => manager.statuses.length === 3);
    t.deepEqual(manager.statuses, ['a:512', 'b:384', 'b:512']);
  }));

test('another life of the manager is told where everything stands, and asked for the whole', (t) =>
  withSession(async ({ manager, session, statuses, comeBack }) => {
    session.report('a', status(TaskState.RUNNING));
    manager.say({ statusAck: { sequence: 1 } });
    manager.say({ assignments: assignments(7, 0) });
    await eventually('it arrived', () => manager.acks.length === 1);
    statuses.push(['a', status(TaskState.RUNNING)]);
    manager.epoch = 'second';
    manager.breakOff();
    await comeBack(2);
    await eventually('it is heard again', () => manager.statuses.length === 2);
    manager.say({ assignments: assignments(3, 0) });
    await eventually('it is acknowledged', () => manager.acks.length === 2);
    manager.breakOff();
    await comeBack(3);
    t.like(manager.hellos[2], { haveVersion: 3, sessionEpoch: 'second' });
  }));

test('a manager that answers no heartbeat any more is left, one that does is not', (t) =>
  withSession(async ({ manager, session, clock, comeBack }) => {
    for (let beat = 1; beat <= limits.silentBeats * 2; beat += 1) {
      clock.advance(heartbeatMs);
      await eventually('it is heard', () => manager.heard.length === beat);
      manager.say({ heartbeatAck: { sequence: beat, measure: [] } });
      const armed = clock.delays.length;
      await eventually('it is answered', () => clock.delays.length > armed);
    }
    t.true(session.isConnected);
    clock.advance(heartbeatMs * limits.silentBeats);
    await comeBack(2);
  }));

test('what the manager asks to be measured is said with the next heartbeats', (t) =>
  withSession(async ({ manager, clock }) => {
    clock.advance(heartbeatMs);
    await eventually('it is heard', () => manager.heard.length === 1);
    t.deepEqual(manager.heard[0], { heartbeat: { sequence: 1, usage: [] } });
    const armed = clock.delays.length;
    manager.say({ heartbeatAck: { sequence: 1, measure: ['a'] } });
    await eventually('it is answered', () => clock.delays.length > armed);
    clock.advance(heartbeatMs);
    await eventually('it is heard', () => manager.heard.length === 2);
    t.deepEqual(manager.heard[1], { heartbeat: { sequence: 2, usage: [{ taskId: 'a', atMs: 1, cpuNs: 2, memoryBytes: 3 }] } });
  }));

test('a manager that does not welcome is left too', (t) =>
  withSession(async ({ manager, clock, comeBack }) => {
    manager.welcomes = false;
    manager.breakOff();
    await eventually('the session ended', () => clock.pending === 1);
    clock.advance(limits.reconnectMaxMs);
    await eventually('another one begins', () => manager.hellos.length === 2);
    manager.welcomes = true;
    await eventually('it listens', () => clock.delays.at(-1) === limits.welcomeMs);
    clock.advance(limits.welcomeMs);
    await comeBack(3);
    t.pass();
  }));

test('an outage is said once, and stopping in the middle of it leaves no timer', (t) =>
  withSession(async ({ manager, session, clock, log }) => {
    manager.welcomes = false;
    const ended = (): number => log.lines.filter(({ message }) => /ended; comes back|no session/.test(message)).length;
    for (let attempt = 1; attempt <= 15; attempt += 1) {
      manager.breakOff();
      await eventually('the session ended', () => ended() === attempt && clock.pending === 1);
      clock.advance(limits.reconnectMaxMs);
      await eventually('another one begins', () => manager.hellos.length === attempt + 1);
    }
    t.is(log.at('warn').length, 1);
    manager.breakOff();
    await session.stop();
    t.is(clock.pending, 0);
  }));

test('that nothing superseded runs any more is said with the version, or later for itself', (t) =>
  withSession(async ({ manager, settling }) => {
    manager.say({ assignments: assignments(7, 0) });
    await eventually('it is settled at once', () => manager.settled.join() === '7');
    const ends = Promise.withResolvers<void>();
    settling.promise = ends.promise;
    manager.say({ assignments: assignments(8, 7) });
    await eventually('it is acknowledged', () => manager.acks.join() === '7,8');
    t.deepEqual(manager.settled, [7]);
    ends.resolve();
    await eventually('it is settled', () => manager.settled.join() === '7,8');
    t.deepEqual(manager.acks, [7, 8, 8]);
  }));

test('a version that was followed by another is not said to be settled any more', (t) =>
  withSession(async ({ manager, settling }) => {
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    for (const [index, end] of ends.entries()) {
      settling.promise = end.promise;
      manager.say({ assignments: assignments(index + 1, index) });
      await eventually('it is acknowledged', () => manager.acks.length === index + 1);
    }
    for (const end of ends) end.resolve();
    await eventually('the last one is settled', () => manager.settled.length === 1);
    t.deepEqual(manager.settled, [2]);
  }));

test('what the node has become is said on the session that stands, and by the hello of the next one', (t) =>
  withSession(async ({ manager, session, described, comeBack }) => {
    t.is(manager.hellos[0]?.description.hostname, 'host');
    described.hostname = 'renamed';
    session.tellDescription();
    const told = () => manager.heard.flatMap(({ description }) => (description === undefined ? [] : [description.hostname]));
    await eventually('the manager is told', () => told().length === 1);
    t.deepEqual(told(), ['renamed']);
    manager.breakOff();
    await eventually('the session is lost', () => !session.isConnected);
    described.hostname = 'again';
    session.tellDescription();
    await comeBack(2);
    t.is(manager.hellos[1]?.description.hostname, 'again');
    t.deepEqual(told(), ['renamed'], 'not twice');
  }));

test('a hello says what the certificate is, and a renewal is said on the session that stands', (t) =>
  withSession(async ({ manager, session, updates }) => {
    t.deepEqual(manager.hellos[0]?.identity, identityHeld);
    session.tellIdentity();
    await eventually('it is heard', () => manager.heard.some(({ identity }) => identity?.authorityEpoch === 3));
    const update = { managers: [{ nodeId: 'a', address: 'a:1' }], role: NodeRole.MANAGER, authorityEpoch: 4 };
    manager.say({ update });
    await eventually('it is known', () => updates.length === 1);
    t.deepEqual(updates, [update]);
  }));

test('a built image is asked for at the manager of the session, and without one the node that wants it is told', (t) =>
  withSession(async ({ manager, session }) => {
    const never = new AbortController().signal;
    const frames: RelayFrame[] = [];
    for await (const frame of session.fetchImage({ digest: 'sha256:1', have: [] }, never)) frames.push(frame);
    t.deepEqual(frames, [{ signal: 'sha256:1' }, { end: true }]);
    manager.breakOff();
    await eventually('the session ended', () => !session.isConnected);
    t.throws(() => session.fetchImage({ digest: 'sha256:1', have: [] }, never), { code: 'UNAVAILABLE' });
  }));
