import { emptyMeta, type Request } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { World } from '../testing/world.ts';
import { orchestrate } from './orchestrator.ts';
import { Allowance, Pass } from './pass.ts';
import { PlanMemory } from './plan-memory.ts';

const { lifeMs, kept, surelyKeptMs } = limits.requests;

const request = (id: string): Request => ({
  id,
  meta: emptyMeta,
  method: '/tso.v1.Control/ApplyStack',
  reply: new Uint8Array(),
  requestDigest: '',
});

test('answers to requests are kept for ten minutes and then go together', (t) => {
  const world = new World();
  world.commit([{ putRequest: request('a') }]);
  world.settle();
  world.advance(30_000);
  world.commit([{ putRequest: request('b') }]);
  world.settle();
  world.advance(lifeMs - 1);
  t.is(world.tables.requests().length, 2);
  const waitedMs = world.sleep();
  t.true(waitedMs > 0 && waitedMs <= 60_000, `${waitedMs}`);
  t.is(world.tables.requests().length, 0);
  t.is(world.wakeAtMs, undefined);
});

test('of too many the oldest go, but none that its caller may still ask for again', (t) => {
  const world = new World();
  for (let batch = 0; batch < 12; batch += 1) {
    world.now += 1_000;
    world.commit(Array.from({ length: 1_000 }, (_, at) => ({ putRequest: request(`${batch}-${at}`) })));
    world.settle();
  }
  const ids = () => world.tables.requests().map(({ id }) => id);
  t.is(ids().length, 12_000, 'all are young');
  world.advance(surelyKeptMs - 12_000);
  t.is(ids().length, 12_000);
  let slept = 0;
  for (; ids().length > kept && slept < 20; slept += 1) world.sleep();
  t.true(slept > 0 && slept <= 4, `${slept}: they go together`);
  t.is(ids().filter((id) => id.startsWith('11-')).length, 1_000);
  t.false(ids().some((id) => id.startsWith('0-')));
  t.true(ids().length >= kept - 1_000, `${ids().length}`);
});

test('the clock of the manager that took a request does not shorten how long its answer is kept', (t) => {
  const tables = new Tables();
  const memory = new PlanMemory();
  const planAt = (now: number) => {
    const draft = new Draft(tables);
    const placing = { fitsInstead: () => false, findMove: () => ({ move: undefined, isHeldBack: false, againAtMs: undefined }) };
    const pass = new Pass(draft, now, (count) => new Uint8Array(count), placing, new Allowance(1));
    orchestrate(pass, memory.scope(tables, now));
    return { actions: draft.actions(), wakeAtMs: pass.wakeAtMs };
  };
  const now = 10_000_000;
  const hourBehind = now - 3_600_000;
  applyTransaction(tables, 1, { actions: [{ putRequest: request('a') }], expect: [], atMs: hourBehind, origin: 'api' });
  const first = planAt(now);
  t.deepEqual(first.actions, []);
  t.true((first.wakeAtMs ?? 0) >= now + lifeMs);
  t.deepEqual(planAt(now + lifeMs - 1).actions, []);
  t.is(planAt(first.wakeAtMs ?? 0).actions.length, 1);
});
