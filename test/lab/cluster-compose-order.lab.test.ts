// What waits for what in a compose file, and jobs, over three hosts: in the order in which containers themselves tell what they did.
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killAgent, killManager } from './hosts/faults.ts';
import { containers, pidsOf, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { healthyAt, Journal, stays, tells, waitsAt } from './support/journal.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const [m1, m2, m3] = [cluster.host('m1'), cluster.host('m2'), cluster.host('m3')];
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

const on = (host: string): string => `placement: { constraints: ["node.hostname==${host}"] }`;
const lastly = 'deploy: { restart_policy: { condition: none } }';

/** What the cluster says that a service waits for. */
const waits = async (stack: string, service: string): Promise<string> =>
  (await cluster.stack(stack)).services.find((it) => it.service.spec.name === service)?.waitingReason ?? '';

const untilWaits = (stack: string, service: string, reason: RegExp): Promise<unknown> =>
  eventually(`${service} waits: ${reason}`, async () => {
    const text = await waits(stack, service);
    if (!reason.test(text)) throw new Error(text);
    return true;
  });

const pids = pidsOf(cluster);

/** Whether all of the former lines come before all of the latter. */
const isBefore = (lines: readonly string[], former: string, latter: string): boolean =>
  lines.includes(former) && lines.includes(latter) && lines.lastIndexOf(former) < lines.indexOf(latter);

interface Generation {
  readonly db?: number;
  readonly migration?: number;
}

const job = 'mode: replicated-job, restart_policy: { delay: 0s, max_attempts: 1 }';
const migrates = [
  tells('migrate $SLOT begins'),
  waitsAt('migrate.$GENERATION'),
  '[ ! -e /j/migrate.broken ] || { echo the table is locked; exit 3; }',
  tells('migrate $SLOT ends'),
].join('; ');
/** A database on one host, a migration in two steps on another one that waits for it, and on two hosts those that wait for both. */
const shop = ({ db = 1, migration = 1 }: Generation = {}): string => `
services:
  web: ${journal.service(
    stays('web', 'web.leaves'),
    `environment: { GENERATION: "${migration}" }`,
    'depends_on: { migrate: { condition: service_completed_successfully }, db: { condition: service_healthy, restart: true }, log: { condition: service_started }, cache: { condition: service_started, required: false } }',
    'deploy: { replicas: 2, placement: { constraints: ["node.hostname!=m1"], max_replicas_per_node: 1 } }',
  )}
  migrate: ${journal.service(
    migrates,
    `environment: { GENERATION: "${migration}", SLOT: "{{.Task.Slot}}" }`,
    'depends_on: { db: { condition: service_healthy } }',
    'x-tso-max-concurrent: 1',
    `deploy: { ${job}, replicas: 2, ${on('m2')} }`,
  )}
  db: ${journal.service(stays('db'), `environment: { GENERATION: "${db}" }`, healthyAt('db.healthy'), `deploy: { restart_policy: { delay: 0s }, ${on('m1')} }`)}
  log: ${journal.service(stays('log'), `deploy: { ${on('m3')} }`)}
  cache: ${journal.service(stays('cache'), 'profiles: [fast]')}
`;
const oneMigration = ['migrate 1 begins', 'migrate 1 ends', 'migrate 2 begins', 'migrate 2 ends'];

test.serial(
  'a migration waits for a healthy database and holds up who waits for it, on other hosts, while the leader changes',
  async (t) => {
    journal.open('web.leaves');
    const leader = await cluster.leader();
    const by = cluster.managers.find((host) => host !== leader) ?? m1;
    const up = by.up('shop', shop());
    await untilWaits('shop', 'migrate', /waits for db to be healthy/);
    await journal.told('db');
    await journal.told('log');
    t.regex(await by.tsoOk(['ps', '-p', 'shop']), /waits for db to be healthy/);
    t.deepEqual(await pids('shop', 'migrate', 'web'), []);
    journal.open('db.healthy');
    await journal.told('migrate 1 begins');
    await untilWaits('shop', 'web', /waits for migrate to complete/);
    const fault = await killManager(leader);
    journal.open('migrate.1');
    const outcome = await up;
    t.is(outcome.code, 0, said(outcome));
    await fault.undo();
    await cluster.settled();
    await cluster.spread('shop', 'web', 2);
    await journal.told('web', 2);
    const lines = journal.take();
    t.deepEqual(lines.slice(0, 2).toSorted(), ['db', 'log']);
    t.deepEqual(lines.slice(2), [...oneMigration, 'web', 'web']);
  },
);

test.serial('the same file again does nothing, nor does a database that comes back by itself', async (t) => {
  const before = await pids('shop', 'db', 'log', 'web');
  const outcome = await m2.up('shop', shop());
  t.is(outcome.code, 0, said(outcome));
  t.deepEqual(await pids('shop', 'db', 'log', 'web'), before);
  const others = await pids('shop', 'log', 'web');
  const [db] = await containers(cluster, 'shop', 'db');
  process.kill(db?.pid ?? 0, 'SIGKILL');
  await journal.told('db');
  t.is((await m2.up('shop', shop())).code, 0);
  t.deepEqual(await pids('shop', 'log', 'web'), others);
  t.deepEqual(journal.take(), ['db']);
});

test.serial('a version with a migration: who waits for it goes on as it is until that is done, and stays so when it fails', async (t) => {
  const before = await pids('shop', 'web', 'log', 'db');
  journal.open('migrate.broken');
  const failing = m3.up('shop', shop({ migration: 2 }));
  await journal.told('migrate 1 begins');
  await untilWaits('shop', 'web', /waits for migrate to complete/);
  t.deepEqual(await pids('shop', 'web', 'log', 'db'), before);
  journal.open('migrate.2');
  const failed = await failing;
  t.is(failed.code, 1, said(failed));
  t.regex(failed.stderr, /migrate\.1 failed and .*3/);
  t.regex(failed.stderr, /web.*depends on migrate: migrate\.1 failed/);
  t.deepEqual(await pids('shop', 'web', 'log', 'db'), before);
  t.is((await m1.ps('-p', 'shop', '-a')).filter(({ service, state }) => service === 'web' && state !== 'running').length, 0);
  // The second step goes on by itself when the first one has failed for good, and may be done as soon as it can.
  journal.take();
  journal.shut('migrate.broken');
  const again = await m3.up('shop', shop({ migration: 2 }));
  t.is(again.code, 0, said(again));
  await journal.told('web', 2);
  const lines = journal.take();
  t.deepEqual(lines.filter((line) => /migrate \d ends/.test(line)).toSorted(), ['migrate 1 ends', 'migrate 2 ends']);
  t.true(isBefore(lines, 'migrate 1 ends', 'web gone'), lines.join());
  t.true(isBefore(lines, 'migrate 2 ends', 'web gone'), lines.join());
  t.is(lines.filter((line) => line === 'web').length, 2);
  t.false(lines.some((line) => line.startsWith('db') || line.startsWith('log')));
});

test.serial('with restart: true who waits for a database is replaced after it was, once it is healthy', async (t) => {
  const before = await pids('shop', 'web');
  const log = await pids('shop', 'log');
  journal.shut('db.healthy');
  const up = m1.up('shop', shop({ db: 2, migration: 2 }));
  await journal.told('db');
  t.deepEqual(await pids('shop', 'web'), before, 'nothing is healthy yet');
  journal.open('db.healthy');
  const outcome = await up;
  t.is(outcome.code, 0, said(outcome));
  await journal.told('web', 2);
  const lines = journal.take();
  t.deepEqual(lines, ['db gone', 'db', 'web gone', 'web', 'web gone', 'web']);
  t.deepEqual(await pids('shop', 'log'), log);
  t.true((await pids('shop', 'web')).every((one) => !before.includes(one)));
});

test.serial('down goes the other way, each once those that depend on it have ended, though the leader is killed meanwhile', async (t) => {
  const leader = await cluster.leader();
  const by = cluster.managers.find((host) => host !== leader) ?? m1;
  journal.shut('web.leaves');
  const down = by.tso(['down', '-p', 'shop', '--progress', 'plain']);
  await untilWaits('shop', 'db', /waits for web to end/);
  const fault = await killManager(leader);
  journal.open('web.leaves');
  const outcome = await down;
  t.is(outcome.code, 0, said(outcome));
  await fault.undo();
  await cluster.settled();
  const lines = journal.take();
  t.deepEqual(lines.slice(0, 2), ['web gone', 'web gone']);
  t.deepEqual(lines.slice(2).toSorted(), ['db gone', 'log gone']);
});

/** Every host warms up, six pieces of work are done two at a time, and who waits for both begins then. */
const work = `
services:
  warm: ${journal.service(tells('warm $NODE'), 'environment: { NODE: "{{.Node.Hostname}}" }', 'deploy: { mode: global-job }')}
  work: ${journal.service(
    [tells('work $SLOT begins'), waitsAt('work'), 'sleep 0.2', tells('work $SLOT ends')].join('; '),
    'environment: { SLOT: "{{.Task.Slot}}" }',
    'x-tso-max-concurrent: 2',
    `deploy: { ${job}, replicas: 6 }`,
  )}
  web: ${journal.service(stays('web'), 'depends_on: { warm: { condition: service_completed_successfully }, work: { condition: service_completed_successfully } }')}
`;

test.serial('jobs have their completions, no more at once than they may, and are over for those that wait', async (t) => {
  const up = m1.up('work', work);
  const isFirst = (line: string): boolean => /work \d begins/.test(line);
  await eventually('two pieces of work are begun', () => journal.lines.filter(isFirst).length === 2);
  for (const host of ['m1', 'm2', 'm3']) await journal.told(`warm ${host}`);
  t.is((await pids('work', 'work')).length, 2);
  t.deepEqual(await pids('work', 'web'), []);
  journal.open('work');
  const outcome = await up;
  t.is(outcome.code, 0, said(outcome));
  await journal.told('web');
  const lines = journal.take();
  t.is(lines.at(-1), 'web');
  for (const what of ['begins', 'ends']) {
    const told = lines.filter((line) => line.startsWith('work') && line.endsWith(what)).toSorted();
    t.deepEqual(
      told,
      ['1', '2', '3', '4', '5', '6'].map((slot) => `work ${slot} ${what}`),
    );
  }
  t.is(lines.filter((line) => line.startsWith('warm')).length, 3);
  let underWay = 0;
  for (const line of lines) {
    if (line.endsWith('begins')) underWay += 1;
    if (line.endsWith('ends')) underWay -= 1;
    t.true(underWay <= 2, lines.join());
  }
  t.regex(await m2.tsoOk(['service', 'ls']), /6\/6 done/);
  t.is((await m2.up('work', work)).code, 0);
  t.deepEqual(journal.take(), [], 'what is done is not done again');
  await m1.tsoOk(['down', '-p', 'work']);
  journal.take();
});

const pieces = [tells('piece $SLOT'), '[ $SLOT != 2 ] || [ -e /j/piece.mended ] || { echo no room for piece 2 >&2; exit 4; }'].join('; ');
const failing = `
services:
  pieces: ${journal.service(pieces, 'environment: { SLOT: "{{.Task.Slot}}" }', 'deploy: { mode: replicated-job, replicas: 3, restart_policy: { delay: 0s, max_attempts: 1 } }')}
  web: ${journal.service(stays('web'), 'depends_on: { pieces: { condition: service_completed_successfully } }')}
  bold: ${journal.service(stays('bold'), 'depends_on: { pieces: { condition: service_completed_successfully, required: false } }')}
`;

test.serial(
  'a job that fails for good says why, ends tso up with 1, and fails who cannot do without; again it does what is left',
  async (t) => {
    const outcome = await m2.up('failing', failing);
    t.is(outcome.code, 1, said(outcome));
    t.regex(outcome.stderr, /pieces\.2 failed and .*4/);
    t.regex(outcome.stderr, /web.*depends on pieces: pieces\.2 failed/);
    for (const line of ['bold', 'piece 1', 'piece 3']) await journal.told(line);
    t.deepEqual(await pids('failing', 'web'), []);
    t.regex(await m3.tsoOk(['logs', '-p', 'failing', 'pieces']), /no room for piece 2/);
    t.deepEqual(journal.take().toSorted(), ['bold', 'piece 1', 'piece 2', 'piece 2', 'piece 3']);
    journal.open('piece.mended');
    const again = await m2.up('failing', failing);
    t.is(again.code, 0, said(again));
    await journal.told('web');
    t.deepEqual(journal.take(), ['piece 2', 'web']);
    await m1.tsoOk(['down', '-p', 'failing']);
    journal.take();
  },
);

const long = `
services:
  here: ${journal.service([tells('here begins'), waitsAt('here'), tells('here ends')].join('; '), `deploy: { ${job}, ${on('m2')} }`)}
  early: ${journal.service([tells('early begins'), waitsAt('early'), tells('early ends')].join('; '), `deploy: { ${job}, ${on('m2')} }`)}
  then: ${journal.service(tells('then'), 'depends_on: { here: { condition: service_completed_successfully }, early: { condition: service_completed_successfully } }', lastly)}
`;

test.serial('jobs go on while their agent is gone, and what was done meanwhile counts, once', async (t) => {
  const up = m1.up('long', long);
  await journal.told('here begins');
  await journal.told('early begins');
  const before = await pids('long', 'here');
  const fault = await killAgent(m2);
  journal.open('early');
  await journal.told('early ends');
  await fault.undo();
  await cluster.settled();
  t.deepEqual(await pids('long', 'here'), before);
  journal.open('here');
  const outcome = await up;
  t.is(outcome.code, 0, said(outcome));
  await journal.told('then');
  const lines = journal.take();
  t.deepEqual(lines.slice(0, 2).toSorted(), ['early begins', 'here begins']);
  t.deepEqual(lines.slice(2), ['early ends', 'here ends', 'then']);
  await m1.tsoOk(['down', '-p', 'long']);
});

test.serial('a job whose node is drained is done on another one, and what it did there stays done', async (t) => {
  const yaml = `
services:
  sort: ${journal.service(
    [tells('sort $SLOT on $NODE'), '[ $SLOT = 1 ] && exit 0', "trap 'exit 1' TERM", waitsAt('sort'), tells('sort $SLOT ends')].join('; '),
    'environment: { SLOT: "{{.Task.Slot}}", NODE: "{{.Node.Hostname}}" }',
    'deploy: { mode: replicated-job, replicas: 2, restart_policy: { delay: 0s, max_attempts: 1 }, placement: { constraints: ["node.hostname!=m1"] } }',
  )}
`;
  const up = m1.up('sort', yaml);
  const places = () => journal.lines.flatMap((line) => /^sort 2 on (\w+)$/.exec(line)?.[1] ?? []);
  const [first = ''] = await eventually('both are begun', async () => {
    const isOneDone = (await cluster.tasks('sort', 'sort')).some(({ slot, status }) => slot === 1 && status.exitCode === 0);
    return isOneDone && places().length === 1 && places();
  });
  await m1.tsoOk(['node', 'update', '--availability', 'drain', first]);
  await eventually('the other one is begun elsewhere', () => places().length === 2 && places()[1] !== first);
  journal.open('sort');
  const outcome = await up;
  t.is(outcome.code, 0, said(outcome));
  const lines = journal.take();
  t.is(lines.filter((line) => line.startsWith('sort 1')).length, 1);
  t.is(lines.filter((line) => line === 'sort 2 ends').length, 1);
  await m1.tsoOk(['node', 'update', '--availability', 'active', first]);
  t.is((await m1.up('sort', yaml)).code, 0);
  t.deepEqual(journal.take(), []);
  await m1.tsoOk(['down', '-p', 'sort']);
});
