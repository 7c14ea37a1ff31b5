import { NodeAvailability, newService, newTaskStatus, PlacementStrategy, type Service, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { task } from '../dispatcher/dispatcher-fixture.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { nodeNamed, serviceSpec } from '../testing/specs.ts';
import { type Ask, askOf } from './ask.ts';
import { fits, isEligible } from './filters.ts';
import { goesByTasks, Line } from './line.ts';
import { type NodeInfo, nodeInfo, placementFailures } from './node-info.ts';
import { Rosters } from './roster.ts';
import { Scheduler } from './scheduler.ts';

const gib = 2 ** 30;

/** The ranks written out as the rules say them, for one look at all nodes. */
const rankedBySight = (infos: readonly NodeInfo[], ask: Ask, failures: ReadonlyMap<string, number>): readonly NodeInfo[] => {
  const { spreadOver } = ask.service.spec.task.placement;
  const ofService = (info: NodeInfo): number => info.tasksOfService.get(ask.service.id) ?? 0;
  const values = (info: NodeInfo, depth: number): string =>
    spreadOver
      .slice(0, depth)
      .map((key) => info.node.labels[key.slice(12)] ?? '')
      .join('/');
  const branch = (info: NodeInfo, depth: number): number =>
    infos
      .filter((each) => isEligible(each, ask) && values(each, depth) === values(info, depth))
      .reduce((sum, each) => sum + ofService(each), 0);
  const share = ({ node, reservedMemoryBytes }: NodeInfo): number =>
    node.description.resources.memoryBytes === 0 ? 0 : (reservedMemoryBytes + ask.memoryBytes) / node.description.resources.memoryBytes;
  const rank = (info: NodeInfo): readonly number[] => [
    failures.get(info.node.id) ?? 0,
    ...spreadOver.map((_, depth) => branch(info, depth + 1)),
    ...(ask.isPacked ? [-share(info), -info.tasks] : [ofService(info), info.tasks]),
  ];
  const compare = (a: NodeInfo, b: NodeInfo): number => {
    const [ranksOfB, ranksOfA] = [rank(b), rank(a)];
    for (const [at, value] of ranksOfA.entries()) if (value !== ranksOfB[at]) return value - (ranksOfB[at] ?? 0);
    return a.node.id < b.node.id ? -1 : 1;
  };
  return infos.filter((info) => fits(info, ask)).toSorted(compare);
};

const nodes = fc.array(
  fc.record({
    gib: fc.integer({ min: 0, max: 4 }),
    drained: fc.boolean(),
    has: fc.nat(3),
    failed: fc.boolean(),
    zone: fc.constantFrom('', 'a', 'b'),
    rack: fc.constantFrom('1', '2'),
  }),
  { minLength: 1, maxLength: 8 },
);
const wish = fc.record({
  reserved: fc.nat(2),
  most: fc.nat(3),
  packed: fc.boolean(),
  over: fc.constantFrom([], ['node.labels.zone'], ['node.labels.zone', 'node.labels.rack']),
});
const services = fc.record({ x: wish, y: wish, z: wish });
const order = fc.array(fc.constantFrom('x' as const, 'y' as const, 'z' as const), { maxLength: 25 });

type Wishes = typeof services extends fc.Arbitrary<infer T> ? T : never;

const serviceOf = (id: 'x' | 'y' | 'z', wishes: Wishes): Service => {
  const { reserved, most, packed, over } = wishes[id];
  const reservations = { nanoCpus: 0, memoryBytes: reserved * gib, pids: 0 };
  const strategy = packed ? PlacementStrategy.BINPACK : PlacementStrategy.SPREAD;
  const placement = { constraints: [], spreadOver: over, maxReplicasPerNode: most, strategy };
  return { ...newService, id, spec: serviceSpec(id, { task: { reservations, placement } }) };
};

type Nodes = typeof nodes extends fc.Arbitrary<infer T> ? T : never;

const tablesOf = (all: Nodes): Tables => {
  const tables = new Tables();
  const actions: StoreAction[] = all.flatMap(({ gib: memory, drained, has, failed, zone, rack }, at) => {
    const base = nodeNamed(`n${at}`, { labels: { zone, rack }, availability: drained ? NodeAvailability.DRAIN : NodeAvailability.ACTIVE });
    const resources = { ...base.description.resources, nanoCpus: 0, memoryBytes: memory * gib };
    const others = Array.from({ length: has }, (_, index) => ({ putTask: task(`old-${at}-${index}`, `n${at}`, { serviceId: 'y' }) }));
    const rejected = {
      putTask: task(`failed-${at}`, `n${at}`, { serviceId: 'x', status: { ...newTaskStatus, state: TaskState.REJECTED } }),
    };
    return [{ putNode: { ...base, description: { ...base.description, resources } } }, ...others, ...(failed ? [rejected] : [])];
  });
  applyTransaction(tables, 1, { actions, expect: [], atMs: 1, origin: 'test' });
  return tables;
};

test('each task gets the node that a look at all of them would give it, spread or packed, with preferences or without', (t) => {
  fc.assert(
    fc.property(nodes, services, order, (all, wishes, tasks) => {
      const draft = new Draft(tablesOf(all));
      const scheduler = new Scheduler(draft, 1_000);
      for (const [at, id] of tasks.entries()) {
        const service = serviceOf(id, wishes);
        const status = { ...newTaskStatus, state: TaskState.ALLOCATED };
        const one = task(`t${at}`, '', { serviceId: id, spec: service.spec.task, status, networks: [] });
        const infos = draft.nodes().map((node) => nodeInfo(draft, node));
        const expected = rankedBySight(infos, askOf(draft, service, one), placementFailures(draft, one, 1_000))[0]?.node.id ?? '';
        t.is(scheduler.place(service, one) === undefined, expected !== '');
        if ((draft.task(one.id)?.nodeId ?? '') !== expected) return false;
      }
      return true;
    }),
    { numRuns: 400 },
  );
});

const formers = fc.constantFrom(
  (infos: readonly NodeInfo[]) => infos,
  (infos: readonly NodeInfo[]) => infos.slice(1),
  (infos: readonly NodeInfo[]) => infos.map((info, at) => ({ ...info, tasks: (at * 5) % 7, reservedMemoryBytes: ((at * 3) % 4) * gib })),
);

test('the second is what the best is compared with: the best of the others', (t) => {
  fc.assert(
    fc.property(nodes, services, formers, fc.boolean(), (all, wishes, former, byRoster) => {
      const tables = tablesOf(all);
      const service = serviceOf('x', wishes);
      const one = task('t', '', { serviceId: 'x', spec: service.spec.task });
      const ask = askOf(tables, service, one);
      const infos = tables.nodes().map((node) => nodeInfo(tables, node));
      const failures = placementFailures(tables, one, 1_000);
      const rosters = new Rosters();
      // Whatever the roster knew before: the nodes with more or less on them, or others.
      rosters.of(ask, former(infos));
      const settled = new Set(infos.filter(({ tasksOfService }) => tasksOfService.has('x')).map(({ node }) => node.id));
      const infoOf = (nodeId: string): NodeInfo | undefined => infos.find(({ node }) => node.id === nodeId);
      const known = { roster: rosters.of(ask, infos), settled, infoOf };
      const line = new Line(ask, byRoster && goesByTasks(ask) ? known : infos, failures);
      const sorted = rankedBySight(infos, ask, failures);
      t.is(line.fitting, sorted.length);
      t.is(line.rejected.count, infos.length - sorted.length);
      for (let looks = 0; looks < 2; looks += 1) {
        t.is(line.best?.info.node.id, sorted[0]?.node.id);
        t.is(line.second?.info.node.id, sorted[1]?.node.id);
      }
      for (const info of infos) t.is(line.of(info.node.id)?.info, sorted.includes(info) ? info : undefined);
      t.is(line.rejected.text, new Line(ask, infos, failures).rejected.text);
    }),
    { numRuns: 200 },
  );
});
