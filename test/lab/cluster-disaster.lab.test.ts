// Disasters: a clock an hour off, a full disk, and two of three managers lost for ever.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { during, fillDisk, killHost, managerPidOf, skew } from './hosts/faults.ts';
import { signal } from './hosts/processes.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const small = 'm3';
const smallWorker = 'w2';
const cluster = await ClusterLab.start({
  managers: 3,
  workers: 2,
  spares: 1,
  clocks: true,
  disks: { [small]: 256, [smallWorker]: 256 },
});
const replicas = 5;
test.before(() =>
  cluster.up(
    'app',
    `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${replicas}, restart_policy: { delay: 0s } } }\n`,
  ),
);
test.after.always(() => cluster.destroy());

const pids = async (): Promise<readonly string[]> => (await cluster.seen()).map(({ host, taskId, pid }) => `${host} ${taskId} ${pid}`);
const put = (host: LabHost, name: string, deadlineMs = 3_000) =>
  cluster.api(host).control((control) => control.putConfig({ name, data: Buffer.from(name), labels: {} }, { deadlineMs }));
const writes = async (host: LabHost, name: string): Promise<void> => {
  await eventually(`${host.name} accepts a write`, () => put(host, name));
};

/** What a host takes for the time, in seconds from the right time. */
const offsetS = async (host: LabHost): Promise<number> => Number(await host.run('date', ['+%s'])) - Date.now() / 1_000;

for (const [who, seconds] of [
  ['a worker', 3_600],
  ['a worker', -3_600],
  ['the leader', 3_600],
  ['the leader', -3_600],
] as const)
  test.serial(
    `the clock of ${who} jumps ${seconds > 0 ? 'an hour ahead' : 'an hour back'} and back again: nobody is down, nothing is restarted`,
    async (t) => {
      const before = await pids();
      const host = who === 'the leader' ? await cluster.leader() : cluster.host('w1');
      const fault = await skew(host, seconds);
      t.true(Math.abs((await offsetS(host)) - seconds) < 10);
      // New work is placed and started under the wrong clock too, on that host as well.
      const name = `clock${seconds}${host.name}`;
      await cluster.up(
        name,
        `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { mode: global, restart_policy: { delay: 1s } } }\n`,
      );
      await cluster.settled();
      await writes(host.name.startsWith('m') ? host : cluster.host('m1'), name);
      // What fails there is replaced after its delay, whichever clock that is measured by.
      for (const seen of await cluster.running(name, 'app')) if (seen.host === host.name) signal(seen.pid, 'SIGKILL');
      await cluster.spread(name, 'app', 5, { slots: false });
      await host.tsoOk(['info']);
      await fault.undo();
      await cluster.host('m1').tsoOk(['down', '-p', name]);
      await cluster.settled();
      t.deepEqual(await pids(), before);
    },
  );

test.serial('a host whose clock is an hour behind joins, and is as good as any', async (t) => {
  const spare = cluster.host('spare1');
  const fault = await skew(spare, -3_600);
  await cluster.join(spare, 'worker');
  await cluster.host('m1').tsoOk(['node', 'update', '--label-add', 'late=yes', spare.name]);
  await cluster.up(
    'late',
    'services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { placement: { constraints: ["node.labels.late==yes"] } } }\n',
  );
  t.deepEqual([...(await cluster.spread('late', 'app', 1))], [['spare1', 1]]);
  await cluster.host('m1').tsoOk(['down', '-p', 'late']);
  await fault.undo();
  await cluster.settled();
});

test.serial('a manager whose disk is full: the others go on, nothing acknowledged is lost, with room again it catches up', async (t) => {
  const full = cluster.host(small);
  const before = await full.mainPids();
  const fault = await fillDisk(full);
  for (let count = 0; count < 12; count += 1)
    await eventually('a write is accepted', () => Promise.any(['m1', 'm2'].map((name) => put(cluster.host(name), `full-${count}`))));
  await eventually('it says what is wrong', () => /no space left/i.test(readFileSync(join(full.folder, 'tsod.log'), 'utf8')));
  t.deepEqual(await full.mainPids(), before, 'its containers run on');
  await fault.undo();
  await cluster.settled();
  for (let count = 0; count < 12; count += 1) {
    const read = await eventually(`${small} answers`, () =>
      cluster.api(full).control((control) => control.getConfig({ name: `full-${count}` }, { deadlineMs: 2_000 })),
    );
    t.is(Buffer.from(read.data).toString(), `full-${count}`);
  }
  t.not(managerPidOf(full), undefined);
});

test.serial(
  'a worker whose disk is full: what is to end ends, new tasks run elsewhere, the managers hardly notice, with room again it is as good as any',
  async (t) => {
    const full = cluster.host(smallWorker);
    const everywhere = (name: string): Promise<void> =>
      cluster.up(name, `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { mode: global } }\n`);
    await everywhere('before');
    const hosts = (await cluster.nodes()).length;
    await cluster.spread('before', 'app', hosts, { slots: false });
    const ended = (await cluster.running('before', 'app')).map(({ taskId }) => taskId);
    const fault = await fillDisk(full);
    await during([fault], async () => {
      await cluster.host('m1').tsoOk(['down', '-p', 'before']);
      t.deepEqual(
        (await cluster.seen()).filter(({ taskId }) => ended.includes(taskId)),
        [],
      );
      const log = (): string => readFileSync(join(full.folder, 'tsod.log'), 'utf8');
      const known = log().length;
      // One for each host, so that the full one is given one too.
      const deploy = `{ replicas: ${hosts}, restart_policy: { delay: 0s } }`;
      const late = `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: ${deploy} }\n`;
      await (await cluster.leader()).upOk('late', late, ['-d']);
      await cluster.spread('late', 'app', hosts, { butNot: [full] });
      t.regex(log().slice(known), /no space left/i, 'it was given one');
      t.notRegex(log().slice(known), /the session with the manager ended/);
      t.is(await cluster.state(full), 'ready');
    });
    await everywhere('after');
    await cluster.spread('after', 'app', hosts, { slots: false });
    for (const name of ['late', 'after']) await cluster.host('m1').tsoOk(['down', '-p', name]);
  },
);

test.serial('two of three managers lost for ever: init --force-new-cluster on the last one, and no container notices', async (t) => {
  const [last, ...lost] = cluster.managers as readonly [LabHost, LabHost, LabHost];
  for (const host of lost) await killHost(cluster.lab, host);
  const before = await pids();
  await cluster.without(lost, async () => {
    await eventually(`${last.name} refuses writes`, () =>
      put(last, 'alone', 2_000).then(
        () => false,
        () => true,
      ),
    );
    const figures = String((await last.engine('GET', '/metrics')).body);
    t.regex(figures, /^tso_manager_raft_last_term [1-9]\d*$/m, 'how much of the log it has can be seen without a majority');
    t.regex(figures, /^tso_manager_raft_last_index [1-9]\d*$/m);
    await last.tsoOk(['init', '--force-new-cluster']);
    await writes(last, 'alone');
    await eventually('the workers are ready', async () => {
      const states = await Promise.all(['w1', 'w2', 'spare1'].map((name) => cluster.state(cluster.host(name))));
      return states.every((state) => state === 'ready');
    });
    const kept = await pids();
    for (const line of before) t.true(kept.includes(line), line);
    for (const host of lost) await last.tsoOk(['node', 'rm', '--force', host.name]);
    await cluster.spread('app', 'app', replicas);
    await last.tsoOk(['node', 'promote', 'w1', 'w2']);
    for (const name of ['w1', 'w2']) await cluster.ready(cluster.host(name), 'manager');
    await writes(cluster.host('w1'), 'three-again');
  });
  t.is((await cluster.nodes()).filter(({ voter }) => voter).length, 3);
});
