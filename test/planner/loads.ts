import { isWishedRunning, TaskState } from '@tso/proto';
import { UsageBook } from '../../manager/src/dispatcher/usage-book.ts';
import { type AutoscaleMemory, autoscale, freshAutoscaleMemory, isAutoscaled } from '../../manager/src/rules/autoscale.ts';
import type { World } from '../../manager/src/testing/world.ts';

const heartbeatMs = 1_000;
const lookMs = 5_000;

/** What the requests to a service take of all its running tasks together, in CPUs and bytes; of CPUs a task takes one at most. */
export interface Load {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Nodes measure tasks that share a load, and the leader goes by what they say: the shipped book and rules, as `Autoscaler` joins them. */
export class Loads {
  readonly #world: World;
  readonly #loads = new Map<string, Load>();
  readonly #taken = new Map<string, number>();
  #book = new UsageBook({ heartbeatMs });
  #memories = new Map<string, AutoscaleMemory>();
  #session = 1;
  #lookAtMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** From now on. */
  set(serviceId: string, load: Load): void {
    this.#loads.set(serviceId, load);
  }

  /** Another leader knows of no load, and agents begin anew with it. */
  forget(): void {
    this.#book = new UsageBook({ heartbeatMs });
    this.#memories = new Map();
    this.#session += 1;
    this.#lookAtMs = 0;
  }

  /** What happens with each heartbeat. */
  beat(): void {
    this.#measure();
    if (this.#world.now < this.#lookAtMs) return;
    this.#lookAtMs = this.#world.now + lookMs;
    for (const { id } of this.#world.tables.services().filter(isAutoscaled)) this.#look(id);
  }

  #look(serviceId: string): void {
    const { tables, now } = this.#world;
    const service = tables.service(serviceId);
    if (service === undefined) return;
    const memory = this.#memories.get(serviceId) ?? freshAutoscaleMemory(now);
    const tasks = tables.tasksOfService(serviceId);
    const verdict = autoscale({ service, tasks, now, memory, figuresOf: (taskId, sinceMs) => this.#book.figures(taskId, sinceMs, now) });
    this.#memories.set(serviceId, verdict.memory);
    if (verdict.status === undefined) return;
    this.#world.commit([{ putService: { ...service, autoscale: verdict.status } }]);
    this.#world.settle();
  }

  #measure(): void {
    const { tables, now } = this.#world;
    const running = tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING);
    const byNode = Map.groupBy(running, ({ nodeId }) => nodeId);
    this.#book.want(new Map([...byNode].map(([nodeId, tasks]) => [nodeId, tasks.map(({ id }) => id)])));
    for (const { id, serviceId, nodeId } of running) {
      const { cpus, memoryBytes } = this.#loads.get(serviceId) ?? { cpus: 0, memoryBytes: 0 };
      const sharing = running.filter((task) => task.serviceId === serviceId && isWishedRunning(task.desiredState)).length;
      const cpuNs = (this.#taken.get(id) ?? 0) + Math.min(1, cpus / Math.max(1, sharing)) * heartbeatMs * 1e6;
      this.#taken.set(id, cpuNs);
      const usage = { taskId: id, atMs: now, cpuNs, memoryBytes: Math.round(memoryBytes / Math.max(1, sharing)) };
      this.#book.take(nodeId, this.#session, [usage], now);
    }
  }
}
