import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type AuthorityView, formatToken, formatUnlockKey, NodeRole, NodeState, TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { parseBundle } from './context-bundle.ts';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { aManager, aNode, nodeIdOf } from './testing/nodes.ts';
import { alone, runWith } from './testing/run-with.ts';

const token = (secret: string): string => formatToken({ digest: 'd'.repeat(50), secret: secret.repeat(25) });
const workerToken = token('w');
const managers = [
  { nodeId: nodeIdOf('host-b'), address: '10.0.0.2:2478' },
  { nodeId: nodeIdOf('host-a'), address: '10.0.0.1:2478' },
];
const tokens = { worker: workerToken, manager: token('m'), managers };
const key = formatUnlockKey(new Uint8Array(32).fill(7));

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A daemon that remembers what it was asked, in the state that is given. */
const daemonOf = (
  asked: Asked[],
  answers: Readonly<Record<string, unknown>>,
  swarm: object = {},
): NonNullable<FakeDaemonOptions['engine']> => {
  const info = {
    ID: 'd',
    Name: 'host-a',
    ServerVersion: '0.1.0',
    Swarm: { NodeID: nodeIdOf('host-a'), LocalNodeState: 'active', ...swarm },
  };
  return (method, path, body) => {
    if (path === '/info') return { body: info };
    asked.push({ method, path, body: body === '' ? undefined : JSON.parse(body) });
    const answer = answers[path];
    return answer === undefined ? undefined : { body: answer };
  };
};

const fileWith = (t: ExecutionContext, text: string): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'file');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

const initiated = { '/swarm/init': JSON.stringify(nodeIdOf('host-a')) };

test('init prints the node id, and beside it how others join', async (t) => {
  const asked: Asked[] = [];
  const daemon: FakeDaemonOptions = { engine: daemonOf(asked, initiated), ca: { getJoinTokens: async () => tokens } };
  const argv = [
    'init',
    '--advertise-addr',
    '10.0.0.1',
    '--listen-addr',
    '0.0.0.0:2500',
    '--address-pool',
    '10.64.0.0/12',
    '--subnet-size',
    '26',
  ];
  const { code, out, err } = await runWith(t, daemon, argv);
  t.is(code, 0);
  t.is(out, `${nodeIdOf('host-a')}\n`);
  t.is(
    err,
    `To add a worker, run this on the other host as root:\n\n    tso join --token ${workerToken} 10.0.0.1:2478\n\nTo add a manager: tso token manager\n`,
  );
  const body = { AdvertiseAddr: '10.0.0.1', ListenAddr: '0.0.0.0:2500', AddressPool: '10.64.0.0/12', SubnetSize: 26 };
  t.deepEqual(asked, [{ method: 'POST', path: '/swarm/init', body }]);
});

test('init --autolock shows the key once, with what it is for', async (t) => {
  const locks: unknown[] = [];
  const ca: FakeDaemonOptions['ca'] = {
    getJoinTokens: async () => tokens,
    setAutolock: async (request) => {
      locks.push(request);
      return { key };
    },
  };
  const { code, err } = await runWith(t, { engine: daemonOf([], initiated), ca }, ['init', '--autolock']);
  t.is(code, 0);
  t.is(err.split(key).length, 2);
  t.regex(err, /Keep it apart from these machines/);
  t.deepEqual(locks, [{ enabled: true, rotate: false }]);
  const json = await runWith(t, { engine: daemonOf([], initiated), ca }, ['init', '--autolock', '--format', 'json']);
  t.deepEqual(JSON.parse(json.out), {
    nodeId: nodeIdOf('host-a'),
    joinCommand: `tso join --token ${workerToken} 10.0.0.1:2478`,
    unlockKey: key,
  });
});

test('an init that could not lock says so, keeps the node id and fails', async (t) => {
  const ca: FakeDaemonOptions['ca'] = {
    setAutolock: async () => {
      throw new TsoError('INTERNAL', 'no key could be made');
    },
  };
  const { code, out, err } = await runWith(t, { engine: daemonOf([], initiated), ca }, ['init', '--autolock']);
  t.is(code, 1);
  t.is(out, `${nodeIdOf('host-a')}\n`);
  t.is(err, 'warning: the cluster is there but not locked (tso autolock on locks it): no key could be made.\n');
});

test('init hands a root of its own over, and wants both of its files', async (t) => {
  const asked: Asked[] = [];
  const cert = fileWith(t, 'CERTIFICATE');
  const keyFile = fileWith(t, 'KEY');
  const daemon: FakeDaemonOptions = { engine: daemonOf(asked, initiated), ca: { getJoinTokens: async () => tokens } };
  t.is((await runWith(t, daemon, ['init', '--ca-cert', cert, '--ca-key', keyFile])).code, 0);
  t.deepEqual(asked[0]?.body, { CaCertificate: 'CERTIFICATE', CaKey: 'KEY' });
  const half = await alone(['init', '--ca-cert', cert]);
  t.is(half.code, 2);
  t.regex(half.err, /--ca-cert is given without --ca-key/);
  t.is((await alone(['init', '--ca-cert', cert, '--ca-key', '/nonexistent'])).code, 2);
  t.is((await alone(['init', '--subnet-size', '33'])).code, 2);
});

const joined = { '/swarm/join': { NodeID: nodeIdOf('host-c'), Role: 'worker', ClusterID: 'c1' } };

test('join takes the token from the command line, a file or standard input', async (t) => {
  const asked: Asked[] = [];
  const daemon: FakeDaemonOptions = { engine: daemonOf(asked, joined, { NodeID: '', LocalNodeState: 'inactive' }) };
  const first = await runWith(t, daemon, ['join', '--token', workerToken, '10.0.0.1', '--advertise-addr', '10.0.0.3']);
  t.deepEqual([first.code, first.out], [0, `${nodeIdOf('host-c')}\n`]);
  t.regex(first.err, /has joined the cluster as a worker/);
  await runWith(t, daemon, ['join', '--token-file', fileWith(t, `${workerToken}\n`), '10.0.0.1:3000']);
  const json = await runWith(t, daemon, ['join', '--token', '-', '[fd00::1]:2478', '--format', 'json'], { stdin: `${workerToken}\n` });
  t.deepEqual(JSON.parse(json.out), { nodeId: nodeIdOf('host-c'), role: 'worker', clusterId: 'c1' });
  t.deepEqual(
    asked.map(({ body }) => body),
    [
      { Token: workerToken, RemoteAddr: '10.0.0.1:2478', AdvertiseAddr: '10.0.0.3' },
      { Token: workerToken, RemoteAddr: '10.0.0.1:3000' },
      { Token: workerToken, RemoteAddr: '[fd00::1]:2478' },
    ],
  );
});

test('what is wrong with a token or an address is said before anything is started', async (t) => {
  const cases = [
    { argv: ['join', '10.0.0.1:2478'], code: 2, text: /a join token is missing\. Give --token-file FILE/ },
    { argv: ['join', '--token', workerToken, '--token-file', 'x', '10.0.0.1'], code: 2, text: /--token and --token-file are both given/ },
    { argv: ['join', '--token', workerToken, '10.0.0.1:99999'], code: 2, text: /10\.0\.0\.1:99999 is no address of a manager/ },
    { argv: ['join', '--token', 'SWMTKN-1-x', '10.0.0.1'], code: 1, text: /Docker Swarm/ },
    { argv: ['join', '--token-file', '/nonexistent', '10.0.0.1'], code: 2, text: /there is no such file/ },
  ];
  for (const { argv, code, text } of cases) {
    const ran = await alone(argv);
    t.is(ran.code, code, argv.join(' '));
    t.regex(ran.err, text);
    t.false(ran.err.includes(workerToken));
  }
});

test('leave asks the daemon, with force only when told so', async (t) => {
  const asked: Asked[] = [];
  const daemon: FakeDaemonOptions = { engine: daemonOf(asked, { '/swarm/leave': {} }) };
  t.is(
    (await runWith(t, daemon, ['leave'])).err,
    'This host has left the cluster: what ran here for it has ended, images and named volumes stay.\n',
  );
  t.is((await runWith(t, daemon, ['leave', '--force', '--format', 'json'])).out, '{\n  "left": true\n}\n');
  t.deepEqual(
    asked.map(({ body }) => body),
    [{ Force: false }, { Force: true }],
  );
});

test('token prints the whole command on stdout, with the manager that was asked', async (t) => {
  const rotated: unknown[] = [];
  const daemon: FakeDaemonOptions = {
    engine: daemonOf([], {}),
    ca: {
      getJoinTokens: async () => tokens,
      rotateJoinToken: async (request) => {
        rotated.push(request);
        return { ...tokens, worker: token('x') };
      },
    },
  };
  t.is((await runWith(t, daemon, ['token', 'worker'])).out, `tso join --token ${workerToken} 10.0.0.1:2478\n`);
  t.is((await runWith(t, daemon, ['token', '-q', 'manager'])).out, `${tokens.manager}\n`);
  const { out, err } = await runWith(t, daemon, ['token', '--rotate', 'worker']);
  t.is(out, `tso join --token ${token('x')} 10.0.0.1:2478\n`);
  t.regex(err, /^The token for workers is another now; the old one is refused\. Who has joined stays\.\n/);
  t.deepEqual(rotated, [{ role: NodeRole.WORKER }]);
  const json = await runWith(t, daemon, ['token', 'manager', '--format', 'json']);
  t.like(JSON.parse(json.out), { role: 'manager', token: tokens.manager, managers });
  t.is((await runWith(t, daemon, ['token', 'admin'])).code, 2);
});

test('unlock reads the key from standard input and never takes it as an argument', async (t) => {
  const asked: Asked[] = [];
  const daemon: FakeDaemonOptions = { engine: daemonOf(asked, { '/swarm/unlock': {} }, { LocalNodeState: 'locked' }) };
  const { code, err } = await runWith(t, daemon, ['unlock'], { stdin: `${key}\n` });
  t.is(code, 0);
  t.is(err, 'The manager of this host is unlocked.\n');
  t.deepEqual(asked, [{ method: 'POST', path: '/swarm/unlock', body: { UnlockKey: key } }]);
  t.is((await runWith(t, daemon, ['unlock', key])).code, 2);
  const wrong = await runWith(t, daemon, ['unlock'], { stdin: 'TSO-KEY-1-short' });
  t.is(wrong.code, 1);
  t.regex(wrong.err, /the unlock key is damaged/);
  t.is(asked.length, 1);
});

test('unlock on a host that is not locked asks for nothing', async (t) => {
  const { code, err } = await runWith(t, { engine: daemonOf([], {}) }, ['unlock'], { stdin: '' });
  t.is(code, 1);
  t.regex(err, /the manager of this host is not locked: the node is active/);
});

const locked = (autolock: boolean, calls: unknown[]): FakeDaemonOptions => ({
  control: {
    getInfo: async () => ({
      clusterId: 'c1',
      version: 1,
      nodes: 1,
      nodesReady: 1,
      stacks: 0,
      services: 0,
      tasks: 0,
      tasksRunning: 0,
      engineVersion: '0.1.0',
      managers: 3,
      managersReachable: 2,
      leader: 'host-b',
      answeredBy: 'host-a',
      autolock,
    }),
  },
  ca: {
    getUnlockKey: async () => ({ key: autolock ? key : '' }),
    setAutolock: async (request) => {
      calls.push(request);
      return { key: request.enabled ? key : '' };
    },
  },
});

test('unlock-key shows the key, and another one with --rotate, but turns nothing on', async (t) => {
  const calls: unknown[] = [];
  t.is((await runWith(t, locked(true, calls), ['unlock-key', '-q'])).out, `${key}\n`);
  t.is((await runWith(t, locked(true, calls), ['unlock-key', '-q'])).err, '');
  t.is((await runWith(t, locked(true, calls), ['unlock-key', '--rotate'])).out, `${key}\n`);
  t.deepEqual(calls, [{ enabled: true, rotate: true }]);
  const off = await runWith(t, locked(false, calls), ['unlock-key', '--rotate']);
  t.deepEqual([off.code, off.out, calls.length], [0, '', 1]);
  t.regex(off.err, /Autolock is off/);
  t.deepEqual(JSON.parse((await runWith(t, locked(false, calls), ['unlock-key', '--format', 'json'])).out), {
    autolock: false,
    unlockKey: null,
  });
});

test('autolock is shown, turned on with its key, and turned off', async (t) => {
  const calls: unknown[] = [];
  t.is((await runWith(t, locked(true, calls), ['autolock'])).out, 'on\n');
  t.is((await runWith(t, locked(false, calls), ['autolock', 'on'])).out, `${key}\n`);
  const off = await runWith(t, locked(true, calls), ['autolock', 'off']);
  t.deepEqual([off.code, off.out], [0, '']);
  t.regex(off.err, /^Autolock is off/);
  t.deepEqual(calls, [
    { enabled: true, rotate: false },
    { enabled: false, rotate: false },
  ]);
  t.is((await runWith(t, locked(true, calls), ['autolock', 'maybe'])).code, 2);
});

const authorityView: AuthorityView = {
  certificates: '',
  digest: 'd'.repeat(50),
  epoch: 1,
  rotating: false,
  waitingFor: [],
  notAfterMs: Date.UTC(2046, 0, 1),
  certificateLifeMs: 90 * 86_400_000,
};

test('ca shows the root, and its digest alone with -q', async (t) => {
  const daemon: FakeDaemonOptions = { ca: { getAuthority: async () => authorityView } };
  const { code, out } = await runWith(t, daemon, ['ca']);
  t.is(code, 0);
  t.regex(
    out,
    /^Digest: {8}d{50}\nValid until: {3}2046-01-01T00:00:00\.000Z \(\d+ days left\)\nCertificates: {2}90 days, renewed from half of that on\nRotation: {6}none\n$/,
  );
  t.is((await runWith(t, daemon, ['ca', '-q'])).out, `${'d'.repeat(50)}\n`);
  t.like(JSON.parse((await runWith(t, daemon, ['ca', '--format', 'json'])).out), {
    digest: 'd'.repeat(50),
    notAfter: '2046-01-01T00:00:00.000Z',
    rotating: false,
  });
});

test('ca --rotate follows until every node has a certificate of the new root', async (t) => {
  const rotations: unknown[] = [];
  const epochs = [
    [1, 1],
    [2, 1],
    [2, 2],
  ] as const;
  let looks = 0;
  const daemon: FakeDaemonOptions = {
    control: {
      listNodes: async () => {
        const [a, b] = epochs[Math.min(looks, 2)] ?? [2, 2];
        const down = aNode('host-b', { authorityEpoch: b, state: NodeState.NODE_DOWN });
        looks += 1;
        return { nodes: [aManager('host-a', { authorityEpoch: a }), down] };
      },
    },
    ca: {
      rotateAuthority: async (request) => {
        rotations.push(request);
        return authorityView;
      },
      getAuthority: async () => ({ ...authorityView, epoch: looks < 3 ? 2 : 3, rotating: looks < 3 }),
    },
  };
  const { code, err } = await runWith(t, daemon, ['ca', '--rotate']);
  t.is(code, 0);
  t.is(
    err,
    [
      'host-a: renewing',
      `host-b: waiting: the node is down; the old root is trusted until it is back, or removed (tso node rm ${nodeIdOf('host-b')})`,
      'host-a: renewed',
      'host-b: renewed',
      'The root is another now. Join tokens are others, too: tso token worker.',
      '',
    ].join('\n'),
  );
  t.deepEqual(rotations, [{ certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 }]);
});

test('the life of certificates is set without a rotation, what only a rotation needs is refused without one', async (t) => {
  const asked: unknown[] = [];
  const daemon: FakeDaemonOptions = {
    ca: {
      rotateAuthority: async (request) => {
        asked.push(request);
        return authorityView;
      },
    },
  };
  t.is((await runWith(t, daemon, ['ca', '--cert-expiry', '30d'])).code, 0);
  t.deepEqual(asked, [{ certificate: '', key: '', viewOnly: true, certificateLifeMs: 30 * 86_400_000 }]);
  const { code, err } = await runWith(t, daemon, ['ca', '--ca-cert', 'x', '--ca-key', 'y']);
  t.is(code, 2);
  t.regex(err, /--ca-cert says how to rotate, and --rotate is not given/);
});

test('ca issue makes the key here, and the bundle is for its owner only', async (t) => {
  const asked: { readonly name: string; readonly csr: string; readonly lifeMs: number }[] = [];
  const certificate = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
  const ca: FakeDaemonOptions['ca'] = {
    issueClient: async (request) => {
      asked.push(request);
      return {
        certificate,
        authorities: certificate,
        authorityEpoch: 1,
        clusterId: 'c1',
        role: NodeRole.WORKER,
        notAfterMs: Date.UTC(2027, 0, 1),
        renewAtMs: 0,
        managers,
        addressPool: '',
        vxlanPort: 0,
        address: '',
      };
    },
  };
  const dir = dirname(fileWith(t, ''));
  const { code, out, err } = await runWith(t, { ca }, ['ca', 'issue', 'alice', '-o', 'alice.tso', '--expiry', '30d'], { cwd: dir });
  t.deepEqual([code, out], [0, '']);
  t.regex(err, /until 2027-01-01T00:00:00\.000Z.*\n.*tso context create NAME --from alice\.tso\. To refuse it: tso ca revoke alice\n$/);
  t.like(asked[0], { name: 'alice', lifeMs: 30 * 86_400_000 });
  t.is(statSync(join(dir, 'alice.tso')).mode & 0o777, 0o600);
  const text = readFileSync(join(dir, 'alice.tso'), 'utf8');
  const bundle = parseBundle(text, 'alice.tso');
  t.deepEqual(bundle.hosts, ['10.0.0.2:2478', '10.0.0.1:2478']);
  const request = Buffer.from((asked[0]?.csr ?? '').replace(/-----[^-]+-----|\s/g, ''), 'base64');
  t.true(request.includes(createPublicKey(bundle.key).export({ format: 'der', type: 'spki' })), 'the key that the request is for');
  t.false(err.includes('PRIVATE'));
});

test('ca revoke names whom the cluster refuses', async (t) => {
  const asked: unknown[] = [];
  const daemon: FakeDaemonOptions = {
    ca: {
      revokeClient: async (request) => {
        asked.push(request);
        return {};
      },
    },
  };
  t.is((await runWith(t, daemon, ['ca', 'revoke', 'alice'])).err, 'Certificates of alice are refused from now on.\n');
  t.deepEqual(asked, [{ name: 'alice' }]);
});

test('info tells of managers, leader and autolock', async (t) => {
  const { out } = await runWith(t, { ...locked(true, []), engine: daemonOf([], {}, { ControlAvailable: true, NodeAddr: '10.0.0.1' }) }, [
    'info',
  ]);
  t.regex(out, /^Managers: {4}2 of 3 reachable\nLeader: {6}host-b\nAutolock: {4}on$/m);
  const json = await runWith(t, { ...locked(true, []), engine: daemonOf([], {}) }, ['info', '--format', 'json']);
  t.like(JSON.parse(json.out).cluster, { managers: { total: 3, reachable: 2 }, leader: 'host-b', answeredBy: 'host-a', autolock: true });
});

test('info on a worker, a locked manager, and without a leader says what is so instead of failing', async (t) => {
  const remote = [{ NodeID: nodeIdOf('host-b'), Addr: '10.0.0.2:2478' }];
  const worker = await runWith(t, { engine: daemonOf([], {}, { ControlAvailable: false, RemoteManagers: remote }) }, ['info']);
  t.is(worker.code, 0);
  t.regex(worker.out, /^Cluster: {5}member, as a worker; ask a manager for more\n.*\nManagers: {4}10\.0\.0\.2:2478$/m);
  const lockedInfo = await runWith(t, { engine: daemonOf([], {}, { LocalNodeState: 'locked' }) }, ['info']);
  t.regex(lockedInfo.out, /^Cluster: {5}locked: its manager waits for the unlock key \(tso unlock\)$/m);
  const getInfo = async () => {
    throw new TsoError('UNAVAILABLE', 'the managers have no leader', { hint: 'Two of three are needed.' });
  };
  const leaderless = await runWith(t, { engine: daemonOf([], {}, { ControlAvailable: true }), control: { getInfo } }, ['info']);
  t.is(leaderless.code, 0);
  t.regex(leaderless.out, /^Cluster: {5}its manager does not answer: the managers have no leader\. Two of three are needed\.$/m);
});
