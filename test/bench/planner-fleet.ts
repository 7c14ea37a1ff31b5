import { applyStackChanges, expectationsOf, PlannerMemory, plan, StoreMachine, type View } from '@tso/manager/planning';
import {
  emptyAttachment,
  emptyContainerSpec,
  emptyMeta,
  emptyNetworkSpec,
  emptyNodeDescription,
  emptyServiceSpec,
  emptyTaskSpec,
  encode,
  type Node,
  NodeState,
  newNode,
  present,
  type RandomBytes,
  type ServiceSpec,
  type StackSpec,
  type StoreAction,
  type Task,
  TaskState,
  type TaskStatus,
  type Transaction,
} from '@tso/proto';

const gib = 1024 ** 3;
const mib = 1024 ** 2;

/** How many there are of everything. */
export interface Size {
  readonly nodes: number;
  readonly tasks: number;
  readonly services: number;
  /** Services of one stack, which have one network in common. */
  readonly servicesPerStack: number;
  /** Whether tasks are spread over the racks of their nodes, and may run on those with the right disk alone. */
  readonly placed: boolean;
}

/** What an agent says of a task. */
export type Report = readonly [Task, Partial<TaskStatus> & { readonly state: TaskState }];

/** Seconds of processor time that this process has used, the threads of its runtime included. */
export const processSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** What was used for planning, and for bringing what was planned into the log's form, out of it and into the store. */
export class Spent {
  plans = 0;
  empty = 0;
  planSeconds = 0;
  writeSeconds = 0;
  /** The longest plan; by the clock on the wall, so that others at work on the machine lengthen it. */
  longestMs = 0;
}

const nodeOf = (index: number): Node => ({
  ...newNode,
  id: `node${String(index).padStart(6, '0')}`,
  labels: { rack: `r${index % 50}`, disk: index % 2 === 0 ? 'ssd' : 'hdd' },
  description: {
    ...emptyNodeDescription,
    hostname: `host-${index}`,
    platform: { os: 'linux', architecture: 'amd64', variant: '' },
    resources: { nanoCpus: 32e9, memoryBytes: 128 * gib, pids: 0 },
    engineVersion: '0.1.0',
    kernel: '6.1',
  },
  state: NodeState.NODE_READY,
  address: `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
});

export const serviceName = (index: number): string => `s${index}`;
const stackName = (index: number): string => `stack${index}`;

const serviceOf = (index: number, stack: string, replicas: number, placed: boolean): ServiceSpec => ({
  ...emptyServiceSpec,
  name: serviceName(index),
  replicas,
  task: {
    ...emptyTaskSpec,
    container: {
      ...emptyContainerSpec,
      image: `registry.example/team/app-${index}:1`,
      env: ['MODE=production', `PORT=${8000 + (index % 1000)}`, 'LOG_LEVEL=info'],
      labels: { team: `t${index % 20}` },
    },
    reservations: { nanoCpus: 100_000_000, memoryBytes: 64 * mib, pids: 0 },
    networks: [{ ...emptyAttachment, network: `${stack}_default`, aliases: [serviceName(index)] }],
    placement: placed
      ? { ...emptyTaskSpec.placement, constraints: ['node.labels.disk==ssd'], spreadOver: ['node.labels.rack'] }
      : emptyTaskSpec.placement,
  },
});

/** A fleet of that size and nothing in it but the wish: the real store behind its real form in the log, with no log. */
export class Fleet {
  readonly size: Size;
  readonly machine = new StoreMachine();
  readonly spent = new Spent();
  now = 1_700_000_000_000;
  memory = new PlannerMemory();
  #index = 0;
  #random = 1;

  constructor(size: Size) {
    this.size = size;
    const cluster = {
      id: 'cluster',
      meta: emptyMeta,
      addressPool: '10.0.0.0/8',
      subnetPrefix: this.#prefix,
      firstVni: 4096,
      vxlanPort: 4789,
    };
    this.commit([{ putCluster: cluster }]);
    for (let index = 0; index < size.nodes; index += 100)
      this.commit(Array.from({ length: Math.min(100, size.nodes - index) }, (_, at) => ({ putNode: nodeOf(index + at) })));
  }

  /** The longest prefix of a network with room for all tasks of a stack, and for what rests a moment after it was left. */
  get #prefix(): number {
    const perStack = (this.size.tasks / this.size.services) * this.size.servicesPerStack;
    return Math.min(24, 31 - Math.ceil(Math.log2(perStack + 16)));
  }

  get view(): View {
    return this.machine.view;
  }

  readonly random: RandomBytes = (count) =>
    Uint8Array.from({ length: count }, () => {
      this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
      return this.#random >>> 24;
    });

  /** As the log does: encoded, decoded, applied. */
  commit(actions: readonly StoreAction[], origin = 'bench'): void {
    const expect = expectationsOf(this.view, actions);
    const transaction: Transaction = { actions, expect, atMs: this.now, origin };
    this.#index += 1;
    const result = this.machine.apply(this.#index, encode('Transaction', transaction));
    if (!result.ok) throw new Error(`entry ${this.#index} of ${origin} was refused: ${JSON.stringify(result.conflict)}`);
  }

  #stacks(): readonly StackSpec[] {
    const { tasks, services, servicesPerStack, placed } = this.size;
    const stacks: StackSpec[] = [];
    for (let first = 0; first < services; first += servicesPerStack) {
      const name = stackName(stacks.length);
      const count = Math.min(servicesPerStack, services - first);
      stacks.push({
        name,
        volumes: [],
        files: [],
        networks: [{ ...emptyNetworkSpec, name: `${name}_default` }],
        services: Array.from({ length: count }, (_, at) =>
          serviceOf(first + at, name, Math.floor((tasks + first + at) / services), placed),
        ),
      });
    }
    return stacks;
  }

  /** The whole wish, stack by stack, planned by nobody yet. */
  wish(): void {
    for (const stack of this.#stacks()) this.apply(stack);
  }

  apply(stack: StackSpec): void {
    const options = { removeOrphans: false, services: [], changedBy: 'bench', now: this.now, random: this.random };
    this.commit(applyStackChanges(this.view, stack, options).actions);
  }

  /** One service of its stack changed. */
  change(index: number, change: (spec: ServiceSpec) => ServiceSpec): void {
    const name = stackName(Math.floor(index / this.size.servicesPerStack));
    const { spec } = present(this.view.stackByName(name), name);
    this.apply({ ...spec, services: spec.services.map((one) => (one.name === serviceName(index) ? change(one) : one)) });
  }

  /** One plan, written if it changes anything. */
  plan(): { readonly actions: readonly StoreAction[]; readonly isPartial: boolean } {
    const { spent } = this;
    const [at, began] = [performance.now(), processSeconds()];
    const { actions, isPartial } = plan(this.view, this.now, this.random, this.memory);
    const planned = processSeconds();
    spent.plans += 1;
    spent.planSeconds += planned - began;
    spent.longestMs = Math.max(spent.longestMs, performance.now() - at);
    if (actions.length === 0) spent.empty += 1;
    else {
      this.commit(actions, 'planner');
      spent.writeSeconds += processSeconds() - planned;
    }
    return { actions, isPartial };
  }

  /** Plans until there is nothing to do, as the manager's loop does. */
  settle(): void {
    for (let plans = 0; plans < 100_000; plans += 1) {
      const { actions, isPartial } = this.plan();
      if (actions.length === 0 && !isPartial) return;
    }
    throw new Error('the planner is not content');
  }

  /** What agents say of these tasks, as one transaction that no plan takes part in. */
  report(statuses: readonly Report[]): void {
    this.commit(
      statuses.map(([task, status]) => ({ putTask: { ...task, status: { ...task.status, atMs: this.now, ...status } } })),
      'dispatcher',
    );
  }

  /** Every task as far as it is wished, by the thousand, without a plan between. */
  runAll(): void {
    const waiting = this.view.tasks().filter(({ status }) => status.state < TaskState.RUNNING);
    for (let from = 0; from < waiting.length; from += 1_000)
      this.report(waiting.slice(from, from + 1_000).map((task) => [task, { state: TaskState.RUNNING, startedAtMs: this.now, pid: 4_711 }]));
  }
}
