// Updates that fail and go back by themselves, on three hosts: what was not replaced runs on untouched, and who waits is told why.
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killManager } from './hosts/faults.ts';
import { containers, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { command, Journal, stays, tells, waitsAt } from './support/journal.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const [m1, m2] = [cluster.host('m1'), cluster.host('m2')];
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

const fine = `${command(`[ ! -e /j/broken ] || { echo the old one is broken; exit 8; }; ${stays('old')}`)}, healthcheck: { test: ["CMD", "true"], interval: 200ms, start_period: 60s, start_interval: 100ms }`;

interface Wish {
  /** Image, command and health check. */
  readonly how?: string;
  readonly update?: string;
  readonly back?: string;
  readonly more?: string;
}

const pace = 'parallelism: 1, failure_action: rollback, monitor: 5s';
/** For what fails: without a delay the next one begins as soon as this one runs. */
const watched = pace.replace('5s', '60s, delay: 60s');
const web = ({ how = fine, update = pace, back = 'parallelism: 0, monitor: 500ms', more = '' }: Wish = {}): string => `
services:
  web:
    ${`{ stop_grace_period: 2s, volumes: ["${journal.folder}:/j"], ${how.includes('image:') ? '' : 'image: "busybox:1", '}${how}, `}
    deploy: { replicas: 3, placement: { max_replicas_per_node: 1 }, restart_policy: { delay: 0s }, update_config: { ${update} }, rollback_config: { ${back} } } }
${more}`;

const running = async (): Promise<ReadonlyMap<number, string>> =>
  new Map((await containers(cluster, 'shop', 'web')).map(({ slot, taskId, pid }) => [slot, `${taskId} ${pid}`]));

/** How the update of `web` stands, as tso says it, once it stands so. */
const stands = (state: string): Promise<string> =>
  eventually(`the update is ${state}`, async () => {
    const [service] = JSON.parse(await m2.tsoOk(['service', 'inspect', '-p', 'shop', '--format', 'json', 'web'])) as readonly {
      readonly updateStatus?: { readonly state: string; readonly message: string };
    }[];
    const { state: now = '', message = '' } = service?.updateStatus ?? {};
    if (now !== state) throw new Error(`${now}: ${message}`);
    return message;
  });

const ill = '["CMD-SHELL", "echo the pool is empty; exit 1"]';
const failures = [
  ['an image that there is not', `image: "busybox:none", pull_policy: never, ${fine}`, /web\.\d failed: .*busybox:none/, undefined],
  [
    'a health check that fails',
    `${command(stays('new'))}, healthcheck: { test: ${ill}, interval: 200ms, retries: 2, timeout: 5s }`,
    /web\.\d failed: .*the pool is empty/,
    'new',
  ],
  [
    'a program that ends while it is watched',
    command(`${tells('new')}; sleep 0.5; echo no memory >&2; exit 9`),
    /web\.\d failed: .*9/,
    'new',
  ],
] as const;

for (const [what, how, why, tale] of failures)
  test.serial(
    `${what}: the service goes back, one task is lost and no other, tso up ends with 1, and the same file tries again`,
    async (t) => {
      const good = await m1.up('shop', web());
      t.is(good.code, 0, said(good));
      for (let turn = 1; turn <= 2; turn += 1) {
        const before = await running();
        t.is(before.size, 3);
        journal.take();
        const outcome = await m1.up('shop', web({ how, update: watched }));
        t.is(outcome.code, 1, said(outcome));
        t.regex(outcome.stderr, /the update failed in 1 of 3 places, and the service goes back to what it was/);
        t.regex(outcome.stderr, why);
        await cluster.spread('shop', 'web', 3);
        const after = await running();
        t.is([...after].filter(([slot, pid]) => before.get(slot) === pid).length, 2, `${turn}: two of three were left alone`);
        t.regex(await stands('rollback_completed'), why);
        const text = await m1.tsoOk(['service', 'inspect', '-p', 'shop', 'web']);
        t.regex(text, /rolled back: the update failed in 1 of 3 places/);
        t.regex(text, /busybox:1/);
        for (const line of ['old', ...(tale === undefined ? [] : [tale])]) await journal.told(line);
        const lines = journal.take();
        t.is(lines.filter((line) => line === 'new').length, tale === undefined ? 0 : 1, lines.join());
        t.is(lines.filter((line) => line === 'old').length, 1, lines.join());
      }
      const before = await running();
      const back = await m1.up('shop', web());
      t.is(back.code, 0, said(back));
      t.deepEqual(await running(), before, 'what is gone back to is what the former file says');
      t.notRegex(await m1.tsoOk(['service', 'inspect', '-p', 'shop', 'web']), /rolled back/);
    },
  );

test.serial('with start-first an image that there is not ends nothing at all', async (t) => {
  const update = `${pace}, order: start-first`;
  const change = { update, back: `${pace.replace('rollback', 'pause')}, order: start-first` };
  const roomy = (wish: Wish): string => web({ ...change, ...wish }).replace('max_replicas_per_node: 1', 'max_replicas_per_node: 2');
  t.is((await m1.up('shop', roomy({}))).code, 0);
  const before = await running();
  const outcome = await m1.up('shop', roomy({ how: `image: "busybox:none", pull_policy: never, ${fine}` }));
  t.is(outcome.code, 1, said(outcome));
  await stands('rollback_completed');
  t.deepEqual(await running(), before);
  t.is((await m1.up('shop', web())).code, 0);
});

test.serial('the leader is killed while new tasks are watched: the next one sees them end, and goes back', async (t) => {
  const before = await running();
  const leader = await cluster.leader();
  const by = cluster.managers.find((host) => host !== leader) ?? m1;
  journal.take();
  const how = command(`${tells('new')}; ${waitsAt('crash')}; exit 7`);
  const up = by.up('shop', web({ how, update: watched }));
  await journal.told('new');
  const fault = await killManager(leader);
  await cluster.without([leader], async () => void (await cluster.leader()));
  journal.open('crash');
  const outcome = await up;
  t.is(outcome.code, 1, said(outcome));
  await fault.undo();
  await cluster.settled();
  t.regex(await stands('rollback_completed'), /web\.\d failed: .*7/);
  const after = await running();
  t.is([...after].filter(([slot, pid]) => before.get(slot) === pid).length, 2);
});

test.serial('who depends on what went back is not changed without it, and says so', async (t) => {
  const front = (generation: number): string =>
    `  front: ${journal.service(stays('front'), `environment: { GENERATION: "${generation}" }`, 'depends_on: { web: { condition: service_healthy } }')}\n`;
  t.is((await m1.up('shop', web({ more: front(1) }))).code, 0);
  const before = (await containers(cluster, 'shop', 'front')).map(({ pid }) => pid);
  const how = failures[2][1];
  const outcome = await m1.up('shop', web({ how, update: watched, more: front(2) }));
  t.is(outcome.code, 1, said(outcome));
  t.regex(outcome.stderr, /the update failed in 1 of 3 places/);
  await stands('rollback_completed');
  t.deepEqual(
    (await containers(cluster, 'shop', 'front')).map(({ pid }) => pid),
    before,
  );
  t.regex(await m1.tsoOk(['service', 'ls']), /it depends on web: the update failed|waits for web/);
  t.is((await m1.up('shop', web(), ['--remove-orphans'])).code, 0);
});

test.serial('a way back that fails as well is paused, and the next file that works ends that', async (t) => {
  journal.open('broken');
  const outcome = await m1.up('shop', web({ how: failures[2][1], update: watched, back: 'parallelism: 1, monitor: 5s' }));
  t.is(outcome.code, 1, said(outcome));
  const message = await stands('rollback_paused');
  t.regex(message, /the rollback is paused after 1 of 3 replacements failed: web\.\d failed: .*8/);
  t.regex(await m1.tsoOk(['service', 'inspect', '-p', 'shop', 'web']), /rollback paused/);
  journal.shut('broken');
  const again = await m1.up('shop', web());
  t.is(again.code, 0, said(again));
  await cluster.spread('shop', 'web', 3);
  t.is((await m1.tso(['down', '-p', 'shop'])).code, 0);
});
