// Autolock, and another root, on a cluster that works all the time.
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseToken } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killAgent } from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';
import { cliEntry, type LabHost } from './support/lab-host.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 1, spares: 1 });
const replicas = 4;
const m1 = cluster.host('m1');
test.before(() =>
  cluster.up(
    'app',
    `services:\n  app: { image: "busybox:1", command: ["/bin/sh", "-c", "while :; do echo tick; sleep 0.2; done"], stop_grace_period: 500ms, deploy: { replicas: ${replicas} } }\n`,
  ),
);
test.after.always(() => cluster.destroy());

const pids = async (): Promise<readonly string[]> => (await cluster.seen()).map(({ host, taskId, pid }) => `${host} ${taskId} ${pid}`);
const state = async (host: LabHost) => (await host.swarmInfo()).LocalNodeState;

/** Every file of a host's identity and manager state, as text. */
const stored = async (host: LabHost): Promise<string> => {
  const texts: string[] = [];
  for (const folder of ['identity', 'manager'])
    for (const entry of await readdir(join(host.dataDir, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  return texts.join('\n');
};

test.serial('another root comes without a dropped session: a followed log goes on, no node leaves, no container notices', async (t) => {
  const before = await pids();
  const [follower = m1] = await cluster.followers();
  const logs = follower.spawn(process.execPath, [cliEntry, 'logs', '-f', '-n', '1', '-p', 'app', 'app']);
  let lines = 0;
  let complaints = '';
  logs.stdout?.on('data', (data: Buffer) => {
    lines += data.toString().split('\n').length - 1;
  });
  logs.stderr?.on('data', (data: Buffer) => {
    complaints += data.toString();
  });
  const states = new Set<string>();
  let watching = true;
  const watch = (async () => {
    while (watching) {
      for (const { node } of await cluster.nodes().catch(() => [])) states.add(String(node.state));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  await eventually('the log is followed', () => lines > replicas * 2);
  const oldToken = await cluster.token('worker');
  const epochs = (await cluster.nodes()).map(({ node }) => node.authorityEpoch);
  await m1.tsoOk(['ca', '--rotate', '--progress', 'plain', '--timeout', '40']);
  const token = await cluster.token('worker');
  t.not(parseToken(token).digest, parseToken(oldToken).digest);
  t.true((await cluster.nodes()).every(({ node }, index) => node.authorityEpoch > (epochs[index] ?? 0)));
  const seen = lines;
  await eventually('the followed log goes on', () => lines > seen + replicas * 5);
  watching = false;
  await watch;
  t.is(logs.exitCode, null, 'the client still follows');
  logs.kill('SIGKILL');
  t.is(complaints, '');
  t.deepEqual([...states], ['1'], 'every node was ready all the time');
  t.deepEqual(await pids(), before);
  const spare = cluster.host('spare1');
  const outcome = await cluster.tryJoin(spare, oldToken);
  t.not(outcome.code, 0, 'a token of the old root opens nothing');
  await cluster.join(spare, 'worker');
  t.is((await spare.swarmInfo()).LocalNodeState, 'active');
});

test.serial('with autolock a restarted manager is locked until it gets the key, and the cluster goes on without it', async (t) => {
  const before = await pids();
  const key = (await m1.tsoOk(['autolock', 'on', '-q'])).trim();
  t.regex(key, /^TSO-KEY-1-/);
  const [locked = m1] = await cluster.followers();
  const fault = await killAgent(locked);
  await fault.undo();
  await eventually(`${locked.name} is locked`, async () => (await state(locked)) === 'locked');
  const files = await stored(locked);
  t.false(files.includes(key));
  t.false(/-----BEGIN (EC )?PRIVATE KEY-----/.test(files), 'no key lies open');
  await cluster.without([locked], async () => {
    await cluster.ask((api) => api.control((control) => control.putConfig({ name: 'meanwhile', data: Buffer.from('x'), labels: {} })));
    const refused = await locked.tso(['ps']);
    t.not(refused.code, 0);
    t.regex(refused.stderr, /lock/);
    const wrong = await locked.tso(['unlock'], { input: `TSO-KEY-1-${Buffer.alloc(32, 7).toString('base64url')}\n` });
    t.not(wrong.code, 0);
    t.is(await state(locked), 'locked');
  });
  await locked.tsoOk(['unlock'], { input: `${key}\n` });
  await eventually(`${locked.name} is unlocked`, async () => (await state(locked)) === 'active');
  await cluster.settled();
  const read = await cluster.api(locked).control((control) => control.getConfig({ name: 'meanwhile' }));
  t.is(Buffer.from(read.data).toString(), 'x');
  t.deepEqual(await pids(), before, 'its containers ran on');
});

test.serial('a worker needs no key; without autolock a manager starts by itself again', async (t) => {
  const worker = cluster.host('w1');
  await (await killAgent(worker)).undo();
  await cluster.ready(worker);
  await m1.tsoOk(['autolock', 'off']);
  const [follower = m1] = await cluster.followers();
  await eventually('its key lies open again', () =>
    /BEGIN PRIVATE KEY/.test(readFileSync(join(follower.dataDir, 'identity/current/key.pem'), 'utf8')),
  );
  await (await killAgent(follower)).undo();
  await eventually(`${follower.name} is active`, async () => (await state(follower)) === 'active');
  await cluster.settled();
  t.pass();
});
