import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Clock, type Logger, NodeRole, TsoError } from '../index.ts';
import { certificateDigest } from '../pki/digests.ts';
import {
  Ca,
  type CallContext,
  Control,
  certificateRoles,
  joinChannel,
  loadTls,
  NetworkDoor,
  type NetworkDoorOptions,
  RpcChannel,
  type TlsFiles,
  type TlsMaterial,
} from './index.ts';
import { type TestAuthority, testAuthority } from './testing/certificates.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Time goes on by itself, but what waits for it is told by hand: a deadline in a test is then no wait. */
class HandClock implements Clock {
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  monotonic(): number {
    return performance.now() + this.#aheadMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.monotonic() + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
    for (const timer of [...this.#timers].filter(({ atMs }) => atMs <= this.monotonic())) {
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

const failure = async (t: ExecutionContext, action: () => Promise<unknown>): Promise<TsoError> =>
  t.throwsAsync(action, { instanceOf: TsoError });

const subject = (nodeId: string, role = 'manager', cluster = 'c1') => `CN=${nodeId}, OU=${role}, O=${cluster}`;

const directory = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-door-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

const load = (files: TlsFiles): Promise<TlsMaterial> => loadTls(files, Date.now());

const listNodes = { listNodes: Control.listNodes };
const certificateOf = { join: Ca.join };
const renew = { renew: Ca.renew };

const reply = {
  certificate: 'pem',
  authorities: '',
  authorityEpoch: 1,
  clusterId: 'c1',
  role: NodeRole.WORKER,
  notAfterMs: 1,
  renewAtMs: 1,
  managers: [],
  addressPool: '',
  vxlanPort: 0,
  address: '',
} as const;

const joinRequest = { secret: 's3', csr: 'csr', nodeId: 'n', hostname: 'h', address: '' };

/** A door on loopback with a member service (renew) and a joiner service (join), and all that called it. */
const opened = async (t: ExecutionContext, options: Partial<NetworkDoorOptions> = {}) => {
  const authority = await testAuthority();
  const files = await authority.issue(await directory(t), subject('node-a'));
  const tls = await load(files);
  const clock = new HandClock();
  const callers: CallContext[] = [];
  const door = new NetworkDoor({ address: '127.0.0.1:0', tls, authenticate: certificateRoles('c1'), logger: silent, clock, ...options });
  const answer = async (_request: object, context: CallContext) => {
    callers.push(context);
    return reply;
  };
  door.add(renew, { renew: answer }).addForJoiners(certificateOf, { join: answer });
  await door.start();
  t.teardown(() => door.stop(0));
  const digest = certificateDigest(await readFile(files.ca, 'utf8'));
  return { authority, door, clock, callers, digest, files, tls };
};

type Opened = Awaited<ReturnType<typeof opened>>;

const member = async (t: ExecutionContext, { authority, door }: Opened, of = subject('node-b'), by: TestAuthority = authority) => {
  const tls = await load(await by.issue(await directory(t), of));
  const channel = new RpcChannel(door.address, { tls });
  t.teardown(() => channel.destroy());
  return channel;
};

const joiner = (t: ExecutionContext, { door, digest }: Opened, other = digest) => {
  const channel = joinChannel(door.address, other);
  t.teardown(() => channel.destroy());
  return channel;
};

test('a member calls through mutual TLS, and the handler learns who it is', async (t) => {
  const it = await opened(t);
  const channel = await member(t, it);
  t.like(await channel.client(renew).renew({ csr: '' }), { clusterId: 'c1' });
  t.deepEqual(it.callers[0]?.identity, { nodeId: 'node-b', role: 'manager', cluster: 'c1' });
  t.deepEqual(it.callers[0]?.roles, ['manager']);
  t.regex(it.callers[0]?.peer ?? '', /^127\.0\.0\.1:\d+$/);
});

test('somebody without a certificate joins by the digest of the root', async (t) => {
  const it = await opened(t);
  t.like(await joiner(t, it).client(certificateOf).join(joinRequest), { certificate: 'pem' });
  t.is(it.callers[0]?.identity, undefined);
  t.deepEqual(it.callers[0]?.roles, ['joiner']);
});

test('a member service does not exist for joiners, nor a joiner service for members', async (t) => {
  const it = await opened(t);
  const joining = joiner(t, it);
  t.is((await failure(t, () => joining.client(renew).renew({ csr: '' }))).code, 'UNIMPLEMENTED');
  const standing = await member(t, it);
  t.is((await failure(t, () => standing.client(certificateOf).join(joinRequest))).code, 'UNIMPLEMENTED');
  t.is((await failure(t, () => standing.client(listNodes).listNodes({} as never))).code, 'UNIMPLEMENTED');
  t.deepEqual(it.callers, []);
});
