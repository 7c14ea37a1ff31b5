import { type Clock, type StoreAction, type Transaction, TsoError } from '@tso/proto';
import test from 'ava';
import { ControlLoop, type Plan } from './control-loop.ts';
import { volume } from './dispatcher/dispatcher-fixture.ts';
import { silentLogger } from './log/log-fixture.ts';
import type { Proposer } from './replication/proposer.ts';
import { applyTransaction } from './store/apply.ts';
import { Tables } from './store/tables.ts';
import { StoreWatch } from './store/watch.ts';

/** A proposer that applies at once, and a clock whose timers run when told. */
const world = () => {
  const tables = new Tables();
  const watch = new StoreWatch();
  const proposed: Transaction[] = [];
  const timers: { delayMs: number; callback: () => void }[] = [];
  const proposer: Proposer = {
    view: tables,
    fresh: async () => {},
    subscribe: (filter, options) => watch.subscribe(filter, options),
    propose: async (transaction) => {
      proposed.push(transaction);
      const result = applyTransaction(tables, tables.index + 1, transaction);
      if (!result.ok) throw new TsoError('CONFLICT', 'changed meanwhile');
      watch.publish(result.changes);
      return { index: tables.index };
    },
  };
  const clock: Clock = {
    now: () => 10_000,
    monotonic: () => 0,
    setTimer: (delayMs, callback) => {
      const timer = { delayMs, callback };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
  };
  return { tables, proposer, proposed, timers, clock };
};

const random = { bytes: (count: number) => new Uint8Array(count), number: () => 0 };

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 2_000; turn++) await Promise.resolve();
};

const loopOf = (
  { proposer, clock }: ReturnType<typeof world>,
  plan: (tables: Proposer['view']) => Plan,
  onBroken = (_: unknown): void => {},
) => new ControlLoop({ proposer, plan, clock, random, logger: silentLogger, onBroken });

const put = (name: string): StoreAction => ({ putVolume: volume(name) });
const outside = (name: string): Transaction => ({ actions: [put(name)], expect: [], atMs: 1, origin: 'test' });

test('it plans at the start, after each change, and once more after its own plan', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, (view) => {
    plans++;
    const wished = view.volumes().some(({ spec }) => spec.name === 'wish');
    return { actions: wished && view.volumeByName('made') === undefined ? [put('made')] : [] };
  });
  await loop.start();
  await settled();
  t.is(plans, 1);
  await here.proposer.propose(outside('wish'));
  await settled();
  t.is(here.proposed.filter(({ origin }) => origin === 'planner').length, 1);
  t.not(here.tables.volumeByName('made'), undefined);
  await loop.stop();
  await here.proposer.propose(outside('late'));
  const after = plans;
  await settled();
  t.is(plans, after, 'and not after stop');
});

test('a plan expects every object it changes to be as it saw it, and is made again when one is not', async (t) => {
  const here = world();
  await here.proposer.propose(outside('a'));
  const seen: number[] = [];
  let interfere = true;
  const propose = here.proposer.propose;
  const racing: Proposer = {
    view: here.tables,
    fresh: async () => {},
    subscribe: (filter, options) => here.proposer.subscribe(filter, options),
    propose: async (transaction) => {
      if (interfere) {
        interfere = false;
        await propose(outside('a'));
      }
      return propose(transaction);
    },
  };
  const loop = loopOf({ ...here, proposer: racing }, (view) => {
    seen.push(view.volumeByName('a')?.meta.version ?? 0);
    return { actions: view.volumeByName('a')?.removing === false ? [{ putVolume: volume('a', true) }] : [] };
  });
  await loop.start();
  await settled();
  t.deepEqual(seen.slice(0, 2), [1, 2]);
  t.true(here.tables.volumeByName('a')?.removing);
  t.deepEqual(here.proposed.at(-1)?.expect, [{ kind: 'volume', id: 'volume-a', version: 2 }]);
  await loop.stop();
});

test('it wakes at the instant the plan asked for', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, () => {
    plans++;
    return { actions: [], wakeAtMs: plans === 1 ? 10_250 : undefined };
  });
  await loop.start();
  await settled();
  t.deepEqual(
    here.timers.map(({ delayMs }) => delayMs),
    [250],
  );
  here.timers.pop()?.callback();
  await settled();
  t.is(plans, 2);
  t.deepEqual(here.timers, []);
  await loop.stop();
});

test('a planner that is never content is made to rest', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, () => ({ actions: [put(`v${plans++}`)] }));
  await loop.start();
  await settled();
  const before = plans;
  t.true(before >= 32 && before <= 200, `${before} plans`);
  await settled();
  t.deepEqual(
    here.timers.map(({ delayMs }) => delayMs),
    [1_000],
  );
  await loop.stop();
});

test('a planner that throws is reported once, and the loop does not hide it', async (t) => {
  const here = world();
  const broken: unknown[] = [];
  const loop = loopOf(
    here,
    () => {
      throw new Error('no');
    },
    (error) => broken.push(error),
  );
  await loop.start();
  await settled();
  t.is(broken.length, 1);
  await loop.stop();
});
