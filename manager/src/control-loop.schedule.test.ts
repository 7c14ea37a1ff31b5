import { ConcurrencyPolicy, emptyMeta, newService, type Service, ServiceMode, type StoreAction } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { ControlLoop } from './control-loop.ts';
import { plan } from './planner.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { silentLogger } from './testing/ports.ts';
import { LaggingMember, SharedLog } from './testing/shared-log.ts';
import { nodeNamed, serviceSpec } from './testing/specs.ts';

/** The clock begins 16 min 40 s after the epoch; the job is due at each full minute. */
const firstDueAtMs = 1_020_000;

const job: Service = {
  ...newService,
  id: 'report',
  stack: 'shop',
  spec: serviceSpec('report', {
    mode: ServiceMode.REPLICATED_JOB,
    replicas: 0,
    schedule: {
      cron: '* * * * *',
      timeZone: '',
      concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
      successfulHistory: 3,
      failedHistory: 1,
      startingDeadlineMs: 0,
    },
  }),
};

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 2_000; turn += 1) await Promise.resolve();
};

const logWithJob = (): SharedLog => {
  const log = new SharedLog();
  const cluster = { id: 'cluster', meta: emptyMeta, addressPool: '10.128.0.0/9', subnetPrefix: 24, firstVni: 4096, vxlanPort: 4789 };
  const actions: readonly StoreAction[] = [{ putCluster: cluster }, { putNode: nodeNamed('alpha') }, { putService: job }];
  log.append({ actions, expect: [], atMs: 1_000_000, origin: 'test' });
  return log;
};

let seed = 0;
/** Different ids for every manager. */
const random = {
  bytes: (count: number) =>
    Uint8Array.from({ length: count }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed >>> 24;
    }),
  number: () => 0,
};

/** A manager that takes itself for the leader, at that log. */
const managerAt = (t: ExecutionContext, log: SharedLog, aheadMs = 0) => {
  const proposer = new LaggingMember(log);
  const clock = new ManualClock();
  clock.advance(aheadMs);
  const loop = new ControlLoop({ proposer, plan, clock, random, logger: silentLogger, onBroken: (error) => t.fail(String(error)) });
  return { proposer, clock, loop };
};

/** Each run that ever began, by when it was due and when the cluster was told. */
const begun = ({ entries }: SharedLog): readonly string[] => {
  const seen = new Map<number, string>();
  for (const { actions, atMs } of entries)
    for (const { putService } of actions)
      for (const { iteration, scheduledAtMs } of putService?.runs ?? [])
        if (!seen.has(iteration)) seen.set(iteration, `${iteration} due ${scheduledAtMs}, ${atMs - scheduledAtMs} ms late`);
  return [...seen.values()];
};

test('a run begins at its instant, not when somebody happens to look', async (t) => {
  const log = logWithJob();
  const { clock, loop } = managerAt(t, log);
  await loop.start();
  await settled();
  t.deepEqual(begun(log), []);
  clock.advance(firstDueAtMs - 1 - clock.now());
  await settled();
  t.deepEqual(begun(log), []);
  clock.advance(1);
  await settled();
  t.deepEqual(begun(log), ['1 due 1020000, 0 ms late']);
  t.is(log.tables.tasks().length, 1);
  clock.advance(60_000);
  await settled();
  t.deepEqual(begun(log), ['1 due 1020000, 0 ms late', '2 due 1080000, 0 ms late']);
  await loop.stop();
});

test('two that both take themselves for the leader begin a run once, whoever is first', async (t) => {
  const log = logWithJob();
  const [one, other] = [managerAt(t, log), managerAt(t, log, 700)];
  await one.loop.start();
  await other.loop.start();
  await settled();
  for (let step = 0; step < 130; step += 1) {
    one.clock.advance(1_000);
    other.clock.advance(1_000);
    await settled();
  }
  t.deepEqual(
    begun(log).map((line) => line.split(',')[0]),
    ['1 due 1020000', '2 due 1080000'],
  );
  t.is(log.tables.tasks().length, 2);
  await one.loop.stop();
  await other.loop.stop();
});

test('a leader that comes after the instant makes up for it once, and one whose clock is behind does not do it again', async (t) => {
  const log = logWithJob();
  const late = managerAt(t, log, 45_000);
  await late.loop.start();
  await settled();
  t.deepEqual(begun(log), ['1 due 1020000, 25000 ms late']);
  await late.loop.stop();
  const behind = managerAt(t, log, 18_000);
  await behind.loop.start();
  await settled();
  behind.clock.advance(10_000);
  await settled();
  t.is(begun(log).length, 1);
  behind.clock.advance(52_000);
  await settled();
  t.deepEqual(begun(log)[1], '2 due 1080000, 0 ms late');
  await behind.loop.stop();
});
