import { getEventListeners } from 'node:events';
import test from 'ava';
import { TsoError } from '../index.ts';
import { aborted, ack, collect, connected, failure, heartbeat, info, view } from './testing/pair.ts';

test('a unary call carries the request there and the reply back', async (t) => {
  const { control } = await connected(t, { getStack: async ({ name }) => ({ ...view(7), name }) });
  t.deepEqual(await control.getStack({ name: 'shop' }), view(7));
});

test('a failure crosses the wire with its code, message, hint and details', async (t) => {
  const { control } = await connected(t, {
    getInfo: async () => {
      throw new TsoError('CONFLICT', 'port 8080 is taken by nginx – “pid 812”', {
        hint: 'Choose another.',
        details: { port: 8080, by: ['nginx'] },
      });
    },
  });
  const error = await failure(t, () => control.getInfo({}));
  t.is(error.code, 'CONFLICT');
  t.is(error.message, 'port 8080 is taken by nginx – “pid 812”');
  t.is(error.hint, 'Choose another.');
  t.deepEqual(error.details, { port: 8080, by: ['nginx'] });
});

test('what is thrown without a code arrives as INTERNAL with its message', async (t) => {
  const { control } = await connected(t, {
    getInfo: async () => {
      throw new Error('a bug');
    },
  });
  const error = await failure(t, () => control.getInfo({}));
  t.is(error.code, 'INTERNAL');
  t.is(error.message, 'a bug');
});

test('details that JSON cannot say do not hide the failure', async (t) => {
  const circular: Record<string, unknown> = { size: 2n ** 60n };
  circular.self = circular;
  const { control } = await connected(t, {
    getInfo: async () => {
      throw new TsoError('NOT_FOUND', 'gone', { hint: 'Look elsewhere.', details: circular });
    },
  });
  const error = await failure(t, () => control.getInfo({}));
  t.is(error.code, 'NOT_FOUND');
  t.is(error.message, 'gone');
  t.is(error.hint, 'Look elsewhere.');
});

test('details too large for a trailer do not hide the failure', async (t) => {
  const { control } = await connected(t, {
    getInfo: async () => {
      throw new TsoError('INVALID_ARGUMENT', 'all of it is wrong', { details: { findings: 'x'.repeat(200_000) } });
    },
  });
  const error = await failure(t, () => control.getInfo({}));
  t.is(error.code, 'INVALID_ARGUMENT');
  t.is(error.message, 'all of it is wrong');
});

test('a request that lacks a required part is refused before the handler sees it', async (t) => {
  const { control } = await connected(t, { applyStack: async () => t.fail('the handler ran') as never });
  const error = await failure(t, () => control.applyStack({ dryRun: false, removeOrphans: false, services: [], files: [] } as never));
  t.is(error.code, 'INVALID_ARGUMENT');
  t.regex(error.message, /ApplyStackRequest\.spec is missing/);
});

test('a caller without the role is refused and told which role it lacks', async (t) => {
  const { control, dispatcher } = await connected(t, { getInfo: async () => info }, ['client']);
  t.is((await control.getInfo({})).version, 2 ** 40);
  const error = await failure(t, () => collect(dispatcher.session()));
  t.is(error.code, 'PERMISSION_DENIED');
  t.regex(error.message, /worker or manager.*the caller is client/);
});

test('a server stream delivers all in order and ends', async (t) => {
  const { control } = await connected(t, {
    watchStack: async function* () {
      for (let version = 1; version <= 500; version += 1) yield view(version);
    },
  });
  const versions = (await collect(control.watchStack({ name: 'shop', minVersion: 0 }))).map((it) => it.version);
  t.deepEqual(
    versions,
    Array.from({ length: 500 }, (_, index) => index + 1),
  );
});

test('a server stream that fails delivers what came before', async (t) => {
  const { control } = await connected(t, {
    watchStack: async function* () {
      yield view(1);
      throw new TsoError('NOT_FOUND', 'stack shop is gone', { hint: 'List them: tso ls' });
    },
  });
  const seen: number[] = [];
  const error = await failure(t, async () => {
    for await (const { version } of control.watchStack({ name: 'shop', minVersion: 0 })) seen.push(version);
  });
  t.deepEqual(seen, [1]);
  t.is(error.sentence, 'stack shop is gone. List them: tso ls');
});

test('a reader that stops early ends the handler', async (t) => {
  const stopped = Promise.withResolvers<void>();
  const { control } = await connected(t, {
    watchStack: async function* (_request, { signal }) {
      yield view(1);
      await aborted(signal);
      stopped.resolve();
    },
  });
  for await (const { version } of control.watchStack({ name: 'shop', minVersion: 0 })) {
    t.is(version, 1);
    break;
  }
  await t.notThrowsAsync(stopped.promise);
});

test("the handler's finally runs even when it waits for something that never comes", async (t) => {
  const released = Promise.withResolvers<void>();
  const { control } = await connected(t, {
    watchStack: async function* (_request, { signal }) {
      try {
        for (let version = 1; !signal.aborted; version += 1) yield view(version);
      } finally {
        released.resolve();
      }
    },
  });
  const controller = new AbortController();
  const error = await failure(t, async () => {
    for await (const { version } of control.watchStack({ name: 'shop', minVersion: 0 }, { signal: controller.signal })) {
      if (version === 3) controller.abort();
    }
  });
  t.is(error.code, 'CANCELLED');
  await t.notThrowsAsync(released.promise);
});

test('a call is cancelled by its signal, one already aborted too', async (t) => {
  const { control } = await connected(t, { getInfo: () => new Promise(() => undefined) });
  const controller = new AbortController();
  const running = control.getInfo({}, { signal: controller.signal });
  controller.abort();
  t.is((await failure(t, () => running)).code, 'CANCELLED');
  t.is((await failure(t, () => control.getInfo({}, { signal: AbortSignal.abort() }))).code, 'CANCELLED');
});

test('a call that nobody answers ends with DEADLINE_EXCEEDED', async (t) => {
  const { control } = await connected(t, { getInfo: () => new Promise(() => undefined) });
  t.is((await failure(t, () => control.getInfo({}, { deadlineMs: 50 }))).code, 'DEADLINE_EXCEEDED');
});

test('both ends of a two-way stream talk at the same time', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages) {
        yield { welcome: { epoch: 'e', heartbeatMs: 1_000, clusterId: 'c', addressPool: '', vxlanPort: 4789 } };
        for await (const { heartbeat: beat } of messages) if (beat !== undefined) yield ack(beat.sequence);
      },
    },
  });
  const stream = dispatcher.session();
  const answers = stream[Symbol.asyncIterator]();
  t.is((await answers.next()).value?.welcome?.epoch, 'e');
  for (let sequence = 1; sequence <= 50; sequence += 1) {
    await stream.send(heartbeat(sequence));
    t.is((await answers.next()).value?.heartbeatAck?.sequence, sequence);
  }
  stream.end();
  t.true((await answers.next()).done);
});

test('the server ending a two-way stream ends it for the client, whose next send fails', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* () {
        yield ack(1);
      },
    },
  });
  const stream = dispatcher.session();
  t.is((await collect(stream)).length, 1);
  t.is((await failure(t, () => stream.send(heartbeat(1)))).code, 'UNAVAILABLE');
});

test('a failure in the middle of a two-way stream reaches the client whole', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages) {
        for await (const { heartbeat: beat } of messages) {
          if (beat?.sequence === 2) throw new TsoError('FAILED_PRECONDITION', 'not the leader', { hint: 'Ask node b.' });
          yield ack(beat?.sequence ?? 0);
        }
      },
    },
  });
  const stream = dispatcher.session();
  await stream.send(heartbeat(1));
  await stream.send(heartbeat(2));
  const error = await failure(t, () => collect(stream));
  t.is(error.code, 'FAILED_PRECONDITION');
  t.is(error.hint, 'Ask node b.');
});

test('who still reads the requests of a two-way stream that failed is told why', async (t) => {
  const seen = Promise.withResolvers<unknown>();
  const { dispatcher } = await connected(t, {
    dispatcher: {
      // biome-ignore lint/correctness/useYield: it fails before it has anything to say
      session: async function* (messages) {
        const reader = messages[Symbol.asyncIterator]();
        await reader.next();
        reader.next().then(seen.resolve, seen.resolve);
        throw new TsoError('CONFLICT', 'a newer session has begun');
      },
    },
  });
  const stream = dispatcher.session();
  await stream.send(heartbeat(1));
  t.is((await failure(t, () => collect(stream))).code, 'CONFLICT');
  t.like(await seen.promise, { code: 'CONFLICT', message: 'a newer session has begun' });
});

test('a failure right behind an answer reaches the client whole, and so does the answer, although somebody still reads the requests', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages) {
        const requests = messages[Symbol.asyncIterator]();
        await requests.next();
        requests.next().catch(() => undefined);
        for (let sequence = 1; sequence <= 40; sequence += 1) yield ack(sequence);
        throw new TsoError('FAILED_PRECONDITION', 'not the leader', { hint: 'Ask node b.' });
      },
    },
  });
  for (let round = 0; round < 20; round += 1) {
    const stream = dispatcher.session();
    await stream.send(heartbeat(1));
    const seen: unknown[] = [];
    const error = await failure(t, async () => {
      for await (const answer of stream) seen.push(answer.heartbeatAck?.sequence);
    });
    t.is(error.code, 'FAILED_PRECONDITION');
    t.is(error.hint, 'Ask node b.');
    t.is(seen.length, 40);
  }
});

test('a handler that stops reading still answers', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages) {
        for await (const { heartbeat: beat } of messages) {
          yield ack(beat?.sequence ?? 0);
          break;
        }
        yield ack(100);
      },
    },
  });
  const stream = dispatcher.session();
  await stream.send(heartbeat(1));
  t.deepEqual(
    (await collect(stream)).map((message) => message.heartbeatAck?.sequence),
    [1, 100],
  );
});

test('a message in the middle of a stream that is none is refused', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages) {
        for await (const { heartbeat: beat } of messages) yield ack(beat?.sequence ?? 0);
      },
    },
  });
  const stream = dispatcher.session();
  await stream.send(heartbeat(1));
  await stream.send({ hello: { nodeId: 'n', haveVersion: 0, address: '', sessionEpoch: '' } } as never);
  const error = await failure(t, () => collect(stream));
  t.is(error.code, 'INVALID_ARGUMENT');
  t.regex(error.message, /AgentMessage\.hello\.description is missing/);
});

test('a client that goes away ends the requests quietly and aborts the signal', async (t) => {
  const ended = Promise.withResolvers<boolean>();
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages, { signal }) {
        for await (const { heartbeat: beat } of messages) yield ack(beat?.sequence ?? 0);
        await aborted(signal);
        ended.resolve(true);
      },
    },
  });
  const stream = dispatcher.session();
  await stream.send(heartbeat(1));
  await stream[Symbol.asyncIterator]().next();
  stream.cancel();
  t.true(await ended.promise);
});

test('a large message passes, many megabytes', async (t) => {
  const { control } = await connected(t, { getStack: async ({ name }) => ({ ...view(1), name }) });
  const name = 'x'.repeat(8 * 1024 * 1024);
  t.is((await control.getStack({ name })).name.length, name.length);
});

test('the end of a two-way stream is seen by who neither reads nor sends, and the signal is given back', async (t) => {
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: async function* (messages) {
        for await (const _ of messages) {
          for (let sequence = 1; sequence <= 1_000; sequence += 1) yield ack(sequence);
          throw new TsoError('CANCELLED', 'the caller went away');
        }
      },
    },
  });
  const controller = new AbortController();
  const stream = dispatcher.session({ signal: controller.signal });
  await stream.send(heartbeat(1));
  await stream.closed;
  await t.throwsAsync(stream.send(heartbeat(2)), { code: 'CANCELLED', message: 'the caller went away' });
  t.is(getEventListeners(controller.signal, 'abort').length, 0);
});

test('who sends, or begins to read, after the other end has ended the call hears what it said', async (t) => {
  const leader = '10.0.0.7:2478';
  const refused = new TsoError('UNAVAILABLE', 'this manager does not lead', { details: { leader } });
  const { dispatcher } = await connected(t, {
    dispatcher: {
      session: () => {
        throw refused;
      },
    },
  });
  const said = { code: 'UNAVAILABLE', message: 'this manager does not lead' } as const;
  const stream = dispatcher.session();
  await stream.closed;
  const unsent = await t.throwsAsync(stream.send({ heartbeat: { sequence: 1, usage: [] } }), said);
  t.is((unsent as TsoError).details.leader, leader);
  t.throws(() => stream.write({ heartbeat: { sequence: 1, usage: [] } }, () => undefined), said);
  await t.throwsAsync(async () => {
    for await (const _message of stream) t.fail('nothing was sent');
  }, said);
});
