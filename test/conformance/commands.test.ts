import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { loadText } from '@tso/compose';
import { isWishedRunning } from '@tso/proto';
import { loadTls } from '@tso/proto/rpc';
import test, { type ExecutionContext } from 'ava';
import { run } from '../../cli/src/program.ts';
import { fakeIo } from '../../cli/src/testing/fake-io.ts';
import { Seen, SimulatedAgent } from '../bench/simulated-agent.ts';
import { LoopbackSite, siteCluster } from '../consensus/loopback-site.ts';
import { ManagerProcess } from '../consensus/manager-process.ts';
import { eventually } from '../lab/support/eventually.ts';

// Commands against a manager as users run it, with agents that say of each task that it runs: what the command line asks for and what
// the managers take must be the same.

interface Cluster {
  readonly manager: ManagerProcess;
  /** Another node, ready. */
  join(nodeId: string): Promise<void>;
  tso(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

const agents = ['n1', 'n2', 'n3'];

const clusterOf = async (t: ExecutionContext): Promise<Cluster> => {
  const folder = await mkdtemp(path(tmpdir(), 'tso-commands-'));
  const site = await LoopbackSite.create(['m1']);
  const flags = { 'log-level': 'error', ...(await site.flags('m1', folder)) };
  const manager = new ManagerProcess({ nodeId: 'm1', folder, peerListen: site.peerListen('m1'), flags });
  const stops: SimulatedAgent[] = [];
  t.teardown(async () => {
    for (const agent of stops) agent.stop();
    await manager.kill();
    await rm(folder, { recursive: true, force: true });
  });
  await manager.start();
  const join: Cluster['join'] = async (nodeId) => {
    const tls = await site.authority.issue(path(folder, 'agents', nodeId), `CN=${nodeId}, OU=worker, O=${siteCluster}`);
    const agent = new SimulatedAgent(nodeId, [site.peerListen('m1')], await loadTls(tls, Date.now()), new Seen());
    stops.push(agent);
    void agent.run();
    await eventually(`${nodeId} to be ready`, async () => (await manager.control.getInfo({})).nodesReady >= stops.length, 60_000);
  };
  for (const nodeId of agents) await join(nodeId);
  await symlink(path(folder, 'api.sock'), path(folder, 'tso.sock'));
  const tso: Cluster['tso'] = async (...argv) => {
    const io = fakeIo({ env: { TSO_RUN_DIR: folder }, cwd: folder });
    const code = await run(argv, io);
    return { code, out: io.stdout.text, err: io.stderr.text };
  };
  return { manager, join, tso };
};

const apply = async ({ manager }: Cluster, text: string, dryRun = false) => {
  const loaded = loadText(text, 'shop');
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('; '));
  return manager.control.applyStack({
    spec: loaded.spec,
    dryRun,
    removeOrphans: true,
    services: [],
    files: loaded.contents,
    declared: loaded.declared,
  });
};

const file = `
services:
  web:
    image: web:1
    deploy: { replicas: 3, update_config: { monitor: 0s } }
  cache:
    image: cache
    depends_on: [web]
`;

const imagesOf = async ({ manager }: Cluster): Promise<readonly string[]> => {
  const { tasks } = await manager.control.listTasks({ stack: 'shop', services: ['web'], all: false, node: '' });
  return tasks.filter(({ task }) => isWishedRunning(task.desiredState)).map(({ task }) => task.spec.container.image);
};

const quiet = ['--progress', 'quiet'];

test('services are updated by flags, stand still and go on, go back, and are changed once only', async (t) => {
  const cluster = await clusterOf(t);
  const { tso } = cluster;
  await apply(cluster, file);
  const flags = ['--image', 'web:2', '--env-add', 'A=1', '--publish-add', '8080:80', '--mount-add', 'source=shop_data,target=/data'];
  t.deepEqual(await tso('service', 'update', ...quiet, ...flags, 'shop_web'), { code: 0, out: '', err: 'web is updated.\n' });
  t.deepEqual(await imagesOf(cluster), ['web:2', 'web:2', 'web:2']);
  const again = await tso('service', 'update', ...quiet, '--image', 'web:2', 'shop_web');
  t.deepEqual([again.code, again.err], [0, 'web is that already.\n']);

  const dry = await tso('service', 'update', '--dry-run', '--image', 'web:3', 'shop_web');
  t.regex(
    dry.out,
    /^~ update service web \(3 tasks replaced, 1 at a time, .*\)\n {4}task\.container\.image: web:2 -> web:3\n\nTASK +WOULD/,
  );
  t.deepEqual(await imagesOf(cluster), ['web:2', 'web:2', 'web:2']);

  const trial = await tso('service', 'update', ...quiet, '--update-pause-after', '1', '--image', 'web:3', 'shop_web');
  t.is(trial.code, 0);
  t.regex(
    trial.err,
    /^web: .*stands still after 1 of 3.*\. Go on with tso service update --continue shop_web, go back with .* shop_web\.\n$/,
  );
  t.deepEqual((await imagesOf(cluster)).toSorted(), ['web:2', 'web:2', 'web:3']);
  t.is((await tso('service', 'update', ...quiet, '--continue', 'shop_web')).err, 'web: updated.\n');
  t.deepEqual(await imagesOf(cluster), ['web:3', 'web:3', 'web:3']);

  const back = await tso('service', 'rollback', 'shop_web');
  t.deepEqual([back.code, (await imagesOf(cluster))[0]], [0, 'web:2'], back.err);
  t.regex(back.err, /web: 2\/3 rolled back\n/);
  t.regex(back.err, /web: back at what it was before\.\n$/);
});

test('services are restarted, stopped and started with their scale, compared and removed', async (t) => {
  const cluster = await clusterOf(t);
  const { tso } = cluster;
  await apply(cluster, file);
  t.is((await tso('restart', '-p', 'shop', ...quiet, 'web')).err, 'web: restarted.\n');
  t.is((await apply(cluster, file, true)).changes.filter(({ action }) => action !== 'none').length, 0, 'a restart is no other wish');
  t.is((await tso('stop', '-p', 'shop', ...quiet)).err, 'cache, web: stopped, with its scale kept for tso start.\n');
  t.deepEqual(await imagesOf(cluster), []);
  t.regex((await tso('service', 'ls')).out, /cache .*0\/0 .*stopped\n.* web .*0\/0 .*stopped\n/);
  t.is((await tso('stop', '-p', 'shop', 'web')).err, 'web: left as it is, it is stopped already.\n');
  t.is((await tso('start', '-p', 'shop', ...quiet)).code, 0);
  t.is((await imagesOf(cluster)).length, 3);
  t.regex((await tso('service', 'ps', '-a', 'shop_web')).out, /shutdown .* ago +its service was stopped/);

  t.regex((await tso('service', 'ps', '--explain', 'shop_web')).out, /^web\.1 is on host-n\d: .+\n {2}fits: +host-n/);
  const nowhere = await tso('service', 'update', ...quiet, '--constraint-add', 'node.labels.disk==ssd', '-d', 'shop_cache');
  t.is(nowhere.err, 'cache is to be updated.\n');
  await eventually(
    'nothing to fit',
    async () =>
      (await tso('service', 'ps', '--explain', 'shop_cache')).out.startsWith('cache.1 waits: no node fits (3 lack label disk=ssd)\n'),
    10_000,
  );

  const kept = await tso('service', 'rm', 'shop_web');
  t.deepEqual([kept.code, /cache depends on it/.test(kept.err)], [1, true]);
  t.is((await tso('service', 'rm', ...quiet, 'shop_cache')).err, 'cache: removed.\n');
  t.regex((await tso('service', 'rollback', 'shop_web')).err, /^error: service web .+\n$/);
  const refused = await tso('service', 'update', '--reserve-cpu', '100', 'shop_web');
  t.deepEqual([refused.code, /host-n\d, has 8 CPUs/.test(refused.err)], [1, true]);
  t.is((await tso('kill', '-p', 'shop', '-s', 'NOPE')).code, 1);
});

test('what would move to a node that came is told without moving it, and then moved', async (t) => {
  const cluster = await clusterOf(t);
  const { tso, manager } = cluster;
  await apply(cluster, file.replace('replicas: 3', 'replicas: 6'));
  t.is((await tso('start', '-p', 'shop')).err, 'cache: left as it is, it is not stopped. web: left as it is, it is not stopped.\n');
  t.is((await tso('scale', '-p', 'shop', ...quiet, 'web=6')).code, 0);
  await cluster.join('n4');
  const dry = await tso('rebalance', '-p', 'shop', '--dry-run', 'web');
  t.regex(dry.out, /^~ web is spread anew\n {4}web\.\d: host-n[123] -> host-n4\n$/);
  const web = (await manager.control.getStack({ name: 'shop' })).services.find(({ service }) => service.spec.name === 'web');
  t.is(web?.service.rebalance, 0);
  t.is((await tso('rebalance', '-p', 'shop', ...quiet, 'web')).err, 'web: tasks are spread over the nodes as they are now.\n');
  t.regex((await tso('service', 'ps', 'shop_web')).out, /host-n4 +up/);
  t.regex((await tso('rebalance', '-p', 'shop', '--dry-run', 'web')).out, /^= web stays as it is: .+\n$/);
});
