// Autolock, and another root, on a cluster that works all the time.
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeState, parseToken } from '@tso/proto';
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
    `services:\n  app: { image: "busybox:1", command: ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo count $$i; sleep 0.2; done"], stop_grace_period: 500ms, deploy: { replicas: ${replicas} } }\n`,
  ),
);
test.after.always(() => cluster.destroy());

const pids = async (): Promise<readonly string[]> => (await cluster.seen()).map(({ host, taskId, pid }) => `${host} ${taskId} ${pid}`);
const state = async (host: LabHost) => (await host.swarmInfo()).LocalNodeState;

const keyFiles = () =>
  cluster.managers.map((host) => ({
    host,
    isOpen: () => /BEGIN PRIVATE KEY/.test(readFileSync(join(host.dataDir, 'identity/current/key.pem'), 'utf8')),
  }));

/** Every file of a host's identity and manager state, as text, by path. */
const stored = async (host: LabHost): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const folder of ['identity', 'manager'])
    for (const entry of await readdir(join(host.dataDir, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) texts.set(join(entry.parentPath, entry.name), await readFile(join(entry.parentPath, entry.name), 'latin1'));
  return texts;
};

/** A followed log: how far each task has counted, and every number that came out of its turn. */
class Followed {
  readonly counts = new Map<string, number>();
  readonly wrong: string[] = [];
  #rest = '';

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, task = '', count = ''] = /^(\S+).* count (\d+)$/.exec(line) ?? [];
      const last = this.counts.get(task);
      if (last !== undefined && Number(count) !== last + 1) this.wrong.push(`${line} after ${last}`);
      this.counts.set(task, Number(count));
    }
  }

  get least(): number {
    return this.counts.size < replicas ? 0 : Math.min(...this.counts.values());
  }
}

test.serial('another root comes and no node leaves, no container notices, and a followed log has no gap', async (t) => {
  const before = await pids();
  const [follower = m1] = await cluster.followers();
  const logs = follower.spawn(process.execPath, [cliEntry, 'logs', '-f', '-n', '1', '-p', 'app', 'app']);
  const followed = new Followed();
  logs.stdout?.setEncoding('utf8').on('data', (text: string) => followed.take(text));
  logs.stderr?.resume();
  const states = new Set<NodeState>();
  let watching = true;
  const watch = (async () => {
    while (watching) {
      for (const { node } of await cluster.nodes().catch(() => [])) states.add(node.state);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  await eventually('the log is followed', () => followed.least > 0);
  const oldToken = await cluster.token('worker');
  const epochs = (await cluster.nodes()).map(({ node }) => node.authorityEpoch);
  await m1.tsoOk(['ca', '--rotate', '--progress', 'plain', '--timeout', '40']);
  const token = await cluster.token('worker');
  t.not(parseToken(token).digest, parseToken(oldToken).digest);
  t.true((await cluster.nodes()).every(({ node }, index) => node.authorityEpoch > (epochs[index] ?? 0)));
  const seen = followed.least;
  await eventually('the followed log goes on', () => followed.least > seen + 10);
  watching = false;
  await watch;
  t.is(logs.exitCode, null, 'the client still follows');
  logs.kill('SIGKILL');
  t.deepEqual(followed.wrong, []);
  t.deepEqual([...states], [NodeState.NODE_READY], 'every node was ready all the time');
  t.deepEqual(await pids(), before);
  const spare = cluster.host('spare1');
  const outcome = await cluster.tryJoin(spare, oldToken);
  t.not(outcome.code, 0, 'a token of the old root opens nothing');
  await cluster.join(spare, 'worker');
  t.is((await spare.swarmInfo()).LocalNodeState, 'active');
});

test.serial('with autolock a restarted manager is locked until it gets the key, and the cluster goes on without it', async (t) => {
  const key = (await m1.tsoOk(['autolock', 'on', '-q'])).trim();
  t.regex(key, /^TSO-KEY-1-/);
  for (const { host, isOpen } of keyFiles()) await eventually(`the key of ${host.name} is sealed`, () => !isOpen());
  const [locked = m1] = await cluster.followers();
  const before = await locked.mainPids();
  const fault = await killAgent(locked);
  await fault.undo();
  await eventually(`${locked.name} is locked`, async () => (await state(locked)) === 'locked');
  const files = await stored(locked);
  t.true(files.size > 0);
  for (const [path, text] of files) {
    t.false(text.includes(key), `the unlock key lies in ${path}`);
    t.notRegex(text, /-----BEGIN (EC )?PRIVATE KEY-----/, `a key lies open in ${path}`);
  }
  await cluster.without([locked], async () => {
    await cluster.ask((api) => api.control((control) => control.putConfig({ name: 'meanwhile', data: Buffer.from('x'), labels: {} })));
    // The key of its node is sealed too: it is down, and its tasks run elsewhere; here they run on, as with any node out of touch.
    t.deepEqual(await locked.mainPids(), before);
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
  await cluster.spread('app', 'app', replicas);
});

test.serial('a worker needs no key; without autolock a manager starts by itself again', async (t) => {
  const worker = cluster.host('w1');
  await (await killAgent(worker)).undo();
  await cluster.ready(worker);
  await m1.tsoOk(['autolock', 'off']);
  const [follower = m1] = await cluster.followers();
  for (const { host, isOpen } of keyFiles()) await eventually(`the key of ${host.name} lies open again`, isOpen);
  await (await killAgent(follower)).undo();
  await eventually(`${follower.name} is active`, async () => (await state(follower)) === 'active');
  await cluster.settled();
  t.pass();
});
