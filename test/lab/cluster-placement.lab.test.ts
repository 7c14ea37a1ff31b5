// Where tasks are placed, on three hosts with real containers: what nodes have is given once, what is told is what is done, and nodes that change move tasks.
import { join } from 'node:path';
import type { Task } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { readProc } from './hosts/processes.ts';
import { pidsOf, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { Journal, stays } from './support/journal.ts';

const patient = ['--manager-option', 'heartbeat-ms=5000'];
const cluster = await ClusterLab.start({ managers: 1, workers: 2, agentArgs: patient });
const [m1, w1, w2] = [cluster.host('m1'), cluster.host('w1'), cluster.host('w2')];
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

const pids = pidsOf(cluster);
const down = (...stacks: readonly string[]) => Promise.all(stacks.map((stack) => m1.tsoOk(['down', '-v', '-p', stack])));
const counts = (places: ReadonlyMap<string, number>): Readonly<Record<string, number>> => Object.fromEntries([...places].sort());
const label = (...args: readonly string[]) => m1.tsoOk(['node', 'update', ...args]);

interface Explained {
  readonly slot: number;
  readonly node: string | null;
  readonly because: string;
  readonly nodes: readonly { readonly hostname: string; readonly fits: boolean; readonly reason: string }[];
}

/** What `tso service ps --explain` says of the tasks of a service. */
const explained = async (stack: string, service: string): Promise<readonly Explained[]> =>
  JSON.parse(await m1.tsoOk(['service', 'ps', '--explain', '--format', 'json', '-p', stack, service])) as readonly Explained[];

/** Tasks of a service that wait for a place, as soon as they are so many and each has that reason. */
const waiting = (stack: string, service: string, count: number, reason: RegExp): Promise<readonly Task[]> =>
  eventually(`${count} tasks of ${stack}/${service} wait: ${reason}`, async () => {
    const waits = (await cluster.tasks(stack, service)).filter(({ nodeId, pendingReason }) => nodeId === '' && pendingReason !== '');
    if (waits.length !== count || !waits.every(({ pendingReason }) => reason.test(pendingReason)))
      throw new Error(waits.map(({ pendingReason }) => pendingReason).join('; '));
    return waits;
  });

/** `KIND@HOST`, as containers that run have it in their environment, sorted. */
const given = async (stack: string, service: string, variable: string): Promise<readonly string[]> =>
  (await cluster.running(stack, service))
    .map(({ host, pid }) => {
      const found = readProc(pid, 'environ')
        .split('\0')
        .find((line) => line.startsWith(`${variable}=`));
      return `${found?.slice(variable.length + 1) ?? 'nothing'}@${host}`;
    })
    .sort();

const plain = (deploy: string, more = ''): string =>
  `{ image: "busybox:1", command: ["sleep", "100000"], stop_signal: SIGKILL, stop_grace_period: 1s, ${more} deploy: { restart_policy: { delay: 0s }, ${deploy} } }`;
const stack = (services: Readonly<Record<string, string>>, more = ''): string =>
  `services:\n${Object.entries(services)
    .map(([name, text]) => `  ${name}: ${text}\n`)
    .join('')}${more}`;

const reserves = (kind: string, value: number): string =>
  `resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: ${kind}, value: ${value} } }] } }`;

test.serial('what owners say that nodes have is given to one task each, told to its container, and free again after it', async (t) => {
  for (const [host, gpus] of [
    [w1, 'gpu=card0,card1'],
    [w2, 'gpu=card2'],
  ] as const) {
    await host.stopDaemon();
    await cluster.lab.startAgent(host, [...patient, '--generic-resource', gpus, '--generic-resource', 'licence=3']);
  }
  const train = (replicas: number) => stack({ train: plain(`replicas: ${replicas}, ${reserves('gpu', 1)}`) });
  await m1.upOk('gpus', train(3));
  await cluster.spread('gpus', 'train', 3);
  const all = ['card0@w1', 'card1@w1', 'card2@w2'];
  t.deepEqual(await given('gpus', 'train', 'DOCKER_RESOURCE_GPU'), all);

  const tooMany = await m1.up('gpus', train(4), ['--timeout', '2']);
  t.is(tooMany.code, 3, said(tooMany));
  t.regex(said(tooMany), /no node fits \(.*1 has no gpu/);
  t.regex(said(tooMany), /2 have too few gpu left for 1 reserved/);
  const refused = await m1.up('gpus', stack({ train: plain(reserves('gpu', 3)) }));
  t.not(refused.code, 0);
  t.regex(refused.stderr, /fits on no node: the largest node, w1, has/);

  const [lost] = await cluster.running('gpus', 'train');
  if (lost === undefined) throw new Error('none runs');
  const before = await pids('gpus', 'train');
  process.kill(lost.pid, 'SIGKILL');
  await eventually('another container has what the killed one had', async () => {
    const now = await pids('gpus', 'train');
    return now.length === 3 && !now.includes(`${lost.taskId} ${lost.pid}`) && now.filter((pid) => before.includes(pid)).length === 2;
  });
  t.deepEqual(await given('gpus', 'train', 'DOCKER_RESOURCE_GPU'), all);

  await m1.tsoOk(['scale', '-p', 'gpus', 'train=1']);
  const [kept = ''] = await given('gpus', 'train', 'DOCKER_RESOURCE_GPU');
  await m1.upOk('more', stack({ play: plain(`replicas: 2, ${reserves('gpu', 1)}`), tool: plain(reserves('licence', 2)) }));
  t.deepEqual(
    await given('more', 'play', 'DOCKER_RESOURCE_GPU'),
    all.filter((card) => card !== kept),
  );
  t.regex((await given('more', 'tool', 'DOCKER_RESOURCE_LICENCE')).join(), /^2@w[12]$/);
  await down('gpus', 'more');
});

test.serial('what is to be packed fills one node, and says so', async (t) => {
  const web = plain('replicas: 4, placement: { x-tso-strategy: binpack }, resources: { reservations: { memory: 16M } }');
  await m1.upOk('packed', stack({ web }));
  t.deepEqual([...(await cluster.spread('packed', 'web', 4)).values()], [4]);
  for (const { because } of await explained('packed', 'web')) t.regex(because, /fullest that fits/);
  await down('packed');
});

test.serial('tasks are spread over the values of a label before they are spread over nodes', async (t) => {
  await label('--label-add', 'zone=a', 'w1');
  await label('--label-add', 'zone=b', 'w2');
  await label('--label-add', 'zone=b', 'm1');
  await m1.upOk('zones', stack({ web: plain('replicas: 4, placement: { preferences: [{ spread: node.labels.zone }] }') }));
  t.deepEqual(counts(await cluster.spread('zones', 'web', 4)), { m1: 1, w1: 2, w2: 1 });
  await down('zones');
});

test.serial('a host port that another one has and too many on a node are explained by the names of hosts', async (t) => {
  const port = 'ports: [{ target: 80, published: 8088, mode: host }],';
  await m1.upOk('ports', stack({ web: plain('mode: global', port) }));
  await cluster.spread('ports', 'web', 3, { slots: false });
  const second = await m1.up('second', stack({ web: plain('replicas: 1', port) }), ['--timeout', '2']);
  t.is(second.code, 3, said(second));
  t.regex(said(second), /no node fits \(3 have port 8088\/tcp taken by ports_web/);
  const [task] = await explained('second', 'web');
  t.deepEqual(task?.nodes.map(({ hostname }) => hostname).toSorted(), ['m1', 'w1', 'w2']);
  for (const { fits, reason } of task?.nodes ?? []) {
    t.false(fits);
    t.regex(reason, /has port 8088\/tcp taken by ports_web/);
  }
  await down('ports');
  await cluster.spread('second', 'web', 1);
  await down('second');

  const full = await m1.up('full', stack({ web: plain('replicas: 4, placement: { max_replicas_per_node: 1 }') }), ['--timeout', '2']);
  t.is(full.code, 3, said(full));
  t.deepEqual(counts(await cluster.spread('full', 'web', 3)), { m1: 1, w1: 1, w2: 1 });
  t.regex(
    await m1.tsoOk(['service', 'ps', '--explain', '-p', 'full', 'web']),
    /web\.\d waits: no node fits[^\n]*\n +does not fit: +(?=.*\bm1\b)(?=.*\bw1\b)(?=.*\bw2\b)[^\n]*: already has 1 of this service, the most a node may have/,
  );
  await down('full');
});

test.serial('one that counts for more takes the room of one that counts for less, which comes back when it has gone', async (t) => {
  const cpus = ((await cluster.node(m1)).node.description.resources.nanoCpus * 0.6) / 1e9;
  const room = `resources: { reservations: { cpus: "${cpus.toFixed(2)}" } }`;
  await m1.upOk('low', stack({ work: plain(`replicas: 3, ${room}`) }));
  t.deepEqual(counts(await cluster.spread('low', 'work', 3)), { m1: 1, w1: 1, w2: 1 });
  const before = await pids('low', 'work');
  const equal = await m1.up('equal', stack({ web: plain(room) }), ['--timeout', '2']);
  t.is(equal.code, 3, said(equal));
  await down('equal');
  t.deepEqual(await pids('low', 'work'), before, 'equals do not give way to each other');

  await m1.upOk('high', stack({ web: plain(`x-tso-priority: 10, ${room}`) }));
  await cluster.spread('high', 'web', 1);
  await waiting('low', 'work', 1, /no node fits \(3 have too little CPU left/);
  const during = await pids('low', 'work');
  t.is(during.length, 2);
  t.true(during.every((pid) => before.includes(pid)));
  t.regex(await m1.tsoOk(['service', 'ps', '-a', '--format', 'json', '-p', 'low', 'work']), /gave way to high_web\.1 \(priority 10\)/);
  await down('high');
  await cluster.spread('low', 'work', 3);
  t.is((await pids('low', 'work')).filter((pid) => before.includes(pid)).length, 2);
  await down('low');
});

test.serial('what no node takes is told by tso up, and starts by itself once a node has the label', async (t) => {
  const db = stack({ db: plain('replicas: 2, placement: { constraints: ["node.labels.disk == ssd"] }') });
  const first = await m1.up('data', db, ['--timeout', '2']);
  t.is(first.code, 3, said(first));
  t.regex(said(first), /no node fits \(3 lack label disk=ssd\)/);
  const second = m1.up('data', db);
  await label('--label-add', 'disk=ssd', 'w1');
  const outcome = await second;
  t.is(outcome.code, 0, said(outcome));
  t.deepEqual(counts(await cluster.spread('data', 'db', 2)), { w1: 2 });
});

test.serial('a label that is taken away moves the tasks to a node that has it; where none has they stay', async (t) => {
  const before = await pids('data', 'db');
  await label('--label-add', 'disk=ssd', 'w2');
  await label('--label-rm', 'disk', 'w1');
  t.deepEqual(counts(await cluster.spread('data', 'db', 2, { butNot: [m1, w1] })), { w2: 2 });
  t.false((await pids('data', 'db')).some((pid) => before.includes(pid)));
  const moved = await pids('data', 'db');
  await label('--label-rm', 'disk', 'w2');
  await m1.tsoOk(['scale', '-p', 'data', '--detach', 'db=3']);
  await eventually('the third one is refused by all', async () =>
    (await cluster.tasks('data', 'db')).some(({ slot, pendingReason }) => slot === 3 && /3 lack label disk=ssd/.test(pendingReason)),
  );
  t.deepEqual(await pids('data', 'db'), moved);
  await down('data');
});

const volumeOf = 'volumes: [data:/data],';
test.serial('a task comes back to the node where its volume is, though others have less to do, and leaves it with the node', async (t) => {
  const db = stack({ db: plain('replicas: 1', volumeOf) }, 'volumes: { data: {} }\n');
  await m1.upOk('sticky', db);
  const [home = ''] = (await cluster.spread('sticky', 'db', 1)).keys();
  await m1.upOk('crowd', stack({ crowd: plain(`replicas: 3, placement: { constraints: ["node.hostname == ${home}"] }`) }));
  const [first] = await cluster.running('sticky', 'db');
  if (first === undefined) throw new Error('none runs');
  process.kill(first.pid, 'SIGKILL');
  await eventually('another one runs', async () => {
    const running = await cluster.running('sticky', 'db');
    return running.length === 1 && running[0]?.taskId !== first.taskId;
  });
  t.deepEqual(counts(await cluster.spread('sticky', 'db', 1)), { [home]: 1 });
  t.regex((await explained('sticky', 'db'))[0]?.because ?? '', /its volume .* is there/);
  await down('crowd');
  await m1.tsoOk(['node', 'drain', home]);
  await cluster.spread('sticky', 'db', 1, { butNot: [cluster.host(home)] });
  await m1.tsoOk(['node', 'activate', home]);
  await down('sticky');
});

/** Healthy from when that gate is seen open, whatever becomes of the gate. */
const healthyOnceAt = (gate: string): string =>
  `healthcheck: { test: ["CMD-SHELL", "test -e /ready || { test -e /j/${gate} && touch /ready; }"], interval: 300ms, retries: 2, start_period: 120s, start_interval: 100ms }`;

test.serial('a drained node is left one by one, each new one first, and has its share again after tso rebalance', async (t) => {
  const web = journal.service(
    stays('$SLOT'),
    'environment: { SLOT: "{{.Task.Slot}}" }',
    healthyOnceAt('healthy'),
    'deploy: { replicas: 6, update_config: { parallelism: 1, order: start-first, delay: 0s } }',
  );
  journal.open('healthy');
  await m1.upOk('spread', stack({ web }));
  t.deepEqual(counts(await cluster.spread('spread', 'web', 6)), { m1: 2, w1: 2, w2: 2 });
  const moving = (await cluster.running('spread', 'web')).filter(({ host }) => host === 'w1').map(({ slot }) => String(slot));
  const before = await pids('spread', 'web');
  journal.take();
  journal.shut('healthy');
  const drain = m1.tso(['node', 'drain', 'w1']);
  await eventually('a new one runs', () => journal.lines.length > 0);
  t.is((await cluster.running('spread', 'web')).length, 7, 'one new one beside the six, until it serves');
  t.is(journal.lines.length, 1, journal.lines.join());
  journal.open('healthy');
  const drained = await drain;
  t.is(drained.code, 0, said(drained));
  t.deepEqual(counts(await cluster.spread('spread', 'web', 6, { butNot: [w1] })), { m1: 3, w2: 3 });
  for (const slot of moving) await journal.told(`${slot} gone`);
  const lines = journal.take();
  t.deepEqual(lines.toSorted(), moving.flatMap((slot) => [slot, `${slot} gone`]).toSorted());
  for (const slot of moving) t.true(lines.indexOf(slot) < lines.indexOf(`${slot} gone`), lines.join());
  t.is((await pids('spread', 'web')).filter((pid) => before.includes(pid)).length, 4);

  await m1.tsoOk(['node', 'activate', 'w1']);
  const settled = await pids('spread', 'web');
  const shown = await m1.tsoOk(['rebalance', '-p', 'spread', '--dry-run']);
  t.regex(shown, /web is spread anew/);
  t.is(shown.split('\n').filter((line) => line.includes('w1')).length, 2, shown);
  t.deepEqual(await pids('spread', 'web'), settled, 'a dry run moves nothing');
  const outcome = await m1.tso(['rebalance', '-p', 'spread', '--progress', 'plain']);
  t.is(outcome.code, 0, said(outcome));
  t.deepEqual(counts(await cluster.spread('spread', 'web', 6)), { m1: 2, w1: 2, w2: 2 });
  t.is((await pids('spread', 'web')).filter((pid) => settled.includes(pid)).length, 4, 'no more are moved than have to');
  t.is(await m1.tsoOk(['rebalance', '-p', 'spread', '--dry-run']), '= web stays as it is: its tasks are spread as evenly as they may be\n');
  await down('spread');
});
