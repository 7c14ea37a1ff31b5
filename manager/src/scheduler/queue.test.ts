import { NodeAvailability, newService, newTaskStatus, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { task } from '../dispatcher/dispatcher-fixture.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { nodeNamed, serviceSpec } from '../testing/specs.ts';
import { rejectionOf } from './filters.ts';
import { nodeInfo, recentFailures } from './node-info.ts';
import { RankedNodes } from './queue.ts';
import { Scheduler } from './scheduler.ts';
import { mostRoom } from './spread.ts';

const gib = 2 ** 30;

test('the best comes out first', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 40 }), (ranks) => {
      const queue = new RankedNodes();
      const all = ranks.map((rank, at) => ({ rank, info: nodeInfo(new Tables(), nodeNamed(`n${String(at).padStart(2, '0')}`)) }));
      for (const one of all) queue.push(one);
      const sorted = all.toSorted((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || (a.info.node.id < b.info.node.id ? -1 : 1));
      return sorted.every((one) => queue.pop() === one) && queue.pop() === undefined;
    }),
  );
  t.pass();
});

const nodes = fc.array(fc.record({ gib: fc.integer({ min: 0, max: 4 }), drained: fc.boolean(), has: fc.nat(3) }), {
  minLength: 1,
  maxLength: 6,
});
const wishes = fc.array(fc.record({ service: fc.constantFrom('x', 'y', 'z') }), { maxLength: 25 });

test('the line gives each task the node that a look at all of them would', (t) => {
  fc.assert(
    fc.property(
      nodes,
      wishes,
      fc.record({ x: fc.nat(2), y: fc.nat(2), z: fc.nat(2) }),
      fc.nat(3),
      (all, tasks, reserved, maxReplicasPerNode) => {
        const tables = new Tables();
        const services = ['x', 'y', 'z'].map((id) => {
          const reservations = { nanoCpus: 0, memoryBytes: reserved[id as 'x'] * gib, pids: 0 };
          const placement = { constraints: [], spreadOver: [], maxReplicasPerNode: id === 'x' ? maxReplicasPerNode : 0 };
          return { ...newService, id, spec: serviceSpec(id, { task: { reservations, placement } }) };
        });
        const actions: StoreAction[] = all.flatMap(({ gib: memory, drained, has }, at) => {
          const base = nodeNamed(`n${at}`, drained ? { availability: NodeAvailability.DRAIN } : {});
          const resources = { ...base.description.resources, memoryBytes: memory * gib };
          const others = Array.from({ length: has }, (_, index) => ({ putTask: task(`old-${at}-${index}`, `n${at}`, { serviceId: 'y' }) }));
          return [{ putNode: { ...base, description: { ...base.description, resources } } }, ...others];
        });
        applyTransaction(tables, 1, { actions, expect: [], atMs: 1, origin: 'test' });
        const draft = new Draft(tables);
        const scheduler = new Scheduler(draft, 1_000);
        for (const [at, wish] of tasks.entries()) {
          const service = services.find(({ id }) => id === wish.service) ?? newService;
          const one = task(`t${at}`, '', {
            serviceId: service.id,
            spec: service.spec.task,
            status: { ...newTaskStatus, state: TaskState.ALLOCATED },
            networks: [],
          });
          const fitting = draft
            .nodes()
            .map((node) => nodeInfo(draft, node))
            .filter((info) => rejectionOf(info, service, one, tables) === undefined);
          const expected = mostRoom(fitting, service.id, service.spec.task.placement, recentFailures(draft, one, 1_000))?.node.id ?? '';
          scheduler.place(service, one);
          if (draft.task(one.id)?.nodeId !== expected) return false;
        }
        return true;
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});
