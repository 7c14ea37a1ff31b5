// What people tell services to do: stop, start, freeze, go on, end, and stand still in the middle of an update. Three hosts, real containers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killManager } from './hosts/faults.ts';
import { said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { Journal, tells, waitsAt } from './support/journal.ts';
import { Shop, shop, unchanged } from './support/shop.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const [m1, m2] = [cluster.host('m1'), cluster.host('m2')];
const the = new Shop(cluster);
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

/** As `tso service inspect` shows it. */
const inspected = async (service: string): Promise<{ readonly stopped: boolean; readonly replicas: { readonly desired: number } }> =>
  (
    JSON.parse(await m1.tsoOk(['service', 'inspect', '--format', 'json', `shop_${service}`])) as readonly {
      readonly stopped: boolean;
      readonly replicas: { readonly desired: number };
    }[]
  )[0] ?? { stopped: false, replicas: { desired: -1 } };

test.serial('who is stopped keeps the scale and is started with it', async (t) => {
  t.is((await m1.up('shop', shop())).code, 0);
  await m1.tsoOk(['scale', '-p', 'shop', 'web=4']);
  const scaled = await the.specOf('web');
  const stop = await m2.tso(['stop', '-p', 'shop', 'web']);
  t.is(stop.code, 0, said(stop));
  t.regex(stop.stderr, /web: stopped, with its scale kept for tso start\./);
  t.deepEqual([...(await the.pids('web'))], []);
  t.is((await the.pids('cache')).size, 1);
  t.like(await inspected('web'), { stopped: true });
  t.deepEqual(await the.specOf('web'), scaled);
  const again = await m2.tso(['stop', '-p', 'shop', 'web']);
  t.is(again.code, 0, said(again));
  t.regex(again.stderr, /web: left as it is/);
  const start = await m2.tso(['start', '-p', 'shop', 'web']);
  t.is(start.code, 0, said(start));
  t.deepEqual([...(await the.pids('web')).keys()].toSorted(), [1, 2, 3, 4]);
  t.like(await inspected('web'), { stopped: false, replicas: { desired: 4 } });
});

/** Counts, and tells when it is told to hang up. */
const counts = [
  "trap 'exit 0' TERM",
  `trap '${tells('$NAME hung up')}' HUP`,
  'i=0',
  'while :; do i=$((i+1)); echo $i > /j/$NAME.new; mv /j/$NAME.new /j/$NAME; sleep 0.05; done',
].join('; ');
const counting = (replicas: number): string =>
  journal.service(
    counts,
    'environment: { NAME: "{{.Service.Name}}.{{.Task.Slot}}" }',
    `deploy: { replicas: ${replicas}, restart_policy: { delay: 0s } }`,
  );
const numberAt = (name: string): number => {
  try {
    return Number(readFileSync(join(journal.folder, name), 'utf8'));
  } catch {
    return 0;
  }
};
/** Resolves once that one has counted on so far, as fast as it can on this machine. */
const countsOn = async (name: string, more = 10): Promise<void> => {
  const before = numberAt(name);
  await eventually(`${name} counts on`, () => numberAt(name) >= before + more);
};

test.serial('tasks are frozen where they are, take signals, and are waited for', async (t) => {
  const yaml = `
services:
  web: ${counting(3)}
  witness: ${counting(1)}
  ends: ${journal.service(`${waitsAt('end')}; exit 7`, 'deploy: { restart_policy: { condition: none } }')}
  done: ${journal.service(waitsAt('end'), 'deploy: { restart_policy: { condition: none } }')}
`;
  const up = await m1.up('shop', yaml, ['--remove-orphans']);
  t.is(up.code, 0, said(up));
  const names = ['shop_web.1', 'shop_web.2', 'shop_web.3'];
  for (const name of [...names, 'shop_witness.1']) await countsOn(name, 1);
  const before = await the.pids('web');

  await m2.tsoOk(['pause', '-p', 'shop', 'web.2']);
  const second = numberAt('shop_web.2');
  for (const name of ['shop_web.1', 'shop_web.3']) await countsOn(name);
  t.is(numberAt('shop_web.2'), second);
  await m2.tsoOk(['pause', '-p', 'shop', 'web']);
  const all = names.map(numberAt);
  await countsOn('shop_witness.1');
  t.deepEqual(names.map(numberAt), all);
  await m2.tsoOk(['unpause', '-p', 'shop', 'web']);
  for (const name of names) await countsOn(name);
  t.deepEqual(await the.pids('web'), before);

  const hup = await m1.tso(['kill', '-p', 'shop', '-s', 'HUP', 'web']);
  t.is(hup.code, 0, said(hup));
  t.is(hup.stdout.trim().split('\n').length, 3);
  for (const name of names) await journal.told(`${name} hung up`);
  t.deepEqual(await the.pids('web'), before);
  t.deepEqual(
    journal.take().toSorted(),
    names.map((name) => `${name} hung up`),
  );
  t.is((await m1.tso(['kill', '-p', 'shop', 'web.2'])).code, 0);
  await eventually('web.2 is another one', async () => {
    const now = await the.pids('web');
    return now.size === 3 && now.get(2) !== before.get(2);
  });
  t.deepEqual(unchanged(before, await the.pids('web')).toSorted(), [1, 3]);

  t.is((await m2.tso(['wait', '-p', 'shop', '--timeout', '1', 'ends'])).code, 3);
  const waits = ['ends', 'done'].map((name) => m2.tso(['wait', '-p', 'shop', name]));
  journal.open('end');
  const [ends, done] = await Promise.all(waits);
  t.is(ends?.code, 7, ends && said(ends));
  t.regex(ends?.stdout ?? '', /ends\.1: failed with exit code 7/);
  t.is(done?.code, 0, done && said(done));
  await m1.tsoOk(['down', '-p', 'shop']);
});

test.serial('an update that is tried with one first stands still, though the leader is killed, until it is told where to go', async (t) => {
  const tried = (level: string): string => shop({ level, update: ', x-tso-pause-after: 1' });
  t.is((await m1.up('shop', tried('one'))).code, 0);
  const before = await the.pids('web');
  t.regex((await the.diff(tried('two'))).stdout, /3 tasks replaced, 1 at a time, the old one stopped first, standing still after 1\)/);
  const up = await m1.up('shop', tried('two'));
  t.is(up.code, 0, said(up));
  t.regex(up.stderr, /stands still after 1 of 3 replacements.*Go on with tso service update --continue shop_web/);
  t.deepEqual((await the.variable('web', 'LEVEL')).toSorted(), ['one', 'one', 'two']);
  const standing = await the.pids('web');
  t.is(unchanged(before, standing).length, 2);
  t.regex(await m2.tsoOk(['service', 'inspect', 'shop_web']), /Update.*stands still, as it was asked to/);
  const leader = await cluster.leader();
  const fault = await killManager(leader);
  await cluster.without([leader], async () => void (await cluster.leader()));
  await fault.undo();
  await cluster.settled();
  t.deepEqual(await the.pids('web'), standing);
  const on = await m2.tso(['service', 'update', '--continue', 'shop_web']);
  t.is(on.code, 0, said(on));
  t.deepEqual(await the.variable('web', 'LEVEL'), ['two', 'two', 'two']);
  t.is(unchanged(standing, await the.pids('web')).length, 1, 'the one that was tried is not replaced again');
  t.not((await m2.tso(['service', 'update', '--continue', 'shop_web'])).code, 0);

  const complete = await the.pids('web');
  t.is((await m1.up('shop', tried('three'))).code, 0);
  t.is(unchanged(complete, await the.pids('web')).length, 2);
  const back = await m2.tso(['service', 'rollback', 'shop_web']);
  t.is(back.code, 0, said(back));
  t.deepEqual(await the.variable('web', 'LEVEL'), ['two', 'two', 'two']);
  t.is(unchanged(complete, await the.pids('web')).length, 2);
  await m1.tsoOk(['down', '-p', 'shop']);
  t.deepEqual(await cluster.seen(), []);
});
