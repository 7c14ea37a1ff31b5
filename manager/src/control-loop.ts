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
import { expectationsOf } from './replication/expectations.ts';
import type { Proposer } from './replication/proposer.ts';
import type { View } from './store/view.ts';

/** What a plan wants changed, and when to plan again although nothing changed (absent or 0: no need). */
export interface Plan {
  readonly actions: readonly StoreAction[];
  readonly wakeAtMs?: number | undefined;
}
export type Planner = (view: View, nowMs: number, random: RandomBytes) => Plan;

export interface ControlLoopPorts {
  readonly proposer: Proposer;
  readonly plan: Planner;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The planner threw: a bug of ours, and planning again would meet it again. */
  readonly onBroken: (error: unknown) => void;
}

/** Timers take 2^31 - 1 ms at most; looking once more does no harm. */
const longestSleepMs = 3_600_000;

/**
 * Plans after every change of the store and at the instant the last plan asked for. One plan is in flight at a time, and each is
 * made on the store as it is: what changes meanwhile makes the plan fail as a whole and be made again.
 */
export class ControlLoop implements Lifecycle {
  readonly #ports: ControlLoopPorts;
  readonly #ended = new AbortController();
  #running: Promise<void> | undefined;
  #watching: Promise<void> | undefined;
  #dirty = false;
  #restless = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(ports: ControlLoopPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    if (this.#watching !== undefined) return;
    this.#watching = this.#watch();
    this.#kick();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#cancelTimer();
    await this.#watching;
    await this.#running;
  }

  async #watch(): Promise<void> {
    const changes = this.#ports.proposer.subscribe(() => true, { limit: limits.watchedChanges, signal: this.#ended.signal });
    for await (const _ of changes) this.#kick();
  }

  #kick(): void {
    this.#dirty = true;
    if (this.#ended.signal.aborted || this.#running !== undefined) return;
    this.#running = this.#run()
      .catch((error: unknown) => this.#ports.onBroken(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #run(): Promise<void> {
    while (this.#dirty && !this.#ended.signal.aborted) {
      this.#dirty = false;
      this.#cancelTimer();
      const { proposer, plan, clock, random } = this.#ports;
      const indexBefore = proposer.view.index;
      const { actions, wakeAtMs } = plan(proposer.view, clock.now(), (count) => random.bytes(count));
      if (actions.length === 0) {
        this.#restless = 0;
        this.#sleepUntil(wakeAtMs);
        return;
      }
      await this.#propose(actions, indexBefore);
      // The plan's own change may ask for the next one, and its watch event comes a moment later.
      this.#dirty = true;
      if (await this.#restWhenRestless()) return;
    }
  }

  async #propose(actions: readonly StoreAction[], indexBefore: number): Promise<void> {
    const { proposer, clock, logger } = this.#ports;
    const started = clock.monotonic();
    try {
      const expect: readonly Expectation[] = expectationsOf(proposer.view, actions);
      const { index } = await proposer.propose({ actions, expect, atMs: clock.now(), origin: 'planner' });
      this.#restless = index === indexBefore + 1 ? this.#restless + 1 : 0;
      logger.debug({ index, actions: actions.length, tookMs: clock.monotonic() - started }, 'plan committed');
    } catch (error) {
      if (!(error instanceof TsoError) || this.#ended.signal.aborted) throw error;
      this.#restless++;
      if (error.code === 'CONFLICT') logger.debug({ details: error.details }, 'the world changed under a plan, planning again');
      else logger.warn({ code: error.code }, `a plan could not be written: ${sentenceOf(error)}`);
    }
  }

  /** A planner that is never content must not keep a processor and the disk busy. */
  async #restWhenRestless(): Promise<boolean> {
    if (this.#restless < limits.restlessPlans) return false;
    this.#ports.logger.error({ plans: this.#restless }, 'plan after plan changes something and nobody else does: resting a moment');
    this.#restless = 0;
    this.#sleepUntil(this.#ports.clock.now() + limits.restMs);
    return true;
  }

  #sleepUntil(wakeAtMs: number | undefined): void {
    this.#cancelTimer();
    if (wakeAtMs === undefined || wakeAtMs === 0 || !Number.isFinite(wakeAtMs)) return;
    const delay = Math.min(Math.max(wakeAtMs - this.#ports.clock.now(), 1), longestSleepMs);
    this.#cancelTimer = this.#ports.clock.setTimer(delay, () => this.#kick());
  }
}
