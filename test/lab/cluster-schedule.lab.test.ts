// Jobs that run by the clock, over three hosts: when they begin, what they do to each other, and what is left of them, by what containers tell.
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killManager } from './hosts/faults.ts';
import { containers, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { command, Journal, tells, waitsAt } from './support/journal.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const m2 = cluster.host('m2');
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

/** What became of a run. */
interface RunState {
  /** null: it was left out. */
  readonly run: number | null;
  readonly state: 'under_way' | 'succeeded' | 'failed' | 'skipped' | 'replaced';
  readonly message: string;
}

/** A run as `tso service inspect --format json` shows it; the newest is the first of them. */
interface RunRow extends RunState {
  /** null: somebody asked for it. */
  readonly scheduledAt: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** The same with instants in milliseconds. */
interface Run extends RunState {
  readonly scheduledAtMs: number | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/** What any manager says that leads or knows who does: while a leader was just killed, that one does not answer. */
const runsOf = (stack: string, service: string): Promise<readonly Run[]> =>
  eventually(`${stack}/${service} is inspected`, async () => {
    const [row] = JSON.parse(await m2.tsoOk(['service', 'inspect', '-p', stack, '--format', 'json', service])) as readonly {
      readonly schedule: { readonly runs: readonly RunRow[] };
    }[];
    return row?.schedule.runs.map(({ scheduledAt, startedAt, endedAt, ...rest }) => ({
      ...rest,
      scheduledAtMs: scheduledAt === null ? null : Date.parse(scheduledAt),
      startedAtMs: Date.parse(startedAt),
      endedAtMs: endedAt === null ? null : Date.parse(endedAt),
    }));
  });

/** The runs, once they are so. */
const untilRuns = (stack: string, service: string, what: string, areSo: (runs: readonly Run[]) => boolean): Promise<readonly Run[]> =>
  eventually(`${what}, of ${stack}/${service}`, async () => {
    const runs = await runsOf(stack, service);
    if (!areSo(runs)) throw new Error(runs.map(({ run, state, message }) => `${run} ${state} ${message}`).join('; '));
    return runs;
  });

const numbered = (runs: readonly Run[]): readonly number[] => runs.flatMap(({ run }) => (run === null ? [] : [run]));
/** The number of the last run that was begun; 0: none was. */
const last = (runs: readonly Run[]): number => Math.max(0, ...numbered(runs));
const inState = (runs: readonly Run[], state: Run['state']): readonly Run[] => runs.filter((run) => run.state === state);

/** What containers of a job told that begins so, without that. */
const told = (begin: string): readonly string[] =>
  journal.lines.filter((line) => line.startsWith(`${begin} `)).map((line) => line.slice(begin.length + 1));

/** A job on one line; `$ID` is its task in the script. The kernel lets go of a lock on the file when who has it is gone, however that came to be. */
const job = (script: string, schedule: string, more = 'deploy: { mode: replicated-job, restart_policy: { condition: none } }'): string =>
  `{ image: "busybox:1", stop_grace_period: 2s, volumes: ["${journal.folder}:/j", "/usr/bin/flock:/usr/bin/flock:ro"], environment: { ID: "{{.Task.ID}}" }, ${command(script)}, x-tso-schedule: ${schedule}, ${more} }`;

const never = '0 0 1 1 *';
const everyOtherSecond = '*/2 * * * * *';

test.serial('each instant begins one run on real containers and never two, though leaders are killed at the very time', async (t) => {
  const file = (often: string, seldom: string): string => `
services:
  tick: ${job(tells('tick $ID'), `{ cron: "${often}", successful_history: 100, failed_history: 100 }`, 'deploy: { mode: replicated-job, replicas: 2, restart_policy: { condition: none } }')}
  sweep: ${job(tells('sweep $ID'), `{ cron: "${seldom}", successful_history: 100, failed_history: 100 }`, 'deploy: { mode: global-job, restart_policy: { condition: none } }')}
`;
  const everyThird = '*/3 * * * * *';
  const applied = await m2.up('clock', file(everyOtherSecond, everyThird));
  t.is(applied.code, 0, said(applied));
  await untilRuns('clock', 'tick', 'two are done', (runs) => inState(runs, 'succeeded').length >= 2);
  for (let turn = 0; turn < 2; turn += 1) {
    const leader = await cluster.leader();
    await eventually('an instant is near', () => Date.now() % 2_000 > 1_900);
    const killedAtMs = Date.now();
    const fault = await killManager(leader);
    await cluster.without([leader], async () => void (await cluster.leader()));
    for (const service of ['tick', 'sweep'])
      await untilRuns('clock', service, 'one that was due later is done', (runs) =>
        inState(runs, 'succeeded').some(({ scheduledAtMs }) => (scheduledAtMs ?? 0) > killedAtMs + 3_000),
      );
    await fault.undo();
    await cluster.settled();
  }
  // Another schedule begins nothing, and lets what is under way come to its end.
  const seldom = await m2.up('clock', file(never, never));
  t.is(seldom.code, 0, said(seldom));
  for (const [service, cycleMs, places] of [
    ['tick', 2_000, 2],
    ['sweep', 3_000, 3],
  ] as const) {
    const runs = await untilRuns('clock', service, 'none is under way', (all) => inState(all, 'under_way').length === 0);
    const begun = runs.filter(({ state }) => state !== 'skipped');
    t.log(`${service}: ${begun.length} runs, ${runs.length - begun.length} left out`);
    const instants = runs.map(({ scheduledAtMs }) => scheduledAtMs ?? 0);
    t.deepEqual(
      instants,
      [...new Set(instants)].toSorted((a, b) => b - a),
      'each instant once, the newest first',
    );
    t.true(
      instants.every((atMs) => atMs % cycleMs === 0),
      instants.join(),
    );
    t.deepEqual(
      numbered(runs),
      begun.map((_, index) => begun.length - index),
    );
    t.true(runs.every(({ scheduledAtMs, startedAtMs }) => startedAtMs >= (scheduledAtMs ?? 0)));
    t.deepEqual(
      begun.filter(({ state }) => state !== 'succeeded'),
      [],
    );
    const tasks = await cluster.tasks('clock', service);
    for (const { run } of begun) {
      const own = tasks.filter(({ jobIteration }) => jobIteration === run);
      t.is(own.length, places, `${service}: tasks of run ${run}`);
      t.is(new Set(own.map(({ slot, nodeId }) => (service === 'sweep' ? nodeId : slot))).size, places);
    }
    t.deepEqual(told(service).toSorted(), tasks.map(({ id }) => id).toSorted(), 'each task ran once, and nobody else did');
  }
  await m2.tsoOk(['down', '-p', 'clock']);
});

test.serial('what is due while a run goes on begins beside it, is left out, or takes its place once that has ended', async (t) => {
  const script = (name: string): string =>
    [
      "trap 'exit 3' TERM",
      `exec 9> /j/lock.${name}`,
      `flock -n 9 || ${tells(`beside ${name}`)}`,
      tells(`${name} $ID`),
      waitsAt(name).replace('0.05', '0.2'),
      'exit 0',
    ].join('; ');
  // One that is replaced must have had the time to begin, or none ever does.
  const often = { allow: everyOtherSecond, forbid: everyOtherSecond, replace: '*/4 * * * * *' } as const;
  const policies = ['allow', 'forbid', 'replace'] as const;
  const file = (cronOf: (name: (typeof policies)[number]) => string): string =>
    `services:\n${policies.map((name) => `  ${name}: ${job(script(name), `{ cron: "${cronOf(name)}", concurrency: ${name} }`)}\n`).join('')}`;
  const applied = await m2.up(
    'policies',
    file((name) => often[name]),
  );
  t.is(applied.code, 0, said(applied));
  const kernelShows = async (service: string): Promise<number> => (await cluster.running('policies', service)).length;

  await untilRuns('policies', 'forbid', 'one is left out', (runs) => runs.some(({ message }) => message === 'run 1 was still under way'));
  await eventually('the first of forbid runs', async () => told('forbid').length === 1 && (await kernelShows('forbid')) === 1);
  t.is(last(await runsOf('policies', 'forbid')), 1);
  t.regex(await m2.tsoOk(['service', 'inspect', '-p', 'policies', 'forbid']), /due 20.*: left out: run 1 was still under way/);
  journal.open('forbid');
  await eventually('another one of forbid runs', () => told('forbid').length > 1);

  await eventually('three of allow run side by side', async () => (await kernelShows('allow')) >= 3);
  await eventually('one of allow says so', () => told('beside').includes('allow'));

  await eventually('replace has run twice', () => told('replace').length >= 2);
  const replaced = inState(await runsOf('policies', 'replace'), 'replaced');
  t.is(replaced.length, 1, 'of those that came to no good end one is kept');
  t.is(replaced[0]?.message, `run ${(replaced[0]?.run ?? 0) + 1} took its place`);

  const seldom = await m2.up(
    'policies',
    file(() => never),
  );
  t.is(seldom.code, 0, said(seldom));
  for (const name of policies) {
    journal.open(name);
    const runs = await untilRuns('policies', name, 'none is under way', (all) => inState(all, 'under_way').length === 0);
    t.is(runs.find(({ run }) => run === last(runs))?.state, 'succeeded', name);
  }
  t.deepEqual(
    told('beside').filter((name) => name !== 'allow'),
    [],
    'what must not overlap',
  );
  await m2.tsoOk(['down', '-p', 'policies']);
  t.deepEqual(await cluster.seen(), []);
});

test.serial('of runs that ended as many are kept as the schedule says, with their tasks and what they said', async (t) => {
  const script = `[ ! -e /j/broken ] || { echo "$ID broke"; exit 5; }; echo "$ID went well"`;
  const file = (cron: string): string =>
    `services:\n  job: ${job(script, `{ cron: "${cron}", successful_history: 2, failed_history: 1, concurrency: forbid }`)}\n`;
  await m2.upOk('history', file('* * * * * *'));
  const logs = (): Promise<string> => m2.tsoOk(['logs', '-p', 'history', '--no-prefix']);
  const [first = ''] =
    /\S+(?= went well)/.exec(await eventually('one has spoken', async () => /went well/.test(await logs()) && logs())) ?? [];
  journal.open('broken');
  const [failed] = inState(await untilRuns('history', 'job', 'one failed', (runs) => inState(runs, 'failed').length > 0), 'failed');
  t.regex(failed?.message ?? '', /5/);
  journal.shut('broken');
  const healed = last(await runsOf('history', 'job'));
  const runs = await untilRuns('history', 'job', 'three more are done', (all) =>
    inState(all, 'succeeded').some(({ run }) => (run ?? 0) > healed + 3),
  );
  t.is(inState(runs, 'succeeded').length, 2);
  t.is(inState(runs, 'failed').length, 1);
  await m2.upOk('history', file(never));
  const end = await untilRuns('history', 'job', 'none is under way', (all) => inState(all, 'under_way').length === 0);
  const iterations = new Set(numbered(end));
  const tasks = await eventually('what is left are tasks of runs that are kept', async () => {
    const all = await cluster.tasks('history', 'job');
    return all.every(({ jobIteration }) => iterations.has(jobIteration)) && all;
  });
  t.true(tasks.length <= 3, `${tasks.length}`);
  const text = await eventually('what those said is what is left to read', async () => {
    const now = await logs();
    const wells = now.split('\n').filter((line) => line.endsWith('went well')).length;
    if (wells !== inState(end, 'succeeded').length || now.includes(first)) throw new Error(now);
    return now;
  });
  t.regex(text, / broke$/m, 'what failed is kept beside what succeeded since');
  await m2.tsoOk(['down', '-p', 'history']);
});

test.serial('tso restart runs a job now and waits for it, though the leader is killed meanwhile', async (t) => {
  const script = [tells('now $ID'), waitsAt('now'), '[ ! -e /j/broken ] || exit 7'].join('; ');
  await m2.upOk('hand', `services:\n  job: ${job(script, `{ cron: "${never}", concurrency: forbid, successful_history: 9 }`)}\n`);
  t.deepEqual(await runsOf('hand', 'job'), []);
  t.regex(await m2.tsoOk(['service', 'ls']), /hand\s+job\s+replicated-job\s+idle .*runs next in /);
  const leader = await cluster.leader();
  const [by = m2] = await cluster.followers();
  const restart = by.tso(['restart', '-p', 'hand', 'job']);
  await eventually('it runs', () => told('now').length === 1);
  const beside = await by.tso(['restart', '-d', '-p', 'hand', 'job']);
  t.is(beside.code, 0, said(beside));
  t.deepEqual(
    inState(await runsOf('hand', 'job'), 'skipped').map(({ scheduledAtMs, message }) => ({ scheduledAtMs, message })),
    [{ scheduledAtMs: null, message: 'run 1 was still under way' }],
  );
  const fault = await killManager(leader);
  await cluster.without([leader], async () => void (await cluster.leader()));
  journal.open('now');
  const outcome = await restart;
  t.is(outcome.code, 0, said(outcome));
  await fault.undo();
  await cluster.settled();
  const [run] = inState(await runsOf('hand', 'job'), 'succeeded');
  t.is(run?.run, 1);
  t.is(run?.scheduledAtMs, null);
  t.is(told('now').length, 1);

  const again = await by.tso(['restart', '-p', 'hand', 'job']);
  t.is(again.code, 0, said(again));
  t.is(told('now').length, 2);
  journal.open('broken');
  const failed = await by.tso(['restart', '-p', 'hand', 'job']);
  t.is(failed.code, 1, said(failed));
  t.regex(failed.stderr, /run 3 failed: .*7/);
  journal.shut('broken');
  await m2.tsoOk(['down', '-p', 'hand']);
});

test.serial('a stopped job ends what is under way and is due no more; a started one makes up for nothing', async (t) => {
  const script = ["trap 'exit 3' TERM", tells('halted $ID'), waitsAt('halted')].join('; ');
  const rare = `{ cron: "${everyOtherSecond}", concurrency: forbid, successful_history: 9 }`;
  await m2.upOk('halt', `services:\n  job: ${job(script, rare)}\n  witness: ${job('exit 0', rare)}\n`);
  await eventually('it runs', () => told('halted').length === 1);
  await m2.tsoOk(['stop', '-p', 'halt', 'job']);
  t.deepEqual(await containers(cluster, 'halt', 'job'), []);
  const stopped = await runsOf('halt', 'job');
  t.deepEqual(
    stopped.filter(({ run }) => run === 1).map(({ state, message }) => ({ state, message })),
    [{ state: 'failed', message: 'the job was stopped while it was under way' }],
  );
  t.regex(await m2.tsoOk(['service', 'inspect', '-p', 'halt', 'job']), /not before it is started/);
  const seen = last(await runsOf('halt', 'witness'));
  const fault = await killManager(await cluster.leader());
  await fault.undo();
  await cluster.settled();
  await untilRuns('halt', 'witness', 'two more are done', (runs) => inState(runs, 'succeeded').some(({ run }) => (run ?? 0) >= seen + 2));
  t.deepEqual(await runsOf('halt', 'job'), stopped);
  t.is(told('halted').length, 1);

  journal.open('halted');
  const startedAtMs = Date.now();
  const start = await m2.tso(['start', '-p', 'halt', 'job']);
  t.is(start.code, 0, said(start));
  const runs = await untilRuns('halt', 'job', 'one more is done', (all) => inState(all, 'succeeded').length > 0);
  const since = runs.filter((run) => !stopped.some(({ startedAtMs: atMs }) => atMs === run.startedAtMs));
  t.true(
    since.every(({ scheduledAtMs }) => (scheduledAtMs ?? 0) > startedAtMs),
    JSON.stringify(since),
  );
  await m2.tsoOk(['down', '-p', 'halt']);
});
