import type { Service, Task } from '@tso/proto';
import { PublishMode, TaskState, UpdateOrder } from '@tso/proto';
import { isByNode } from '../rules/jobs.ts';
import type { Place } from '../rules/places.ts';
import { newPortsOf, reservesAsWished, servesSpec } from '../rules/replacement.ts';
import { restartVerdict } from '../rules/restart-policy.ts';
import { hasLostLender, sharesNamespace } from '../rules/shared-namespaces.ts';
import { hasFailed, isAssigned, isLive, isOccupant, isServing } from '../rules/task-facts.ts';
import { goesBack, updatePace } from '../rules/update-pace.ts';
import { firstStartHold } from './hold.ts';
import type { Pass } from './pass.ts';
import { PlaceTasks } from './place-tasks.ts';

const anotherText = 'another task of its place is kept';
const endedText = 'it has ended';

/** So often another task fails to take over from one that has to leave its node; then that one goes all the same. */
const attemptsToTakeOver = 3;

/**
 * One place of a service while it is being put in order. Its *fresh* occupants are of the service's present spec, its *stale* ones
 * of an older spec, or to be restarted after another service was replaced; one that a task on another node takes over from is *leaving*, as the stale ones are. A replacement is made ready beside what it replaces and started when that has ended (start-first: at once).
 */
export class SlotWork {
  readonly #pass: Pass;
  readonly #service: Service;
  readonly #sinceMs: number;
  readonly #here: PlaceTasks;
  /** As it was when stock was taken: of most places nothing has to leave, and they are not looked through again. */
  #mayHaveToLeave = false;

  /** @param sinceMs tasks made before are to be replaced, for what was replaced meanwhile (`restartedSinceMs`) */
  constructor(pass: Pass, service: Service, place: Place, sinceMs: number) {
    this.#sinceMs = sinceMs;
    this.#pass = pass;
    this.#service = service;
    this.#here = new PlaceTasks(pass, service, place);
  }

  /** Newest first. */
  get tasks(): readonly Task[] {
    return this.#here.all;
  }
  get stale(): readonly Task[] {
    return this.tasks.filter((task) => isOccupant(task) && !this.#isOfPresent(task));
  }
  get fresh(): Task | undefined {
    return this.#freshOnes[0];
  }
  /** Those that the fresh one replaces. */
  get leaving(): readonly Task[] {
    return this.tasks.filter((task) => isOccupant(task) && (!this.#isOfPresent(task) || this.#isMovedAway(task)));
  }

  get #freshOnes(): readonly Task[] {
    return this.tasks.filter((task) => isOccupant(task) && this.#isOfPresent(task) && !this.#isMovedAway(task));
  }

  /** Whether it is of the present spec, and no older than what the service is to be restarted after. */
  #isOfPresent(task: Task): boolean {
    return task.specVersion === this.#service.specVersion && task.meta.createdAtMs >= this.#sinceMs;
  }

  #isMovedAway({ id, specVersion }: Task): boolean {
    return this.tasks.some((task) => task.replaces === id && task.specVersion === specVersion && isOccupant(task) && isLive(task));
  }

  /** Takes over what serves the present spec as it is, and lets go what must leave its node, or has lost whom it shares something with. */
  takeStock(): void {
    for (const task of this.stale) {
      const keeps = isLive(task) || task.status.state === TaskState.COMPLETE;
      if (keeps && task.specVersion !== this.#service.specVersion && servesSpec(this.#service, task))
        this.#here.put({ ...task, spec: this.#service.spec.task, specVersion: this.#service.specVersion });
    }
    for (const task of this.tasks) if (isOccupant(task) && isLive(task) && this.#isOfPresent(task)) this.#takeOverUnfelt(task);
    for (const task of this.tasks) {
      const why = isOccupant(task) ? this.#here.whyGo(task) : undefined;
      if (why === undefined) continue;
      if (this.#goesInTurn(task)) this.#mayHaveToLeave = true;
      else this.#here.retire(task, why);
    }
    this.#endMoves();
    const fresh = this.#freshOnes;
    const kept = fresh.find(isServing) ?? fresh.find(isLive) ?? fresh[0];
    for (const task of fresh) if (task !== kept) this.#here.retire(task, anotherText);
  }

  /** Notes with the task what has changed of its service that it does not feel, but others count by it. */
  #takeOverUnfelt(task: Task): void {
    const ports = newPortsOf(this.#service, task);
    const { reservations } = this.#service.spec.task;
    const spec = reservesAsWished(this.#service, task) ? task.spec : { ...task.spec, reservations };
    if (ports !== undefined || spec !== task.spec) this.#here.put({ ...task, spec, ports: ports ?? task.ports });
  }

  /** A move that finds no room, or that an update overtakes, is given up: one task is left to be replaced. */
  #endMoves(): void {
    for (const task of this.tasks) {
      if (task.replaces === undefined || !isOccupant(task) || !isLive(task)) continue;
      const from = this.tasks.find(({ id }) => id === task.replaces);
      if (from === undefined || !isOccupant(from) || !isLive(from)) continue;
      const overtaken = task.specVersion !== this.#service.specVersion;
      if (overtaken) this.#here.retire(isServing(task) && !isServing(from) ? from : task, anotherText);
      else if (this.#isNowhere(task)) {
        const why = this.#here.whyGo(from);
        if (why === undefined) this.#here.retire(task, 'no node has room for it');
        else if (this.#here.goesInAnyCase(from)) this.#here.retire(from, why);
      }
    }
  }

  /** Whether it was tried to place the task, and no node fits. */
  #isNowhere(task: Task): boolean {
    return !isAssigned(task) && task.pendingReason !== '' && task.notBeforeMs <= this.#pass.now;
  }

  /** Whether a task that has to leave its node goes in its turn: it serves, and another one can take its place elsewhere before. */
  #goesInTurn(task: Task): boolean {
    if (!isServing(task) || isByNode(this.#service.spec.mode) || sharesNamespace(this.#service)) return false;
    if (hasLostLender(this.#pass.draft, task)) return false;
    const failed = this.tasks.filter((other) => hasFailed(other) && this.#isSuccessor(other, task));
    return failed.length < attemptsToTakeOver;
  }

  #isSuccessor({ replaces, specVersion }: Task, of: Task): boolean {
    return replaces === of.id || (!this.#isOfPresent(of) && specVersion === this.#service.specVersion);
  }

  /** The task that serves here, has to leave its node, and has no successor yet. */
  get evictee(): Task | undefined {
    if (!this.#mayHaveToLeave) return undefined;
    const task = this.tasks.find((each) => isOccupant(each) && isServing(each) && !this.#isMovedAway(each));
    if (task === undefined || this.#here.whyGo(task) === undefined) return undefined;
    return this.#isOfPresent(task) || this.fresh === undefined ? task : undefined;
  }

  /** Begins to have the task that has to leave its node taken over elsewhere; later, where that has failed before. */
  leave(): void {
    const task = this.evictee;
    if (task === undefined) return;
    if (!this.#isOfPresent(task)) {
      this.replace();
      return;
    }
    const failed = this.tasks.find((other) => hasFailed(other) && other.replaces === task.id);
    const verdict = failed && restartVerdict(this.#service.spec.task.restart, failed, this.tasks);
    if (verdict?.verdict === 'leave') this.#here.retire(task, this.#whyReplaced(task));
    else this.#here.create(this.#startsFirst, verdict?.delayMs ?? 0, '', task.id);
  }

  /**
   * Does what needs no leave: fills an empty place, restarts what ended, replaces an older spec that serves nobody, carries a
   * replacement on; nothing once the plan has made as many tasks as it may. Returns whether an older spec still serves here, so that replacing it is the update's to decide.
   */
  settle(paused: boolean): boolean {
    if (this.#pass.newTasks.isUsedUp) return false;
    const fresh = this.fresh;
    if (fresh === undefined) {
      if (this.stale.some(isServing)) return true;
      for (const task of this.stale) this.#here.retire(task, this.#whyReplaced(task));
      this.#here.create(this.#mayRunBeside);
    } else if (paused && this.#hasNotTakenOver(fresh)) {
      this.#here.retire(fresh, 'the update stands still');
      return true;
    } else if (isLive(fresh)) this.#carryOn(fresh);
    else this.#afterEnd(fresh, paused);
    return false;
  }

  /** Whether what it replaces serves still, and may go on where it is: then an update that stands still goes no further here. */
  #hasNotTakenOver(fresh: Task): boolean {
    return isLive(fresh) && !isServing(fresh) && this.stale.some((task) => isServing(task) && this.#here.whyGo(task) === undefined);
  }

  /** Begins to replace the older spec. */
  replace(): void {
    this.#here.create(this.#mayRunBeside);
  }

  get #startsFirst(): boolean {
    return updatePace(this.#service).order === UpdateOrder.START_FIRST;
  }

  #carryOn(fresh: Task): void {
    // One that was made to wait for the end of the others goes on like that, though the order is another one now: else each waits for the other.
    const waits = this.#startsFirst && fresh.desiredState === TaskState.RUNNING;
    const takesOver = (waits ? isServing(fresh) : fresh.status.state >= TaskState.READY) || this.#isInTheWay(fresh);
    for (const task of this.leaving) {
      if (takesOver || !isLive(task) || this.#goesAnyway(fresh, task)) this.#here.retire(task, this.#whyReplaced(task));
    }
    this.#here.release(fresh);
  }

  /** Whether it has to leave its node though its successor has no room anywhere. */
  #goesAnyway(fresh: Task, task: Task): boolean {
    if (!this.#isNowhere(fresh) || !this.#here.goesInAnyCase(task)) return false;
    return firstStartHold(this.#pass.draft, this.#service, this.#pass.known) === undefined;
  }

  /** Why a task of this place is stopped for the sake of the one that follows, one sentence. */
  #whyReplaced(task: Task): string {
    const leaves = this.#here.whyGo(task);
    if (leaves !== undefined) return leaves;
    const next = this.tasks.find(({ replaces }) => replaces === task.id);
    if (next !== undefined) return `it was moved to ${this.#pass.draft.node(next.nodeId)?.description.hostname ?? 'another node'}`;
    if (task.specVersion === this.#service.specVersion) return 'its service is restarted after one that it depends on';
    return goesBack(this.#service) ? 'its service goes back to what it was' : 'its service was updated';
  }

  /** Whether the replacement has no room only because of what it replaces: then that has to go first. */
  #isInTheWay(fresh: Task): boolean {
    const { draft, now, fitsInstead } = this.#pass;
    if (isAssigned(fresh) || fresh.pendingReason === '' || fresh.notBeforeMs > now) return false;
    const others = this.stale.filter(isLive);
    if (this.#startsFirst && !this.#givesWay()) return false;
    // What waits for another service would have room, but not its turn.
    if (others.length === 0 || firstStartHold(draft, this.#service, this.#pass.known) !== undefined) return false;
    return !fitsInstead(draft, fresh, []) && fitsInstead(draft, fresh, others);
  }

  /**
   * Whether an old task ends before the new one serves though the order is another one: two of its kind can never stand side by side on the
   * node, as both have the same port of the host, or the same address. For want of room alone it does not: more may come.
   */
  #givesWay(): boolean {
    const { ports, task } = this.#service.spec;
    const hasFixed = task.networks.some(({ ipv4Address, ipv6Address, macAddress }) => ipv4Address + ipv6Address + macAddress !== '');
    if (!hasFixed && !ports.some(({ mode }) => mode === PublishMode.HOST)) return false;
    // What is still ending makes room in a moment.
    return this.#pass.draft.tasksOfService(this.#service.id).every((other) => !isLive(other) || isOccupant(other));
  }

  #afterEnd(ended: Task, paused: boolean): void {
    if (paused && this.stale.some(isLive)) {
      this.#here.retire(ended, endedText);
      return;
    }
    const verdict = restartVerdict(this.#service.spec.task.restart, ended, this.tasks);
    if (verdict.verdict === 'leave') {
      if (verdict.failed === undefined) for (const task of this.stale) this.#here.retire(task, this.#whyReplaced(task));
      return;
    }
    this.#here.retire(ended, endedText);
    this.#here.createAgain(ended, verdict, this.#mayRunBeside);
  }

  /** Whether all that still runs here ends because those end whom it shares something with: none of it is of use to the next one's clients. */
  get #othersGoWithTheirLender(): boolean {
    return this.tasks.every((task) => !isLive(task) || (!isOccupant(task) && hasLostLender(this.#pass.draft, task)));
  }

  get #mayRunBeside(): boolean {
    return this.#startsFirst && (this.stale.some(isServing) || this.#othersGoWithTheirLender);
  }
}
