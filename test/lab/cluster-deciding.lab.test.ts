// What people tell a cluster to become: what would change is said before, done as said, and taken back whole. Three hosts, real containers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { busyboxTar } from './support/busybox-image.ts';
import { said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { command } from './support/journal.ts';
import { idles, Shop, shop } from './support/shop.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const [m1, m2] = [cluster.host('m1'), cluster.host('m2')];
const the = new Shop(cluster);
test.after.always(() => cluster.destroy());

interface Row {
  readonly id: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string;
  readonly image: string;
}

interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  readonly effect: string | null;
  readonly tasks: readonly { readonly slot: number; readonly action: string; readonly node: string; readonly reason: string }[];
}

/** Tasks that run, by service and slot. */
const rows = async (stack: string): Promise<ReadonlyMap<string, Row>> =>
  new Map(
    (JSON.parse(await m2.tsoOk(['ps', '-p', stack, '--format', 'json'])) as readonly Row[]).map((row) => [
      `${row.service}.${row.slot}`,
      row,
    ]),
  );

/** Says what would change, in both ways, does it, and holds what became of each task against what was said. */
const asSaid = async (t: ExecutionContext, yaml: string, text: RegExp, ...args: readonly string[]): Promise<readonly Entry[]> => {
  const before = await rows('shop').catch(() => new Map<string, Row>());
  const told = await the.diff(yaml, ...args);
  t.is(told.code, 1, said(told));
  t.regex(told.stdout, text);
  const document = await the.diff(yaml, ...args, '--format', 'json');
  t.is(document.code, 1, said(document));
  const entries = JSON.parse(document.stdout) as readonly Entry[];
  const dry = await m1.up('shop', yaml, ['--dry-run', '--format', 'json', ...args]);
  t.is(dry.code, 0, said(dry));
  t.deepEqual(JSON.parse(dry.stdout), entries);
  t.deepEqual([...(await rows('shop').catch(() => new Map<string, Row>()))], [...before], 'nothing was changed by asking');

  const applied = await m1.up('shop', yaml, args);
  t.is(applied.code, 0, said(applied));
  const after = await rows('shop');
  const planned = entries.flatMap(({ name, tasks }) => tasks.map((task) => ({ ...task, place: `${name}.${task.slot}` })));
  for (const { place, action, node } of planned) {
    t.regex(told.stdout, new RegExp(`^${place.replace('.', '\\.')} +${action} +${node}`, 'm'));
    if (action === 'stop') t.false(after.has(place), place);
    else t.is(after.get(place)?.node, node, `${place}: ${action}`);
    if (action !== 'stop') t.not(after.get(place)?.id, before.get(place)?.id, place);
  }
  // What is told of an update is whom it begins with; of the others, how many there are and how they go.
  const replaced = [...before].filter(([place, { id }]) => after.has(place) && after.get(place)?.id !== id).map(([place]) => place);
  const counts = entries.map(({ effect }) => Number(/(\d+) tasks? replaced/.exec(effect ?? '')?.[1] ?? 0));
  t.is(
    replaced.length,
    counts.reduce((sum, count) => sum + count, 0),
    replaced.join(),
  );
  const places = [...planned.map(({ place }) => place), ...replaced];
  for (const [place, { id }] of before) if (!places.includes(place)) t.is(after.get(place)?.id, id, `${place} was not spoken of`);
  for (const place of after.keys()) t.true(before.has(place) || places.includes(place), place);
  const again = await the.diff(yaml, ...args);
  t.deepEqual([again.code, again.stdout], [0, 'Nothing would change.\n'], said(again));
  return entries;
};

test.serial('what tso diff says is what tso up does then, task by task and node by node', async (t) => {
  const entryOf = (entries: readonly Entry[], name: string): Entry | undefined =>
    entries.find((entry) => entry.kind === 'service' && entry.name === name);
  const made = await asSaid(t, shop(), /^\+ create service web \(starts 3 tasks\)$/m);
  t.deepEqual(
    entryOf(made, 'web')?.tasks.map(({ slot, action }) => [slot, action]),
    [1, 2, 3].map((slot) => [slot, 'start']),
  );

  const changed = await asSaid(
    t,
    shop({ level: 'two' }),
    /^~ update service web \(3 tasks replaced, 1 at a time, the old one stopped first\)$/m,
  );
  t.true(entryOf(changed, 'web')?.changes.some(({ from, to }) => /one/.test(from) && /two/.test(to)));
  t.is(entryOf(changed, 'cache')?.action, 'none');
  t.deepEqual(await the.variable('web', 'LEVEL'), ['two', 'two', 'two']);

  const before = await the.pids('web');
  const labelled = await asSaid(t, shop({ level: 'two', label: 'blue' }), /^~ update service web \(no task restarts\)$/m);
  t.deepEqual(entryOf(labelled, 'web')?.tasks, []);
  t.deepEqual(await the.pids('web'), before, 'a label of the service is nothing that its tasks feel');

  await asSaid(t, shop({ level: 'two', label: 'blue', replicas: 5 }), /^~ update service web \(2 tasks more\)$/m);
  await asSaid(t, shop({ level: 'two', label: 'blue', replicas: 2 }), /^~ update service web \(3 tasks fewer\)$/m);
  const less = shop({ level: 'two', label: 'blue', replicas: 2, cache: false });
  t.is((await the.diff(less)).code, 0, 'who is not in the file stays, unless it is told');
  await asSaid(t, less, /^- remove service cache \(stops 1 task\)$/m, '--remove-orphans');
});

test.serial('a service is changed by flags, goes back to exactly what it was, and forward again', async (t) => {
  t.is((await m1.up('shop', shop())).code, 0);
  const folder = await mkdtemp(join(tmpdir(), 'tso-busybox-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const tar = await busyboxTar(folder);
  await Promise.all(cluster.members.map((host) => host.tsoOk(['image', 'import', tar, 'busybox:2'])));
  const former = await the.specOf('web');
  const flags = ['--image', 'busybox:2', '--env-add', 'LEVEL=two', '--env-add', 'MORE=1', '--replicas', '4', '--update-parallelism', '2'];
  const update = await m2.tso([
    'service',
    'update',
    ...flags,
    '--label-add',
    'team=red',
    '--container-label-add',
    'tier=front',
    'shop_web',
  ]);
  t.is(update.code, 0, said(update));
  t.regex(update.stderr, /web is updated\./);
  const present = await the.specOf('web');
  t.like(present, { replicas: 4, labels: { team: 'red' } });
  t.like(present.task.container, { image: 'busybox:2', labels: { tier: 'front' } });
  t.is(present.update.parallelism, 2);
  t.deepEqual(await the.variable('web', 'LEVEL'), ['two', 'two', 'two', 'two']);
  t.deepEqual(await the.variable('web', 'MORE'), ['1', '1', '1', '1']);
  t.true([...(await rows('shop')).values()].filter(({ service }) => service === 'web').every(({ image }) => image === 'busybox:2'));
  t.is((await the.diff(shop())).code, 1, 'the file says something else now');
  const same = await m2.tso(['service', 'update', '--replicas', '4', 'shop_web']);
  t.is(same.code, 0, said(same));
  t.regex(same.stderr, /^web is that already\.$/m);

  for (const [spec, level, count] of [
    [former, 'one', 3],
    [present, 'two', 4],
    [former, 'one', 3],
  ] as const) {
    const back = await m1.tso(['service', 'rollback', 'shop_web']);
    t.is(back.code, 0, said(back));
    t.regex(back.stderr, /web: back at what it was before\./);
    t.deepEqual(await the.specOf('web'), spec);
    t.deepEqual(
      await the.variable('web', 'LEVEL'),
      Array.from({ length: count }, () => level),
    );
  }
  t.deepEqual(await the.variable('web', 'MORE'), ['none', 'none', 'none']);
  const none = await the.diff(shop());
  t.deepEqual([none.code, none.stdout], [0, 'Nothing would change.\n'], said(none));
});

/** Of this machine's memory, which every host has as its own. */
const bytes = (part: number): string => `${Math.floor((totalmem() * part) / 2 ** 20)}m`;

test.serial('an update that no node takes goes back when its time is up, and has cost nothing', async (t) => {
  // Of each node one has most: what is wished would fit on any of them, and on none beside that.
  const hog = `  hog: { image: "busybox:1", stop_grace_period: 5s, ${command(idles)}, deploy: { mode: global, resources: { reservations: { memory: ${bytes(0.7)} } } } }\n`;
  t.is((await m1.up('shop', shop() + hog)).code, 0);
  const before = await the.pids('web');
  const former = await the.specOf('web');
  const wish = ['--env-add', 'LEVEL=huge', '--reserve-memory', bytes(0.5), '--update-order', 'start-first'];
  const limits = ['--update-progress-deadline', '2s', '--update-failure-action', 'rollback'];
  const outcome = await m2.tso(['service', 'update', ...wish, ...limits, 'shop_web']);
  t.is(outcome.code, 1, said(outcome));
  t.regex(outcome.stderr, /no task more has served for 2 s; web\.\d: .*memory/);
  await eventually('it is back', async () => /rolled back/.test(await m1.tsoOk(['service', 'inspect', 'shop_web'])));
  t.deepEqual(await the.specOf('web'), former);
  t.deepEqual(await the.pids('web'), before);
  t.is((await the.diff(shop() + hog)).code, 0);
  await m1.tsoOk(['down', '-p', 'shop']);
  t.deepEqual(await cluster.seen(), []);
});
