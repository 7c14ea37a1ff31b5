import { type DependsOn, newService, type Service, type StoreAction, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { stackView } from '../api/stack-view.ts';
import { node, status, task } from '../dispatcher/dispatcher-fixture.ts';
import { plan } from '../planner.ts';
import { applyTransaction } from '../store/apply.ts';
import type { Kind, ObjectKinds } from '../store/kinds.ts';
import type { TableReader } from '../store/table.ts';
import { Tables } from '../store/tables.ts';
import { TableView, type View } from '../store/view.ts';
import { serviceSpec } from '../testing/specs.ts';
import { failureOf, hasConverged } from './convergence.ts';
import { restartedSinceMs, serviceNamed } from './dependencies.ts';
import { Known } from './known.ts';

/** One service of a stack, with the number of each that it depends on. */
interface Made {
  readonly on: readonly number[];
  /** Others are to be restarted after it, when it has one of these. */
  readonly updatedAtMs?: number;
  /** Undefined: it has no task. */
  readonly createdAtMs?: number;
  /** The task is of what the service was before. */
  readonly isOld?: boolean;
}

const nameOf = (number: number): string => `s${number}`;
const dependsOn = (numbers: readonly number[]): readonly DependsOn[] =>
  numbers.map((number, at) => ({
    service: nameOf(number),
    condition: at % 2 === 0 ? 'service_started' : 'service_healthy',
    required: true,
    restart: true,
  }));

const storeOf = (all: readonly Made[]): Tables => {
  const tables = new Tables();
  const commit = (atMs: number, ...actions: readonly StoreAction[]): void => {
    applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs, origin: 'test' });
  };
  commit(1, { putNode: node('a') });
  for (const [number, { on, updatedAtMs, createdAtMs, isOld = false }] of all.entries()) {
    const spec = serviceSpec(nameOf(number), { replicas: 1, dependsOn: dependsOn(on), task: { container: { image: 'new' } } });
    const update =
      updatedAtMs === undefined
        ? {}
        : { update: { state: UpdateState.UPDATE_COMPLETED, startedAtMs: updatedAtMs, completedAtMs: 0, message: '' } };
    commit(1, { putService: { ...newService, id: nameOf(number), stack: 'shop', spec, specVersion: 2, ...update } });
    if (createdAtMs === undefined) continue;
    const made = serviceSpec('', { task: { container: { image: isOld ? 'old' : 'new' } } }).task;
    const what = { serviceId: nameOf(number), serviceName: nameOf(number), spec: made, specVersion: isOld ? 1 : 2, networks: [] };
    commit(createdAtMs, { putTask: task(`t${number}`, 'a', { ...what, status: status(TaskState.RUNNING, { startedAtMs: 1, pid: 7 }) }) });
  }
  return tables;
};

const serviceOf = (view: View, number: number): Service => {
  const found = serviceNamed(view, 'shop', nameOf(number));
  if (found === undefined) throw new Error(`there is no ${nameOf(number)}`);
  return found;
};

/** The definition, by every way that leads to each: what stands in a circle does not wait for itself. */
const sinceByEachWay = (all: readonly Made[], number: number, seen: ReadonlySet<number> = new Set()): number => {
  if (seen.has(number)) return 0;
  const isThrough = (on: number): boolean => {
    const { createdAtMs, isOld } = all[on] ?? { on: [] };
    return createdAtMs !== undefined && isOld !== true && createdAtMs >= sinceByEachWay(all, on, new Set([...seen, number]));
  };
  return Math.max(0, ...(all[number]?.on ?? []).filter(isThrough).map((on) => all[on]?.updatedAtMs ?? 0));
};

const made = (others: fc.Arbitrary<number>): fc.Arbitrary<Made> =>
  fc.record(
    {
      on: fc.uniqueArray(others, { maxLength: 3 }),
      updatedAtMs: fc.integer({ min: 1, max: 6 }),
      createdAtMs: fc.integer({ min: 1, max: 6 }),
      isOld: fc.boolean(),
    },
    { requiredKeys: ['on'] },
  );
/** Each depends on some of those before it. */
const graph = fc
  .array(made(fc.nat(6)), { maxLength: 7 })
  .map((all) => all.map((one, number) => ({ ...one, on: one.on.filter((on) => on < number) })));
const withCircles = fc.array(made(fc.nat(4)), { minLength: 5, maxLength: 5 });

test('who is to be restarted since when is found as by every way that leads there', (t) => {
  fc.assert(
    fc.property(graph, (all) => {
      const view = storeOf(all);
      const known = new Known();
      for (const number of all.keys()) {
        t.is(restartedSinceMs(view, serviceOf(view, number)), sinceByEachWay(all, number));
        t.is(restartedSinceMs(view, serviceOf(view, number), known), sinceByEachWay(all, number));
      }
    }),
    { numRuns: 300 },
  );
});

test('what is found of services in a circle is the same whoever was looked into before', (t) => {
  fc.assert(
    fc.property(withCircles, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (all, order) => {
      const view = storeOf(all);
      const known = new Known();
      for (const number of order) {
        const service = serviceOf(view, number);
        t.is(restartedSinceMs(view, service, known), restartedSinceMs(view, service));
        t.is(failureOf(view, service, known), failureOf(view, service));
        t.is(hasConverged(view, service, 1, known), hasConverged(view, service, 1));
      }
    }),
    { numRuns: 300 },
  );
});

/** Counts how often tasks are looked up, and how many services are read. */
class Counted extends TableView {
  lookUps = 0;
  servicesRead = 0;
  readonly #tables: Tables;

  constructor(tables: Tables) {
    super();
    this.#tables = tables;
  }

  get index(): number {
    return this.#tables.index;
  }

  table<K extends Kind>(kind: K): TableReader<ObjectKinds[K]> {
    const table = this.#tables.table(kind);
    return {
      get: (id) => table.get(id),
      all: () => table.all(),
      get size() {
        return table.size;
      },
      by: (index, key) => {
        const found = table.by(index, key);
        if (kind === 'task') this.lookUps += 1;
        if (kind === 'service') this.servicesRead += found.length;
        return found;
      },
      keys: (index) => table.keys(index),
      revision: (index, key) => table.revision(index, key),
      changesSince: (revision) => table.changesSince(revision),
    };
  }
}

/** So many layers of four services, each of which depends on all four of the layer below. */
const layers = (count: number, each: (number: number) => Omit<Made, 'on'>): readonly Made[] =>
  Array.from({ length: 4 * count }, (_, number) => {
    const below = 4 * Math.floor(number / 4) - 4;
    return { on: number < 4 ? [] : [below, below + 1, below + 2, below + 3], ...each(number) };
  });
const chain = (length: number, each: (number: number) => Omit<Made, 'on'>): readonly Made[] =>
  Array.from({ length }, (_, number) => ({ on: number === 0 ? [] : [number - 1], ...each(number) }));

let drawn = 0;
/** Never the same twice, as ids are to be. */
const counting = (count: number): Uint8Array => {
  drawn += 1;
  return Uint8Array.from({ length: count }, (_, at) => (drawn >> (8 * (at % 4))) & 255);
};

const inTurn = (number: number) => ({ updatedAtMs: number + 1, createdAtMs: number + 2 });
const notYet = () => ({});
const shapes = { 'a long chain': [chain(200, inTurn), chain(200, notYet)], layers: [layers(6, inTurn), layers(6, notYet)] } as const;

for (const [name, [replaced, begun]] of Object.entries(shapes)) {
  const links = replaced.reduce((sum, { on }) => sum + on.length, 0);
  const last = replaced.length - 1;

  test(`${name} of restarts costs as much as it has links`, (t) => {
    const view = new Counted(storeOf(replaced));
    t.is(restartedSinceMs(view, serviceOf(view, last)), Math.max(...(replaced[last]?.on ?? []).map((on) => on + 1)));
    t.true(view.lookUps <= 3 * links, `${view.lookUps} look-ups for ${links} links`);
  });

  test(`${name} of services that wait costs as much as it has links, as a view and as a plan`, (t) => {
    for (const all of [replaced, begun]) {
      const view = new Counted(storeOf(all));
      stackView(view, 'shop');
      t.true(view.lookUps <= 20 * (links + all.length), `${view.lookUps} look-ups for ${links} links`);
    }
    const view = new Counted(storeOf(replaced));
    t.deepEqual(plan(view, 1_000, (count) => new Uint8Array(count)).actions, []);
    t.true(view.lookUps <= 40 * (links + replaced.length), `${view.lookUps} look-ups for ${links} links`);
  });

  test(`${name} of services that wait for their turn costs as much as it has links, from the first plan on`, (t) => {
    const tables = storeOf(begun);
    for (const round of [1, 2, 3]) {
      const view = new Counted(tables);
      const { actions } = plan(view, 1_000, counting);
      t.true(view.lookUps <= 20 * (links + begun.length), `${view.lookUps} look-ups for ${links} links in plan ${round}`);
      applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1_000, origin: 'test' });
    }
  });

  test(`${name} of services that change together costs as much as it has links`, (t) => {
    const tables = storeOf(replaced);
    const change = (service: Service): Service => ({
      ...service,
      specVersion: 3,
      spec: { ...service.spec, task: serviceSpec('', { task: { container: { image: 'newer' } } }).task },
    });
    const actions = tables.services().map((service) => ({ putService: change(service) }));
    applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1_000, origin: 'test' });
    const view = new Counted(tables);
    t.true(plan(view, 1_000, counting).actions.length >= replaced.length);
    t.true(view.lookUps <= 40 * (links + replaced.length), `${view.lookUps} look-ups for ${links} links`);
  });

  test(`${name} of services that are taken down costs as much as it has links, as a view and as a plan`, (t) => {
    const tables = storeOf(replaced);
    const actions = tables.services().map((service) => ({ putService: { ...service, removing: true } }));
    applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1_000, origin: 'test' });
    const looks = [(view: View) => stackView(view, 'shop'), (view: View) => plan(view, 1_000, (count) => new Uint8Array(count))];
    for (const look of looks) {
      const view = new Counted(tables);
      look(view);
      t.true(view.servicesRead <= 40 * (links + replaced.length), `${view.servicesRead} services read for ${links} links`);
    }
  });
}

test('no chain is too long to be looked through, not even one with a circle at its end', (t) => {
  const length = 30_000;
  const last = length - 1;
  const through = storeOf(chain(length, inTurn));
  t.is(restartedSinceMs(through, serviceOf(through, last)), last);
  const waiting = storeOf(chain(length, notYet));
  t.is(failureOf(waiting, serviceOf(waiting, last)), undefined);
  const circle = storeOf([{ on: [last] }, ...chain(length, notYet).slice(1)]);
  t.is(failureOf(circle, serviceOf(circle, last)), undefined);
});
