import type { Clock, RelayFrame, RelayRequest } from '@tso/proto';
import test from 'ava';
import { silentLogger } from '../testing/ports.ts';
import { Pipe } from './pipe.ts';
import { Relays } from './relays.ts';

const never = new AbortController().signal;
const node = { id: 'node-a', hostname: 'host-a' };
const wish = { logs: { follow: false } };
let seed = 0;
const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => (seed = (seed * 31 + 7) % 251)), number: () => 0 };

const relaysWith = (request: (nodeId: string, request: RelayRequest) => boolean) => {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer: (_, callback) => {
      timers.push(callback);
      return () => void timers.splice(timers.indexOf(callback), 1);
    },
  };
  const cancelled: string[] = [];
  const cancel = (nodeId: string): void => void cancelled.push(nodeId);
  return { relays: new Relays({ clock, random, logger: silentLogger, request, cancel }), timers, cancelled };
};

const text = (frame: RelayFrame | undefined): string => Buffer.from(frame?.stdout ?? frame?.stdin ?? new Uint8Array()).toString();

test('who asks and the call of the agent come together, frames go both ways, and the end reaches the agent', async (t) => {
  const fromAgent = new Pipe<RelayFrame>(4);
  const heard: string[] = [];
  let agent: Promise<void> = Promise.resolve();
  const { relays, timers } = relaysWith((nodeId, request) => {
    t.deepEqual([nodeId, request.taskId, request.logs], ['node-a', 'task-x', { follow: false }]);
    agent = (async () => {
      await fromAgent.write({ open: request.relayId });
      for await (const frame of relays.accept(fromAgent, never)) heard.push(text(frame));
    })();
    return true;
  });
  const connection = await relays.open(node, 'task-x', wish, never);
  t.deepEqual(timers, [], 'the deadline is over');
  await connection.send({ stdin: Buffer.from('in') });
  await fromAgent.write({ stdout: Buffer.from('out') });
  const frames = connection.frames[Symbol.asyncIterator]();
  t.is(text((await frames.next()).value as RelayFrame), 'out');
  connection.end();
  await agent;
  t.deepEqual(heard, ['in']);
});

test('the call of another node than the one that was asked is refused, and the right one is still served', async (t) => {
  const relayIds: string[] = [];
  const { relays } = relaysWith((_, { relayId }) => relayIds.push(relayId) > 0);
  const opening = relays.open(node, 'task-x', wish, never);
  const callOf = async (from: string): Promise<RelayFrame[]> => {
    const frames = new Pipe<RelayFrame>(4);
    await frames.write({ open: relayIds[0] ?? '' });
    const heard: RelayFrame[] = [];
    for await (const frame of relays.accept(frames, never, from)) heard.push(frame);
    return heard;
  };
  await t.throwsAsync(callOf('node-b'), { code: 'PERMISSION_DENIED', message: /another node was asked/ });
  const served = callOf('node-a');
  (await opening).end();
  t.deepEqual(await served, []);
});

test('cancelling breaks the call of the agent off', async (t) => {
  const fromAgent = new Pipe<RelayFrame>(4);
  let agent: Promise<unknown> = Promise.resolve();
  const { relays } = relaysWith((_, { relayId }) => {
    agent = (async () => {
      await fromAgent.write({ open: relayId });
      for await (const _frame of relays.accept(fromAgent, never)) t.fail();
    })();
    agent.catch(() => undefined);
    return true;
  });
  const connection = await relays.open(node, 'x', wish, never);
  connection.cancel();
  await t.throwsAsync(agent, { code: 'CANCELLED' });
});

test('cancelling is said on the session as well, once, and not when all was said', async (t) => {
  const { relays, cancelled } = relaysWith((_, { relayId }) => {
    const fromAgent = new Pipe<RelayFrame>(4);
    void fromAgent.write({ open: relayId });
    // Asked for one frame, and then never again: as a call is that waits for a process which does not read.
    void relays.accept(fromAgent, never)[Symbol.asyncIterator]().next();
    return true;
  });
  const left = await relays.open(node, 'x', wish, never);
  await left.send({ stdin: Buffer.from('in') });
  left.cancel();
  left.cancel();
  t.deepEqual(cancelled, ['node-a']);
  const done = await relays.open(node, 'x', wish, never);
  done.end();
  done.cancel();
  t.deepEqual(cancelled, ['node-a']);
});

test('a node that is not connected, and an agent that does not call back, are UNAVAILABLE', async (t) => {
  await t.throwsAsync(relaysWith(() => false).relays.open(node, 'x', wish, never), {
    code: 'UNAVAILABLE',
    message: 'node host-a is not connected',
  });
  const { relays, timers } = relaysWith(() => true);
  const waiting = relays.open(node, 'x', wish, never);
  timers[0]?.();
  await t.throwsAsync(waiting, { code: 'UNAVAILABLE', message: 'the agent of node host-a did not answer within 10 s' });
});

test('a caller that goes away before the agent came ends the wait, and a call that comes too late is told so', async (t) => {
  const caller = new AbortController();
  let relayId = '';
  const { relays } = relaysWith((_, request) => {
    relayId = request.relayId;
    return true;
  });
  const waiting = relays.open(node, 'x', wish, caller.signal);
  caller.abort();
  await t.throwsAsync(waiting, { code: 'CANCELLED' });
  const late = async function* (): AsyncIterable<RelayFrame> {
    yield { open: relayId };
  };
  await t.throwsAsync(
    async () => {
      for await (const _ of relays.accept(late(), never)) t.fail();
    },
    { code: 'NOT_FOUND' },
  );
});
