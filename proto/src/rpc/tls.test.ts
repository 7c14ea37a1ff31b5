import { createPrivateKey } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ErrorCode, type Logger, TsoError } from '../index.ts';
import { systemClock } from '../system.ts';
import {
  type CallContext,
  certificateRoles,
  loadTls,
  NetworkDoor,
  Raft,
  RpcChannel,
  type RpcChannelOptions,
  type TlsFiles,
} from './index.ts';
import { testAuthority } from './testing/certificates.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const hourMs = 3_600_000;
const manager = (nodeId: string, cluster = 'c1') => `CN=${nodeId}, OU=manager, O=${cluster}`;

const directory = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-tls-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

const failure = async (t: ExecutionContext, action: () => Promise<unknown>): Promise<TsoError> =>
  t.throwsAsync(action, { instanceOf: TsoError });

let servers = 0;

/** A loopback address that no other test uses: a port of 127.0.0.1 may be taken by whoever connects somewhere just then. */
const ownAddress = (): string => {
  servers += 1;
  return `127.${1 + (process.pid % 250)}.${1 + (Math.floor(process.pid / 250) % 250)}.${servers}:4000`;
};

const load = (files: TlsFiles) => loadTls(files, Date.now());

const { messages, snapshot } = Raft;
const propose = { propose: Raft.propose };

/** A server on loopback that answers proposals, telling who calls. */
const serving = async (t: ExecutionContext, files: TlsFiles, cluster = 'c1') => {
  const address = ownAddress();
  const callers: CallContext[] = [];
  const server = new NetworkDoor({
    address,
    authenticate: certificateRoles(cluster),
    logger: silent,
    tls: await load(files),
    clock: systemClock,
  });
  server.add(propose, {
    propose: async (_request, context) => {
      callers.push(context);
      return { index: 7 };
    },
  });
  await server.start();
  t.teardown(() => server.stop(0));
  const call = async (options: RpcChannelOptions) => {
    const channel = new RpcChannel(address, options);
    try {
      return await channel.client(propose).propose({ hello: hello(), transaction: new Uint8Array(0) }, { deadlineMs: 10_000 });
    } finally {
      channel.close();
    }
  };
  return { address, callers, call, server };
};

const hello = () => ({ groupId: 'g', from: 1, fromNode: 'a', to: 2, address: '' });

test('files that fit say who they are for', async (t) => {
  const dir = await directory(t);
  const authority = await testAuthority();
  const { identity, notAfterMs } = await load(await authority.issue(dir, manager('node-a')));
  t.deepEqual(identity, { nodeId: 'node-a', role: 'manager', cluster: 'c1' });
  t.true(notAfterMs > Date.now());
});

test('a chain by way of another authority is followed', async (t) => {
  const between = await (await testAuthority()).intermediate();
  t.is((await load(await between.issue(await directory(t), manager('node-a')))).identity.nodeId, 'node-a');
});

const broken: readonly [string, ErrorCode, string, (files: TlsFiles, t: ExecutionContext) => Promise<TlsFiles>][] = [
  ['a file that is not there', 'NOT_FOUND', 'missing', async (files) => ({ ...files, cert: `${files.cert}.gone` })],
  [
    'a key that others may read',
    'FAILED_PRECONDITION',
    'key-not-private',
    async (files) => {
      await chmod(files.key, 0o640);
      return files;
    },
  ],
  [
    'a key that is none',
    'FAILED_PRECONDITION',
    'unreadable',
    async (files) => {
      await writeFile(files.key, 'secret');
      return files;
    },
  ],
  [
    'a certificate that is none',
    'FAILED_PRECONDITION',
    'unreadable',
    async (files) => {
      await writeFile(files.cert, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
      return files;
    },
  ],
  [
    "somebody else's key",
    'FAILED_PRECONDITION',
    'key-mismatch',
    async (files, t) => ({ ...files, key: (await (await testAuthority()).issue(await directory(t), manager('b'))).key }),
  ],
  [
    'another authority',
    'FAILED_PRECONDITION',
    'untrusted',
    async (files, t) => ({ ...files, ca: (await (await testAuthority()).issue(await directory(t), manager('b'))).ca }),
  ],
];
for (const [what, code, reason, damage] of broken) {
  test(`${what} is refused by name`, async (t) => {
    const files = await damage(await (await testAuthority()).issue(await directory(t), manager('node-a')), t);
    const error = await failure(t, () => load(files));
    t.is(error.code, code);
    t.is(error.details.reason, reason);
    t.notThrows(() => JSON.stringify(error.details));
    t.false(error.message.includes('secret'));
  });
}

/** The key of these files as autolock leaves it on disk. */
const seal = async (files: TlsFiles, passphrase: string): Promise<string> => {
  const key = createPrivateKey(await readFile(files.key));
  const sealed = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }).toString();
  await writeFile(files.key, sealed);
  return sealed;
};

test('a key that is locked is said to be, until its passphrase opens it in memory only', async (t) => {
  const authority = await testAuthority();
  const files = await authority.issue(await directory(t), manager('node-a'));
  const sealed = await seal(files, 'TSO-KEY-1-right');
  const locked = await failure(t, () => load(files));
  t.is(locked.code, 'FAILED_PRECONDITION');
  t.is(locked.details.reason, 'locked');
  t.regex(locked.hint ?? '', /tso unlock/);
  const wrong = await failure(t, () => loadTls(files, Date.now(), { passphrase: 'TSO-KEY-1-wrong' }));
  t.is(wrong.code, 'FAILED_PRECONDITION');
  t.is(wrong.details.reason, 'wrong-passphrase');
  t.false(`${wrong.sentence}${JSON.stringify(wrong.details)}${String(wrong.cause)}`.includes('TSO-KEY-1'));
  const tls = await loadTls(files, Date.now(), { passphrase: 'TSO-KEY-1-right' });
  t.is(tls.identity.nodeId, 'node-a');
  t.true(tls.key.toString().startsWith('-----BEGIN PRIVATE KEY-----'));
  t.is(await readFile(files.key, 'utf8'), sealed);
  const { call } = await serving(t, await authority.issue(await directory(t), manager('node-b')));
  t.deepEqual(await call({ tls }), { index: 7 });
});

test('a passphrase does no harm to a key that is open', async (t) => {
  const files = await (await testAuthority()).issue(await directory(t), manager('node-a'));
  t.is((await loadTls(files, Date.now(), { passphrase: 'x' })).identity.nodeId, 'node-a');
});

test('a certificate outside its time is refused, and so is one of an authority outside its time', async (t) => {
  const now = Date.now();
  const past = { notBefore: new Date(now - 2 * hourMs), notAfter: new Date(now - hourMs) };
  const future = { notBefore: new Date(now + hourMs), notAfter: new Date(now + 2 * hourMs) };
  const authority = await testAuthority();
  const expired = await failure(t, async () => load(await authority.issue(await directory(t), manager('a'), past)));
  t.is(expired.details.reason, 'expired');
  const early = await failure(t, async () => load(await authority.issue(await directory(t), manager('a'), future)));
  t.is(early.details.reason, 'not-yet-valid');
  const old = await testAuthority(past);
  t.is((await failure(t, async () => load(await old.issue(await directory(t), manager('a'))))).details.reason, 'expired');
});

test('a certificate that does not say who it is for is refused', async (t) => {
  const authority = await testAuthority();
  for (const subject of ['CN=a, O=c1', 'CN=a, OU=king, O=c1', 'CN=a, OU=manager, OU=worker, O=c1', 'OU=manager, O=c1']) {
    const error = await failure(t, async () => load(await authority.issue(await directory(t), subject)));
    t.is(error.details.reason, 'no-identity', subject);
  }
});

test('both ends prove who they are, and the handler learns it from the certificate', async (t) => {
  const authority = await testAuthority();
  const { callers, call } = await serving(t, await authority.issue(await directory(t), manager('node-a')));
  const tls = await load(await authority.issue(await directory(t), manager('node-b')));
  t.deepEqual(await call({ tls, expect: { nodeId: 'node-a', role: 'manager' } }), { index: 7 });
  t.deepEqual(callers[0]?.identity, { nodeId: 'node-b', role: 'manager', cluster: 'c1' });
  t.deepEqual(callers[0]?.roles, ['manager']);
});

test('each caller is known by its own certificate, call after call', async (t) => {
  const authority = await testAuthority();
  const { callers, address } = await serving(t, await authority.issue(await directory(t), manager('node-a')));
  const channels = await Promise.all(
    ['node-b', 'node-c'].map(
      async (node) => new RpcChannel(address, { tls: await load(await authority.issue(await directory(t), manager(node))) }),
    ),
  );
  t.teardown(() => {
    for (const channel of channels) channel.close();
  });
  for (let round = 0; round < 3; round += 1) {
    for (const channel of channels) await channel.client(propose).propose({ hello: hello(), transaction: new Uint8Array(0) });
  }
  t.deepEqual(
    callers.map(({ identity }) => identity?.nodeId),
    ['node-b', 'node-c', 'node-b', 'node-c', 'node-b', 'node-c'],
  );
});

test('whoever is not the node that is called gets no call', async (t) => {
  const authority = await testAuthority();
  const { call, callers } = await serving(t, await authority.issue(await directory(t), manager('node-a')));
  const tls = await load(await authority.issue(await directory(t), manager('node-b')));
  const otherNode = await failure(t, () => call({ tls, expect: { nodeId: 'node-c', role: 'manager' } }));
  t.is(otherNode.code, 'UNAVAILABLE');
  t.regex(otherNode.message, /node node-a answers, not node node-c/);
  t.regex((await failure(t, () => call({ tls, expect: { role: 'worker' } }))).message, /it is a manager, not a worker/);
  const abroad = await load(await authority.issue(await directory(t), manager('node-b', 'c2')));
  t.regex((await failure(t, () => call({ tls: abroad }))).message, /it belongs to cluster c1, not to c2/);
  t.deepEqual(callers, []);
});

test('a caller of another authority, role or cluster, or without a certificate, does not get in', async (t) => {
  const authority = await testAuthority();
  const { call, address, callers } = await serving(t, await authority.issue(await directory(t), manager('node-a')), 'c1');
  const worker = await load(await authority.issue(await directory(t), 'CN=w, OU=worker, O=c1'));
  const denied = await failure(t, () => call({ tls: worker }));
  t.is(denied.code, 'PERMISSION_DENIED');
  t.regex(denied.message, /is for manager, the caller is worker/);
  const foreign = await load(await (await testAuthority()).issue(await directory(t), manager('node-b')));
  t.is((await failure(t, () => call({ tls: foreign }))).code, 'UNAVAILABLE');
  t.throws(() => new RpcChannel(address), { code: 'FAILED_PRECONDITION' });
  t.deepEqual(callers, []);
});

test('a caller of another cluster is refused although the authority is the same', async (t) => {
  const authority = await testAuthority();
  const { call } = await serving(t, await authority.issue(await directory(t), manager('node-a')), 'c2');
  const tls = await load(await authority.issue(await directory(t), manager('node-b')));
  const error = await failure(t, () => call({ tls }));
  t.is(error.code, 'PERMISSION_DENIED');
  t.is(error.message, 'node node-b belongs to cluster c1, not to c2');
});

test('a network address without certificates is refused on both sides, loopback too', async (t) => {
  const server = new NetworkDoor({ address: '127.0.0.1:1', authenticate: () => [], logger: silent, clock: systemClock });
  const refused = await failure(t, () => server.start());
  t.is(refused.code, 'FAILED_PRECONDITION');
  t.regex(refused.sentence, /127\.0\.0\.1:1 is a network address.*unix:\/path/);
  t.throws(() => new RpcChannel('localhost:1'), { code: 'FAILED_PRECONDITION' });
});

test('new certificates are shown to who connects from now on', async (t) => {
  const authority = await testAuthority();
  const { call, server } = await serving(t, await authority.issue(await directory(t), manager('node-a')));
  const tls = await load(await authority.issue(await directory(t), manager('node-b')));
  server.renewTls(await load(await authority.issue(await directory(t), manager('node-a2'))));
  t.deepEqual(await call({ tls, expect: { nodeId: 'node-a2', role: 'manager' } }), { index: 7 });
});

test('the two-way streams of members work over TLS', async (t) => {
  const authority = await testAuthority();
  const address = ownAddress();
  const tls = await load(await authority.issue(await directory(t), manager('node-a')));
  const server = new NetworkDoor({ address, authenticate: certificateRoles('c1'), logger: silent, tls, clock: systemClock });
  server.add(
    { messages, snapshot },
    {
      messages: async function* (packets) {
        for await (const packet of packets) yield { applied: packet.hello?.from ?? 0 };
      },
      snapshot: async function* () {},
    },
  );
  await server.start();
  const channel = new RpcChannel(address, { tls });
  t.teardown(async () => {
    channel.close();
    await server.stop(0);
  });
  const stream = channel.client({ messages }).messages();
  const sent = Promise.withResolvers<void>();
  stream.write({ hello: { ...hello(), from: 41 } }, sent.resolve);
  await sent.promise;
  t.deepEqual((await stream[Symbol.asyncIterator]().next()).value, { applied: 41 });
  stream.end();
});

for (const secure of [false, true]) {
  test(`a channel that is destroyed leaves nothing to a host that accepts ${secure ? 'TLS' : 'unix'} connections and says nothing`, async (t) => {
    const dir = await directory(t);
    const sockets: Socket[] = [];
    const connected = Promise.withResolvers<void>();
    const silentHost = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined).resume());
      connected.resolve();
    });
    silentHost.listen(secure ? { port: 0, host: '127.0.0.1' } : { path: join(dir, 'silent.sock') });
    await new Promise((resolve) => silentHost.once('listening', resolve));
    t.teardown(() => silentHost.close());
    const address = secure ? `127.0.0.1:${(silentHost.address() as AddressInfo).port}` : `unix:${join(dir, 'silent.sock')}`;
    const tls = await load(await (await testAuthority()).issue(dir, manager('node-a')));
    const channel = new RpcChannel(address, secure ? { tls } : {});
    const call = failure(t, () => channel.client(propose).propose({ hello: hello(), transaction: new Uint8Array(0) }));
    await connected.promise;
    const gone = new Promise((resolve) => sockets[0]?.once('close', resolve));
    channel.destroy();
    t.is((await call).code, 'UNAVAILABLE');
    await t.notThrowsAsync(gone);
  });
}
