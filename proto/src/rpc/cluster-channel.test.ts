import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Logger, type Random, TsoError } from '../index.ts';
import { systemClock } from '../system.ts';
import { ClusterChannel, type ClusterChannelOptions, Control, type Handlers, type RpcClient, RpcServer } from './index.ts';
import { directory, load, memberService, openDoor, subject } from './testing/door.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
const random: Random = { bytes: (count) => new Uint8Array(count), number: () => 0.5 };

const { removeStack, getStack, logs, exec } = Control;
const service = { removeStack, getStack, logs, exec };
type Service = typeof service;

const unused = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
};
const nothing: Handlers<Service> = { removeStack: unused, getStack: unused, logs: unused, exec: unused };

const removed = { version: 1, changes: [] };
const removal = { name: 'shop', volumes: false } as Parameters<RpcClient<Service>['removeStack']>[0];

/** A manager on a unix socket, which may be stopped in the middle. */
const manager = async (t: ExecutionContext, handlers: Partial<Handlers<Service>>) => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-cluster-'));
  const address = `unix:${join(dir, 's')}`;
  const server = new RpcServer({ address, authenticate: () => ['client'], logger: silent }).add(service, { ...nothing, ...handlers });
  await server.start();
  t.teardown(async () => {
    await server.stop(0);
    await rm(dir, { recursive: true, force: true });
  });
  return { address, stop: () => server.stop(0) };
};

const clusterOf = (t: ExecutionContext, addresses: readonly string[], options: Partial<ClusterChannelOptions> = {}) => {
  const limits = { nextAfterMs: 20, firstPauseMs: 1, longestPauseMs: 5, patienceMs: 60_000, ...options.limits };
  const channel = new ClusterChannel({ addresses: () => addresses, ...options, limits }, { clock: systemClock, random });
  t.teardown(() => channel.close());
  return { channel, client: channel.client(service) };
};

const refusal = (outcome?: string) =>
  new TsoError('UNAVAILABLE', 'no leader at the moment', outcome === undefined ? {} : { details: { outcome } });

const failure = (t: ExecutionContext, action: () => Promise<unknown>): Promise<TsoError> => t.throwsAsync(action, { instanceOf: TsoError });

/** Accepts connections and says nothing. */
const mute = async (t: ExecutionContext): Promise<string> => {
  const sockets: Socket[] = [];
  const path = join(await directory(t), 'mute');
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `unix:${path}`;
};

test('a manager that is not there is passed over, and the one that answered is asked first from then on', async (t) => {
  let asked = 0;
  const there = await manager(t, {
    removeStack: async () => {
      asked += 1;
      return removed;
    },
  });
  const { channel, client } = clusterOf(t, ['unix:/nobody/here', there.address]);
  t.deepEqual(await client.removeStack(removal), removed);
  t.is(channel.address, there.address);
  t.deepEqual(await client.removeStack(removal), removed);
  t.is(asked, 2);
});

test('a manager that accepts and says nothing holds nobody up', async (t) => {
  const there = await manager(t, { removeStack: async () => removed });
  const { client } = clusterOf(t, [await mute(t), there.address]);
  t.deepEqual(await client.removeStack(removal), removed);
});

test('when nobody can be reached, it says whom it tried and why, at once', async (t) => {
  const { client } = clusterOf(t, ['unix:/nobody/a', 'unix:/nobody/b', await mute(t)], {
    limits: { connectWithinMs: 1_500, patienceMs: 60_000 },
  });
  const error = await failure(t, () => client.removeStack(removal, { headers: { 'idempotency-key': 'k' } }));
  t.is(error.code, 'UNAVAILABLE');
  t.regex(
    error.message,
    /cannot reach a manager \(unix:\/nobody\/a: .*ENOENT.*; unix:\/nobody\/b: .*; unix:.*mute: does not answer within 1\.5 s\)/,
  );
  t.like(error.details, { reason: 'unreachable', outcome: 'refused' });
});

test('what a manager refuses for the moment is asked of the others, and then of all again', async (t) => {
  const asked: string[] = [];
  const refusing = (name: string, times: number) =>
    manager(t, {
      removeStack: async () => {
        asked.push(name);
        if (asked.filter((it) => it === name).length <= times) throw refusal('refused');
        return removed;
      },
    });
  const [first, second] = [await refusing('first', 2), await refusing('second', 1)];
  const { client } = clusterOf(t, [first.address, second.address]);
  t.deepEqual(await client.removeStack(removal), removed);
  t.deepEqual(asked, ['first', 'second', 'first', 'second']);
});

test('patience ends, and the last word of a manager is the answer', async (t) => {
  const { address } = await manager(t, {
    removeStack: async () => {
      throw refusal();
    },
  });
  const { client } = clusterOf(t, [address], { limits: { patienceMs: 30 } });
  t.is((await failure(t, () => client.removeStack(removal))).message, 'no leader at the moment');
});

test('what may have been done is done again only with an idempotency key, and then with the same one', async (t) => {
  const keys: (string | undefined)[] = [];
  const unsure = () =>
    manager(t, {
      removeStack: async (_request, context) => {
        keys.push(context.header('idempotency-key'));
        if (keys.length % 2 === 1) throw refusal('unknown');
        return removed;
      },
    });
  const { client } = clusterOf(t, [(await unsure()).address, (await unsure()).address]);
  const error = await failure(t, () => client.removeStack(removal));
  t.like(error, { code: 'UNAVAILABLE', details: { outcome: 'unknown' } });
  t.deepEqual(keys.splice(0), [undefined]);
  t.deepEqual(await client.removeStack(removal, { headers: { 'idempotency-key': 'k7' } }), removed);
  t.deepEqual(keys, ['k7', 'k7']);
});

/** A manager that dies with the request in its hands, the first time that it gets one. */
const dying = async (t: ExecutionContext): Promise<{ readonly address: string; readonly died: () => boolean }> => {
  let died = false;
  const it = await manager(t, {
    removeStack: () => {
      died = true;
      void it.stop();
      return new Promise(() => undefined);
    },
    getStack: () => {
      died = true;
      void it.stop();
      return new Promise(() => undefined);
    },
  });
  return { address: it.address, died: () => died };
};

test('an answer that was lost is told as such, unless the request may be repeated', async (t) => {
  const survivor = await manager(t, {
    removeStack: async () => removed,
    getStack: async () => ({ name: 'shop', version: 3, exists: true, services: [], networks: [], volumes: [] }) as never,
  });
  const once = await dying(t);
  const error = await failure(t, () => clusterOf(t, [once.address, survivor.address]).client.removeStack(removal));
  t.true(once.died());
  t.is(error.code, 'UNAVAILABLE');
  t.is(error.details.outcome, 'unknown');
  t.regex(error.message, /the answer was lost, what became of the request is not known/);
  const again = await dying(t);
  const { client } = clusterOf(t, [again.address, survivor.address]);
  t.deepEqual(await client.removeStack(removal, { headers: { 'idempotency-key': 'k' } }), removed);
  t.true(again.died());
  const reading = await dying(t);
  t.like(await clusterOf(t, [reading.address, survivor.address]).client.getStack({ name: 'shop' }), { version: 3 });
  t.true(reading.died());
});

test('a refusal does not take back an attempt before it whose answer was lost', async (t) => {
  const leaderless = await manager(t, {
    removeStack: async () => {
      throw refusal('refused');
    },
  });
  const lost = await dying(t);
  const limits = { patienceMs: 0, lostPatienceMs: 0 };
  const { client } = clusterOf(t, [lost.address, leaderless.address], { limits });
  const error = await failure(t, () => client.removeStack(removal, { headers: { 'idempotency-key': 'k' } }));
  t.true(lost.died());
  t.like(error, { code: 'UNAVAILABLE', details: { outcome: 'unknown' } });
  t.regex(error.message, /the answer was lost, .* no leader at the moment/);
});

test('what is wrong with the request is said once', async (t) => {
  let asked = 0;
  const { address } = await manager(t, {
    removeStack: async () => {
      asked += 1;
      throw new TsoError('CONFLICT', 'somebody else was quicker');
    },
  });
  const { client } = clusterOf(t, [address]);
  t.is((await failure(t, () => client.removeStack(removal, { headers: { 'idempotency-key': 'k' } }))).code, 'CONFLICT');
  t.is(asked, 1);
});

test('a caller that takes its call back waits no longer', async (t) => {
  const asked = Promise.withResolvers<void>();
  const { address } = await manager(t, {
    removeStack: async () => {
      asked.resolve();
      throw refusal('refused');
    },
  });
  const { client } = clusterOf(t, [address], { limits: { patienceMs: 3_600_000, firstPauseMs: 3_600_000, longestPauseMs: 3_600_000 } });
  const aborter = new AbortController();
  const call = failure(t, () => client.removeStack(removal, { signal: aborter.signal }));
  await asked.promise;
  aborter.abort();
  t.is((await call).code, 'CANCELLED');
});

const logRequest = { stack: 's', targets: [], options: { follow: false }, seen: [] } as unknown as Parameters<
  RpcClient<Service>['logs']
>[0];

test('a stream that fails before its first message begins at another manager, and later it does not', async (t) => {
  const refusing = await manager(t, {
    // biome-ignore lint/correctness/useYield: it fails before it says anything
    logs: async function* () {
      throw refusal('refused');
    },
  });
  const breaking = await manager(t, {
    logs: async function* () {
      yield { warning: 'first' };
      throw refusal();
    },
  });
  const { client } = clusterOf(t, [refusing.address, breaking.address]);
  const heard: unknown[] = [];
  const error = await failure(t, async () => {
    for await (const line of client.logs(logRequest)) heard.push(line);
  });
  t.is(error.message, 'no leader at the moment');
  t.deepEqual(heard, [{ warning: 'first' }]);
});

test('a stream whose reader leaves early ends at the manager too', async (t) => {
  const ended = Promise.withResolvers<void>();
  const { address } = await manager(t, {
    logs: async function* () {
      try {
        for (;;) yield { warning: 'more' };
      } finally {
        ended.resolve();
      }
    },
  });
  for await (const _line of clusterOf(t, [address]).client.logs(logRequest)) break;
  await t.notThrowsAsync(ended.promise);
});

test('a two-way stream goes to a manager that answers, in the order in which it was used', async (t) => {
  const { address } = await manager(t, {
    exec: async function* (requests) {
      for await (const { frame } of requests) yield { stdout: frame?.stdin ?? new Uint8Array(0) };
    },
  });
  const stream = clusterOf(t, ['unix:/nobody/here', address]).client.exec();
  const frame = (letter: string) => ({ frame: { stdin: Buffer.from(letter) } });
  stream.write(frame('a'), () => undefined);
  await stream.send(frame('b'));
  stream.end();
  const heard: string[] = [];
  for await (const { stdout } of stream) heard.push(Buffer.from(stdout ?? []).toString());
  t.deepEqual(heard, ['a', 'b']);
  await stream.closed;
});

test('a two-way stream to nobody says so to who reads and to who sends', async (t) => {
  const stream = clusterOf(t, ['unix:/nobody/here']).client.exec();
  await t.throwsAsync(() => stream.send({}), { code: 'UNAVAILABLE' });
  await t.throwsAsync(async () => stream[Symbol.asyncIterator]().next(), { code: 'UNAVAILABLE' });
  await stream.closed;
});

test('managers on the network are asked by mutual TLS', async (t) => {
  const it = await openDoor(t);
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const gone = `127.0.0.1:${(free.address() as AddressInfo).port}`;
  await new Promise((resolve) => free.close(resolve));
  const tls = await load(await it.authority.issue(await directory(t), subject('node-b')));
  const { channel } = clusterOf(t, [gone, it.door.address], { tls });
  t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
});

test('a host that is not of the cluster is not believed, and the reason is told', async (t) => {
  const [it, other] = [await openDoor(t), await openDoor(t)];
  const tls = await load(await it.authority.issue(await directory(t), subject('node-b')));
  const { channel } = clusterOf(t, [other.door.address], { tls });
  const error = await failure(t, () => channel.client(memberService).renew({ csr: '' }));
  t.is(error.details.reason, 'unreachable');
  t.regex(error.message, /signature|certificate|unable/i);
  t.deepEqual(other.callers, []);
});
