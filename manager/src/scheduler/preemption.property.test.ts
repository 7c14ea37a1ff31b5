import { type Node, type ServiceSpec, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isLive, isOccupant } from '../rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { takesRoom } from './node-info.ts';

const node = (id: string, cpus: number, gpus: number): Node => {
  const base = nodeNamed(id);
  const generic = gpus > 0 ? [{ kind: 'gpu', count: gpus, ids: [] }] : [];
  return { ...base, description: { ...base.description, generic, resources: { nanoCpus: cpus * 1e9, memoryBytes: 0, pids: 0 } } };
};

const wish = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  priority: fc.constantFrom(-1, 0, 5, 10),
  replicas: fc.nat(4),
  cpus: fc.integer({ min: 0, max: 3 }),
  gpus: fc.nat(1),
});

type Numbers = Readonly<Record<'priority' | 'replicas' | 'cpus' | 'gpus', number>> & { readonly name: string };

const spec = ({ name, priority, replicas, cpus, gpus }: Numbers): ServiceSpec => {
  const reservations = { nanoCpus: cpus * 1e9, memoryBytes: 0, pids: 0 };
  return serviceSpec(name, {
    priority,
    replicas,
    task: { reservations, generic: gpus > 0 ? [{ kind: 'gpu', count: gpus, ids: [] }] : [] },
  });
};

/** What tasks take of each node and, of the same, those that are not below a priority. */
const taken = (world: World, nodeId: string, from = Number.NEGATIVE_INFINITY) => {
  const priorityOf = (serviceId: string): number => world.tables.service(serviceId)?.spec.priority ?? 0;
  const here = world.tables.tasksOfNode(nodeId).filter((task) => takesRoom(task) && priorityOf(task.serviceId) >= from);
  return {
    cpus: here.reduce((sum, task) => sum + task.spec.reservations.nanoCpus, 0),
    gpus: here.reduce((sum, task) => sum + task.generic.reduce((all, { count }) => all + count, 0), 0),
  };
};

const check = (t: { readonly true: (value: boolean, message?: string) => void }, world: World): void => {
  for (const { id, description } of world.tables.nodes()) {
    const { cpus, gpus } = taken(world, id);
    t.true(cpus <= description.resources.nanoCpus, 'no node has more to do than it can');
    t.true(gpus <= (description.generic[0]?.count ?? 0), 'nothing is given twice');
  }
};

test('who counts for more has room wherever those who count for less had it, nobody else gives way, and there is an end to it', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(2)), { minLength: 1, maxLength: 3 }),
      fc.array(fc.array(wish, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
      (sizes, steps) => {
        // Such as no node could ever take are refused before.
        const [cpus, gpus] = [Math.max(...sizes.map(([most]) => most)), Math.max(...sizes.map(([, most]) => most))];
        const world = new World(sizes.map(([most, cards], at) => node(`n${at}`, most, cards)));
        const known = new Map<string, Numbers>();
        for (const [at, wishes] of steps.entries()) {
          for (const each of wishes) {
            // A service keeps what its tasks ask for, and its priority: what one gave way to is told by the number that held then.
            const name = `${each.name}${at % 2}`;
            const one = {
              ...each,
              cpus: Math.min(each.cpus, cpus),
              gpus: Math.min(each.gpus, gpus),
              ...known.get(name),
              name,
              replicas: each.replicas,
            };
            if (!sizes.some(([most, cards]) => most >= one.cpus && cards >= one.gpus)) continue;
            known.set(name, one);
            world.up(stackSpec(name, [spec(one)]));
            check(t, world);
          }
          for (let rounds = 0; rounds < 30; rounds += 1) {
            world.run();
            world.sleep();
            check(t, world);
          }
        }
        for (const { serviceId, retiredBecause = '' } of world.tables.tasks()) {
          const [, priority] = /^gave way .*priority (-?\d+)/.exec(retiredBecause) ?? [];
          if (priority !== undefined) t.true((world.tables.service(serviceId)?.spec.priority ?? 0) < Number(priority));
        }
        for (const task of world.tables.tasks()) {
          if (!isOccupant(task) || !isLive(task) || task.status.state >= TaskState.ASSIGNED) continue;
          const priority = world.tables.service(task.serviceId)?.spec.priority ?? 0;
          for (const { id, description } of world.tables.nodes()) {
            const above = taken(world, id, priority);
            const fits =
              above.cpus + task.spec.reservations.nanoCpus <= description.resources.nanoCpus &&
              above.gpus + (task.spec.generic[0]?.count ?? 0) <= (description.generic[0]?.count ?? 0);
            t.false(fits, `${task.serviceName}.${task.slot} (priority ${priority}) waits: ${task.pendingReason}`);
          }
        }
        return true;
      },
    ),
    { numRuns: 60 },
  );
});
