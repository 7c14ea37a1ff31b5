// Hosts become a cluster by tokens; whoever has no right to it gets nowhere. The authority is one that was given to `tso init`.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatToken, NodeRole, parseToken } from '@tso/proto';
import { identityFiles } from '@tso/proto/pki';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { clusterPort } from './hosts/lab.ts';
import { ownAuthority } from './hosts/own-authority.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const hourMs = 3_600_000;
const folder = await mkdtemp(join(tmpdir(), 'tso-join-'));
const authority = await ownAuthority(join(folder, 'root'));
const cluster = await ClusterLab.start({
  managers: 3,
  workers: 5,
  spares: 1,
  initArgs: ['--ca-cert', authority.certificate, '--ca-key', authority.key],
});
const spare = cluster.host('spare1');
const first = cluster.host('m1');
test.after.always(async () => {
  await cluster.destroy();
  await rm(folder, { recursive: true, force: true });
});

const shown = (host: LabHost) => host.tsoOk(['node', 'ls', '--format', 'json']).then((text) => JSON.parse(text) as readonly NodeRow[]);
interface NodeRow {
  readonly hostname: string;
  readonly role: string;
  readonly state: string;
  readonly leader: boolean;
}

const stranger = async (files: string, ...calls: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const tool = join(import.meta.dirname, 'hosts/stranger.ts');
  return JSON.parse(await cluster.lab.client(process.execPath, [tool, `${first.address}:${clusterPort}`, files, ...calls])) as Record<
    string,
    string
  >;
};

/** A copy of what the host proves itself with. */
const stolen = async (host: LabHost): Promise<string> => {
  const to = join(folder, `stolen-${host.name}`);
  const files = identityFiles(join(host.dataDir, 'identity'));
  for (const [name, file] of Object.entries(files)) await cp(file, join(to, `${name}.pem`), { dereference: true });
  return to;
};

const belongsToNobody = async (host: LabHost): Promise<boolean> => (await host.swarmInfo()).LocalNodeState === 'inactive';

test.serial('three managers and five workers joined by token, and every one of them shows the same nodes', async (t) => {
  const rows = await shown(first);
  t.deepEqual(
    rows.map(({ hostname, role, state }) => `${hostname} ${role} ${state}`),
    [...['m1', 'm2', 'm3'].map((name) => `${name} manager ready`), ...['w1', 'w2', 'w3', 'w4', 'w5'].map((name) => `${name} worker ready`)],
  );
  t.is(rows.filter(({ leader }) => leader).length, 1);
  for (const manager of cluster.managers.slice(1)) t.deepEqual(await shown(manager), rows);
  const outcome = await cluster.host('w1').tso(['node', 'ls']);
  t.not(outcome.code, 0);
  t.regex(outcome.stderr, /worker/);
});

test.serial('a service spreads over all hosts, two containers on each', async (t) => {
  await cluster.up('app', 'services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: 16 } }\n');
  const counts = await cluster.spread('app', 'app', 16);
  t.deepEqual(
    [...counts.values()],
    Array.from({ length: 8 }, () => 2),
  );
});

test.serial('a token with a wrong secret is refused, and the host belongs to nobody', async (t) => {
  const { digest } = parseToken(await cluster.token('worker'));
  const outcome = await cluster.tryJoin(spare, formatToken({ digest, secret: 'a'.repeat(25) }));
  t.not(outcome.code, 0);
  t.regex(outcome.stderr, /token/);
  t.true(await belongsToNobody(spare));
  t.is((await cluster.nodes()).length, 8);
});

test.serial('a token of another authority is found out before anything is said to the manager', async (t) => {
  const { secret } = parseToken(await cluster.token('worker'));
  const outcome = await cluster.tryJoin(spare, formatToken({ digest: '1'.repeat(50), secret }));
  t.not(outcome.code, 0);
  t.regex(outcome.stderr, /certificate|authority|digest|token/);
  t.true(await belongsToNobody(spare));
});

test.serial('a token that was rotated is refused at once by every manager, and the new one is good', async (t) => {
  const old = await cluster.token('worker');
  await first.tsoOk(['token', '--rotate', '-q', 'worker']);
  for (const manager of cluster.managers) {
    const outcome = await cluster.tryJoin(spare, old, manager);
    t.not(outcome.code, 0, manager.name);
    t.regex(outcome.stderr, /token/);
  }
  t.true(await belongsToNobody(spare));
  // By a follower as well as by the leader.
  const [follower] = await cluster.followers();
  await cluster.join(spare, 'worker', follower);
  t.is((await cluster.node(spare)).node.role, NodeRole.WORKER);
});

test.serial('a stolen certificate of a worker can do what a worker must and no more', async (t) => {
  const files = await stolen(cluster.host('w5'));
  t.deepEqual(await stranger(files, 'listNodes', 'putConfig', 'getJoinTokens', 'listManagers'), {
    listNodes: 'PERMISSION_DENIED',
    putConfig: 'PERMISSION_DENIED',
    getJoinTokens: 'PERMISSION_DENIED',
    listManagers: 'PERMISSION_DENIED',
  });
});

test.serial('a certificate of a removed node is refused at once, for everything', async (t) => {
  const worker = cluster.host('w5');
  const files = await stolen(worker);
  const { node } = await cluster.node(worker);
  await first.tsoOk(['node', 'rm', '--force', node.id]);
  for (const outcome of Object.values(await stranger(files, 'listNodes', 'renew', 'listManagers')))
    t.regex(outcome, /^PERMISSION_DENIED removed/);
  await eventually('the removed host belongs to nobody', () => belongsToNobody(worker));
});

const otherDoors: readonly (readonly [what: string, make: (to: string, clusterId: string) => Promise<void>])[] = [
  [
    'of another authority',
    async (to, clusterId) => {
      const other = await ownAuthority(join(folder, 'other-root'));
      await other.issue(to, `CN=m1, OU=manager, O=${clusterId}`, Date.now() - hourMs, Date.now() + hourMs);
      await cp(authority.certificate, join(to, 'ca.pem'));
    },
  ],
  [
    'that has expired',
    (to, clusterId) => authority.issue(to, `CN=m1, OU=manager, O=${clusterId}`, Date.now() - 2 * hourMs, Date.now() - hourMs),
  ],
  ['for another cluster', (to) => authority.issue(to, 'CN=m1, OU=manager, O=another', Date.now() - hourMs, Date.now() + hourMs)],
  [
    'for a node that nobody knows',
    (to, clusterId) => authority.issue(to, `CN=nobody, OU=manager, O=${clusterId}`, Date.now() - hourMs, Date.now() + hourMs),
  ],
];
for (const [what, make] of otherDoors)
  test.serial(`a certificate ${what} opens no door`, async (t) => {
    const to = await mkdtemp(join(folder, 'foreign-'));
    await make(to, (await cluster.ask((api) => api.control((control) => control.getInfo({})))).clusterId);
    const outcomes = await stranger(to, 'listNodes', 'listManagers', 'renew', 'getJoinTokens');
    for (const [call, outcome] of Object.entries(outcomes))
      t.regex(outcome, /^(PERMISSION_DENIED|UNAUTHENTICATED|UNAVAILABLE|FAILED_PRECONDITION)/, call);
  });

test.serial('who shows no certificate is told nothing, whatever it says', async (t) => {
  const said = join(folder, 'said');
  await writeFile(said, 'GET / HTTP/1.1\r\nHost: m1\r\n\r\n');
  const port = `/dev/tcp/${first.address}/${clusterPort}`;
  t.is(await cluster.lab.client('/bin/bash', ['-c', `exec 3<>${port}; cat ${said} >&3; timeout 3 cat <&3 || true`]), '');
  const hello = ['s_client', '-connect', `${first.address}:${clusterPort}`, '-quiet'];
  const outcome = await cluster.lab.client('/bin/bash', ['-c', `timeout 3 openssl ${hello.join(' ')} </dev/null 2>&1 >/dev/null; true`]);
  t.regex(outcome, /alert|error|closed|reset/i);
});
