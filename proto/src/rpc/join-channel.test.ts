import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { TsoError } from '../index.ts';
import { certificateDigest } from '../pki/digests.ts';
import { joinChannel, type TlsFiles } from './index.ts';
import { testAuthority, type Validity } from './testing/certificates.ts';
import { directory, joinerService, joinRequest, load, openDoor, subject } from './testing/door.ts';

const hourMs = 3_600_000;

const joining = (t: ExecutionContext, address: string, digest: string) => {
  const channel = joinChannel(address, digest);
  t.teardown(() => channel.destroy());
  return channel.client(joinerService).join(joinRequest);
};

const digestOf = async ({ ca }: TlsFiles): Promise<string> => certificateDigest(await readFile(ca, 'utf8'));

test('somebody without a certificate joins by the digest of the root', async (t) => {
  const it = await openDoor(t);
  t.like(await joining(t, it.door.address, it.digest), { certificate: 'pem' });
  t.is(it.callers[0]?.identity, undefined);
  t.deepEqual(it.callers[0]?.roles, ['joiner']);
});

test('the root is found behind a chain of authorities', async (t) => {
  const between = await (await testAuthority()).intermediate();
  const files = await between.issue(await directory(t), subject('node-a'));
  const it = await openDoor(t, { tls: await load(files) });
  t.like(await joining(t, it.door.address, await digestOf(files)), { certificate: 'pem' });
});

test('while the root changes, the digest of the old one and of the new one are both good', async (t) => {
  const old = await testAuthority();
  const before = await old.issue(await directory(t), subject('node-a'));
  const after = await (await old.successor()).issue(await directory(t), subject('node-a'));
  const tls = await load(after);
  const roots = [await readFile(before.ca), await readFile(after.ca)];
  for (const order of [roots, roots.toReversed()]) {
    const ca = Buffer.concat([order[0] ?? tls.ca, Buffer.from('\n'), order[1] ?? tls.ca]);
    const it = await openDoor(t, { tls: { ...tls, ca } });
    t.like(await joining(t, it.door.address, await digestOf(before)), { certificate: 'pem' });
    t.like(await joining(t, it.door.address, await digestOf(after)), { certificate: 'pem' });
    const error = await t.throwsAsync(() => joining(t, it.door.address, 'x'.repeat(50)), { instanceOf: TsoError });
    t.is(error.details.reason, 'digest');
  }
});

/** A host that speaks TLS like a manager's door, with whatever certificates it has, and keeps all that is said to it. */
const impostor = async (t: ExecutionContext, files: TlsFiles, ...shown: readonly string[]) => {
  const cert = (await Promise.all([files.cert, ...shown].map((file) => readFile(file, 'utf8')))).join('\n');
  const heard: Buffer[] = [];
  const ended = Promise.withResolvers<void>();
  const server = createServer({ cert, key: await readFile(files.key), ALPNProtocols: ['h2'] }, (socket: TLSSocket) => {
    socket.on('data', (bytes: Buffer) => heard.push(bytes)).on('error', () => undefined);
  });
  // The word of joiners stands before the TLS.
  const tcp = createTcp((socket) => {
    socket.once('readable', () => {
      socket.read(4);
      server.emit('connection', socket);
    });
    socket.on('error', () => undefined).once('close', () => ended.resolve());
  });
  await new Promise<void>((resolve) => tcp.listen({ port: 0, host: '127.0.0.1' }, resolve));
  t.teardown(() => tcp.close());
  return { address: `127.0.0.1:${(tcp.address() as AddressInfo).port}`, heard, ended: ended.promise };
};

type Impostor = (t: ExecutionContext) => Promise<{ readonly files: TlsFiles; readonly shown: readonly string[]; readonly digest: string }>;

const issued = async (t: ExecutionContext, of: string, validity?: Validity) => {
  const files = await (await testAuthority()).issue(await directory(t), of, validity);
  return { files, shown: [files.ca], digest: await digestOf(files) };
};

const impostors: readonly [string, string, Impostor][] = [
  [
    'with a root of its own',
    'digest',
    async (t) => ({ ...(await issued(t, subject('node-a'))), digest: (await issued(t, subject('b'))).digest }),
  ],
  [
    "that shows the cluster's root beside a certificate of its own",
    'untrusted',
    async (t) => {
      const [own, cluster] = [await issued(t, subject('node-a')), await issued(t, subject('node-a'))];
      return { files: own.files, shown: [...own.shown, ...cluster.shown], digest: cluster.digest };
    },
  ],
  ['that keeps its root to itself', 'digest', async (t) => ({ ...(await issued(t, subject('node-a'))), shown: [] })],
  [
    'whose own certificate has the digest',
    'digest',
    async (t) => {
      const it = await issued(t, subject('node-a'));
      return { ...it, digest: certificateDigest(await readFile(it.files.cert, 'utf8')) };
    },
  ],
  [
    'that calls a certificate between a root',
    'untrusted',
    async (t) => {
      const it = await issued(t, subject('node-a'));
      const other = await issued(t, subject('node-b'));
      return { ...it, shown: [...it.shown, other.files.cert], digest: certificateDigest(await readFile(other.files.cert, 'utf8')) };
    },
  ],
  ['that is a worker', 'role', (t) => issued(t, subject('node-a', 'worker'))],
  ['that is a client', 'role', (t) => issued(t, subject('node-a', 'client'))],
  [
    'with an expired certificate',
    'expired',
    (t) => issued(t, subject('node-a'), { notBefore: new Date(Date.now() - 2 * hourMs), notAfter: new Date(Date.now() - hourMs) }),
  ],
  [
    'with a certificate that is not valid yet',
    'not-yet-valid',
    (t) => issued(t, subject('node-a'), { notBefore: new Date(Date.now() + hourMs), notAfter: new Date(Date.now() + 2 * hourMs) }),
  ],
];
for (const [what, reason, made] of impostors) {
  test(`a host ${what} hears not a byte, and the joiner is told why`, async (t) => {
    const { files, shown, digest } = await made(t);
    const it = await impostor(t, files, ...shown);
    const error = await t.throwsAsync(() => joining(t, it.address, digest), { instanceOf: TsoError });
    t.is(error.code, 'PERMISSION_DENIED');
    t.is(error.details.reason, reason);
    t.true(error.sentence.includes(it.address));
    await it.ended;
    t.deepEqual(Buffer.concat(it.heard).toString('latin1'), '');
  });
}

test('the same host is believed when all fits, which the refusals above are measured by', async (t) => {
  const { files, shown, digest } = await issued(t, subject('node-a'));
  const it = await impostor(t, files, ...shown);
  const channel = joinChannel(it.address, digest);
  const call = t.throwsAsync(() => channel.client(joinerService).join(joinRequest), { instanceOf: TsoError });
  const deadline = performance.now() + 5_000;
  while (it.heard.length === 0 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  t.true(Buffer.concat(it.heard).toString('latin1').startsWith('PRI * HTTP/2.0'));
  channel.destroy();
  await call;
});

test('a host that nobody listens on is UNAVAILABLE, which may be tried again', async (t) => {
  const error = await t.throwsAsync(() => joining(t, '127.0.0.1:1', 'x'), { instanceOf: TsoError });
  t.is(error.code, 'UNAVAILABLE');
});

test('a host that ends the connection before TLS is UNAVAILABLE', async (t) => {
  const it = await openDoor(t, { limits: { joiners: 0 } });
  const error = await t.throwsAsync(() => joining(t, it.door.address, it.digest), { instanceOf: TsoError });
  t.is(error.code, 'UNAVAILABLE');
});
