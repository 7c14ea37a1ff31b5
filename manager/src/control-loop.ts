import {
  type Clock,
  type Expectation,
  type Lifecycle,
  type Logger,
  type Random,
  type RandomBytes,
  type StoreAction,
  sentenceOf,
  TsoError,
} from '@tso/proto';
import { limits } from './limits.ts';
import { PlannerMemory } from './planner.ts';
import { expectationsOf } from './replication/expectations.ts';
import type { Proposer } from './replication/proposer.ts';
import type { Change } from './store/apply.ts';
import type { View } from './store/view.ts';

/** What a plan wants changed, and when to plan again although nothing changed (absent or 0: no need). */
export interface Plan {
  readonly actions: readonly StoreAction[];
  readonly wakeAtMs?: number | undefined;
  /** There is more to do, or to look at, than one plan does: that the next one follows is then no sign of restlessness. */
  readonly isPartial?: boolean;
}
export type Planner = (view: View, nowMs: number, random: RandomBytes, memory: PlannerMemory) => Plan;

export interface ControlLoopPorts {
  readonly proposer: Proposer;
  readonly plan: Planner;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The planner threw: a bug of ours, and planning again would meet it again. */
  readonly onBroken: (error: unknown) => void;
  /** Hears how long each plan took, in seconds without the writing, and what became of it. */
  readonly onPlan?: (seconds: number, outcome: PlanOutcome) => void;
}

/**
 * The cluster's time may be set forward, or go faster than timers do: between two looks at it no more of it is missed than that. What is due by
 * the clock on the wall (jobs with a schedule) is not to wait for more.
 */
const longestSleepMs = 1_000;

/** Parts of a large plan follow each other for good reason, though not for ever. */
const partialWeight = 0.02;

/** A plan that takes so long holds up others that wait for the event loop. */
const longPlanMs = 10;

/** What no plan looks at need not wake the planner, however often it is written. */
const isPlanned = ({ kind }: Change): boolean => kind !== 'config' && kind !== 'secret' && kind !== 'manager';

type Written = 'committed' | 'conflict' | 'failed';
export type PlanOutcome = Written | 'none';

/**
 * Plans after every change of the store and at the instant the last plan asked for. One plan is in flight at a time, and each is
 * made on the store as it is: what changes meanwhile makes the plan fail as a whole and be made again. One is made for each leadership,
 * on a proposer that writes in this leadership alone: a plan of a manager that no longer leads must not be written through the next one.
 */
export class ControlLoop implements Lifecycle {
  readonly #ports: ControlLoopPorts;
  readonly #ended = new AbortController();
  readonly #memory = new PlannerMemory();
  #watching: Promise<void> | undefined;
  #isRunning = false;
  #isResting = false;
  #isFresh = false;
  #dirty = false;
  #restless = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(ports: ControlLoopPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    if (this.#watching !== undefined || this.#hasEnded) return;
    this.#watching = this.#watch();
    this.#kick();
  }

  /** No plan is made after that. One that is being written may still come to stand in the log or not: nobody here waits for it. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#cancelTimer();
    await this.#watching;
  }

  get #hasEnded(): boolean {
    return this.#ended.signal.aborted;
  }

  async #watch(): Promise<void> {
    const changes = this.#ports.proposer.subscribe(isPlanned, { limit: limits.watchedChanges, signal: this.#ended.signal });
    for await (const _ of changes) this.#kick();
  }

  #kick(): void {
    this.#dirty = true;
    if (this.#hasEnded || this.#isRunning || this.#isResting) return;
    this.#isRunning = true;
    this.#run().then(
      () => {
        this.#isRunning = false;
        // What came while the run was ending found it running still.
        if (this.#dirty) this.#kick();
      },
      // It stays as if it ran: planning again would meet the same bug again.
      (error: unknown) => this.#ports.onBroken(error),
    );
  }

  async #run(): Promise<void> {
    while (this.#dirty && !this.#hasEnded) {
      this.#dirty = false;
      this.#cancelTimer();
      if (!(await this.#readFresh())) return this.#rest();
      if (this.#hasEnded) return;
      const { proposer, plan, clock, random } = this.#ports;
      const indexBefore = proposer.view.index;
      const startedAt = clock.monotonic();
      const { actions, wakeAtMs, isPartial = false } = plan(proposer.view, clock.now(), (count) => random.bytes(count), this.#memory);
      const seconds = (clock.monotonic() - startedAt) / 1_000;
      if (actions.length === 0) {
        this.#restless = 0;
        this.#ports.onPlan?.(seconds, 'none');
        await this.#giveWay(seconds * 1_000);
        this.#dirty ||= isPartial;
        if (!this.#dirty) return this.#sleepUntil(wakeAtMs);
        continue;
      }
      const written = await this.#propose(actions, indexBefore, isPartial ? partialWeight : 1);
      this.#ports.onPlan?.(seconds, written);
      if (written === 'failed') return this.#rest();
      if (this.#isRestless()) return this.#rest();
      // The plan's own change may ask for the next one, and its watch event comes a moment later.
      this.#dirty = true;
    }
  }

  /** After a plan that took long everything else has the event loop as long; what changes meanwhile is planned together. */
  async #giveWay(tookMs: number): Promise<void> {
    if (tookMs < longPlanMs || this.#hasEnded) return;
    await new Promise<void>((resolve) => {
      this.#cancelTimer = this.#ports.clock.setTimer(Math.ceil(tookMs), resolve);
    });
  }

  /** Before the first plan: what was committed under the leader before may not be in the view yet, and would be made a second time. */
  async #readFresh(): Promise<boolean> {
    if (this.#isFresh) return true;
    try {
      await this.#ports.proposer.fresh();
      this.#isFresh = true;
      return true;
    } catch (error) {
      return this.#failed(error, 'the store as it is now could not be had to plan on');
    }
  }

  async #propose(actions: readonly StoreAction[], indexBefore: number, weight: number): Promise<Written> {
    const { proposer, clock, logger } = this.#ports;
    const started = clock.monotonic();
    try {
      const expect: readonly Expectation[] = expectationsOf(proposer.view, actions);
      const { index } = await proposer.propose({ actions, expect, atMs: clock.now(), origin: 'planner' });
      this.#restless = index === indexBefore + 1 ? this.#restless + weight : 0;
      logger.debug({ index, actions: actions.length, tookMs: clock.monotonic() - started }, 'plan committed');
      return 'committed';
    } catch (error) {
      if (!(error instanceof TsoError) || error.code !== 'CONFLICT') {
        this.#failed(error, 'a plan could not be written');
        return 'failed';
      }
      this.#restless++;
      logger.debug({ details: error.details }, 'the world changed under a plan, planning again');
      return 'conflict';
    }
  }

  /** A failure of the log, which is not ours to die of; always false. Whatever else was thrown is a bug. */
  #failed(error: unknown, what: string): false {
    if (!(error instanceof TsoError)) throw error;
    // Leadership moved on, and with it the planning.
    if (!this.#hasEnded) this.#ports.logger.warn({ code: error.code }, `${what}: ${sentenceOf(error)}`);
    return false;
  }

  /** A planner that is never content must not keep a processor and the disk busy. */
  #isRestless(): boolean {
    if (this.#restless < limits.restlessPlans) return false;
    this.#ports.logger.error({ plans: this.#restless }, 'plan after plan changes something and nobody else does: resting a moment');
    this.#restless = 0;
    return true;
  }

  /** Looks again in a moment, and not before: whatever changes meanwhile, its own last plan too, has to wait. */
  #rest(): void {
    if (this.#hasEnded) return;
    this.#isResting = true;
    this.#cancelTimer = this.#ports.clock.setTimer(limits.restMs, () => {
      this.#isResting = false;
      this.#kick();
    });
  }

  /** Plans at that instant of the cluster's time, or at once when it has come. */
  #sleepUntil(wakeAtMs: number | undefined): void {
    this.#cancelTimer();
    if (this.#hasEnded || wakeAtMs === undefined || wakeAtMs === 0 || !Number.isFinite(wakeAtMs)) return;
    const { clock } = this.#ports;
    const delay = Math.min(Math.max(wakeAtMs - clock.now(), 1), longestSleepMs);
    this.#cancelTimer = clock.setTimer(delay, () => {
      if (clock.now() < wakeAtMs) this.#sleepUntil(wakeAtMs);
      else this.#kick();
    });
  }
}
