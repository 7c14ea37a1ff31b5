import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LogStream, NodeState, type StackSpec, type StackView, TaskState } from '@tso/proto';
import test from 'ava';
import { FakeAgent, service, stack, type World, withManager } from './manager-fixture.ts';
import { eventually } from './testing/eventually.ts';

const apply = (world: World, spec: StackSpec) =>
  world.control.applyStack({ spec, dryRun: false, removeOrphans: true, services: [], files: [], declared: [] });

/** The first view of the stack that is as asked. */
const viewWhen = async (world: World, minVersion: number, holds: (view: StackView) => boolean): Promise<StackView> => {
  for await (const view of world.control.watchStack({ name: 'shop', minVersion }, { deadlineMs: 40_000 })) if (holds(view)) return view;
  throw new Error('the watch ended');
};

const isConverged = (view: StackView): boolean => view.services.length > 0 && view.services.every(({ converged }) => converged);

const connected = async (world: World): Promise<FakeAgent> => {
  const agent = new FakeAgent(world);
  await agent.welcomed;
  return agent;
};

const nodeState = async (world: World): Promise<NodeState | undefined> => (await world.control.listNodes({})).nodes[0]?.node.state;

test('a stack is applied, its tasks reach the agent, its statuses make the watch converge', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    const reply = await apply(world, stack(service('web', 2)));
    t.deepEqual(
      reply.changes.filter(({ kind }) => kind === 'service').map(({ name, action }) => [name, action]),
      [['web', 'create']],
    );
    const view = await viewWhen(world, reply.version, isConverged);
    t.true(view.version >= reply.version);
    t.is(view.services[0]?.running, 2);
    t.is(agent.tasks.size, 2);
    const [network] = agent.sets.flatMap(({ networks }) => networks).slice(-1);
    t.is(network?.name, 'shop_default');
    t.is(network?.endpoints.length, 2);
    const { tasks } = await world.control.listTasks({ stack: 'shop', services: [], all: false, node: '' });
    t.deepEqual(
      tasks.map(({ task }) => [task.serviceName, task.slot, task.status.state]),
      [
        ['web', 1, TaskState.RUNNING],
        ['web', 2, TaskState.RUNNING],
      ],
    );
    t.true(agent.acknowledged > 0);
    agent.leave();
  }));

test('scaling, and taking the stack down, reach the agent as differences and leave nothing', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    await viewWhen(world, (await apply(world, stack(service('web', 1)))).version, isConverged);
    const scaled = await world.control.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 3 }] });
    const view = await viewWhen(world, scaled.version, (one) => isConverged(one) && one.services[0]?.running === 3);
    t.is(view.services[0]?.desired, 3);
    t.true(agent.sets.slice(1).every(({ baseVersion }) => baseVersion > 0));
    const removed = await world.control.removeStack({ name: 'shop', volumes: true });
    const gone = await viewWhen(world, removed.version, ({ exists }) => !exists);
    t.deepEqual([gone.services, gone.networks], [[], []]);
    agent.leave();
  }));

test('a dry run says what would change and changes nothing', (t) =>
  withManager(async (world) => {
    const reply = await world.control.applyStack({
      spec: stack(service('web', 2)),
      dryRun: true,
      removeOrphans: false,
      services: [],
      files: [],
      declared: [],
    });
    t.true(reply.changes.some(({ kind, name, action }) => kind === 'service' && name === 'web' && action === 'create'));
    t.false((await world.control.getStack({ name: 'shop' })).exists);
  }));

test('an apply that expects another version is a CONFLICT', (t) =>
  withManager(async (world) => {
    const spec = stack(service('web', 1));
    await apply(world, spec);
    await t.throwsAsync(
      world.control.applyStack({ spec, expectedVersion: 0, dryRun: false, removeOrphans: false, services: [], files: [], declared: [] }),
      {
        code: 'CONFLICT',
        message: /stack shop is at version/,
      },
    );
  }));

test('of two who apply what they read, the second is refused and shown what the first changed', (t) =>
  withManager(async (world) => {
    const seen = async () => (await world.control.getStack({ name: 'shop' })).stackVersion;
    const applyTo = (expectedVersion: number | undefined, replicas: number) => {
      const request = { spec: stack(service('web', replicas)), dryRun: false, removeOrphans: false, services: [], files: [], declared: [] };
      return world.control.applyStack(expectedVersion === undefined ? request : { ...request, expectedVersion });
    };
    t.is(await seen(), 0);
    await applyTo(await seen(), 1);
    const both = await seen();
    await applyTo(both, 2);
    await t.throwsAsync(applyTo(both, 3), { code: 'CONFLICT', message: /changed services\.web\.replicas from 1 to 2/ });
    await applyTo(await seen(), 3);
  }));

test('a restart keeps everything: the wish, the tasks, and the agent is told the whole once', (t) =>
  withManager(async (world) => {
    const first = await connected(world);
    const { version } = await apply(world, stack(service('web', 2)));
    const before = await viewWhen(world, version, isConverged);
    await world.restart();
    await t.throwsAsync(first.ended, { code: 'UNAVAILABLE' });
    const agent = await connected(world);
    const after = await viewWhen(world, version, (view) => agent.sets.length > 0 && isConverged(view));
    t.deepEqual(
      after.services[0]?.tasks.map(({ id }) => id),
      before.services[0]?.tasks.map(({ id }) => id),
    );
    t.deepEqual(agent.sets.map(({ baseVersion, tasks }) => [baseVersion, tasks.length])[0], [0, 2]);
    t.not(agent.epoch, first.epoch);
    agent.leave();
  }));

test('an agent that comes back with what it holds is told a difference only', (t) =>
  withManager(async (world) => {
    const first = await connected(world);
    await viewWhen(world, (await apply(world, stack(service('web', 1)))).version, isConverged);
    first.leave();
    await t.throwsAsync(first.ended);
    const again = new FakeAgent(world, { epoch: first.epoch, version: first.version });
    await again.welcomed;
    const scaled = await world.control.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 2 }] });
    await viewWhen(world, scaled.version, (view) => isConverged(view) && view.services[0]?.running === 2);
    t.is(again.sets[0]?.baseVersion, first.version);
    t.is(again.sets.flatMap(({ tasks }) => tasks).length, 1, 'the new task alone');
    again.leave();
  }));

test('a node that leaves is disconnected at once', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    t.is(await nodeState(world), NodeState.NODE_READY);
    agent.leave();
    await eventually('the node is disconnected', async () => (await nodeState(world)) === NodeState.NODE_DISCONNECTED);
  }));

test('a node that is silent too long is down, and a session in silence is ended', (t) =>
  withManager(
    async (world) => {
      const agent = await connected(world);
      agent.leave();
      await eventually('the node is down', async () => (await nodeState(world)) === NodeState.NODE_DOWN);
      const silent = new FakeAgent(world);
      await silent.welcomed;
      await t.throwsAsync(silent.ended, { code: 'DEADLINE_EXCEEDED' });
    },
    { heartbeatMs: 100 },
  ));

test('logs of all tasks come merged by time with their names; what cannot be had is a warning', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    agent.onRelay = async ({ taskId }, frames) => {
      const slot = agent.tasks.get(taskId)?.slot ?? 0;
      if (slot === 3) return frames.send({ error: { code: 'NOT_FOUND', message: 'its log is gone', hint: '' } });
      for (const second of [slot, slot + 10]) {
        const data = Buffer.from(`line ${second}`);
        const log = {
          taskId,
          atNsHigh: second,
          atNsLow: 0,
          stream: LogStream.STDOUT,
          data,
          partial: false,
          serviceName: '',
          slot: 0,
          stack: '',
          node: '',
          ordinal: 1,
        };
        await frames.send({ log });
      }
      await frames.send({ end: true });
      frames.end();
    };
    await viewWhen(world, (await apply(world, stack(service('web', 3)))).version, isConverged);
    const replies: string[] = [];
    for await (const { line, warning } of world.control.logs({ stack: 'shop', targets: ['web'], options: { follow: false }, seen: [] })) {
      replies.push(warning ?? `${line?.serviceName}.${line?.slot} ${line?.node.slice(0, 9)} ${Buffer.from(line?.data ?? []).toString()}`);
    }
    t.deepEqual(replies, ['logs of web.3: its log is gone', ...[1, 2, 11, 12].map((at) => `web.${at % 10} host-node line ${at}`)]);
    agent.leave();
  }));

test('followed logs take in tasks that come later, and end for the agent when the caller goes', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    const broken: Promise<void>[] = [];
    agent.onRelay = async ({ taskId, logs }, frames) => {
      if (logs?.follow !== true) {
        await frames.send({ end: true });
        return frames.end();
      }
      const slot = agent.tasks.get(taskId)?.slot ?? 0;
      const log = { taskId, atNsHigh: 1, atNsLow: 0, stream: LogStream.STDOUT, data: Buffer.from(`hello ${slot}`), partial: false };
      await frames.send({ log: { ...log, serviceName: '', slot, stack: '', node: '', ordinal: 1 } });
      broken.push(
        (async () => {
          for await (const _ of frames) t.fail('nothing is said to a log reader');
        })(),
      );
    };
    await viewWhen(world, (await apply(world, stack(service('web', 1)))).version, isConverged);
    const heard: string[] = [];
    for await (const { line } of world.control.logs(
      { stack: 'shop', targets: [], options: { follow: true }, seen: [] },
      { deadlineMs: 40_000 },
    )) {
      heard.push(Buffer.from(line?.data ?? []).toString());
      if (heard.length === 1) await world.control.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 2 }] });
      if (heard.length === 2) break;
    }
    t.deepEqual(heard, ['hello 1', 'hello 2']);
    t.is(broken.length, 2);
    for (const relay of broken) await t.throwsAsync(relay, { code: 'CANCELLED' });
    agent.leave();
  }));

test('exec carries both directions, the exit code last, and failures with their words', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    agent.onRelay = async ({ exec }, frames) => {
      if (exec?.command[0] === 'missing') {
        await frames.send({ error: { code: 'NOT_FOUND', message: 'no such command', hint: 'look again' } });
        return;
      }
      for await (const frame of frames) {
        if (frame.stdin !== undefined) await frames.send({ stdout: frame.stdin });
        if (frame.stdinEnd === true) break;
      }
      await frames.send({ exitCode: 7 });
      frames.end();
    };
    await viewWhen(world, (await apply(world, stack(service('web', 2)))).version, isConverged);
    const run = async (command: string): Promise<string[]> => {
      const call = world.control.exec({ deadlineMs: 40_000 });
      const options = { command: [command], user: '', workingDir: '', env: [], tty: false, interactive: true, privileged: false };
      await call.send({ start: { stack: 'shop', target: 'web', index: 2, options } });
      await call.send({ frame: { stdin: Buffer.from('echo') } });
      call.end();
      const got: string[] = [];
      for await (const frame of call)
        got.push(frame.exitCode === undefined ? Buffer.from(frame.stdout ?? []).toString() : `exit ${frame.exitCode}`);
      return got;
    };
    t.deepEqual(await run('cat'), ['echo', 'exit 7']);
    t.is(agent.tasks.get(agent.relays[0]?.taskId ?? '')?.slot, 2);
    await t.throwsAsync(run('missing'), { code: 'NOT_FOUND', message: 'no such command' });
    agent.leave();
  }));

test('a client that leaves an exec takes it away from the agent', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    let agentSide: Promise<void> = Promise.resolve();
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    agent.onRelay = async (_, frames) => {
      agentSide = (async () => {
        for await (const __ of frames) started();
      })();
      await agentSide;
    };
    await viewWhen(world, (await apply(world, stack(service('web', 1)))).version, isConverged);
    const call = world.control.exec();
    const options = { command: ['sleep'], user: '', workingDir: '', env: [], tty: false, interactive: true, privileged: false };
    await call.send({ start: { stack: 'shop', target: 'web', index: 0, options } });
    await call.send({ frame: { stdin: Buffer.from('x') } });
    await running;
    call.cancel();
    await t.throwsAsync(agentSide, { code: 'CANCELLED' });
    agent.leave();
  }));

test('the socket is for root alone', (t) =>
  withManager(async ({ directory }) => {
    t.is((await stat(join(directory, 'manager.sock'))).mode & 0o777, 0o600);
  }));
