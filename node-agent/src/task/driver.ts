import { HealthState, isTerminal, sentenceOf, type Task, TaskState, type TaskStatus, taskStateName, toTsoError } from '@tso/proto';
import { Latest } from '../latest.ts';
import { limits } from '../limits.ts';
import type { TaskRecord } from '../local-state.ts';
import type { ContainerObservation } from '../runtime/types.ts';
import { chosenImages } from './chosen-images.ts';
import type { TaskDriverPorts } from './driver-ports.ts';
import { Interruptible } from './interruptible.ts';
import { failure, graceOf, nextOperation, type Operation, type StepName, stepNames, wasToldToEnd } from './machine.ts';
import { withNotes } from './notes.ts';
import { patiently } from './patience.ts';
import { Pausing } from './pausing.ts';
import { Progress } from './progress.ts';
import type { StepState } from './step.ts';
import { sendStopSignal } from './stop-signal.ts';
import { undoSteps, withProcesses } from './undo-steps.ts';

const publishes = ({ ports, networks }: Task): string => JSON.stringify([ports, networks[0]?.address]);

/** Performs one task's operations, one at a time, and asks the machine again after each. */
export class TaskDriver {
  readonly #ports: TaskDriverPorts;
  /** Writes of the record follow one another, and a later one stands in for those that wait. */
  readonly #saving = new Latest(() => this.#write());
  readonly #ended = Promise.withResolvers<void>();
  readonly #hooks = new Interruptible();
  readonly #pausing: Pausing;
  readonly #madeAt: number;
  #record: TaskRecord;
  /** The last write failed: the record is to be written before the driver rests. */
  #isWriteOwed = false;
  #done = new Set<StepName>();
  #cleaned = false;
  #preStarted = false;
  /** Aborted when the agent stops, and with it what goes on although the task is to end. */
  readonly #halt = new AbortController();
  /** What the last clean-up could not undo, and when to try again. */
  #leftovers: { readonly steps: readonly StepName[]; readonly retryAtMs: number } | undefined;
  #stepState: StepState = {};
  #abort = new AbortController();
  #running: Promise<void> | undefined;
  #woken = false;
  /** Nothing is begun yet. */
  #held = false;
  #cancelTimer: () => void = () => undefined;
  #stopped = false;
  #forgetting: Promise<void> | undefined;
  #forgotten = false;
  /** As the published ports have it. */
  #toldServing: boolean;

  constructor(record: TaskRecord, ports: TaskDriverPorts) {
    this.#record = record;
    this.#ports = ports;
    const say = { said: () => this.#record.status.message, say: (message: string) => this.#say(message) };
    this.#pausing = new Pausing({ taskId: record.task.id }, { ...ports, ...say });
    this.#madeAt = ports.clock.monotonic();
    this.#toldServing = this.isServing;
    if (isTerminal(record.status.state)) this.#ended.resolve();
  }

  get record(): TaskRecord {
    return this.#record;
  }

  /** Resolves when it has ended and was cleaned up. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Whether it has ended and was cleaned up. */
  get hasEnded(): boolean {
    return isTerminal(this.#record.status.state);
  }

  /** What stopping it may take: its own grace. Milliseconds. */
  get graceMs(): number {
    return graceOf(this.#record);
  }

  /** Whether it is to go on, rather than to end. */
  get isWished(): boolean {
    const { task, unassigned, end } = this.#record;
    return !unassigned && end === undefined && !wasToldToEnd(this.#record) && task.desiredState <= TaskState.RUNNING;
  }

  /** Whether traffic may go to it now. */
  get isServing(): boolean {
    const { state, health, paused } = this.#record.status;
    return this.isWished && state === TaskState.RUNNING && health !== HealthState.UNHEALTHY && paused !== true;
  }

  /** Whether it holds its published ports. */
  get holdsPorts(): boolean {
    const { status, end } = this.#record;
    return this.#done.has('ports') || (end === undefined && status.state >= TaskState.READY && !isTerminal(status.state));
  }

  /**
   * The manager's newest word on it, which counts even while it cannot be written. False: it was just forgotten, and is to be taken up as
   * if it were new.
   */
  async assign(task: Task): Promise<boolean> {
    await this.#forgetting;
    if (this.#forgotten) return false;
    const before = publishes(this.#record.task);
    await this.#wish({ task, unassigned: false });
    if (task.paused !== true) this.#pausing.forgetTrouble();
    if (publishes(task) !== before) await this.#ports.onServing(task);
    return true;
  }

  /** It is to end, which counts even while it cannot be written. */
  async unassign(): Promise<void> {
    if (!this.#record.unassigned) await this.#wish({ unassigned: true });
  }

  /** Looks again; harmless at any time. */
  wake(): void {
    if (this.#stopped) return;
    this.#woken = true;
    this.#hooks.look();
    if (this.#held) return;
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#retryLater(error))
      .finally(() => {
        this.#running = undefined;
        if (this.#woken) this.wake();
      });
  }

  /** Begins nothing before this resolves: what it is to replace here still runs. */
  holdUntil(released: Promise<void>): void {
    this.#held = true;
    void released.then(() => {
      this.#held = false;
      this.wake();
    });
  }

  /** After a restart of the agent: the health checks of what runs go on. */
  resume(): void {
    const { status, task } = this.#record;
    if (this.isWished && (status.state === TaskState.RUNNING || status.state === TaskState.STARTING)) {
      this.#ports.health.watch(task, () => this.wake(), status.health === HealthState.HEALTHY);
    }
    this.wake();
  }

  /** Something of it is still there although it has ended: removes it again by and by. */
  cleanAgain(): void {
    this.#leftovers = { steps: stepNames, retryAtMs: this.#ports.clock.now() + limits.cleanRetryMs };
    this.wake();
  }

  /** Ends the driving, not the task: its container goes on. Bounded by `stepAbandonMs`, or `undoMs` while it cleans up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    this.#halt.abort();
    this.#cancelTimer();
    await this.#running;
    this.#ports.health.unwatch(this.#record.task.id);
  }

  async #wish(change: Partial<TaskRecord>): Promise<void> {
    const saved = this.#save(change);
    if (!this.isWished) this.#abort.abort();
    else if (this.#abort.signal.aborted && !this.#stopped) this.#abort = new AbortController();
    try {
      await saved;
    } catch (error) {
      // The manager says everything again to an agent that was started anew: until then the word is kept in memory.
      const fields = { taskId: this.#record.task.id, error: sentenceOf(error) };
      this.#ports.logger.error(fields, 'what is wished of a task could not be written; followed all the same, and written later');
    }
    this.wake();
  }

  async #run(): Promise<void> {
    this.#woken = false;
    for (;;) {
      this.#cancelTimer();
      if (this.#stopped) return;
      const observed = await this.#ports.containers.observe(this.#record.task.id);
      if (this.#stopped) return;
      this.#ports.health.rest(this.#record.task.id, observed.state === 'running' && observed.paused);
      // Nothing is awaited from here to the operation: it is decided for the record as it is, not as it was before the look.
      const operation = this.#decide(observed);
      if (operation.kind === 'wait') return this.#rest(operation.untilMs);
      if (operation.kind === 'forget') return this.#forget();
      await this.#perform(operation);
    }
  }

  #decide(observed: ContainerObservation): Operation {
    return nextOperation({
      record: this.#record,
      done: this.#done,
      cleaned: this.#cleaned,
      preStarted: this.#preStarted,
      lenderEnded: this.#ports.lenderEnded(this.#record.task),
      cleanAgainAtMs: this.#leftovers?.retryAtMs,
      observed,
      health: this.#ports.health.stateOf(this.#record.task.id),
      now: this.#ports.clock.now(),
    });
  }

  async #rest(untilMs: number | undefined): Promise<void> {
    if (this.#isWriteOwed) await this.#saving.request();
    this.#sleepUntil(untilMs);
  }

  /** Something outside the task failed (its record, a full disk): said, and tried again. */
  #retryLater(error: unknown): void {
    this.#ports.logger.error({ taskId: this.#record.task.id, error: sentenceOf(error) }, 'a task could not be driven on; tries again');
    this.#sleepUntil(this.#ports.clock.now() + limits.driverRetryMs);
  }

  #sleepUntil(untilMs: number | undefined): void {
    if (untilMs === undefined || this.#stopped) return;
    const delayMs = Math.min(Math.max(0, untilMs - this.#ports.clock.now()), limits.longestTimerMs);
    this.#cancelTimer = this.#ports.clock.setTimer(delayMs, () => this.wake());
  }

  async #perform(operation: Exclude<Operation, { kind: 'wait' | 'forget' }>): Promise<void> {
    const { id } = this.#record.task;
    switch (operation.kind) {
      case 'report':
        return this.#report(operation.status);
      case 'steps':
        return this.#attempt((signal) => this.#doSteps(operation.steps, signal));
      case 'start':
        return this.#attempt(() => this.#start());
      case 'pre-start':
        return this.#runHooks('pre-start', (signal) => this.#preStart(signal));
      case 'post-start':
        return this.#runHooks('post-start', async (signal) => {
          await this.#ports.hooks.postStart(this.#record.task, signal);
          await this.#save({ postStarted: true });
        });
      case 'pause':
        return this.#pausing.pause();
      case 'unpause':
        return this.#ports.containers.unpause(id);
      case 'pre-stop':
        await this.#tellServing();
        // Before they begin: the next agent does not run them again.
        await this.#save({ preStopAtMs: this.#ports.clock.now() });
        return this.#ports.hooks.preStop(this.#record.task, operation.limitMs, this.#halt.signal);
      case 'drain':
        // It left all answers and maps here before the time runs that it has.
        await this.#tellServing();
        return this.#save({ drainingSinceMs: this.#ports.clock.now() });
      case 'signal':
        // No traffic comes any more before it begins to stop.
        await this.#tellServing();
        await sendStopSignal(id, operation.signal, this.#ports);
        return this.#save({ stopSentAtMs: this.#ports.clock.now() });
      case 'kill':
        await this.#ports.containers.remove(id);
        return this.#save({ end: operation.status });
      case 'end':
        await this.#save({ end: operation.status });
        return this.#tellServing();
      case 'clean':
        return this.#clean();
      default:
        return operation satisfies never;
    }
  }

  /** Cut short once there is something else to do, since their container, or one whose namespaces it shares, has ended. */
  #runHooks(kind: Operation['kind'], work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { containers } = this.#ports;
    const isStill = async (): Promise<boolean> => this.#decide(await containers.observe(this.#record.task.id)).kind === kind;
    return this.#hooks.run(isStill, (superseded) => this.#attempt(work, superseded));
  }

  async #preStart(signal: AbortSignal): Promise<void> {
    const { preStart, clock } = this.#ports;
    const progress = new Progress({ intervalMs: limits.progressMs }, { clock, out: (message) => this.#say(message) });
    try {
      await preStart.run(this.#record.task, signal, (message) => progress.say(message));
    } finally {
      progress.end();
    }
    this.#preStarted = true;
  }

  async #start(): Promise<void> {
    const { task } = this.#record;
    const { containers, health, logger } = this.#ports;
    await containers.run(task.id);
    health.watch(task, () => this.wake());
    if (task.spec.container.preStart.length === 0) return;
    // What its hooks before the start leave is not kept for as long as it runs; what cannot be removed now is at its end.
    await this.#undo('hooks').catch((error: unknown) =>
      logger.warn({ taskId: task.id, error: sentenceOf(error) }, 'the containers of hooks could not be removed'),
    );
  }

  /** What fails here ends the task with its sentence, unless that is no longer wished anyway. */
  async #attempt(work: (signal: AbortSignal) => Promise<void>, superseded?: AbortSignal): Promise<void> {
    const signal = superseded === undefined ? this.#abort.signal : AbortSignal.any([this.#abort.signal, superseded]);
    try {
      await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      const taskId = this.#record.task.id;
      this.#ports.logger.warn({ taskId, error: sentenceOf(error), code: toTsoError(error).code }, 'a task could not go on');
      await this.#save({ end: failure({ record: this.#record, now: this.#ports.clock.now() }, sentenceOf(error)).status });
    }
  }

  /** Waits for all of them, also when one fails: nothing may still be under way when the rest is undone. */
  async #doSteps(names: readonly StepName[], signal: AbortSignal): Promise<void> {
    const outcomes = await Promise.allSettled(names.map((name) => this.#doStep(name, signal)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #doStep(name: StepName, signal: AbortSignal): Promise<void> {
    const { clock, slots, pullSlots, steps, logger } = this.#ports;
    const { task, imageId } = this.#record;
    await this.#awaitOthers(name, signal);
    const beganAt = clock.monotonic();
    const progress = new Progress({ intervalMs: limits.progressMs }, { clock, out: (message) => this.#say(message) });
    const context = { task, imageId, state: this.#stepState, signal, say: (message: string) => progress.say(message) };
    const limitMs = name === 'image' ? undefined : limits.stepMs;
    const patience = { what: `preparing it (${name})`, limitMs, signal, afterAbortMs: limits.stepAbandonMs };
    try {
      await (name === 'image' ? pullSlots : slots).use(signal, () => patiently(steps[name].do(context), patience, clock));
    } finally {
      progress.end();
    }
    this.#done.add(name);
    logger.debug({ taskId: task.id, step: name, ms: clock.monotonic() - beganAt }, 'step done');
    if (name === 'image') await this.#save(chosenImages(this.#stepState));
  }

  /** What a step needs of others, waited for in no slot: they need those too, and may pull an image for as long as that takes. */
  async #awaitOthers(name: StepName, signal: AbortSignal): Promise<void> {
    const { task } = this.#record;
    const lenders = name === 'network' ? [task.networkOf] : withProcesses.includes(name) ? [task.pidOf, task.ipcOf] : [];
    for (const lender of lenders) if (lender !== '') await this.#ports.prepared(lender, signal);
    if (name === 'files') await this.#ports.filesArrived(task, { signal, say: (message) => this.#say(message) });
  }

  /** What it is doing, for whoever watches; not worth a disk write. */
  #say(message: string): void {
    this.#record = { ...this.#record, status: { ...this.#record.status, message } };
    this.#ports.onStatus(this.#record.task.id, this.#record.status);
  }

  async #report(wished: TaskStatus): Promise<void> {
    const before = this.#record.status;
    const taskId = this.#record.task.id;
    const status = withNotes(before, wished, this.#stepState.notes);
    if (status.state !== before.state) {
      const sinceMs = this.#ports.clock.monotonic() - this.#madeAt;
      this.#ports.logger.debug({ taskId, state: taskStateName(status.state), sinceMs }, 'task state');
    }
    const digest = this.#stepState.image?.digest;
    try {
      await this.#save({ status: digest === undefined ? status : { ...status, imageDigest: digest } });
    } catch (error) {
      // Not durable, so not true yet: it is reported when it can be written. What has ended has ended, and others wait for that.
      if (!isTerminal(status.state)) {
        this.#record = { ...this.#record, status: before };
        if (before.state < TaskState.PREPARING) return this.#rejectUnbegun(error);
        throw error;
      }
      this.#ports.logger.error(
        { taskId, error: sentenceOf(error) },
        'the end of a task could not be written; told all the same, and written later',
      );
    }
    // Whoever hears that it runs may use its ports at once.
    await this.#tellServing();
    this.#ports.onStatus(taskId, this.#record.status);
    if (isTerminal(status.state)) this.#ended.resolve();
  }

  /** Nothing of it was begun, and the node cannot even write that it begins: it is better off on another one. */
  #rejectUnbegun(error: unknown): void {
    const sentence = `the node cannot write down that it begins: ${sentenceOf(error)}`;
    this.#record = { ...this.#record, end: failure({ record: this.#record, now: this.#ports.clock.now() }, sentence).status };
  }

  async #tellServing(): Promise<void> {
    if (this.#toldServing === this.isServing) return;
    this.#toldServing = this.isServing;
    await this.#ports.onServing(this.#record.task);
  }

  /** Undoes every step, last one first. What cannot be undone now is logged and tried again. */
  async #clean(): Promise<void> {
    const { task } = this.#record;
    const { health, clock, logger } = this.#ports;
    health.unwatch(task.id);
    this.#done = new Set();
    const left = await undoSteps(
      this.#leftovers?.steps,
      (name) => this.#undo(name),
      (step, error) => logger.error({ taskId: task.id, step, error: sentenceOf(error) }, 'a step could not be undone; tries again'),
    );
    this.#leftovers = left.length === 0 ? undefined : { steps: left, retryAtMs: clock.now() + limits.cleanRetryMs };
    this.#cleaned = true;
  }

  #undo(name: StepName): Promise<void> {
    const { steps, clock } = this.#ports;
    return patiently(steps[name].undo(this.#record.task), { what: `undoing it (${name})`, limitMs: limits.undoMs }, clock);
  }

  async #forget(): Promise<void> {
    const work = this.#forgetNow();
    // Who assigns it meanwhile waits for this, and finds out by `#forgotten` how it went.
    this.#forgetting = work.catch(() => undefined);
    try {
      await work;
    } finally {
      this.#forgetting = undefined;
    }
  }

  async #forgetNow(): Promise<void> {
    // After the last write under way, or that one would bring the record back. What cannot be written does not.
    await this.#saving.request().catch(() => undefined);
    await this.#ports.forget(this.#record.task.id);
    this.#stopped = true;
    this.#forgotten = true;
  }

  /** Changes the record at once, and resolves when that is durable. */
  async #save(change: Partial<TaskRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.#saving.request();
  }

  async #write(): Promise<void> {
    this.#isWriteOwed = true;
    await this.#ports.localState.putTask(this.#record);
    this.#isWriteOwed = false;
  }
}
