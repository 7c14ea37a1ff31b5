import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterInfo, Logger } from '@tso/proto';
import { type CallContext, Control, certificateRoles, type Handlers, loadTls, NetworkDoor, type TlsFiles } from '@tso/proto/rpc';
import { type TestAuthority, testAuthority, type Validity } from '@tso/proto/testing/certificates';
import test, { type ExecutionContext } from 'ava';
import { readBundle, writeBundle } from './context-bundle.ts';
import { createContext } from './contexts.ts';
import { processClock } from './io.ts';
import { alone, type Ran } from './testing/run-with.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const directory = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-contexts-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

const clusterInfo = { clusterId: 'c1', nodes: 3, nodesReady: 3, engineVersion: '0.9.0' } as ClusterInfo;

/** A manager on the network that answers who it is, and whoever asked. */
const manager = async (t: ExecutionContext, authority: TestAuthority, handlers: Partial<Handlers<typeof Control>> = {}) => {
  const files = await authority.issue(await directory(t), 'CN=m1, OU=manager, O=c1');
  const callers: CallContext[] = [];
  const tls = await loadTls(files, Date.now());
  const door = new NetworkDoor({ address: '127.0.0.1:0', tls, authenticate: certificateRoles('c1'), logger: silent, clock: processClock });
  const { getInfo, removeStack, listStacks } = Control;
  door.add({ getInfo, removeStack, listStacks }, {
    getInfo: async (_request: object, context: CallContext) => {
      callers.push(context);
      return { ...emptyInfo, ...clusterInfo };
    },
    removeStack: async () => ({ version: 1, changes: [] }),
    listStacks: async () => ({ stacks: [] }),
    ...handlers,
  } as never);
  await door.start();
  t.teardown(() => door.stop(0));
  return { address: door.address, callers, door };
};

const emptyInfo: ClusterInfo = {
  clusterId: '',
  version: 1,
  nodes: 0,
  nodesReady: 0,
  stacks: 0,
  services: 0,
  tasks: 0,
  tasksRunning: 0,
  engineVersion: '',
  managers: 3,
  managersReachable: 3,
  leader: 'm1',
  answeredBy: 'm1',
  autolock: false,
};

const operator = async (t: ExecutionContext, authority: TestAuthority, validity?: Validity): Promise<TlsFiles> =>
  authority.issue(await directory(t), 'CN=alice, OU=client, O=c1', validity);

/** A user's own folder, a cluster with one manager, and the bundle that opens it. */
const surroundings = async (t: ExecutionContext, handlers: Partial<Handlers<typeof Control>> = {}, validity?: Validity) => {
  const authority = await testAuthority();
  const configDir = join(await directory(t), 'config');
  const it = await manager(t, authority, handlers);
  const files = await operator(t, authority, validity);
  const bundle = join(await directory(t), 'alice.tso');
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map((file) => readFile(file, 'utf8')));
  await writeBundle('/', bundle, { name: 'alice', hosts: [it.address], ca: ca ?? '', cert: cert ?? '', key: key ?? '' });
  const tso = (...argv: readonly string[]): Promise<Ran> => alone(argv, { env: { TSO_CONFIG_DIR: configDir } });
  return { ...it, authority, configDir, files, bundle, tso };
};

test('a bundle becomes a context, whose cluster is asked by its certificate', async (t) => {
  const { tso, bundle, callers } = await surroundings(t);
  t.is((await tso('context', 'create', 'prod', '--from', bundle, '--use')).code, 0);
  const { code, out, err } = await tso('info', '--format', 'json');
  t.is(code, 0, err);
  t.like(JSON.parse(out), { node: null, cluster: { id: 'c1' } });
  t.deepEqual(callers[0]?.identity, { nodeId: 'alice', role: 'client', cluster: 'c1' });
  t.is(callers[0]?.header('tso-actor'), undefined, 'the certificate says who it is');
  t.regex((await tso('info')).out, /^Cluster: +c1$/m);
  t.regex((await tso('version')).out, /^daemon 0\.9\.0$/m);
});

test('certificates as files make a context, too, and nobody else can read it', async (t) => {
  const { tso, address, files, configDir } = await surroundings(t);
  const made = await tso(
    'context',
    'create',
    'prod',
    '--host',
    `tcp://${address}`,
    '--ca',
    files.ca,
    '--cert',
    files.cert,
    '--key',
    files.key,
  );
  t.is(made.code, 0, made.err);
  t.regex(made.err, /Use it once with --context prod, or from now on: tso context use prod/);
  t.is((await stat(configDir)).mode & 0o777, 0o700);
  t.is((await stat(join(configDir, 'contexts'))).mode & 0o777, 0o700);
  t.is((await stat(join(configDir, 'contexts/prod.json'))).mode & 0o777, 0o600);
  t.is((await tso('--context', 'prod', 'ls')).code, 0);
});

test('a host that is named is shown the certificate of the context in use', async (t) => {
  const { tso, bundle, address, callers } = await surroundings(t);
  await tso('context', 'create', 'prod', '--from', bundle, '--host', 'tcp://127.0.0.1:1');
  const gone = await tso('--context', 'prod', 'info');
  t.is(gone.code, 4);
  t.regex(gone.err, /cannot reach a manager \(127\.0\.0\.1:1: .*ECONNREFUSED/);
  const { code, err } = await tso('--context', 'prod', '--host', `tcp://127.0.0.1:1,${address}`, 'info');
  t.is(code, 0, err);
  t.is(callers.length, 1);
});

test('a host on the network without any context says how to get a certificate', async (t) => {
  const { tso } = await surroundings(t);
  const { code, err } = await tso('--host', 'tcp://10.0.0.1', 'ls');
  t.is(code, 2);
  t.regex(err, /tso context create NAME --from FILE/);
});

test('what is about a host itself is refused on a cluster elsewhere, and no daemon is started for it', async (t) => {
  const { tso, bundle } = await surroundings(t);
  await tso('context', 'create', 'prod', '--from', bundle);
  for (const argv of [['images'], ['pull', 'web:1'], ['init'], ['leave'], ['doctor'], ['unlock', '--key-file', bundle]]) {
    const { code, err } = await tso('--context', 'prod', ...argv);
    t.not(code, 0, argv.join(' '));
    if (argv[0] !== 'unlock') t.regex(err, /context prod is a cluster on other machines/, argv.join(' '));
  }
  const { code, out, err } = await tso('--host', 'tcp://10.0.0.1:2478', 'doctor');
  t.deepEqual([code, out], [1, '']);
  t.regex(err, /--host tcp:\/\/10\.0\.0\.1:2478 is a cluster on other machines; this is about a host itself/);
});

test('contexts are listed, shown, used and forgotten', async (t) => {
  const { tso, bundle, address } = await surroundings(t);
  await tso('context', 'create', 'prod', '--from', bundle);
  await tso('context', 'create', 'abroad', '--from', bundle);
  t.deepEqual((await tso('context', 'ls', '-q')).out.split('\n'), ['default', 'abroad', 'prod', '']);
  t.is((await tso('context', 'use', 'prod')).code, 0);
  const env = { TSO_CONFIG_DIR: (await tso('context', 'ls')).io.env.TSO_CONFIG_DIR ?? '' };
  const listed = await alone(['context', 'ls', '--format', 'json'], { env });
  t.like(JSON.parse(listed.out), [
    { name: 'default', current: false },
    { name: 'abroad', current: false, hosts: [address], user: 'alice', error: '' },
    { name: 'prod', current: true },
  ]);
  t.regex((await tso('context', 'ls')).out, /^prod \* +127\.0\.0\.1:\d+ +alice +in 59 min$/m);
  const shown = JSON.parse((await tso('context', 'show', '--format', 'json')).out) as Record<string, unknown>;
  t.like(shown, { name: 'prod', current: true, hosts: [address], user: 'alice', role: 'client', clusterId: 'c1', roots: 1 });
  t.false((await tso('context', 'show')).out.includes('PRIVATE'));
  const inUse = await tso('context', 'rm', 'prod');
  t.is(inUse.code, 1);
  t.regex(inUse.err, /context prod is in use/);
  t.is((await tso('context', 'rm', '-f', 'prod', 'abroad')).code, 0);
  t.is((await tso('context', 'ls', '-q')).out, 'default\n');
  t.is((await tso('context', 'show')).out.split('\n')[0], 'Name:      default');
});

test('a context that is damaged, or that others can read, is listed with why, and refused', async (t) => {
  const { tso, bundle, configDir } = await surroundings(t);
  await tso('context', 'create', 'prod', '--from', bundle);
  await chmod(join(configDir, 'contexts/prod.json'), 0o644);
  t.regex((await tso('context', 'ls')).out, /others than its owner can read/);
  const { code, err } = await tso('--context', 'prod', 'ls');
  t.is(code, 1);
  t.regex(err, /chmod 600/);
});

test('what cannot be a context is refused before it is kept', async (t) => {
  const { tso, bundle, files, address, configDir } = await surroundings(t);
  const other = await operator(t, await testAuthority());
  const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['default', '--from', bundle], 2, /always means this host's own daemon/],
    [['a/b', '--from', bundle], 2, /cannot be the name of a context/],
    [['prod'], 2, /--host is missing/],
    [['prod', '--host', 'tcp://a', '--ca', files.ca, '--cert', files.cert], 2, /--key is missing/],
    [['prod', '--from', bundle, '--key', files.key], 2, /has the certificates already/],
    [['prod', '--host', 'tcp://nonsense:x', '--ca', files.ca, '--cert', files.cert, '--key', files.key], 2, /is not a network address/],
    [
      ['prod', '--host', `tcp://${address}`, '--ca', other.ca, '--cert', files.cert, '--key', files.key],
      1,
      /does not come from an authority/,
    ],
    [
      ['prod', '--host', `tcp://${address}`, '--ca', files.ca, '--cert', files.cert, '--key', other.key],
      1,
      /is not that of the certificate/,
    ],
    [['prod', '--host', `tcp://${address}`, '--ca', '/nowhere', '--cert', files.cert, '--key', files.key], 1, /cannot read \/nowhere/],
  ];
  for (const [argv, exit, message] of wrong) {
    const { code, err } = await tso('context', 'create', ...argv);
    t.is(code, exit, err);
    t.regex(err, message);
  }
  await t.throwsAsync(() => stat(configDir), { code: 'ENOENT' });
  await tso('context', 'create', 'prod', '--from', bundle);
  t.regex((await tso('context', 'create', 'prod', '--from', bundle)).err, /there is a context prod already/);
  t.regex((await tso('context', 'use', 'other')).err, /there is no context other/);
  t.regex((await tso('--context', 'other', 'ls')).err, /there is no context other/);
});

test('a certificate that expired meanwhile says how to get another one', async (t) => {
  const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };
  const { tso, bundle, configDir } = await surroundings(t, {}, past);
  const refused = await tso('context', 'create', 'prod', '--from', bundle);
  t.is(refused.code, 1);
  await createContext(configDir, 'prod', await readBundle(bundle));
  const { code, err } = await tso('--context', 'prod', 'ls');
  t.is(code, 1);
  t.regex(err, /has expired.*tso ca issue NAME -o FILE/);
  t.regex((await tso('context', 'ls')).out, /EXPIRED/);
});
