// A service is restarted, changed, and changed to what does not work, while it is asked from everywhere: nobody is refused, and it never has
// fewer or more tasks than its limits say. Three hosts, real containers.
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killManager } from './hosts/faults.ts';
import { containers, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { answersAt } from './support/healthcheck.ts';
import { command, Journal, quoted } from './support/journal.ts';
import { Load, loadVolumes } from './support/load.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const m1 = cluster.host('m1');
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

/** Says who it is over HTTP on 80, and in the journal when it begins and when it is told to go. */
const serves = [
  'mkdir -p /www',
  'hostname > /www/index.html',
  'httpd -p 80 -h /www',
  "trap 'echo gone $ID >> /j/order; exit 0' TERM",
  'echo begins $ID >> /j/order',
  'while :; do sleep 3600 & wait $!; done',
].join('; ');

/** That it serves is told in the journal too, as soon as its agent can know of it. @param gate what has to be open before */
const servesAt = (gate: string): string => {
  const check = `test -e /j/${gate} && wget -q -O /dev/null http://127.0.0.1/ && { test -e /tmp/told || { touch /tmp/told; echo serves $ID >> /j/order; }; }`;
  return `healthcheck: { test: ["CMD-SHELL", ${quoted(check)}], interval: 30s, start_period: 120s, start_interval: 200ms }`;
};
const working = (gate: string): string => `image: "busybox:1", ${command(serves)}, ${servesAt(gate)}`;
const open = 'open';
journal.open(open);
const fine = working(open);

interface Wish {
  readonly how?: string;
  readonly generation?: number;
  readonly order?: string;
}

const replicas = 3;
const app = ({ how = fine, generation = 0, order = 'start-first' }: Wish = {}): string => `
services:
  web:
    { ${how}, stop_grace_period: 5s, x-tso-drain: 300ms, ports: ["8080:80"], volumes: ["${journal.folder}:/j"],
      environment: { ID: "{{.Task.ID}}", GENERATION: "${generation}" },
      deploy: { replicas: ${replicas}, restart_policy: { delay: 0s }, update_config: { parallelism: 1, order: ${order}, failure_action: rollback, monitor: 1s },
        rollback_config: { parallelism: 1, order: start-first, monitor: 0s } } }
  client:
    { image: "busybox:1", stop_grace_period: 500ms, volumes: ${JSON.stringify(loadVolumes)}, deploy: { mode: global } }
`;

const ids = async (): Promise<readonly string[]> => (await containers(cluster, 'app', 'web')).map(({ taskId }) => taskId).toSorted();

const specOf = async () => (await cluster.stack('app')).services.find(({ service }) => service.spec.name === 'web')?.service.spec;

/** Fewest that served at once, and most that ran, by what they told. */
const span = (lines: readonly string[]): { readonly fewestServed: number; readonly mostRan: number } => {
  let [served, ran, fewestServed, mostRan] = [replicas, replicas, replicas, replicas];
  const starting = new Set<string>();
  for (const [what, id = ''] of lines.map((line) => line.split(' '))) {
    if (what === 'begins') starting.add(id);
    if (what === 'serves' && starting.delete(id)) served += 1;
    if (what === 'gone' && !starting.delete(id)) served -= 1;
    if (what !== 'serves') ran += what === 'begins' ? 1 : -1;
    [fewestServed, mostRan] = [Math.min(fewestServed, served), Math.max(mostRan, ran)];
  }
  return { fewestServed, mostRan };
};

/** That each of the new ones begins once the one before it serves: one at a time. */
const oneByOne = (t: ExecutionContext, lines: readonly string[]): void => {
  const told = lines.filter((line) => !line.startsWith('gone'));
  const begun = told.filter((line) => line.startsWith('begins')).map((line) => line.slice('begins '.length));
  t.is(begun.length, replicas, lines.join());
  t.deepEqual(
    told,
    begun.flatMap((id) => [`begins ${id}`, `serves ${id}`]),
  );
};

const load = new Load(cluster);
test.after.always(() => load.kill());

test.before(async () => {
  await cluster.up('app', app());
  await load.inContainers('app', 'client', {
    targets: [
      { name: 'virtual', host: 'web', port: 80, names: 'cached' },
      { name: 'tasks', host: 'tasks.web', port: 80, names: 'fresh' },
    ],
    pauseMs: 25,
  });
  load.outside({ targets: cluster.members.map(({ name, address }) => ({ name, host: address, port: 8080, names: 'fresh' })), pauseMs: 25 });
  await load.flows();
});

test.serial('tso restart replaces each task once, one after the other, and no request is lost', async (t) => {
  const before = await ids();
  journal.take();
  const restart = await m1.tso(['restart', '-p', 'app', 'web']);
  t.is(restart.code, 0, said(restart));
  t.regex(restart.stderr, /web: restarted\./);
  await load.flows();
  t.deepEqual(load.failures, []);
  const after = await ids();
  t.is(after.length, replicas);
  t.deepEqual(
    after.filter((id) => before.includes(id)),
    [],
  );
  const lines = journal.take();
  oneByOne(t, lines);
  t.is(span(lines).fewestServed, replicas, lines.join());
  const same = await m1.up('app', app());
  t.is(same.code, 0, said(same));
  t.deepEqual(await ids(), after, 'the same file again restarts nothing');
});

test.serial('the leader is killed in the middle of an update: it goes on within its limits, and no request is lost', async (t) => {
  for (const [index, order] of ['start-first', 'stop-first'].entries()) {
    const gate = `turn${index}`;
    journal.take();
    const leader = await cluster.leader();
    const by = cluster.managers.find((host) => host !== leader) ?? m1;
    const up = by.up('app', app({ how: working(gate), generation: index + 1, order }));
    // Nobody serves before its health check says so: the first of them is waited for until the gate is open.
    const first = await eventually('a new one begins', () => journal.lines.find((line) => line.startsWith('begins')));
    const fault = await killManager(leader);
    await cluster.without([leader], async () => void (await cluster.leader()));
    await load.flows();
    t.deepEqual(
      journal.lines.filter((line) => line.startsWith('begins')),
      [first],
      'nobody else is begun before this one serves',
    );
    journal.open(gate);
    const outcome = await up;
    t.is(outcome.code, 0, said(outcome));
    await fault.undo();
    await cluster.settled();
    await load.flows();
    t.deepEqual(load.failures, [], order);
    const lines = journal.take();
    oneByOne(t, lines);
    t.is(span(lines).fewestServed, order === 'start-first' ? replicas : replicas - 1, lines.join());
    // Of those that were replaced first, some go on for a moment while they drain.
    if (order === 'stop-first') t.is(span(lines).mostRan, replicas, lines.join());
  }
});

test.serial('another change in the middle of an update takes over, and neither a task that serves nor a request is lost', async (t) => {
  const before = await ids();
  const former = await specOf();
  journal.take();
  const overtaken = await m1.up('app', app({ how: working('never'), generation: 5 }), ['-d']);
  t.is(overtaken.code, 0, said(overtaken));
  const first = await eventually('a new one begins', () => journal.lines.find((line) => line.startsWith('begins')));
  const outcome = await m1.up('app', app({ generation: 6 }));
  t.is(outcome.code, 0, said(outcome));
  await load.flows();
  t.deepEqual(load.failures, []);
  const lines = journal.take();
  t.is(span(lines).fewestServed, replicas, lines.join());
  const after = await ids();
  t.is(after.length, replicas);
  t.deepEqual(
    after.filter((id) => before.includes(id)),
    [],
  );
  t.deepEqual(
    lines.filter((line) => line.startsWith('serves')).toSorted(),
    after.map((id) => `serves ${id}`),
  );
  t.deepEqual(lines.filter((line) => line.startsWith('begins')).toSorted(), [first, ...after.map((id) => `begins ${id}`)].toSorted());
  const back = await m1.tso(['service', 'rollback', 'app_web']);
  t.is(back.code, 0, said(back));
  t.deepEqual(await specOf(), former, 'what was overtaken before it had proven itself is nothing to go back to');
  await load.flows();
  t.deepEqual(load.failures, []);
});

const failures = [
  ['an image that there is not', fine.replace('busybox:1', 'busybox:none').replace('image:', 'pull_policy: never, image:'), /busybox:none/],
  [
    'a health check that fails',
    `image: "busybox:1", ${command(serves)}, healthcheck: { test: ["CMD-SHELL", "echo the pool is empty; exit 1"], interval: 200ms, retries: 2, timeout: 5s }`,
    /the pool is empty/,
  ],
  ['a program that ends before it serves', `image: "busybox:1", ${command('sleep 0.3; exit 9')}, ${answersAt()}`, /9/],
] as const;

for (const [index, [what, how, why]] of failures.entries())
  test.serial(`${what}: the service goes back while it is asked, no task and no request is lost`, async (t) => {
    t.is((await m1.up('app', app())).code, 0);
    const before = await ids();
    const outcome = await m1.up('app', app({ how, generation: 10 + index }));
    t.is(outcome.code, 1, said(outcome));
    t.regex(outcome.stderr, /the update failed in 1 of 3 places, and the service goes back to what it was/);
    t.regex(outcome.stderr, why);
    await load.flows();
    t.deepEqual(load.failures, []);
    await cluster.spread('app', 'web', replicas);
    t.deepEqual(await ids(), before);
    const same = await m1.up('app', app());
    t.is(same.code, 0, said(same));
    t.deepEqual(await ids(), before);
  });

test.serial('what was asked meanwhile was answered, all of it, by old tasks and new', async (t) => {
  await load.stop();
  t.deepEqual(load.failures, []);
  t.is(load.failed, 0);
  t.log(`${load.answered} requests, the slowest: ${load.slowest}`);
  t.true(load.answerers.size >= replicas * 4, `${load.answerers.size}`);
  await m1.tsoOk(['down', '-p', 'app']);
});
