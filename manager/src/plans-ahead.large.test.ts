import { defaultUpdateConfig, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { applyStackChanges } from './api/changes.ts';
import { PlannerMemory, plan } from './planner.ts';
import { plansAhead } from './plans-ahead.ts';
import type { Kind, ObjectKinds } from './store/kinds.ts';
import type { TableReader } from './store/table.ts';
import type { Tables } from './store/tables.ts';
import { TableView } from './store/view.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

/** Counts how often the tasks of a node are asked for. */
class Counted extends TableView {
  nodesLookedAt = 0;
  readonly #tables: Tables;
  readonly #tasks: TableReader<Task>;

  constructor(tables: Tables) {
    super();
    this.#tables = tables;
    const tasks = tables.table('task');
    this.#tasks = {
      get: (id) => tasks.get(id),
      all: () => tasks.all(),
      size: tasks.size,
      by: (index, key) => {
        if (index === 'node') this.nodesLookedAt += 1;
        return tasks.by(index, key);
      },
      keys: (index) => tasks.keys(index),
      revision: (index, key) => tasks.revision(index, key),
      changesSince: (revision) => tasks.changesSince(revision),
    };
  }

  get index(): number {
    return this.#tables.index;
  }

  table<K extends Kind>(kind: K): TableReader<ObjectKinds[K]> {
    return kind === 'task' ? (this.#tasks as unknown as TableReader<ObjectKinds[K]>) : this.#tables.table(kind);
  }
}

const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const by = { changedBy: 'test', removeOrphans: false, services: [], random };
const web = (image: string, replicas: number) =>
  stackSpec('shop', [
    serviceSpec('web', {
      replicas,
      update: { ...defaultUpdateConfig, parallelism: 0 },
      task: { container: { image }, reservations: { nanoCpus: 1e6, memoryBytes: 0, pids: 0 } },
    }),
  ]);

/** A cluster whose service runs. */
const running = (nodes: number, tasks: number): World => {
  const world = new World(Array.from({ length: nodes }, (_, at) => nodeNamed(`n${at}`)));
  const memory = new PlannerMemory();
  world.commit(applyStackChanges(world.tables, web('web:1', tasks), { ...by, now: world.now }).actions);
  for (;;) {
    const { actions, isPartial } = plan(world.tables, world.now, random, memory);
    if (actions.length === 0 && !isPartial) break;
    world.commit(actions);
  }
  const started = { state: TaskState.RUNNING, pid: 7, startedAtMs: world.now };
  world.commit(world.tables.tasks().map((task) => ({ putTask: { ...task, status: { ...task.status, ...started } } })));
  return world;
};

test('looking ahead counts what is taken of each node once, and after that only where its plans change something', (t) => {
  const nodes = 5_000;
  const world = running(nodes, 8_000);
  const counted = new Counted(world.tables);
  const { actions } = applyStackChanges(world.tables, web('web:2', 8_000), { ...by, now: world.now });
  const { tasks } = plansAhead(counted, actions, 'shop', world.now);
  t.is(tasks[0]?.action, 'replace');
  t.true(counted.nodesLookedAt < 2 * nodes, `tasks of nodes were asked for ${counted.nodesLookedAt} times`);
});
