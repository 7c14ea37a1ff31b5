import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type AssignmentSet,
  type Clock,
  emptyAssignmentSet,
  isTerminal,
  type Lifecycle,
  type Logger,
  MountType,
  newTaskStatus,
  sentenceOf,
  shortId,
  type Task,
  TaskState,
  type TaskStatus,
} from '@tso/proto';
import type { Rootfses } from './image/types.ts';
import { Latest } from './latest.ts';
import { removeLeftovers } from './leftovers.ts';
import { limits } from './limits.ts';
import type { LocalState, TaskRecord } from './local-state.ts';
import type { Networks, PublishedPort } from './network/types.ts';
import type { AgentPaths } from './paths.ts';
import type { Containers } from './runtime/types.ts';
import type { FileStore } from './secrets/file-store.ts';
import { filesArrived } from './secrets/files-arrived.ts';
import { TaskDriver } from './task/driver.ts';
import type { TaskDriverPorts } from './task/driver-ports.ts';
import { ownerOf } from './task/hook-ids.ts';
import { failure } from './task/machine.ts';
import { patiently } from './task/patience.ts';
import { publishedPortsOf } from './task/steps/ports.ts';
import type { Volumes } from './volumes/volumes.ts';
import { WorkerNetworks } from './worker-networks.ts';

export interface WorkerOptions {
  readonly hostname: string;
  readonly paths: AgentPaths;
}

export interface WorkerPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localState: LocalState;
  readonly containers: Containers;
  readonly rootfses: Rootfses;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly files: FileStore;
  /** What each task's driver needs beside what the worker gives it. */
  readonly driverPorts: Pick<TaskDriverPorts, 'health' | 'hooks' | 'preStart' | 'slots' | 'pullSlots'> & {
    /** @param release publishes again what the remaining tasks hold */
    readonly steps: (release: () => Promise<void>) => TaskDriverPorts['steps'];
  };
  /** Every status, to be carried to the manager. */
  readonly onStatus: (taskId: string, status: TaskStatus) => void;
}

const usesVolume = (task: Task, name: string): boolean =>
  task.spec.container.mounts.some((mount) => mount.type === MountType.VOLUME && mount.source === name);

/**
 * How a task begins that has no record here. One the manager saw start was here before, and its record is lost: a task is one
 * attempt, so it is not run again, but taken up where it was, which finds its container gone or its end told already.
 */
const firstRecord = (task: Task, now: number): TaskRecord => ({
  task,
  status: task.status.state >= TaskState.STARTING ? task.status : { ...newTaskStatus, state: TaskState.ASSIGNED, atMs: now },
  imageId: '',
  stopSignal: '',
  stopSentAtMs: 0,
  drainingSinceMs: 0,
  postStarted: false,
  preStopAtMs: 0,
  end: undefined,
  unassigned: false,
});

/** Everything that is assigned to a node that is part of no cluster. */
const nothing = emptyAssignmentSet;

/** Holds the tasks assigned to this host, one driver each, and the networks they are on. */
export class Worker implements Lifecycle {
  readonly hostname: string;
  readonly #paths: AgentPaths;
  readonly #ports: WorkerPorts;
  readonly #drivers = new Map<string, TaskDriver>();
  readonly #networks: WorkerNetworks;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #publishing = new Latest(() => this.#ports.networks.publish(this.#publishedPorts()));
  readonly #steps: TaskDriverPorts['steps'];
  #unsubscribe: () => void = () => undefined;
  #cancelPublish: () => void = () => undefined;
  #stopped = false;
  /** Assignments are applied one after the other. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: WorkerOptions, ports: WorkerPorts) {
    this.hostname = options.hostname;
    this.#paths = options.paths;
    this.#ports = ports;
    this.#steps = ports.driverPorts.steps(() => this.#publish());
    const { clock, logger, localState, networks } = ports;
    const isOut = (taskId: string): boolean => this.#drivers.get(taskId)?.isServing === false;
    this.#networks = new WorkerNetworks({ clock, logger, localState, networks, isOut });
  }

  /** Takes up what a predecessor left: running containers are adopted, the rest of what nobody knows is removed. */
  async start(): Promise<void> {
    const { localState, containers, logger, files } = this.#ports;
    await Promise.all([this.#networks.load(), files.start()]);
    for (const record of await localState.tasks()) this.#addDriver(record);
    await this.#removeLeftovers();
    await this.#networks.applyAll();
    await this.#publish();
    this.#unsubscribe = containers.onChange((id) => this.#drivers.get(ownerOf(id))?.wake());
    const superseded = this.#superseded();
    if (superseded !== undefined) {
      const waiting = [...this.#drivers.values()].filter(({ record }) => !record.unassigned && record.status.state < TaskState.STARTING);
      for (const driver of waiting) driver.holdUntil(superseded);
    }
    for (const driver of this.#drivers.values()) driver.resume();
    logger.info({ tasks: this.#drivers.size }, 'took up the tasks of this host');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancelPublish();
    await this.#applying;
    await Promise.all([this.#networks.stop(), ...[...this.#drivers.values()].map((driver) => driver.stop())]);
    await this.#ports.files.stop();
  }

  /**
   * Makes the assignments true, whole or as a difference; resolves once they are durable here. What a full disk does not take rejects a new
   * task, and is followed all the same where there is something already: it is written later, and a new agent is told everything again.
   */
  apply(set: AssignmentSet): Promise<void> {
    const turn = this.#applying.then(() => this.#apply(set));
    this.#applying = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Resolves once nothing runs here any more that is not assigned; undefined when it is so already.
   */
  settling(): Promise<void> | undefined {
    const ending = this.#ending();
    return ending.length === 0 ? undefined : Promise.all(ending.map((driver) => driver.ended)).then(() => undefined);
  }

  /** Ends all tasks and forgets them, their networks too; images and named volumes stay. Resolves with the ids that could not be ended in time. */
  async clear(): Promise<readonly string[]> {
    await this.apply(nothing);
    await this.#superseded();
    return this.#ending().map(({ record }) => record.task.id);
  }

  task(taskId: string): Task | undefined {
    return this.#drivers.get(taskId)?.record.task;
  }

  /** Whether its container runs, or may still. */
  isAlive(taskId: string): boolean {
    const state = this.#drivers.get(taskId)?.record.status.state;
    return state !== undefined && !isTerminal(state);
  }

  /** Calls on each status of a task, and when it is forgotten. Returns the unsubscribe. */
  onStatus(taskId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set();
    this.#listeners.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(taskId) === listeners) this.#listeners.delete(taskId);
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
      [...this.#drivers.values()]
        .filter(({ record }) => !isTerminal(record.status.state))
        .flatMap(({ record }) => [record.imageId, ...(record.mountImageIds ?? [])]),
    );
  }

  async #apply(set: AssignmentSet): Promise<void> {
    const whole = set.baseVersion === 0;
    await Promise.all([this.#networks.apply(set), this.#ports.files.apply(set), this.#ports.volumes.know(set)]);
    const assigned = new Set(set.tasks.map((task) => task.id));
    const gone = whole ? [...this.#drivers.keys()].filter((id) => !assigned.has(id)) : set.removedTasks;
    await Promise.all(gone.map((id) => this.#drivers.get(id)?.unassign()));
    // A node that was away too long finds its tasks replaced, perhaps by others on this very host: the old ones end before the new ones begin.
    const superseded = whole ? this.#superseded() : undefined;
    await Promise.all(set.tasks.map((task) => this.#assign(task, superseded)));
    // Not waited for: a large one takes its time. Told again by the manager if this agent ends before.
    for (const name of set.removedVolumes) void this.#removeVolume(name);
  }

  /** Those that still end, though nobody assigns them any more. */
  #ending(): readonly TaskDriver[] {
    return [...this.#drivers.values()].filter((driver) => driver.record.unassigned && !driver.hasEnded);
  }

  /** Bounded: a process that does not die must not keep its host from all work. */
  #superseded(): Promise<void> | undefined {
    const ending = this.#ending();
    if (ending.length === 0) return undefined;
    const limitMs = limits.supersededMs + Math.max(...ending.map(({ graceMs }) => graceMs));
    const ended = Promise.all(ending.map((driver) => driver.ended)).then(() => undefined);
    return patiently(ended, { what: 'ending tasks that are no longer assigned', limitMs }, this.#ports.clock).catch((error: unknown) =>
      this.#ports.logger.error({ error: sentenceOf(error) }, 'superseded tasks are still there; goes on without them'),
    );
  }

  /** @param after a new one begins once this resolves */
  async #assign(task: Task, after: Promise<void> | undefined): Promise<void> {
    const known = this.#drivers.get(task.id);
    if (known !== undefined && (await known.assign(task))) return;
    const record = firstRecord(task, this.#ports.clock.now());
    try {
      await this.#ports.localState.putTask(record);
    } catch (error) {
      return this.#reject(record, error);
    }
    const driver = this.#addDriver(record);
    if (after !== undefined) driver.holdUntil(after);
    driver.wake();
  }

  /** Nothing was begun of it: without a record its end need not be durable either. The manager's word on it is what the next agent has. */
  #reject(record: TaskRecord, error: unknown): void {
    const { id } = record.task;
    this.#ports.logger.error({ taskId: id, error: sentenceOf(error) }, 'the record of a new task could not be written: it is not begun');
    const reason = `its record could not be written: ${sentenceOf(error)}. See to the disk of ${this.hostname}`;
    const { status } = isTerminal(record.status.state) ? record : failure({ record, now: this.#ports.clock.now() }, reason);
    this.#addDriver({ ...record, status });
    this.#say(id, status);
  }

  #addDriver(record: TaskRecord): TaskDriver {
    const { clock, logger, localState, containers, driverPorts } = this.#ports;
    const driver = new TaskDriver(record, {
      clock,
      logger,
      localState,
      containers,
      ...driverPorts,
      steps: this.#steps,
      lenderEnded: (task) => this.#lenderEnded(task),
      prepared: (taskId, signal) => this.#prepared(taskId, signal),
      filesArrived: (task, context) => filesArrived(task, context, this.#ports),
      onStatus: (taskId, status) => this.#say(taskId, status),
      onServing: (task) => this.#follow(task),
      forget: (taskId) => this.#forget(taskId),
    });
    this.#drivers.set(record.task.id, driver);
    return driver;
  }

  /** Who shares its network is sent here together with it. */
  async #prepared(taskId: string, signal: AbortSignal): Promise<void> {
    await this.#applying;
    const isComing = (): boolean => {
      const driver = this.#drivers.get(taskId);
      return driver?.isWished === true && driver.record.status.state < TaskState.READY;
    };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => (isComing() ? undefined : resolve());
    const abort = (): void => reject(signal.reason);
    const unsubscribe = this.onStatus(taskId, look);
    signal.addEventListener('abort', abort, { once: true });
    try {
      look();
      signal.throwIfAborted();
      await promise;
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', abort);
    }
  }

  /** An agent that was started anew knows of all tasks that have not ended before it looks at one. */
  #lenderEnded({ pidOf, ipcOf }: Task): string {
    const hasEnded = (id: string): boolean => id !== '' && this.#drivers.get(id)?.hasEnded !== false;
    if (hasEnded(pidOf)) return `the task ${shortId(pidOf)}, whose processes it shares,`;
    return hasEnded(ipcOf) ? `the task ${shortId(ipcOf)}, whose IPC it shares,` : '';
  }

  #say(taskId: string, status: TaskStatus): void {
    this.#ports.onStatus(taskId, status);
    this.#tell(taskId);
    if (!isTerminal(status.state)) return;
    for (const driver of this.#drivers.values()) if ([driver.record.task.pidOf, driver.record.task.ipcOf].includes(taskId)) driver.wake();
  }

  #tell(taskId: string): void {
    for (const listener of [...(this.#listeners.get(taskId) ?? [])]) listener();
  }

  /** Its logs go with it. The record goes after them, so that a crash in between leaves none behind. */
  async #forget(taskId: string): Promise<void> {
    await rm(dirname(this.#ports.containers.logPath(taskId)), { recursive: true, force: true });
    await this.#ports.localState.removeTask(taskId);
    this.#drivers.delete(taskId);
    this.#tell(taskId);
  }

  /** Once those have ended that still stop; a task that is made meanwhile with a volume of that name waits for it in turn. */
  async #removeVolume(name: string): Promise<void> {
    const users = [...this.#drivers.values()].filter(({ record }) => usesVolume(record.task, name));
    if (users.some((driver) => driver.isWished)) {
      this.#ports.logger.error({ volume: name }, 'a volume that a task is to use is not removed');
      return;
    }
    try {
      await this.#ports.volumes.remove(name, Promise.all(users.map((driver) => driver.ended)));
    } catch (error) {
      this.#ports.logger.error({ volume: name, error: sentenceOf(error) }, 'a volume could not be removed');
    }
  }

  /** Ports, names and maps follow whether it serves. */
  async #follow(task: Task): Promise<void> {
    await Promise.all([publishedPortsOf(task, false).length === 0 ? undefined : this.#publish(), this.#networks.follow(task)]);
  }

  /** Resolves once the published ports follow, or could not: that is tried again by and by. */
  async #publish(): Promise<void> {
    this.#cancelPublish();
    try {
      await this.#publishing.request();
    } catch (error) {
      this.#ports.logger.error({ error: sentenceOf(error) }, 'the published ports could not be set; tries again');
      if (!this.#stopped) this.#cancelPublish = this.#ports.clock.setTimer(limits.driverRetryMs, () => void this.#publish());
    }
  }

  #publishedPorts(): readonly PublishedPort[] {
    return [...this.#drivers.values()]
      .filter((driver) => driver.holdsPorts)
      .flatMap((driver) => publishedPortsOf(driver.record.task, driver.isServing));
  }

  /** What a crash left behind and no record names. */
  async #removeLeftovers(): Promise<void> {
    const known = new Set(this.#drivers.keys());
    const live = new Set([...known].filter((id) => this.isAlive(id)));
    const stuck = await removeLeftovers(this.#paths, { known, live }, this.#ports);
    for (const id of stuck) this.#drivers.get(id)?.cleanAgain();
  }
}
