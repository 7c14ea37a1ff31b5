import type { Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import type { Place } from '../rules/places.ts';
import type { RestartVerdict } from '../rules/restart-policy.ts';
import { hasLostLender } from '../rules/shared-namespaces.ts';
import { endText, isAssigned, isLive } from '../rules/task-facts.ts';
import { durationText } from '../rules/words.ts';
import { leaveReason, servesOnMeanwhile } from './drain.ts';
import type { Pass } from './pass.ts';
import { newTask, retire } from './tasks.ts';

const lostLenderText = 'what it shared the network, processes or IPC of was stopped';

/** The tasks of one place of a service while it is being put in order: what is changed is written, and seen by whoever looks next. */
export class PlaceTasks {
  readonly #pass: Pass;
  readonly #service: Service;
  readonly #place: Place;
  #tasks: readonly Task[];

  constructor(pass: Pass, service: Service, place: Place) {
    this.#pass = pass;
    this.#service = service;
    this.#place = place;
    this.#tasks = place.tasks;
  }

  /** Newest first. */
  get all(): readonly Task[] {
    return this.#tasks;
  }

  /** Whether another task of this place still runs or may. */
  hasOther(than?: Task): boolean {
    return this.#tasks.some((task) => task.id !== than?.id && isLive(task) && isAssigned(task));
  }

  /** Why the task cannot stay, one sentence: it has to leave its node, or has lost whom it shares something with. Undefined: it can. */
  whyGo(task: Task): string | undefined {
    const { draft } = this.#pass;
    return leaveReason(this.#pass, this.#service, task) ?? (hasLostLender(draft, task) ? lostLenderText : undefined);
  }

  /** Whether it has to go now, whatever becomes of the one that follows it: what its service asks for can wait for that, its node cannot. */
  goesInAnyCase(task: Task): boolean {
    return this.whyGo(task) !== undefined && (!servesOnMeanwhile(this.#pass, task) || hasLostLender(this.#pass.draft, task));
  }

  /**
   * One more, made ready and no more while what was here before is still ending, unless it may run beside that.
   * @param replaces the task that it takes over from on another node
   */
  create(mayRunBeside = false, delayMs = 0, pendingReason = '', replaces?: string): void {
    const desiredState = this.hasOther() && !mayRunBeside ? TaskState.READY : TaskState.RUNNING;
    const notBeforeMs = delayMs === 0 ? 0 : this.#pass.now + delayMs;
    const made = newTask(this.#pass, this.#service, this.#place, { desiredState, notBeforeMs, pendingReason });
    const task = replaces === undefined ? made : { ...made, replaces };
    this.#pass.draft.putTask(task);
    this.#pass.newTasks.take();
    this.#tasks = [task, ...this.#tasks];
  }

  /** One more in place of one that has ended and was retired, when its policy wants it. */
  createAgain(ended: Task, { delayMs, attempt }: RestartVerdict & { readonly verdict: 'restart' }, mayRunBeside = false): void {
    const why = `starts again ${durationText(delayMs)} after it ended (attempt ${attempt}): ${endText(ended)}`;
    this.create(mayRunBeside, delayMs, delayMs > 0 ? why : '');
  }

  /** @param why it is stopped, one sentence */
  retire(task: Task, why: string): void {
    const kept = retire(this.#pass.draft, task, why);
    this.#tasks = this.#tasks.flatMap((each) => (each.id === task.id ? (kept === undefined ? [] : [kept]) : [each]));
  }

  put(task: Task): void {
    this.#pass.draft.putTask(task);
    this.#tasks = this.#tasks.map((each) => (each.id === task.id ? task : each));
  }

  /** Lets the task start that was made ready, once nothing else runs here. */
  release(task: Task): void {
    if (task.desiredState === TaskState.READY && !this.hasOther(task)) this.put({ ...task, desiredState: TaskState.RUNNING });
  }
}
