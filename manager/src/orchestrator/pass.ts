import type { Node, RandomBytes, Service, Task } from '@tso/proto';
import { GoingDown } from '../rules/going-down.ts';
import { Known, KnownNow } from '../rules/known.ts';
import type { FindMove } from '../rules/rebalancing.ts';
import type { Draft } from '../store/transaction.ts';
import { beyondMost, crowdedOut } from './crowded.ts';

/** Whether a task that fits nowhere would fit were those others gone. The planner knows; the orchestrator asks. */
export type FitsInstead = (draft: Draft, task: Task, others: readonly Task[]) => boolean;

/** What the orchestrator asks of who places tasks. */
export interface Placing {
  readonly fitsInstead: FitsInstead;
  readonly findMove: FindMove;
  /** Whether more is reserved on a node than it has, by what is known at the plan's beginning. @default it is counted */
  readonly isCrowded?: (node: Node) => boolean;
}

/** How many tasks one plan still changes in some way. The rest is left to the next plans, so that none holds the event loop for long. */
export class Allowance {
  #left: number;

  constructor(tasks: number) {
    this.#left = tasks;
  }

  get isUsedUp(): boolean {
    return this.#left <= 0;
  }

  get left(): number {
    return Math.max(0, this.#left);
  }

  take(): void {
    this.#left -= 1;
  }
}

/** One planning pass: what its parts read and write, and the one instant that all of them see. */
export class Pass {
  readonly draft: Draft;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: RandomBytes;
  readonly fitsInstead: FitsInstead;
  readonly findMove: FindMove;
  readonly newTasks: Allowance;
  /** Which services are being removed, and what they need, is the same throughout a pass. */
  readonly goingDown: GoingDown;
  #wakeAtMs: number | undefined;
  #service = '';
  #last: string | undefined;
  readonly #knownNow: KnownNow;
  readonly #changed = new Set<string>();
  readonly #wakes = new Map<string, number>();

  readonly #isCrowded: (node: Node) => boolean;
  readonly #crowdedOut = new Map<string, ReadonlyMap<string, string>>();
  readonly #beyondMost = new Map<string, ReadonlySet<string>>();

  constructor(
    draft: Draft,
    now: number,
    random: RandomBytes,
    { fitsInstead, findMove, isCrowded = () => true }: Placing,
    newTasks: Allowance,
  ) {
    this.draft = draft;
    this.now = now;
    this.random = random;
    this.fitsInstead = fitsInstead;
    this.findMove = findMove;
    this.newTasks = newTasks;
    this.#isCrowded = isCrowded;
    this.goingDown = new GoingDown(draft);
    const { failures } = new Known();
    this.#knownNow = new KnownNow(draft, () => new Known(failures));
  }

  /** Asks for another plan at that instant, because then time alone will have changed something. */
  wakeAt(atMs: number): void {
    this.#wakeAtMs = Math.min(atMs, this.#wakeAtMs ?? atMs);
    this.#wakes.set(this.#service, Math.min(atMs, this.#wakes.get(this.#service) ?? atMs));
  }

  /** Does something for that service: what it changes, and when it wants another plan, is noted as the service's. */
  of(serviceId: string, work: () => void): void {
    const before = this.draft.revision;
    this.#service = serviceId;
    work();
    this.#service = '';
    if (this.draft.revision !== before) this.#changed.add(serviceId);
  }

  /**
   * What was found of the services as the draft has them now, but for failures: those are as found when the pass first came by, so that a
   * change of many services is not looked through anew after each of them. They are for people, and for who can do without a service that failed.
   */
  get known(): Known {
    return this.#knownNow.known;
  }

  /** Tasks that the node has no room for any more, each with what it lacks; as when the pass first asked. */
  crowdedOut(node: Node): ReadonlyMap<string, string> {
    const known = this.#crowdedOut.get(node.id) ?? (this.#isCrowded(node) ? crowdedOut(this.draft, node) : new Map());
    this.#crowdedOut.set(node.id, known);
    return known;
  }

  /** Services with tasks that were found to have no room on their nodes any more. */
  get crowdedServices(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const out of this.#crowdedOut.values())
      for (const id of out.keys()) {
        const task = this.draft.task(id);
        if (task !== undefined) ids.add(task.serviceId);
      }
    return ids;
  }

  /** Tasks of the service that are too many on their nodes; as when the pass first asked. */
  beyondMost(service: Service): ReadonlySet<string> {
    const known = this.#beyondMost.get(service.id) ?? beyondMost(this.draft, service);
    this.#beyondMost.set(service.id, known);
    return known;
  }

  /** Notes that all was done for the service that there was room for. */
  lookedAt(serviceId: string): void {
    this.#last = serviceId;
  }

  /** The last service that was looked at: there was no room for those after it in the scope. */
  get last(): string | undefined {
    return this.#last;
  }

  /** Services that something was changed of. */
  get changed(): ReadonlySet<string> {
    return this.#changed;
  }

  /** By service. */
  get wakes(): ReadonlyMap<string, number> {
    return this.#wakes;
  }

  get wakeAtMs(): number | undefined {
    return this.#wakeAtMs;
  }
}
