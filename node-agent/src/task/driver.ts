import {
  type Clock,
  HealthState,
  isTerminal,
  type Logger,
  sentenceOf,
  type Task,
  TaskState,
  type TaskStatus,
  taskStateName,
  toTsoError,
} from '@tso/proto';
import type { HealthMonitor } from '../health/monitor.ts';
import { limits } from '../limits.ts';
import type { LocalState, TaskRecord } from '../local-state.ts';
import type { Containers } from '../runtime/types.ts';
import { failure, nextOperation, type Operation, type Situation, type StepName, stepNames } from './machine.ts';
import type { Step, StepState } from './step.ts';
import type { StepSlots } from './step-slots.ts';

export interface TaskDriverPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localState: LocalState;
  readonly containers: Containers;
  readonly health: HealthMonitor;
  readonly steps: Readonly<Record<StepName, Step>>;
  readonly slots: StepSlots;
  /** A new status, already durable here. */
  readonly onStatus: (taskId: string, status: TaskStatus) => void;
  /** Whether the task may be sent traffic changed; resolves once the published ports follow. */
  readonly onServing: () => Promise<void>;
  /** Cleaned up and no longer assigned: the driver is done. */
  readonly onForgotten: (taskId: string) => Promise<void>;
}

const idle: ReadonlySet<StepName> = new Set();

/** Performs one task's operations, one at a time, and asks the machine again after each. */
export class TaskDriver {
  readonly #ports: TaskDriverPorts;
  #record: TaskRecord;
  #done: Set<StepName> = new Set(idle);
  #cleaned = false;
  #stepState: StepState = {};
  #abort = new AbortController();
  #running: Promise<void> | undefined;
  #woken = false;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;
  #withdrawn = false;
  readonly #madeAt: number;

  constructor(record: TaskRecord, ports: TaskDriverPorts) {
    this.#record = record;
    this.#ports = ports;
    this.#madeAt = ports.clock.monotonic();
  }

  get record(): TaskRecord {
    return this.#record;
  }

  /** Whether traffic may go to it now. */
  get isServing(): boolean {
    const { status, task, unassigned } = this.#record;
    return !this.#withdrawn && !unassigned && status.state === TaskState.RUNNING && task.desiredState <= TaskState.RUNNING;
  }

  /** Whether it holds its published ports. */
  get holdsPorts(): boolean {
    return this.#done.has('ports') || (this.#record.status.state >= TaskState.READY && !isTerminal(this.#record.status.state));
  }

  /** The manager's newest word on it. */
  async assign(task: Task): Promise<void> {
    await this.#save({ ...this.#record, task, unassigned: false });
    this.#abortWhenUnwanted();
    this.wake();
  }

  async unassign(): Promise<void> {
    if (this.#record.unassigned) return;
    await this.#save({ ...this.#record, unassigned: true });
    this.#abortWhenUnwanted();
    this.wake();
  }

  /** Looks again; harmless at any time. */
  wake(): void {
    if (this.#stopped) return;
    this.#woken = true;
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#retryLater(error))
      .finally(() => {
        this.#running = undefined;
        if (this.#woken) this.wake();
      });
  }

  /** Ends the driving, not the task: its container goes on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    this.#cancelTimer?.();
    this.#ports.health.unwatch(this.#record.task.id);
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#woken = false;
    for (;;) {
      this.#cancelTimer?.();
      if (this.#stopped) return;
      const situation = await this.#situation();
      const operation = nextOperation(situation);
      if (operation.kind === 'wait') return this.#sleepUntil(operation.untilMs);
      if (operation.kind === 'forget') {
        this.#stopped = true;
        return this.#forget();
      }
      await this.#perform(operation, situation);
    }
  }

  /** Something outside the task failed (a full disk, the firewall): said, and tried again. */
  #retryLater(error: unknown): void {
    this.#ports.logger.error({ taskId: this.#record.task.id, error: sentenceOf(error) }, 'a task could not be driven on; tries again');
    this.#sleepUntil(this.#ports.clock.now() + limits.driverRetryMs);
  }

  async #situation(): Promise<Situation> {
    const { id } = this.#record.task;
    return {
      record: this.#record,
      done: this.#done,
      cleaned: this.#cleaned,
      observed: await this.#ports.containers.observe(id),
      health: this.#ports.health.stateOf(id),
      imageStopSignal: this.#stepState.image?.config.stopSignal ?? '',
      now: this.#ports.clock.now(),
    };
  }

  async #perform(operation: Exclude<Operation, { kind: 'wait' | 'forget' }>, situation: Situation): Promise<void> {
    const { id } = this.#record.task;
    switch (operation.kind) {
      case 'report':
        return this.#report(operation.status);
      case 'step':
        return this.#attempt(situation, () => this.#doStep(operation.step));
      case 'start':
        return this.#attempt(situation, async () => {
          await this.#ports.containers.run(id);
          this.#ports.health.watch(this.#record.task, () => this.wake());
        });
      case 'signal':
        await this.#withdraw();
        await this.#ports.containers.kill(id, operation.signal);
        return this.#save({ ...this.#record, stopSentAtMs: situation.now });
      case 'kill':
        await this.#ports.containers.remove(id);
        return undefined;
      case 'end':
        await this.#withdraw();
        return this.#save({ ...this.#record, end: operation.status });
      case 'clean':
        return this.#clean();
      default:
        return operation satisfies never;
    }
  }

  async #attempt(situation: Situation, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#ports.logger.warn(
        { taskId: this.#record.task.id, error: sentenceOf(error), code: toTsoError(error).code },
        'a task could not go on',
      );
      const operation = failure({ ...situation, record: this.#record, now: this.#ports.clock.now() }, sentenceOf(error));
      if (operation.kind === 'end') await this.#save({ ...this.#record, end: operation.status });
    }
  }

  async #doStep(name: StepName): Promise<void> {
    const beganAt = this.#ports.clock.monotonic();
    await this.#ports.slots.use(async () => {
      await this.#ports.steps[name].do({
        task: this.#record.task,
        state: this.#stepState,
        signal: this.#abort.signal,
        say: (message) => this.#say(message),
      });
    });
    this.#done.add(name);
    this.#ports.logger.debug({ taskId: this.#record.task.id, step: name, ms: this.#ports.clock.monotonic() - beganAt }, 'step done');
    if (name === 'image') await this.#save({ ...this.#record, imageId: this.#stepState.image?.id ?? '' });
  }

  /** What it is doing, for whoever watches; not worth a disk write. */
  #say(message: string): void {
    this.#record = { ...this.#record, status: { ...this.#record.status, message } };
    this.#ports.onStatus(this.#record.task.id, this.#record.status);
  }

  async #report(status: TaskStatus): Promise<void> {
    const servedBefore = this.isServing;
    if (status.state !== this.#record.status.state) {
      const sinceMs = this.#ports.clock.monotonic() - this.#madeAt;
      this.#ports.logger.debug({ taskId: this.#record.task.id, state: taskStateName(status.state), sinceMs }, 'task state');
    }
    const digest = this.#stepState.image?.digest;
    await this.#save({ ...this.#record, status: digest === undefined ? status : { ...status, imageDigest: digest } });
    this.#ports.onStatus(this.#record.task.id, this.#record.status);
    if (servedBefore !== this.isServing) await this.#ports.onServing();
  }

  async #withdraw(): Promise<void> {
    if (!this.isServing) return;
    this.#withdrawn = true;
    await this.#ports.onServing();
  }

  /** Undoes every step, last one first. What cannot be undone now is logged and tried again when the agent starts. */
  async #clean(): Promise<void> {
    const { task } = this.#record;
    this.#ports.health.unwatch(task.id);
    this.#done = new Set();
    for (const name of stepNames.toReversed()) {
      try {
        await this.#ports.steps[name].undo(task);
      } catch (error) {
        this.#ports.logger.error({ taskId: task.id, step: name, error: sentenceOf(error) }, 'a step could not be undone');
      }
    }
    this.#cleaned = true;
  }

  async #forget(): Promise<void> {
    await this.#ports.localState.removeTask(this.#record.task.id);
    await this.#ports.onForgotten(this.#record.task.id);
  }

  async #save(record: TaskRecord): Promise<void> {
    this.#record = record;
    await this.#ports.localState.putTask(record);
  }

  #abortWhenUnwanted(): void {
    if (this.#record.unassigned || this.#record.task.desiredState > TaskState.RUNNING) this.#abort.abort();
  }

  #sleepUntil(untilMs: number | undefined): void {
    if (untilMs === undefined) return;
    this.#cancelTimer = this.#ports.clock.setTimer(Math.max(0, untilMs - this.#ports.clock.now()), () => this.wake());
  }

  /** After a restart of the agent: the health checks of what runs go on. */
  resume(): void {
    const { status, task } = this.#record;
    if (status.state === TaskState.RUNNING || status.state === TaskState.STARTING) {
      this.#ports.health.watch(task, () => this.wake(), status.health === HealthState.HEALTHY);
    }
    this.wake();
  }
}
