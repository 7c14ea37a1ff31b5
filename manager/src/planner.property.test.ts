import type { Node, PortConfig, Task } from '@tso/proto';
import {
  containsAddress,
  EndpointMode,
  emptyPort,
  NodeAvailability,
  NodeState,
  overlaps,
  PublishMode,
  parseCidr,
  parseIpv4,
  RebalanceMode,
  ServiceMode,
  TaskState,
  UpdateOrder,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isAssigned, isLive } from './rules/task-facts.ts';
import { lostPlaces, violations } from './testing/invariants.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

/** Worlds made by random operations; what must hold in each of them after every step. */

const gib = 1024 ** 3;
const nodeIds = ['alpha', 'beta', 'gamma'] as const;

const serviceArbitrary = fc.record({
  replicas: fc.nat(4),
  image: fc.constantFrom<string>('web:1', 'web:2', 'web:3'),
  global: fc.boolean(),
  memoryGib: fc.constantFrom(0, 0, 1, 3),
  cpus: fc.constantFrom(0, 0, 1, 2),
  gpus: fc.constantFrom(0, 0, 0, 1),
  maxPerNode: fc.constantFrom(0, 0, 0, 1, 2),
  hostPort: fc.boolean(),
  shared: fc.boolean(),
  auto: fc.boolean(),
  ingress: fc.boolean(),
  dnsrr: fc.boolean(),
});
type ServiceWish = ReturnType<typeof serviceArbitrary.generate>['value'];

const portsOf = (stack: string, index: number, { hostPort, ingress }: ServiceWish): readonly PortConfig[] => [
  ...(hostPort ? [{ ...emptyPort, target: 80, published: 8000 + index, mode: PublishMode.HOST }] : []),
  ...(ingress ? [{ ...emptyPort, target: 81, published: (stack === 'one' ? 9000 : 9100) + index }] : []),
];

const stackOf = (name: string, wishes: readonly ServiceWish[]) =>
  stackSpec(
    name,
    wishes.map((wish, index) => {
      const base = serviceSpec(`s${index}`);
      return serviceSpec(`s${index}`, {
        mode: wish.global ? ServiceMode.GLOBAL : ServiceMode.REPLICATED,
        replicas: wish.replicas,
        rebalance: wish.auto ? RebalanceMode.REBALANCE_AUTO : RebalanceMode.REBALANCE_NEVER,
        update: { ...base.update, parallelism: 2, order: index === 1 ? UpdateOrder.START_FIRST : UpdateOrder.STOP_FIRST },
        endpointMode: wish.dnsrr ? EndpointMode.DNSRR : EndpointMode.VIP,
        ports: portsOf(name, index, wish),
        task: {
          container: { image: wish.image },
          reservations: { nanoCpus: wish.cpus * 1e9, memoryBytes: wish.memoryGib * gib, pids: 0 },
          generic: wish.gpus === 0 ? [] : [{ kind: 'gpu', count: wish.gpus, ids: [] }],
          placement: { ...base.task.placement, maxReplicasPerNode: wish.global ? 0 : wish.maxPerNode },
          networks: [attachment(`${name}_default`), ...(wish.shared ? [attachment(`${name}_back`)] : [])],
        },
      });
    }),
    { networks: [networkSpec(`${name}_back`), networkSpec(`${name}_default`)] },
  );

/** Steps are values with words, so that a counterexample reads as a story. */
type Step =
  | { readonly does: 'up'; readonly stack: string; readonly services: readonly ServiceWish[] }
  | { readonly does: 'agents' | 'run' | 'another leader' }
  | { readonly does: 'fail' | 'reject'; readonly pick: number }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'node'; readonly id: string; readonly change: Partial<Node> }
  | { readonly does: 'spread'; readonly pick: number }
  | { readonly does: 'down'; readonly stack: string };

const someTask = (world: World, pick: number, fits: (task: Task) => boolean): Task | undefined => {
  const tasks = world.tables.tasks().filter(fits);
  return tasks[pick % Math.max(1, tasks.length)];
};

const endSome = (world: World, step: Extract<Step, { does: 'fail' | 'reject' }>): void => {
  const failing = step.does === 'fail';
  const task = someTask(world, step.pick, (each) =>
    failing ? each.status.state === TaskState.RUNNING : isAssigned(each) && each.status.state < TaskState.STARTING,
  );
  if (task !== undefined) world.report(task, { state: failing ? TaskState.FAILED : TaskState.REJECTED, error: 'it broke' });
};

const spread = (world: World, pick: number): void => {
  const services = world.tables.services();
  const service = services[pick % Math.max(1, services.length)];
  if (service === undefined) return;
  world.commit([{ putService: { ...service, rebalance: service.rebalance + 1, rebalancedAtMs: world.now } }]);
  world.settle();
};

const perform = (world: World, step: Step): void => {
  switch (step.does) {
    case 'up':
      world.up(stackOf(step.stack, step.services), { removeOrphans: true });
      return;
    case 'agents':
      world.agentsStep();
      return;
    case 'run':
      world.run();
      return;
    case 'another leader':
      world.changeLeader();
      return;
    case 'fail':
    case 'reject':
      endSome(world, step);
      return;
    case 'wait':
      world.advance(step.ms);
      return;
    case 'node':
      world.changeNode(step.id, step.change);
      return;
    case 'spread':
      spread(world, step.pick);
      return;
    case 'down':
      if (world.tables.stackByName(step.stack) !== undefined) world.down(step.stack);
      return;
    default:
      step satisfies never;
  }
};

const nodeChanges: readonly Partial<Node>[] = [
  { state: NodeState.NODE_DOWN },
  { state: NodeState.NODE_READY },
  { availability: NodeAvailability.DRAIN },
  { availability: NodeAvailability.ACTIVE },
  { availability: NodeAvailability.PAUSE },
];
const stackName = fc.constantFrom('one', 'two');
const just = <D extends string>(does: D) => fc.constant(does);

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ does: just('up'), stack: stackName, services: fc.array(serviceArbitrary, { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 4, arbitrary: fc.record({ does: just('agents') }) },
  { weight: 2, arbitrary: fc.record({ does: just('run') }) },
  { weight: 1, arbitrary: fc.record({ does: just('another leader') }) },
  { weight: 2, arbitrary: fc.record({ does: just('fail'), pick: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ does: just('reject'), pick: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.record({ does: just('wait'), ms: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ does: just('node'), id: fc.constantFrom(...nodeIds), change: fc.constantFrom(...nodeChanges) }) },
  { weight: 2, arbitrary: fc.record({ does: just('spread'), pick: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ does: just('down'), stack: stackName }) },
);

const live = (world: World): readonly Task[] => world.tables.tasks().filter(isLive);

/** All that has an address: tasks, services, nodes. */
const given = (world: World): readonly { readonly networkId: string; readonly address: string }[] => [
  ...live(world).flatMap(({ networks }) => networks),
  ...world.tables.services().flatMap(({ vips }) => vips),
  ...world.tables.nodes().flatMap(({ addresses }) => addresses),
];

/** The virtual addresses as they were at the last look, by service and network. */
const remembered = new WeakMap<World, ReadonlyMap<string, string>>();

const checks: readonly (readonly [string, (world: World) => boolean])[] = [
  [
    'no address is given twice',
    (world) => {
      const texts = given(world).map(({ networkId, address }) => `${networkId} ${address}`);
      return new Set(texts).size === texts.length;
    },
  ],
  [
    'no address is a gateway',
    (world) =>
      given(world).every(({ networkId, address }) => {
        const network = world.tables.network(networkId);
        return network === undefined || network.gateway !== address;
      }),
  ],
  [
    'every address lies in the subnet of its network',
    (world) =>
      given(world).every(({ networkId, address }) => {
        const network = world.tables.network(networkId);
        const subnet = parseCidr(network?.subnet ?? '');
        return network === undefined || (subnet !== undefined && containsAddress(subnet, parseIpv4(address) ?? -1));
      }),
  ],
  [
    'a service has a virtual address on each of its networks, and none with dnsrr',
    (world) =>
      world.tables.services().every((service) => {
        if (service.removing) return true;
        const wanted = service.spec.endpointMode === EndpointMode.VIP ? service.spec.task.networks.map(({ network }) => network) : [];
        const has = service.vips.map(({ networkId }) => world.tables.network(networkId)?.spec.name);
        return wanted.join() === has.join();
      }),
  ],
  [
    'the tasks that ports of all nodes lead to, and all nodes, are on the ingress network, and nobody else',
    (world) => {
      const ingress = world.tables.network('ingress');
      const onIngress = (task: Task): boolean => task.networks.at(-1)?.networkId === 'ingress';
      const isLedTo = (task: Task): boolean => task.ports.some(({ mode }) => mode === PublishMode.INGRESS);
      const tasks = live(world).every((task) => isLedTo(task) === onIngress(task));
      return tasks && world.tables.nodes().every(({ addresses }) => addresses.length === (ingress === undefined ? 0 : 1));
    },
  ],
  [
    'a virtual address is kept as long as it is wished',
    (world) => {
      const before = remembered.get(world) ?? new Map();
      const now = new Map(world.tables.services().flatMap(({ id, vips }) => vips.map((vip) => [`${id} ${vip.networkId}`, vip.address])));
      remembered.set(world, now);
      return [...now].every(([key, address]) => before.get(key) === undefined || before.get(key) === address);
    },
  ],
  [
    'no two tasks of a slot are wished to run, except while start-first replaces one',
    (world) => {
      const byPlace = new Map<string, Task[]>();
      for (const task of live(world)) {
        if (task.desiredState !== TaskState.RUNNING) continue;
        const key = `${task.serviceId} ${task.slot} ${task.slot === 0 ? task.nodeId : ''}`;
        byPlace.set(key, [...(byPlace.get(key) ?? []), task]);
      }
      return [...byPlace].every(([key, tasks]) => {
        const service = world.tables.service(key.split(' ')[0] ?? '');
        const versions = new Set(tasks.map((task) => task.specVersion));
        const moved = tasks.some(({ replaces }) => tasks.some(({ id }) => id === replaces));
        const limit = versions.size + (moved ? 1 : 0);
        return tasks.length === 1 || (service?.spec.update.order === UpdateOrder.START_FIRST && limit === tasks.length);
      });
    },
  ],
  [
    'no stop-first replacement is started before its predecessor ended',
    (world) =>
      live(world).every((task) => {
        if (task.desiredState !== TaskState.RUNNING || !isAssigned(task)) return true;
        const service = world.tables.service(task.serviceId);
        if (service === undefined || service.spec.update.order === UpdateOrder.START_FIRST) return true;
        return !live(world).some(
          (other) =>
            other.id !== task.id &&
            other.serviceId === task.serviceId &&
            other.mode === task.mode &&
            other.slot === task.slot &&
            (task.slot !== 0 || other.nodeId === task.nodeId) &&
            other.desiredState > TaskState.RUNNING &&
            other.meta.createdAtMs < task.meta.createdAtMs &&
            startedBefore(task, other),
        );
      }),
  ],
  ['no node is over-committed, has a host port twice, or runs a place twice', (world) => violations(world.tables).length === 0],
  ['every place that is wished is held, and no other', (world) => lostPlaces(world.tables).length === 0],
  [
    'no two subnets overlap and no VNI is given twice',
    (world) => {
      const networks = world.tables.networks();
      const blocks = networks.flatMap((network) => parseCidr(network.subnet) ?? []);
      const apart = blocks.every((block, index) => blocks.slice(0, index).every((other) => !overlaps(block, other)));
      return apart && new Set(networks.map((network) => network.vni)).size === networks.length;
    },
  ],
  [
    'no live task is on a node that is down',
    (world) => live(world).every((task) => !isAssigned(task) || world.tables.node(task.nodeId)?.state !== NodeState.NODE_DOWN),
  ],
  [
    'every wished task without a node says why, unless it just begins',
    (world) => live(world).every((task) => isAssigned(task) || task.pendingReason !== ''),
  ],
  ['the plan is a fixed point', (world) => world.settle() === 0],
];

/** Whether the newer one was let run while the older one was still there. */
const startedBefore = (newer: Task, older: Task): boolean =>
  newer.status.state >= TaskState.STARTING && older.status.state >= TaskState.STARTING && older.specVersion === newer.specVersion;

const nodes = () =>
  nodeIds.map((id) =>
    nodeNamed(id, {
      description: {
        ...nodeNamed(id).description,
        resources: { nanoCpus: 4e9, memoryBytes: 4 * gib, pids: 0 },
        generic: [id === 'alpha' ? { kind: 'gpu', count: 2, ids: [] } : { kind: 'gpu', count: 0, ids: ['a', 'b'] }],
      },
    }),
  );

test('whatever happens, the invariants of the plan hold', (t) => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { minLength: 1, maxLength: 25, size: 'max' }), fc.nat(1_000), (steps, seed) => {
      const world = new World(nodes(), seed);
      for (const step of steps) {
        perform(world, step);
        for (const [what, holds] of checks)
          if (!holds(world)) throw new Error([what, ...violations(world.tables), ...lostPlaces(world.tables), ...world.lines()].join('\n'));
      }
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
  t.pass();
});

test('whatever happened, a world left in peace comes to what is wished', (t) => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { minLength: 1, maxLength: 15, size: 'max' }), fc.nat(1_000), (steps, seed) => {
      const world = new World(nodes(), seed);
      for (const step of steps) perform(world, step);
      for (const id of nodeIds) world.changeNode(id, { state: NodeState.NODE_READY, availability: NodeAvailability.ACTIVE });
      for (const name of ['one', 'two'])
        if (world.tables.stackByName(name) !== undefined)
          world.up(
            stackOf(name, [
              {
                replicas: 2,
                image: 'web:9',
                global: false,
                memoryGib: 0,
                cpus: 0,
                gpus: 0,
                maxPerNode: 0,
                hostPort: false,
                shared: false,
                auto: true,
                ingress: true,
                dnsrr: false,
              },
            ]),
            {
              removeOrphans: true,
            },
          );
      for (let round = 0; round < 60; round += 1) {
        world.run();
        world.sleep();
      }
      const expected = world.tables.stacks().flatMap(() => ['s0.1', 's0.2']).length;
      const running = world.tables
        .tasks()
        .filter((task) => task.status.state === TaskState.RUNNING && task.spec.container.image === 'web:9');
      if (running.length !== expected || live(world).length !== expected) throw new Error(world.lines().join('\n'));
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
  t.pass();
});
