import { HealthState, isTerminal, isWishedRunning, newTaskStatus, type Task, TaskState, type TaskStatus } from '@tso/proto';
import type { Agenda } from '../../simulation/agenda.ts';
import type { Chance } from '../../simulation/chance.ts';

/** What a task's process is like on a machine: it takes its time with everything, and some end by themselves. */
export interface Container {
  readonly task: Task;
  status: TaskStatus;
  /** Being stopped: nothing else becomes of it. */
  stopping: boolean;
}

export interface MachinePorts {
  readonly agenda: Agenda;
  readonly chance: Chance;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Says something of a task to whoever leads, now or once the machine can be heard again. */
  readonly report: (taskId: string, status: TaskStatus) => void;
  /** Whether processes may still crash at random. */
  readonly isRough: () => boolean;
}

const crashProbability = 0.08;

/** Images whose name says so fail at once, never get healthy, or cannot be had. */
const fateOf = (image: string): 'runs' | 'fails' | 'sick' | 'missing' => {
  if (image.includes('fails')) return 'fails';
  if (image.includes('sick')) return 'sick';
  return image.includes('missing') ? 'missing' : 'runs';
};

/** The agent of one machine with its containers, as far as the manager sees anything of them. */
export class Machine {
  readonly id: string;
  readonly containers = new Map<string, Container>();
  readonly #ports: MachinePorts;
  /** Raised when it is switched off: what was under way then never happens. */
  #boot = 0;

  constructor(id: string, ports: MachinePorts) {
    this.id = id;
    this.#ports = ports;
  }

  /** What it is told to have: the wishes for its tasks as of now. */
  assign(tasks: readonly Task[]): void {
    const wished = new Map(tasks.map((task) => [task.id, task]));
    for (const task of tasks) this.#take(task);
    for (const [id, container] of this.containers) if (!wished.has(id)) this.#stop(container);
  }

  /** Whether it has anything left that it was not told to have. */
  hasOther(tasks: readonly Task[]): boolean {
    const ids = new Set(tasks.map(({ id }) => id));
    return [...this.containers.keys()].some((id) => !ids.has(id));
  }

  /** All processes are gone at once. */
  switchOff(): void {
    this.#boot += 1;
  }

  /** It finds what it had, dead. */
  switchOn(): void {
    for (const container of [...this.containers.values()]) this.#end(container, TaskState.FAILED, 'the machine was switched off');
  }

  /** Says everything again, as an agent does that has lost its session. */
  repeat(): void {
    for (const { task, status } of this.containers.values()) this.#ports.report(task.id, status);
  }

  #take(task: Task): void {
    const known = this.containers.get(task.id);
    if (!isWishedRunning(task.desiredState)) {
      if (known === undefined) this.#ports.report(task.id, { ...newTaskStatus, state: TaskState.SHUTDOWN, atMs: this.#ports.now() });
      else this.#stop(known);
      return;
    }
    if (known === undefined) {
      const container = { task, status: { ...newTaskStatus, state: TaskState.ASSIGNED }, stopping: false };
      this.containers.set(task.id, container);
      this.#goOn(container, task.desiredState);
    } else if (known.status.state === TaskState.READY && task.desiredState === TaskState.RUNNING) this.#goOn(known, TaskState.RUNNING);
  }

  #later(delayMs: number, work: () => void): void {
    const boot = this.#boot;
    this.#ports.agenda.plan(delayMs, () => {
      if (boot === this.#boot) work();
    });
  }

  /** From step to step, each after a while, as far as is wished. */
  #goOn(container: Container, goal: TaskState): void {
    const { chance } = this.#ports;
    const next = [TaskState.PREPARING, TaskState.READY, TaskState.STARTING, TaskState.RUNNING].find(
      (state) => state > container.status.state,
    );
    if (next === undefined || next > goal) return;
    this.#later(chance.between(1, 120), () => {
      if (!this.#isThere(container)) return;
      if (next === TaskState.READY && fateOf(container.task.spec.container.image) === 'missing') {
        this.#end(container, TaskState.REJECTED, 'no such image');
        return;
      }
      if (next === TaskState.RUNNING) {
        this.#run(container);
        return;
      }
      this.#say(container, { state: next });
      this.#goOn(container, goal);
    });
  }

  #run(container: Container): void {
    const { chance, isRough, now } = this.#ports;
    const fate = fateOf(container.task.spec.container.image);
    const checked = container.task.spec.container.healthCheck !== undefined;
    const health = checked ? HealthState.HEALTH_STARTING : HealthState.HEALTH_NONE;
    this.#say(container, { state: TaskState.RUNNING, health, startedAtMs: now(), pid: 7 });
    if (fate === 'fails') this.#later(chance.between(5, 400), () => this.#crash(container));
    else if (fate === 'sick') this.#later(3_000, () => this.#crash(container));
    else {
      if (checked)
        this.#later(chance.between(50, 900), () => this.#say(container, { state: TaskState.RUNNING, health: HealthState.HEALTHY }));
      if (isRough() && chance.happens(crashProbability)) this.#later(chance.between(100, 60_000), () => this.#crash(container));
      if (container.task.spec.container.image.includes('job')) this.#later(chance.between(100, 3_000), () => this.#complete(container));
    }
  }

  #crash(container: Container): void {
    if (this.#isThere(container)) this.#end(container, TaskState.FAILED, 'exit code 1');
  }

  #complete(container: Container): void {
    if (this.#isThere(container)) this.#end(container, TaskState.COMPLETE, '');
  }

  #isThere(container: Container): boolean {
    return this.containers.get(container.task.id) === container && !container.stopping;
  }

  #stop(container: Container): void {
    if (container.stopping) return;
    container.stopping = true;
    this.#later(container.task.drainMs + this.#ports.chance.between(5, 1_500), () => this.#end(container, TaskState.SHUTDOWN, ''));
  }

  #end(container: Container, state: TaskState, error: string): void {
    if (this.containers.get(container.task.id) !== container) return;
    this.containers.delete(container.task.id);
    const exitCode = state === TaskState.COMPLETE ? 0 : 1;
    const ended = { ...container.status, state, error, exitCode, finishedAtMs: this.#ports.now(), atMs: this.#ports.now() };
    container.status = ended;
    this.#ports.report(container.task.id, ended);
  }

  #say(container: Container, change: Partial<TaskStatus>): void {
    if (isTerminal(container.status.state) || this.containers.get(container.task.id) !== container) return;
    container.status = { ...container.status, ...change, atMs: this.#ports.now() };
    this.#ports.report(container.task.id, container.status);
  }
}
