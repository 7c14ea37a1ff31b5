import { type ExecRequest, type LogsReply, TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { eventually } from '../testing/eventually.ts';
import { aborted, collect, line, logsRequest, member, operator, pair, restOf, said, shown, textOf, typed } from './forward-fixture.ts';
import { Pipe } from './pipe.ts';

test('the leader serves by itself', async (t) => {
  const leader = await member(t, 1);
  leader.serves = {
    logs: async function* () {
      yield line('one');
    },
  };
  t.deepEqual(await collect(leader.handlers.logs(logsRequest, operator())), [line('one')]);
  t.is(leader.calls.length, 1);
});

test('another manager passes the whole call on once, and says for whom', async (t) => {
  const { leader, follower } = await pair(t, {
    logs: async function* ({ stack }) {
      yield line(stack);
      yield line('two');
    },
    top: async ({ stack }) => ({ tasks: [], warnings: [stack] }),
  });
  t.deepEqual(await collect(follower.handlers.logs(logsRequest, operator())), [line('shop'), line('two')]);
  t.deepEqual(await follower.handlers.top({ stack: 'blog', targets: [] }, operator()), { tasks: [], warnings: ['blog'] });
  const ana = { actor: 'ana', role: 'client', source: '192.0.2.9:40000', requestId: 'key-1' };
  t.deepEqual(leader.calls, [ana, ana]);
  t.is(follower.calls.length, 2);
});

test('what is typed goes there and what is shown comes back, to the exit code', async (t) => {
  const { follower } = await pair(t, {
    exec: async function* (requests) {
      for await (const request of requests) yield { stdout: Buffer.from(`you said ${textOf(request)}`) };
      yield { exitCode: 3 };
    },
  });
  const frames = await collect(follower.handlers.exec(said('a', 'b'), operator()));
  t.deepEqual(frames.slice(0, 2).map(shown), ['you said a', 'you said b']);
  t.is(frames[2]?.exitCode, 3);
});

test('a failure of the leader is told as it was meant, and not tried again', async (t) => {
  const failure = (): never => {
    throw new TsoError('UNAVAILABLE', 'node beta is not connected', { hint: 'See tso node ls', details: { node: 'beta' } });
  };
  const { leader, follower } = await pair(t, { logs: failure, exec: failure, top: failure });
  const expected = { code: 'UNAVAILABLE', message: 'node beta is not connected', hint: 'See tso node ls', details: { node: 'beta' } };
  const calls: readonly (() => Promise<unknown>)[] = [
    () => collect(follower.handlers.logs(logsRequest, operator())),
    () => collect(follower.handlers.exec(said('x'), operator())),
    () => follower.handlers.top({ stack: '', targets: [] }, operator()),
    () => leader.handlers.top({ stack: '', targets: [] }, operator()),
  ];
  for (const call of calls) {
    const error = await t.throwsAsync(call(), { instanceOf: TsoError });
    t.like(error, expected);
  }
  t.is(leader.calls.length, 4, 'each once');
});

test('a failure after the first answers comes behind them', async (t) => {
  const { follower } = await pair(t, {
    logs: async function* () {
      yield line('one');
      throw new TsoError('NOT_FOUND', 'the stack is gone');
    },
  });
  const lines: LogsReply[] = [];
  await t.throwsAsync(collect(follower.handlers.logs(logsRequest, operator()), lines), { code: 'NOT_FOUND', message: 'the stack is gone' });
  t.deepEqual(lines, [line('one')]);
});

test('a caller that goes away ends what the leader does for it', async (t) => {
  const signals: AbortSignal[] = [];
  const forEver = (signal: AbortSignal): Promise<void> => {
    signals.push(signal);
    return aborted(signal);
  };
  const { follower } = await pair(t, {
    logs: async function* (_, { signal }) {
      yield line('begun');
      await forEver(signal);
    },
    exec: async function* (_, { signal }) {
      yield { stdout: Buffer.from('begun') };
      await forEver(signal);
    },
  });
  const caller = new AbortController();
  const reading = collect(follower.handlers.logs(logsRequest, operator(caller.signal)));
  const typing = new Pipe<ExecRequest>(1);
  const running = collect(follower.handlers.exec(typing, operator(caller.signal)));
  await eventually('the leader is at work', () => signals.length === 2);
  caller.abort();
  await Promise.all([t.throwsAsync(reading, { code: 'CANCELLED' }), t.throwsAsync(running, { code: 'CANCELLED' })]);
  await eventually('the leader has stopped', () => signals.every(({ aborted }) => aborted));
  t.pass();
});

test('a leader that ends while the caller still types ends the call', async (t) => {
  const { follower } = await pair(t, {
    exec: async function* () {
      yield { exitCode: 0 };
    },
  });
  const typing = new Pipe<ExecRequest>(1);
  t.deepEqual(
    (await collect(follower.handlers.exec(typing, operator()))).map(({ exitCode }) => exitCode),
    [0],
  );
});

test('frames go at the pace of who reads, both ways', async (t) => {
  const payload = Buffer.alloc(16 * 1024);
  let made = 0;
  let read = 0;
  const { follower } = await pair(t, {
    logs: async function* () {
      for (;;) {
        made += 1;
        yield { warning: payload.toString('latin1') };
      }
    },
    exec: async function* (_, { signal }) {
      yield { stdout: Buffer.from('begun') };
      await aborted(signal);
    },
  });
  const endless = async function* (): AsyncIterable<ExecRequest> {
    for (;;) {
      read += 1;
      yield { frame: { stdin: payload } };
    }
  };
  const caller = new AbortController();
  const lines = follower.handlers.logs(logsRequest, operator(caller.signal))[Symbol.asyncIterator]();
  const frames = follower.handlers.exec(endless(), operator(caller.signal))[Symbol.asyncIterator]();
  await Promise.all([lines.next(), frames.next()]);
  let before = [-1, -1];
  await eventually('both sides rest', () => {
    const now = [made, read];
    const rests = now.every((count, side) => count === before[side]);
    before = now;
    return rests;
  });
  // Flow control of HTTP/2 and some buffers: far from endless.
  t.true(made < 1_000, `${made} made`);
  t.true(read < 1_000, `${read} read`);
  caller.abort();
  await Promise.all([t.throwsAsync(restOf(lines), { code: 'CANCELLED' }), t.throwsAsync(restOf(frames), { code: 'CANCELLED' })]);
});

test('a call that comes to a manager that leads no more is refused there, and begins anew at the next leader with all that was said', async (t) => {
  const { leader: old, follower } = await pair(t, {});
  const next = await member(t, 1);
  next.serves = {
    exec: async function* (requests) {
      for await (const request of requests) yield { stdout: Buffer.from(textOf(request)) };
    },
    logs: async function* () {
      yield line('from the next one');
    },
  };
  old.office = undefined;
  old.leader = next;
  let asked = 0;
  Object.defineProperty(follower, 'leader', { get: () => (asked++ % 2 === 0 ? old : next) });
  t.deepEqual((await collect(follower.handlers.exec(said('a', 'b', 'c'), operator()))).map(shown), ['a', 'b', 'c']);
  t.deepEqual(await collect(follower.handlers.logs(logsRequest, operator())), [line('from the next one')]);
  t.is(old.calls.length, 2, 'refused twice');
  t.is(next.calls.length, 2, 'and not reached by way of the old one');
});

test('managers that take each other for the leader do not send a call round: it is refused within the time given', async (t) => {
  const [a, b] = [await member(t, 2), await member(t, 3)];
  a.leader = b;
  b.leader = a;
  const began = performance.now();
  const error = await t.throwsAsync(collect(a.handlers.exec(said('x'), operator())), { instanceOf: TsoError, code: 'UNAVAILABLE' });
  t.is(error.details.outcome, 'refused');
  const tookMs = performance.now() - began;
  t.true(tookMs < limits.passOnPatienceMs + 2_000, `${tookMs} ms`);
  t.is(a.calls.length, 1, 'nothing came back to the first one');
  t.true(b.calls.length <= limits.passOnPatienceMs / limits.passOnAgainMs + 1);
});

test('a leader that is lost in the middle is named, and that nobody knows how far it came', async (t) => {
  const { leader, follower } = await pair(t, {
    exec: async function* (_, { signal }) {
      yield { stdout: Buffer.from('begun') };
      await aborted(signal);
    },
  });
  const frames = follower.handlers.exec(new Pipe<ExecRequest>(1), operator())[Symbol.asyncIterator]();
  await frames.next();
  await leader.kill();
  const error = await t.throwsAsync(frames.next(), { instanceOf: TsoError, code: 'UNAVAILABLE' });
  t.regex(error.message, /^the stream broke off: manager 7, which led and carried it, is lost/);
  t.is(error.details.outcome, 'unknown');
  t.is(error.hint, 'Ask again: another manager takes over');
});

test('a leader that is deposed in the middle ends the streams that it carries, and says so to whoever asked', async (t) => {
  const { leader, follower } = await pair(t, {
    logs: async function* (_, { signal }) {
      yield line('begun');
      await aborted(signal);
    },
  });
  const near = leader.handlers.logs(logsRequest, operator())[Symbol.asyncIterator]();
  const far = follower.handlers.logs(logsRequest, operator())[Symbol.asyncIterator]();
  await Promise.all([near.next(), far.next()]);
  leader.office?.abort();
  for (const lines of [near, far]) {
    const error = await t.throwsAsync(lines.next(), { instanceOf: TsoError, code: 'UNAVAILABLE' });
    t.is(error.message, 'the stream broke off: the manager that carried it does not lead any more');
    t.is(error.details.outcome, 'unknown');
  }
});

test('a leader that is dead already is not waited for: the next one is asked, also to run a command', async (t) => {
  const { leader: dead, follower } = await pair(t, {});
  await dead.kill();
  const next = await member(t, 1);
  next.serves = {
    exec: async function* (requests) {
      for await (const request of requests) yield { stdout: Buffer.from(textOf(request)) };
    },
    top: async () => ({ tasks: [], warnings: ['here'] }),
  };
  const frames = collect(follower.handlers.exec(said('a', 'b'), operator()));
  const top = follower.handlers.top({ stack: '', targets: [] }, operator());
  await new Promise((resolve) => setImmediate(resolve));
  follower.leader = next;
  t.deepEqual((await frames).map(shown), ['a', 'b']);
  t.deepEqual((await top).warnings, ['here']);
});

test('a manager that was just elected serves once it has taken over', async (t) => {
  const elected = await member(t, 2);
  elected.leader = 'here';
  elected.serves = { top: async () => ({ tasks: [], warnings: ['taken over'] }) };
  const asked = elected.handlers.top({ stack: '', targets: [] }, operator());
  await new Promise((resolve) => setImmediate(resolve));
  elected.office = new AbortController();
  t.deepEqual((await asked).warnings, ['taken over']);
});

test("a manager's certificate alone opens nothing: it must ask for somebody", async (t) => {
  const { leader } = await pair(t, { top: async () => ({ tasks: [], warnings: [] }) });
  await t.throwsAsync(leader.control.top({ stack: '', targets: [] }), { code: 'PERMISSION_DENIED' });
  await t.throwsAsync(collect(leader.control.logs(logsRequest)), { code: 'PERMISSION_DENIED' });
});

test('what the caller sends wrongly is its failure, not the leader’s', async (t) => {
  const { follower } = await pair(t, {
    exec: async function* (_, { signal }) {
      yield { stdout: Buffer.from('begun') };
      await aborted(signal);
    },
  });
  const wrong = async function* (): AsyncIterable<ExecRequest> {
    yield typed('a');
    throw new TsoError('INVALID_ARGUMENT', 'a message that cannot be read');
  };
  await t.throwsAsync(collect(follower.handlers.exec(wrong(), operator())), {
    code: 'INVALID_ARGUMENT',
    message: 'a message that cannot be read',
  });
});
