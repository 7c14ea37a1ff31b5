import { type Clock, type StoreAction, type Transaction, TsoError } from '@tso/proto';
import test from 'ava';
import { ControlLoop, type Plan } from './control-loop.ts';
import { volume } from './dispatcher/dispatcher-fixture.ts';
import type { Proposer } from './replication/proposer.ts';
import { applyTransaction } from './store/apply.ts';
import { Tables } from './store/tables.ts';
import { StoreWatch } from './store/watch.ts';
import { silentLogger } from './testing/ports.ts';

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
  const time = { nowMs: 10_000 };
  const clock: Clock = {
    now: () => time.nowMs,
    monotonic: () => 0,
    setTimer: (delayMs, callback) => {
      const timer = { delayMs, callback };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
  };
  return { tables, proposer, proposed, timers, clock, time };
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

test('configs and managers do not wake it', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, () => {
    plans++;
    return { actions: [] };
  });
  await loop.start();
  await settled();
  const config = { id: 'a', meta: volume('a').meta, name: 'a', labels: {}, stack: '', data: new Uint8Array() };
  await here.proposer.propose({ ...outside('a'), actions: [{ putConfig: config }] });
  await settled();
  t.is(plans, 1);
  await here.proposer.propose(outside('b'));
  await settled();
  t.is(plans, 2);
  await loop.stop();
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
  here.time.nowMs = 10_250;
  here.timers.pop()?.callback();
  await settled();
  t.is(plans, 2);
  t.deepEqual(here.timers, []);
  await loop.stop();
});

test('it looks at the time again and again while it sleeps: one that is set forward, or goes faster than timers, is not slept through', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, () => {
    plans += 1;
    return { actions: [], wakeAtMs: plans === 1 ? 7_210_000 : undefined };
  });
  await loop.start();
  await settled();
  const delays = () => here.timers.map(({ delayMs }) => delayMs);
  t.deepEqual(delays(), [1_000]);
  here.time.nowMs += 1_050;
  here.timers.pop()?.callback();
  t.deepEqual([plans, delays()], [1, [1_000]]);
  here.time.nowMs = 7_209_900;
  here.timers.pop()?.callback();
  t.deepEqual([plans, delays()], [1, [100]]);
  here.time.nowMs += 100;
  here.timers.pop()?.callback();
  await settled();
  t.deepEqual([plans, delays()], [2, []]);
  await loop.stop();
});

test('a planner that is never content is made to rest', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, () => ({ actions: [put(`v${plans++}`)] }));
  await loop.start();
  await settled();
  const before = plans;
  t.is(before, 64);
  await settled();
  t.deepEqual(
    here.timers.map(({ delayMs }) => delayMs),
    [1_000],
  );
  await here.proposer.propose(outside('a'));
  await settled();
  t.is(plans, before, 'a change does not wake it');
  here.timers.pop()?.callback();
  await settled();
  t.is(plans, 2 * before);
  await loop.stop();
});

test('a wish that takes many plans is no restlessness', async (t) => {
  const here = world();
  let plans = 0;
  const loop = loopOf(here, () => (plans < 200 ? { actions: [put(`v${plans++}`)], isPartial: true } : { actions: [] }));
  await loop.start();
  await settled();
  t.deepEqual([plans, here.timers.length], [200, 0]);
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

/** A proposer whose next proposals wait until the test answers them. */
const held = (here: ReturnType<typeof world>) => {
  const waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  const proposer: Proposer = {
    view: here.tables,
    fresh: async () => {},
    subscribe: (filter, options) => here.proposer.subscribe(filter, options),
    propose: (transaction) =>
      new Promise((resolve, reject) =>
        waiting.push({ resolve: () => void here.proposer.propose(transaction).then(resolve, reject), reject }),
      ),
  };
  return { proposer, waiting };
};

const lost = (): TsoError => new TsoError('UNAVAILABLE', 'leadership lost');

test('it stops at once while a plan is being written, and what becomes of that plan then is nobody’s business', async (t) => {
  for (const answer of ['resolve', 'reject', 'never'] as const) {
    const here = world();
    const { proposer, waiting } = held(here);
    const broken: unknown[] = [];
    let plans = 0;
    const loop = loopOf(
      { ...here, proposer },
      () => ({ actions: [put(`v${plans++}`)], wakeAtMs: 20_000 }),
      (error) => broken.push(error),
    );
    await loop.start();
    await settled();
    t.is(waiting.length, 1);
    await loop.stop();
    if (answer === 'resolve') waiting[0]?.resolve();
    if (answer === 'reject') waiting[0]?.reject(lost());
    await settled();
    t.deepEqual([plans, waiting.length, broken, here.timers], [1, 1, [], []]);
    await loop.stop();
    await loop.start();
    await settled();
    t.is(plans, 1, 'a stopped loop does not start again');
  }
});

test('a log that cannot write now is asked again after a rest, not at once, and is no bug', async (t) => {
  const here = world();
  const { proposer, waiting } = held(here);
  const broken: unknown[] = [];
  const loop = loopOf(
    { ...here, proposer },
    (view) => ({ actions: view.volumeByName('a') === undefined ? [put('a')] : [] }),
    (error) => broken.push(error),
  );
  await loop.start();
  await settled();
  waiting.pop()?.reject(lost());
  await settled();
  t.is(waiting.length, 0);
  t.deepEqual(
    here.timers.map(({ delayMs }) => delayMs),
    [1_000],
  );
  here.timers.pop()?.callback();
  await settled();
  waiting.pop()?.resolve();
  await settled();
  t.not(here.tables.volumeByName('a'), undefined);
  t.deepEqual(broken, []);
  await loop.stop();
});

test('it does not plan before the view holds what was committed under the leader before', async (t) => {
  const here = world();
  const answers: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  const fresh = () => new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
  let plans = 0;
  const loop = loopOf({ ...here, proposer: { ...here.proposer, fresh } }, () => {
    plans++;
    return { actions: [] };
  });
  await loop.start();
  await settled();
  answers.pop()?.reject(lost());
  await settled();
  t.deepEqual([plans, here.timers.length], [0, 1]);
  here.timers.pop()?.callback();
  await settled();
  t.is(plans, 0);
  answers.pop()?.resolve();
  await settled();
  t.is(plans, 1);
  await here.proposer.propose(outside('a'));
  await settled();
  t.deepEqual([plans, answers.length], [2, 0], 'once is enough: a leader sees what it commits');
  await loop.stop();
});

test('a change that comes just when a run ends is not missed', async (t) => {
  for (let turns = 0; turns < 12; turns++) {
    const here = world();
    let seen = 0;
    const loop = loopOf(here, (view) => {
      seen = view.index;
      return { actions: [] };
    });
    await loop.start();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await here.proposer.propose(outside('a'));
    await settled();
    t.is(seen, 1, `after ${turns} turns`);
    await loop.stop();
  }
});

test('after a plan that took long others have the event loop as long, and what changed meanwhile is planned together', async (t) => {
  const here = world();
  let [nowMs, plans] = [0, 0];
  const clock = { ...here.clock, monotonic: () => nowMs };
  const loop = loopOf({ ...here, clock }, () => {
    plans += 1;
    nowMs += 40;
    return { actions: [] };
  });
  await loop.start();
  await settled();
  t.deepEqual([plans, here.timers.map(({ delayMs }) => delayMs)], [1, [40]]);
  for (const name of ['a', 'b', 'c']) await here.proposer.propose(outside(name));
  await settled();
  t.is(plans, 1);
  here.timers.shift()?.callback();
  await settled();
  t.is(plans, 2);
  await loop.stop();
  t.deepEqual(here.timers, []);
});

test('a plan that looked at a part only is followed by the next part at once', async (t) => {
  const here = world();
  const parts = [true, true, false];
  const loop = loopOf(here, () => ({ actions: [], isPartial: parts.shift() ?? false }));
  await loop.start();
  await settled();
  t.deepEqual(parts, []);
  await loop.stop();
});
