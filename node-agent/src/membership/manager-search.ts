import type { Clock, Random } from '@tso/proto';
import { limits } from '../limits.ts';
import {
  firstPlan,
  freshRound,
  nextTarget,
  type Outcome,
  type Plan,
  pauseMs,
  planAfter,
  planFrom,
  type Target,
  type Ways,
} from './connect-plan.ts';
import { type ConnectToManager, ManagerConnection } from './manager-connection.ts';
import { outcomeOf } from './session-outcome.ts';
import type { Ended } from './session-pulse.ts';

export interface ManagerSearchPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Whom there is to turn to. */
  readonly ways: () => Ways;
  readonly connect: ConnectToManager;
}

const planLimits = {
  spreadMs: limits.reconnectSpreadMs,
  longestMs: limits.reconnectMaxMs,
  redirects: limits.redirects,
  waits: limits.leaderWaits,
  staleWaits: limits.staleLeaderWaits,
};

/** Goes from manager to manager until one welcomes: whom to ask, on which connection, and when. */
export class ManagerSearch {
  readonly #ports: ManagerSearchPorts;
  #plan: Plan;
  /** The connection that the next attempt may use again. */
  #kept: ManagerConnection | undefined;
  #stopped = false;
  #endPause: () => void = () => undefined;

  /** @param begin address of the manager to begin with; empty: any */
  constructor({ begin }: { readonly begin: string }, ports: ManagerSearchPorts) {
    this.#ports = ports;
    this.#plan = begin === '' ? firstPlan : planFrom(begin);
  }

  /** Whom to ask now; undefined: nobody is known. */
  next(): Target | undefined {
    const ways = this.#ports.ways();
    this.#plan = freshRound(this.#plan, ways);
    return nextTarget(this.#plan, ways, this.#ports.random.number());
  }

  /** A connection to it, the one that stands if there is one. Throws while this node has nothing to show. */
  connection(target: Target): ManagerConnection {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept?.isTo(target) === true) return kept;
    kept?.end('at once');
    return new ManagerConnection(target, this.#ports.connect);
  }

  /** How an attempt at it counts, and what becomes of its connection. */
  ended(target: Target | undefined, connection: ManagerConnection | undefined, { error, wasWelcome, isOurs, isSilent }: Ended): Outcome {
    const outcome: Outcome = isOurs ? { kind: 'given-up' } : outcomeOf(error, wasWelcome);
    const { kind } = outcome;
    // Whoever is there and only cannot serve just now is asked again by what stands, without another handshake.
    if (kind === 'leaderless' || kind === 'admission' || kind === 'redirected') this.#kept = connection;
    // Streams to clients may still have their last words to carry.
    else connection?.end(wasWelcome && !isSilent ? 'when its calls have' : 'at once');
    this.#plan = planAfter(this.#plan, target, outcome, planLimits, connection?.reachedAt);
    return outcome;
  }

  /** The time until the next attempt; none once stopped. */
  async pause(outcome: Outcome): Promise<void> {
    if (this.#stopped) return;
    const ms = pauseMs(this.#plan, outcome, this.#ports.random.number(), planLimits);
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.clock.setTimer(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
    this.#endPause = () => undefined;
  }

  /** Does not wait for the rest of a pause: something has changed that makes another attempt worth while. */
  hurry(): void {
    this.#plan = firstPlan;
    this.#endPause();
  }

  stop(): void {
    this.#stopped = true;
    this.#endPause();
  }

  /** Ends what stands without being used. To be called when nothing is tried any more. */
  close(): void {
    this.#kept?.end('at once');
  }
}
