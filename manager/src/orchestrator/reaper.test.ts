import { emptyMeta, type Request } from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { World } from '../testing/world.ts';
import { orchestrate } from './orchestrator.ts';
import { Allowance, Pass } from './pass.ts';
import { PlanMemory } from './plan-memory.ts';
import { keptRequests, requestLifeMs } from './reaper.ts';

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
  world.advance(requestLifeMs - 1);
  t.is(world.tables.requests().length, 2);
  const waitedMs = world.sleep();
  t.true(waitedMs > 0 && waitedMs <= 60_000, `${waitedMs}`);
  t.is(world.tables.requests().length, 0);
  t.is(world.wakeAtMs, undefined);
});

test('of too many the oldest go', (t) => {
  const world = new World();
  for (let batch = 0; batch < 11; batch += 1) {
    world.now += 100;
    world.commit(Array.from({ length: 1_000 }, (_, at) => ({ putRequest: request(`${batch}-${at}`) })));
    world.settle();
  }
  world.settle();
  const left = world.tables.requests();
  t.true(left.length <= keptRequests && left.length >= keptRequests - 1_000, `${left.length}`);
  t.true(left.every(({ id }) => !id.startsWith('0-')));
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
  t.true((first.wakeAtMs ?? 0) >= now + requestLifeMs);
  t.deepEqual(planAt(now + requestLifeMs - 1).actions, []);
  t.is(planAt(first.wakeAtMs ?? 0).actions.length, 1);
});
