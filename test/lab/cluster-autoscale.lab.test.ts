// Services that follow their load over three hosts: up at once, down again when it has gone, and never down while an update goes on.
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killManager } from './hosts/faults.ts';
import { pidsOf, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { command, Journal } from './support/journal.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

const pids = pidsOf(cluster);

/**
 * Works while that gate is open, and sleeps while it is not. So little is allowed to it that it has all of that on a busy machine too.
 * The second generation is healthy once its own gate is open.
 */
const service = (): string => {
  const works = 'while :; do if [ -e /j/load ]; then i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; else sleep 0.5; fi; done';
  const health =
    'healthcheck: { test: ["CMD-SHELL", "[ $$GENERATION = 1 ] || [ -e /j/second ]"], interval: 5s, start_period: 300s, start_interval: 500ms, timeout: 30s, retries: 9 }';
  const deploy =
    'deploy: { resources: { limits: { cpus: "0.1" } }, update_config: { order: start-first, monitor: 0s }, x-tso-autoscale: { min: 2, max: 3, cpu: 50%, cool_down: 5s } }';
  return `{ image: "busybox:1", stop_grace_period: 500ms, volumes: ["${journal.folder}:/j"], environment: { GENERATION: "1" }, ${command(works)}, ${health}, ${deploy} }`;
};

interface EventRow {
  readonly version: number;
  readonly action: string;
  readonly attributes: Readonly<Record<string, string>>;
}

test('tasks come with the load on three hosts, stay through another leader and an update, and go when both are over', async (t) => {
  const [by = cluster.host('m1')] = await cluster.followers();
  /** What became of a service, oldest first: managers that were killed do not remember it. */
  const events = async (name: string): Promise<readonly EventRow[]> =>
    JSON.parse(
      await by.tsoOk([
        'events',
        '--since',
        '1h',
        '--until',
        '0s',
        '--format',
        'json',
        '-p',
        'auto',
        '--filter',
        'kind=service',
        '--filter',
        `service=${name}`,
      ]),
    );
  const scaled = async (name: string): Promise<readonly string[]> =>
    (await events(name)).filter(({ action }) => action === 'scaled').map(({ attributes: { from, to } }) => `${from}-${to}`);
  const inspected = async (name: string) => {
    const [row] = JSON.parse(await by.tsoOk(['service', 'inspect', '-p', 'auto', '--format', 'json', name])) as readonly {
      readonly autoscale: { readonly replicas: number };
      readonly updateStatus: { readonly state: string };
    }[];
    return row;
  };

  const applied = await by.up('auto', `services:\n  app: ${service()}\n  witness: ${service()}\n`);
  t.is(applied.code, 0, said(applied));
  for (const name of ['app', 'witness']) await cluster.spread('auto', name, 2);
  journal.open('load');
  for (const name of ['app', 'witness']) {
    const counts = await cluster.spread('auto', name, 3, { deadlineMs: 120_000 });
    t.is(counts.size, 3, 'one on each host');
    t.deepEqual(await scaled(name), ['2-3']);
  }
  for (const { action, attributes } of await events('app'))
    if (action === 'scaled') t.regex(attributes.reason ?? '', /^went from 2 to 3: mean CPU \d+ % \(50 % wished\)/);

  const before = await pids('auto', 'app', 'witness');
  const fault = await killManager(await cluster.leader());
  await fault.undo();
  await cluster.settled();
  await by.tsoOk(['service', 'update', '-d', '-p', 'auto', '--env-add', 'GENERATION=2', 'app']);
  await eventually('the update is under way', async () => (await inspected('app'))?.updateStatus.state === 'updating');
  journal.shut('load');
  await cluster.spread('auto', 'witness', 2, { deadlineMs: 120_000 });
  t.is((await inspected('app'))?.updateStatus.state, 'updating');
  t.deepEqual((await scaled('app')).slice(1), [], 'none goes while the update goes on, though for the witness it was time');
  const during = await pids('auto', 'app', 'witness');
  t.true(
    before.filter((pid) => during.includes(pid)).length === 5,
    'three of the one and two of the other are still those of before the leader was killed',
  );
  journal.open('second');
  await cluster.spread('auto', 'app', 2, { deadlineMs: 120_000 });

  const told = (await events('app')).filter(({ action }) => ['scaled', 'update_started', 'update_completed'].includes(action));
  const actions = told.map(({ action }) => action);
  t.deepEqual(actions, ['scaled', 'update_started', 'update_completed', 'scaled']);
  t.regex(told.at(-1)?.attributes.reason ?? '', /^went from 3 to 2: for 5 s no more than 2 tasks needed, mean CPU \d+ % \(50 % wished\)/);
  t.is((await inspected('app'))?.autoscale.replicas, 2);
  await by.tsoOk(['down', '-p', 'auto']);
});
