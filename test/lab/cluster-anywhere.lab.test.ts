// Tasks are reached wherever they run, by any manager; a service is spread anew when a node joins.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killHost, killManager } from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 2, spares: 1 });
const stack = (rebalance = 'never') => `
services:
  far:
    image: busybox:1
    command: ["/bin/sh", "-c", "i=0; while [ $$i -lt 5 ]; do i=$$((i+1)); echo line $$i of $$HOSTNAME; usleep 100000; done; exec sleep 100000"]
    stop_grace_period: 500ms
    x-tso-rebalance: ${rebalance}
    deploy: { replicas: 4, placement: { constraints: ["node.role==worker"] }, restart_policy: { delay: 0s } }
`;
test.before(() => cluster.up('app', stack()));
test.after.always(() => cluster.destroy());

const everywhere = async (work: (by: LabHost) => Promise<void>): Promise<void> => {
  const leader = await cluster.leader();
  const [follower = leader] = await cluster.followers();
  for (const by of [leader, follower]) await work(by);
};

test.serial('logs of all tasks, merged by time, by the leader and by a follower', async (t) => {
  await eventually(
    'all lines are written',
    async () => (await cluster.host('m1').tsoOk(['logs', '-p', 'app', 'far'])).split('line 5').length - 1 === 4,
  );
  await everywhere(async (by) => {
    const lines = (await by.tsoOk(['logs', '-t', '--no-prefix', '-p', 'app', 'far'])).trim().split('\n');
    t.is(lines.length, 20, by.name);
    const times = lines.map((line) => line.split(' ')[0] ?? '');
    t.deepEqual(times, times.toSorted(), 'in the order of their time');
  });
});

test.serial('exec passes streams and the exit code on, by the leader and by a follower', async (t) => {
  await everywhere(async (by) => {
    const outcome = await by.tso(['exec', '-i', '-p', 'app', 'far', 'sh', '-c', 'cat; echo oops >&2; exit 7'], { input: 'through\n' });
    t.deepEqual([outcome.code, outcome.stdout, outcome.stderr], [7, 'through\n', 'oops\n'], by.name);
  });
});

test.serial('cp takes files out of a task and into one, by the leader and by a follower', async (t) => {
  await everywhere(async (by) => {
    const here = join(by.folder, 'file');
    const text = `from ${by.name}\n`.repeat(1_000);
    await writeFile(here, text);
    const [task] = await by.ps('-p', 'app');
    const target = `${task?.id}:/tmp/file`;
    await by.tsoOk(['cp', '-p', 'app', here, target]);
    t.is(await by.tsoOk(['exec', '-p', 'app', task?.id ?? '', 'cat', '/tmp/file']), text);
    await by.tsoOk(['cp', '-p', 'app', target, `${here}.back`]);
    t.is(await readFile(`${here}.back`, 'utf8'), text);
  });
});

test.serial('stats and top show every task, by the leader and by a follower', async (t) => {
  await everywhere(async (by) => {
    const stats = JSON.parse(await by.tsoOk(['stats', '--no-stream', '--format', 'json', '-p', 'app'])) as readonly object[];
    t.is(stats.length, 4, by.name);
    t.is((await by.tsoOk(['top', '-p', 'app'])).split('sleep 100000').length - 1, 4, by.name);
  });
});

test.serial('logs of a service whose node is down are partial, with a warning, and do not fail', async (t) => {
  const fault = await killHost(cluster.lab, cluster.host('w2'));
  const [follower = cluster.host('m1')] = await cluster.followers();
  await eventually('w2 is down', async () => (await cluster.state(cluster.host('w2'))) === 'down');
  const outcome = await follower.tso(['logs', '-p', 'app', 'far']);
  t.is(outcome.code, 0);
  t.true(outcome.stdout.includes('line 5'));
  t.regex(outcome.stderr, /w2/);
  await fault.undo();
  await cluster.settled();
  await cluster.spread('app', 'far', 4);
});

test.serial('a followed log goes on when the leader that carried it is lost', async (t) => {
  await cluster.up(
    'talk',
    'services:\n  talk: { image: "busybox:1", stop_grace_period: 500ms, command: ["/bin/sh", "-c", "while :; do echo tick; usleep 100000; done"] }\n',
  );
  const [by = cluster.host('m1')] = await cluster.followers();
  const logs = by.spawn(process.execPath, [join(import.meta.dirname, '../../cli/dist/tso.mjs'), 'logs', '-f', '-p', 'talk']);
  let lines = 0;
  logs.stdout?.on('data', (data: Buffer) => {
    lines += data.toString().split('\n').length - 1;
  });
  await eventually('it is followed', () => lines > 5);
  await (await killManager(await cluster.leader())).undo();
  const lostAt = performance.now();
  const seen = lines;
  await eventually('it goes on', () => lines > seen + 20);
  t.log(`20 lines came within ${Math.round(performance.now() - lostAt)} ms`);
  t.is(logs.exitCode, null);
  logs.kill('SIGKILL');
  await cluster.settled();
  await cluster.host('m1').tsoOk(['down', '-p', 'talk']);
});

test.serial('a node that joins is given tasks by --rebalance, within the update limits and never below the wished number', async (t) => {
  const spare = cluster.host('spare1');
  await cluster.join(spare, 'worker');
  t.false((await cluster.spread('app', 'far', 4)).has('spare1'), 'nothing moves unasked');
  await cluster.host('m1').tsoOk(['service', 'update', '--rebalance', '-p', 'app', 'far']);
  const counts = await eventually('the service is spread over three', async () => {
    const now = await cluster.spread('app', 'far', 4);
    return now.has('spare1') && now;
  });
  t.deepEqual([...counts.values()].toSorted(), [1, 1, 2]);
});

test.serial('a service that asks for it is rebalanced by itself when a node comes back', async (t) => {
  // Another one: what was spread anew just now is left alone for a while.
  const spare = cluster.host('spare1');
  await cluster.up('auto', stack('auto'));
  const fault = await killHost(cluster.lab, spare);
  await cluster.spread('auto', 'far', 4, { butNot: [spare] });
  await fault.undo();
  await eventually('it is spread over three again', async () => (await cluster.spread('auto', 'far', 4)).has(spare.name), 30_000);
  t.pass();
});
