// The whole state of a cluster as one file, and what it becomes again.
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killHost } from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2, spares: 1 });
const [m1, w1, spare] = [cluster.host('m1'), cluster.host('w1'), cluster.host('spare1')];
const replicas = 6;
const file = join(cluster.lab.folder, 'cluster.tso');
const sealed = join(cluster.lab.folder, 'sealed.tso');
let unlockKey = '';
test.after.always(() => cluster.destroy());

const pids = async (): Promise<readonly string[]> => (await cluster.seen()).map(({ host, taskId, pid }) => `${host} ${taskId} ${pid}`);

test.serial('a backup is one file for its owner alone, sealed with a passphrase when one is given', async (t) => {
  await cluster.up('app', `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${replicas} } }\n`);
  await cluster.spread('app', 'app', replicas);
  await cluster.api(m1).control((control) => control.putConfig({ name: 'kept', data: Buffer.from('kept'), labels: {} }));
  await m1.tsoOk(['backup', '-o', file]);
  unlockKey = (await m1.tsoOk(['autolock', 'on', '-q'])).trim();
  await m1.tsoOk(['backup', '-o', sealed, '--passphrase-file', '-'], { input: 'open sesame\n' });
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.is((await stat(sealed)).mode & 0o777, 0o600);
  await cluster.api(m1).control((control) => control.putConfig({ name: 'late', data: Buffer.from('late'), labels: {} }));
});

test.serial('restore on a host whose manager state is gone adopts the running containers of every node', async (t) => {
  const before = await pids();
  t.is(before.length, replicas);
  await m1.stopDaemon('SIGKILL');
  for (const folder of ['manager', 'identity']) await rm(join(m1.dataDir, folder), { recursive: true, force: true });
  await m1.startDaemon();
  await m1.tsoOk(['restore', '--force', file]);
  await eventually('the workers are ready', async () => {
    const states = await Promise.all(['w1', 'w2'].map((name) => cluster.state(cluster.host(name))));
    return states.every((state) => state === 'ready');
  });
  const read = await cluster.api(m1).control((control) => control.getConfig({ name: 'kept' }));
  t.is(Buffer.from(read.data).toString(), 'kept');
  await t.throwsAsync(
    cluster.api(m1).control((control) => control.getConfig({ name: 'late' })),
    { code: 'NOT_FOUND' },
  );
  await cluster.spread('app', 'app', replicas);
  const after = await pids();
  for (const line of before.filter((it) => it.startsWith('w'))) t.true(after.includes(line), line);
  await cluster.up('app', `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${replicas + 1} } }\n`);
  await cluster.spread('app', 'app', replicas + 1);
});

test.serial(
  'restore on another host, the first one being gone for ever: a wrong passphrase is refused, the right one is good',
  async (t) => {
    const wrong = await spare.tso(['restore', sealed, '--passphrase-file', '-'], { input: 'open barley\n' });
    t.not(wrong.code, 0);
    t.regex(wrong.stderr, /passphrase/);
    await killHost(cluster.lab, m1);
    await spare.tsoOk(['restore', sealed, '--passphrase-file', '-'], { input: 'open sesame\n' });
    const api = cluster.api(spare);
    const { nodes } = await eventually('it answers', () => api.control((control) => control.listNodes({}, { deadlineMs: 2_000 })));
    t.true(nodes.some(({ node, leader }) => leader && node.description.hostname === 'spare1'));
    const read = await api.control((control) => control.getConfig({ name: 'kept' }));
    t.is(Buffer.from(read.data).toString(), 'kept');
    t.true((await w1.mainPids()).size > 0, 'what ran goes on');
  },
);

test.serial('what was restored of a cluster with autolock is locked after a restart, and opens with the key of then', async (t) => {
  const state = async (): Promise<string> => (await spare.swarmInfo()).LocalNodeState;
  await spare.stopDaemon('SIGKILL');
  await spare.startDaemon();
  await eventually('it is locked', async () => (await state()) === 'locked');
  await spare.tsoOk(['unlock'], { input: `${unlockKey}\n` });
  await eventually('it is unlocked', async () => (await state()) === 'active');
  const read = await cluster.api(spare).control((control) => control.getConfig({ name: 'kept' }));
  t.is(Buffer.from(read.data).toString(), 'kept');
});
