import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { EngineAnswer } from './testing/fake-daemon.ts';
import { alone, runWith } from './testing/run-with.ts';

test('a write whose answer was lost is sent again with the same key, and another write has another', async (t) => {
  const keys: (string | undefined)[] = [];
  const control = {
    listStacks: async () => ({ stacks: [{ name: 'shop' }] }),
    removeStack: async (_request: object, context: { header(name: string): string | undefined }) => {
      keys.push(context.header('idempotency-key'));
      if (keys.length % 2 === 1) throw new TsoError('UNAVAILABLE', 'the leader was lost', { details: { outcome: 'unknown' } });
      throw new TsoError('CONFLICT', 'enough for this test');
    },
  };
  for (let run = 0; run < 2; run += 1) {
    const { code, err } = await runWith(t, { control: control as never }, ['down', '-p', 'shop']);
    t.is(code, 5, err);
  }
  t.is(keys.length, 4);
  t.regex(keys[0] ?? '', /^[0-9a-f-]{36}$/);
  t.is(keys[1], keys[0]);
  t.is(keys[3], keys[2]);
  t.not(keys[2], keys[0]);
});

test('reads carry no key, and every call on the socket says who asks', async (t) => {
  const heard: (string | undefined)[][] = [];
  const control = {
    listStacks: async (_request: object, context: { header(name: string): string | undefined }) => {
      heard.push([context.header('idempotency-key'), context.header('tso-actor')]);
      return { stacks: [] };
    },
  };
  await runWith(t, { control: control as never }, ['ls'], { env: { SUDO_USER: 'jörg' } });
  t.deepEqual(heard, [[undefined, 'jörg']]);
});

/** A daemon whose manager does not answer: gRPC is hung up on, HTTP says what the node is. */
const withoutManager = async (t: ExecutionContext, swarm: object) => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-unmanaged-'));
  const body = JSON.stringify({ Name: 'host-c', Swarm: { NodeID: 'n', ...swarm } });
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      if (first.toString('latin1').startsWith('PRI ')) socket.destroy();
      else socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(join(dir, 'tso.sock'), resolve));
  t.teardown(async () => {
    server.close();
    await rm(dir, { recursive: true });
  });
  return alone(['ls', '--format', 'json'], { env: { TSO_RUN_DIR: dir } });
};

const nodes: readonly [string, object, number, string, RegExp][] = [
  [
    'a worker names its managers',
    {
      LocalNodeState: 'active',
      ControlAvailable: false,
      RemoteManagers: [
        { NodeID: 'a', Addr: '10.0.0.1:2478' },
        { NodeID: 'b', Addr: '10.0.0.2:2478' },
      ],
    },
    1,
    'this node is a worker: ask one of its managers (10.0.0.1:2478, 10.0.0.2:2478)',
    /tso --host tcp:\/\/10\.0\.0\.1:2478/,
  ],
  [
    'a worker that knows no manager says so',
    { LocalNodeState: 'active', ControlAvailable: false },
    1,
    'this node is a worker: ask one of its managers',
    /tso node ls/,
  ],
  [
    'a locked node asks to be unlocked',
    { LocalNodeState: 'locked' },
    1,
    'this host is locked: its manager cannot read its state',
    /tso unlock/,
  ],
  ['a host without a cluster says how to get one', { LocalNodeState: 'inactive' }, 1, 'this host is in no cluster', /tso init.*tso join/],
  ['a host that joins asks for patience', { LocalNodeState: 'pending' }, 1, 'this host is just joining its cluster', /Try again/],
  [
    'a node in trouble says which',
    { LocalNodeState: 'error', Error: 'its certificate has expired' },
    1,
    'this host is in trouble with its cluster: its certificate has expired',
    /tso info/,
  ],
];
for (const [what, swarm, exit, message, hint] of nodes) {
  test(what, async (t) => {
    const { code, err } = await withoutManager(t, swarm);
    t.is(code, exit, err);
    const { error } = JSON.parse(err) as { error: { message: string; hint: string } };
    t.is(error.message, message);
    t.regex(error.hint, hint);
  });
}

test('a manager that does not answer although it should cannot be reached', async (t) => {
  const { code } = await withoutManager(t, { LocalNodeState: 'active', ControlAvailable: true });
  t.is(code, 4);
});

const engine = (): EngineAnswer => ({ body: { Swarm: { NodeID: 'n', LocalNodeState: 'active', ControlAvailable: true } } });

test('a cluster that cannot decide refuses (5); nobody to ask is another matter (4)', async (t) => {
  const control = {
    listStacks: async () => {
      throw new TsoError('UNAVAILABLE', 'no leader: 1 of 3 managers can be reached', { details: { outcome: 'refused', reason: 'quorum' } });
    },
  };
  const refused = await runWith(t, { control, engine }, ['ls']);
  t.is(refused.code, 5);
  t.regex(refused.err, /no leader: 1 of 3 managers can be reached/);
  t.is((await alone(['ls'])).code, 4);
});

test('a manager that cannot do it just now is no cluster that cannot decide', async (t) => {
  const control = {
    listStacks: async () => {
      throw new TsoError('UNAVAILABLE', 'the cluster is just being made', { details: { outcome: 'refused' } });
    },
  };
  t.is((await runWith(t, { control, engine }, ['ls'])).code, 4);
});
