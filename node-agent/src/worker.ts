import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type AssignmentSet,
  type Clock,
  isTerminal,
  type Logger,
  type NetworkAssignment,
  newTaskStatus,
  sentenceOf,
  type Task,
  TaskState,
  type TaskStatus,
} from '@tso/proto';
import type { Rootfses } from './image/types.ts';
import { Latest } from './latest.ts';
import type { LocalState, TaskRecord } from './local-state.ts';
import { logFiles } from './logs/log-files.ts';
import type { Networks, PublishedPort } from './network/types.ts';
import type { Containers } from './runtime/types.ts';
import { TaskDriver, type TaskDriverPorts } from './task/driver.ts';
import { publishedPortsOf } from './task/steps/ports.ts';
import type { Volumes } from './volumes/volumes.ts';

export interface WorkerPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localState: LocalState;
  readonly containers: Containers;
  readonly rootfses: Rootfses;
  readonly networks: Networks;
  readonly volumes: Volumes;
  /** What each task's driver needs beside what the worker gives it. */
  readonly driverPorts: Pick<TaskDriverPorts, 'health' | 'slots'> & {
    readonly steps: (release: () => Promise<void>) => TaskDriverPorts['steps'];
  };
  /** Every status, to be carried to the manager. */
  readonly onStatus: (taskId: string, status: TaskStatus) => void;
}

/** Holds the tasks assigned to this host, one driver each, and the networks they are on. */
export class Worker {
  readonly hostname: string;
  readonly #ports: WorkerPorts;
  readonly #drivers = new Map<string, TaskDriver>();
  readonly #networks = new Map<string, NetworkAssignment>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #publishing = new Latest(() => this.#ports.networks.publish(this.#publishedPorts()));
  readonly #steps: TaskDriverPorts['steps'];
  #unsubscribe: () => void = () => undefined;
  /** Assignments are applied one after the other. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: { readonly hostname: string }, ports: WorkerPorts) {
    this.hostname = options.hostname;
    this.#ports = ports;
    this.#steps = ports.driverPorts.steps(() => this.#publishing.request());
  }

  /** Takes up what a predecessor left: running containers are adopted, the rest of what nobody knows is removed. */
  async start(): Promise<void> {
    for (const network of await this.#ports.localState.networks()) this.#networks.set(network.id, network);
    const records = await this.#ports.localState.tasks();
    for (const record of records) this.#addDriver(record);
    await this.#collectGarbage();
    await this.#ports.networks.setNetworks([...this.#networks.values()]);
    await this.#publishing.request();
    this.#unsubscribe = this.#ports.containers.onChange((id) => this.#drivers.get(id)?.wake());
    for (const driver of this.#drivers.values()) {
      driver.resume();
    }
    this.#ports.logger.info({ tasks: records.length }, 'took up the tasks of this host');
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#applying;
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop()));
  }

  /** Makes the assignments true, whole or as a difference; resolves once they are durable here. */
  apply(set: AssignmentSet): Promise<void> {
    const turn = this.#applying.then(() => this.#apply(set));
    this.#applying = turn.catch(() => undefined);
    return turn;
  }

  task(taskId: string): Task | undefined {
    return this.#drivers.get(taskId)?.record.task;
  }

  /** Whether its container runs, or may still. */
  isAlive(taskId: string): boolean {
    const state = this.#drivers.get(taskId)?.record.status.state;
    return state !== undefined && !isTerminal(state);
  }

  /** Calls on each status of a task. Returns the unsubscribe. */
  onStatus(taskId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set();
    this.#listeners.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(taskId);
    };
  }

  runningTasks(): readonly Task[] {
    return [...this.#drivers.values()]
      .filter(({ record }) => record.status.state === TaskState.RUNNING || record.status.state === TaskState.STARTING)
      .map(({ record }) => record.task);
  }

  /** The last status of each task, for a manager that may not have heard it. */
  statuses(): readonly (readonly [taskId: string, status: TaskStatus])[] {
    return [...this.#drivers.values()].map(({ record }) => [record.task.id, record.status] as const);
  }

  /** Image ids that a task of this host was made from. */
  imagesInUse(): ReadonlySet<string> {
    return new Set(
      [...this.#drivers.values()].filter(({ record }) => !isTerminal(record.status.state)).map(({ record }) => record.imageId),
    );
  }

  async #apply(set: AssignmentSet): Promise<void> {
    const whole = set.baseVersion === 0;
    await this.#applyNetworks(set, whole);
    const assigned = new Set(set.tasks.map((task) => task.id));
    const gone = whole ? [...this.#drivers.keys()].filter((id) => !assigned.has(id)) : set.removedTasks;
    await Promise.all(gone.map((id) => this.#drivers.get(id)?.unassign()));
    await Promise.all(set.tasks.map((task) => this.#assign(task)));
    for (const name of set.removedVolumes) await this.#removeVolume(name);
  }

  async #applyNetworks(set: AssignmentSet, whole: boolean): Promise<void> {
    if (!whole && set.networks.length === 0 && set.removedNetworks.length === 0) return;
    const wished = new Set(set.networks.map((network) => network.id));
    const gone = whole ? [...this.#networks.keys()].filter((id) => !wished.has(id)) : set.removedNetworks;
    for (const id of gone) this.#networks.delete(id);
    const onlyEndpoints = gone.length === 0 && set.networks.every((network) => this.#networks.has(network.id));
    for (const network of set.networks) this.#networks.set(network.id, network);
    await this.#ports.localState.putNetworks([...this.#networks.values()]);
    try {
      if (onlyEndpoints) for (const network of set.networks) await this.#ports.networks.setEndpoints(network.id, network.endpoints);
      else await this.#ports.networks.setNetworks([...this.#networks.values()]);
    } catch (error) {
      // The tasks on it will say so themselves when they attach; the others must not wait for it.
      this.#ports.logger.error({ error: sentenceOf(error) }, 'networks could not be set up');
    }
  }

  async #assign(task: Task): Promise<void> {
    const known = this.#drivers.get(task.id);
    if (known !== undefined) return known.assign(task);
    const record: TaskRecord = {
      task,
      status: { ...newTaskStatus, state: TaskState.ASSIGNED, atMs: this.#ports.clock.now() },
      imageId: '',
      stopSentAtMs: 0,
      end: undefined,
      unassigned: false,
    };
    await this.#ports.localState.putTask(record);
    this.#addDriver(record).wake();
  }

  #addDriver(record: TaskRecord): TaskDriver {
    const { clock, logger, localState, containers, driverPorts } = this.#ports;
    const driver = new TaskDriver(record, {
      clock,
      logger,
      localState,
      containers,
      health: driverPorts.health,
      slots: driverPorts.slots,
      steps: this.#steps,
      onStatus: (taskId, status) => {
        this.#ports.onStatus(taskId, status);
        for (const listener of this.#listeners.get(taskId) ?? []) listener();
      },
      onServing: () => this.#publishing.request(),
      onForgotten: (taskId) => this.#forget(taskId),
    });
    this.#drivers.set(record.task.id, driver);
    return driver;
  }

  async #forget(taskId: string): Promise<void> {
    this.#drivers.delete(taskId);
    const path = this.#ports.containers.logPath(taskId);
    await Promise.all((await logFiles(path)).map((file) => rm(file, { force: true })));
    if (dirname(path).endsWith(taskId)) await rm(dirname(path), { recursive: true, force: true });
  }

  async #removeVolume(name: string): Promise<void> {
    try {
      await this.#ports.volumes.remove(name);
    } catch (error) {
      this.#ports.logger.error({ volume: name, error: sentenceOf(error) }, 'a volume could not be removed');
    }
  }

  #publishedPorts(): readonly PublishedPort[] {
    return [...this.#drivers.values()]
      .filter((driver) => driver.holdsPorts)
      .flatMap((driver) => publishedPortsOf(driver.record.task, driver.isServing));
  }

  /** What a crash left behind and no record names. */
  async #collectGarbage(): Promise<void> {
    const { containers, rootfses, networks, logger } = this.#ports;
    const live = new Set(
      [...this.#drivers.values()].filter(({ record }) => !isTerminal(record.status.state)).map(({ record }) => record.task.id),
    );
    const strays = (ids: readonly string[]) => ids.filter((id) => !live.has(id));
    for (const id of strays(await containers.list())) {
      logger.warn({ taskId: id }, 'removes a container that no task names');
      await containers.remove(id);
    }
    for (const id of strays(await rootfses.list())) await rootfses.remove(id);
    await networks.collectGarbage(live);
  }
}
