import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecOptions, type RelayFrame, type RelayRequest, TsoError } from '@tso/proto';
import { ChannelQueue, Dispatcher, type Handlers, RpcChannel, RpcServer } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import { taskNamed } from '../testing/agent-world.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { FakeProcess } from '../testing/fake-process.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Relays } from './relays.ts';

const task = taskNamed('web');
const execOptions: ExecOptions = { command: ['sh'], user: '', workingDir: '', env: [], tty: false, interactive: true, privileged: false };
const execRequest: RelayRequest = { relayId: 'r', taskId: task.id, exec: execOptions };
const follow: RelayRequest = { relayId: 'r', taskId: task.id, logs: { follow: true } };

/** The manager's end of the one relay a test opens. */
class ManagerEnd {
  readonly heard: RelayFrame[] = [];
  readonly toAgent = new ChannelQueue<RelayFrame>(10_000);

  async *serve(frames: AsyncIterable<RelayFrame>): AsyncIterable<RelayFrame> {
    // How the call ends is the agent's to notice; here it only has to end.
    this.#listen(frames).catch(() => undefined);
    yield* this.toAgent;
  }

  async #listen(frames: AsyncIterable<RelayFrame>): Promise<void> {
    for await (const frame of frames) {
      this.heard.push(frame);
      if (frame.exitCode !== undefined || frame.end === true) this.toAgent.end();
    }
  }

  /** As when the client of a command goes away. */
  cancel(): void {
    this.toAgent.end(new TsoError('CANCELLED', 'the caller went away'));
  }

  get output(): string {
    return this.heard.map(({ stdout }) => (stdout === undefined ? '' : Buffer.from(stdout).toString())).join('');
  }

  has(holds: (frame: RelayFrame) => boolean): boolean {
    return this.heard.some(holds);
  }
}

interface World {
  readonly manager: ManagerEnd;
  readonly relays: Relays;
  readonly clock: ManualClock;
  readonly process: FakeProcess;
  readonly logPath: string;
  readonly life: { alive: boolean; listener: () => void };
  readonly open: (request: RelayRequest) => void;
}

const nobody = (): void => undefined;

const unused = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
};

const withRelays = async (body: (world: World) => Promise<void>, process = new FakeProcess()): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-relay-'));
  const address = `unix:${join(folder, 'manager.sock')}`;
  const logger = new CollectedLog();
  const manager = new ManagerEnd();
  const handlers: Handlers<typeof Dispatcher> = { session: unused, relay: (frames) => manager.serve(frames), fetchImage: unused };
  const server = new RpcServer({ address, authenticate: () => ['worker'], logger }).add(Dispatcher, handlers);
  await server.start();
  const channel = new RpcChannel(address);
  const clock = new ManualClock();
  const life = { alive: true, listener: nobody };
  const logPath = join(folder, task.id, 'log');
  const relays = new Relays({
    clock,
    logger,
    containers: {
      exec: async () => process,
      logPath: () => logPath,
      observe: async () => ({ state: 'none' }),
      kill: unused,
      stats: async () => undefined,
      usage: async () => undefined,
      processes: async () => [],
      files: async () => undefined,
    },
    images: { findDigest: unused, name: unused, takeIn: unused, save: unused },
    worker: {
      hostname: 'host',
      isAlive: () => life.alive,
      task: (id) => (id === task.id ? task : undefined),
      onStatus: (_, listener) => {
        life.listener = listener;
        return () => undefined;
      },
    },
  });
  try {
    const dispatcher = channel.client(Dispatcher);
    await body({ manager, relays, clock, process, logPath, life, open: (request) => relays.open(request, dispatcher) });
  } finally {
    process.exit(0);
    manager.toAgent.end();
    channel.close();
    await server.stop(0);
    await rm(folder, { recursive: true });
  }
};

test('a command gets its input, its output arrives, its exit code comes last', (t) =>
  withRelays(async ({ manager, relays, process, open }) => {
    open(execRequest);
    manager.toAgent.push({ stdin: Buffer.from('hello') });
    manager.toAgent.push({ stdinEnd: true });
    await eventually('it has its input', () => process.inputEnded);
    process.say('answer');
    process.exit(3);
    await eventually('the relay is over', () => relays.count === 0);
    t.deepEqual(process.written, ['hello']);
    t.is(manager.output, 'answer');
    t.is(manager.heard.at(-1)?.exitCode, 3);
    t.deepEqual(process.signals, []);
  }));

test('a client that goes away takes a talking command with it', (t) =>
  withRelays(async ({ manager, relays, process, open }) => {
    open(execRequest);
    process.say('some');
    await eventually('it is heard', () => manager.output === 'some');
    manager.cancel();
    // Each of these finds the stream closed, some while the end is not known yet.
    for (let index = 0; index < 100; index += 1) {
      process.say('more');
      await new Promise(setImmediate);
    }
    await eventually('the relay is over', () => relays.count === 0);
    t.is(process.signals[0], 'SIGHUP');
  }));

test('a client that goes away takes a command with it that does not read its input', (t) =>
  withRelays(async ({ manager, relays, process, open }) => {
    process.deaf = true;
    open(execRequest);
    for (let index = 0; index < 10; index += 1) manager.toAgent.push({ stdin: Buffer.from('x') });
    await eventually('it is written to', () => process.written.length === 1);
    manager.cancel();
    await eventually('the relay is over', () => relays.count === 0);
    t.deepEqual(process.signals, ['SIGHUP']);
  }));

test('a relay is broken off by its name, though its call cannot end for the input that waits in it', (t) =>
  withRelays(async ({ manager, relays, process, open }) => {
    process.deaf = true;
    open(execRequest);
    for (let index = 0; index < 1_000; index += 1) manager.toAgent.push({ stdin: Buffer.alloc(64 * 1024) });
    await eventually('it is written to', () => process.written.length === 1);
    manager.cancel();
    relays.cancel('another');
    await new Promise(setImmediate);
    t.deepEqual(process.signals, []);
    relays.cancel('r');
    await eventually('the relay is over', () => relays.count === 0);
    t.deepEqual(process.signals, ['SIGHUP']);
  }));

test('a command that does not heed the hang-up is killed, and what it still says is read', (t) =>
  withRelays(
    async ({ manager, relays, clock, process, open }) => {
      open(execRequest);
      await eventually('it is open', () => manager.heard.length === 1);
      manager.cancel();
      await eventually('it is hung up', () => process.signals.length === 1);
      for (let index = 0; index < 100; index += 1) process.say('still here');
      clock.advance(limits.execHangUpMs);
      await eventually('the relay is over', () => relays.count === 0);
      t.deepEqual(process.signals, ['SIGHUP', 'SIGKILL']);
      t.is(process.stdout.size, 0);
    },
    new FakeProcess(['SIGKILL']),
  ));

test('an agent that stops takes the commands with it', (t) =>
  withRelays(async ({ manager, relays, process, open }) => {
    open(execRequest);
    await eventually('it is open', () => manager.heard.length === 1);
    await relays.stop();
    t.deepEqual(process.signals, ['SIGHUP']);
    t.is(relays.count, 0);
    open(execRequest);
    t.is(relays.count, 0);
  }));

test('what cannot be run is said in the last frame', (t) =>
  withRelays(async ({ manager, relays, life, open }) => {
    life.alive = false;
    open(execRequest);
    await eventually('it is said', () => manager.has(({ error }) => error !== undefined));
    t.deepEqual(manager.heard.at(-1)?.error, {
      code: 'FAILED_PRECONDITION',
      message: `the task ${task.id} is not running`,
      hint: 'See what is: tso ps',
    });
    manager.toAgent.end();
    await eventually('the relay is over', () => relays.count === 0);
  }));

test('a followed log ends with its task, and when its reader goes away', (t) =>
  withRelays(async ({ manager, relays, logPath, life, open }) => {
    open(follow);
    await eventually('it is followed', () => manager.heard.length === 1);
    const line = '2026-11-21T03:00:00.000000000+00:00 stdout F hello\n';
    await eventually('it is waited for', () => life.listener !== nobody);
    await appendFile(logPath, line);
    await eventually('the line is heard', () => manager.has(({ log }) => log !== undefined));
    life.alive = false;
    life.listener();
    await eventually('the relay is over', () => relays.count === 0);
    t.true(manager.heard.at(-1)?.end);
    t.is(Buffer.from(manager.heard[1]?.log?.data ?? []).toString(), 'hello');
  }));

test('a follow of a quiet log ends when its reader goes away', (t) =>
  withRelays(async ({ manager, relays, open }) => {
    open(follow);
    await eventually('it is followed', () => manager.heard.length === 1);
    manager.cancel();
    await eventually('the relay is over', () => relays.count === 0);
    t.pass();
  }));

test('a relay that the manager does not close is broken off', (t) =>
  withRelays(async ({ manager, relays, clock, life, open }) => {
    life.alive = false;
    open(execRequest);
    await eventually('it is said', () => manager.has(({ error }) => error !== undefined));
    await eventually('it waits', () => clock.pending === 1);
    clock.advance(limits.relaysStopMs);
    await eventually('the relay is over', () => relays.count === 0);
    t.pass();
  }));

test('a client that detaches leaves the command running, and hears no more of it', (t) =>
  withRelays(async ({ manager, relays, process, open }) => {
    open(execRequest);
    process.say('some');
    await eventually('it is heard', () => manager.output === 'some');
    manager.toAgent.push({ detach: true });
    await eventually('the relay is over', () => relays.count === 0);
    t.true(manager.heard.at(-1)?.end);
    process.say('more');
    await eventually('what it says is still read', () => process.stdout.size === 0);
    t.deepEqual(process.signals, []);
    t.false(process.inputEnded);
    t.is(manager.output, 'some');
  }));
