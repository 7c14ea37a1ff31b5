import { type Clock, type Lifecycle, type Logger, sentenceOf } from '@tso/proto';
import type { RaftDriver } from '../raft/io/driver.ts';
import type { ApplyResult } from '../store/apply.ts';
import { nextChange } from './member-rules.ts';
import { membersSeen } from './members-seen.ts';
import type { Proposer } from './proposer.ts';

export interface MembershipKeeperPorts {
  readonly driver: RaftDriver<ApplyResult>;
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often the leader looks whether a newcomer has caught up. */
const lookMs = 100;

/** While this manager leads: makes the members what the store wishes, one change after the other. */
export class MembershipKeeper implements Lifecycle {
  readonly #ports: MembershipKeeperPorts;
  #cancel: () => void = () => undefined;
  #running = false;
  #changing: Promise<void> | undefined;

  constructor(ports: MembershipKeeperPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#running = true;
    this.kick();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancel();
    await this.#changing;
  }

  /** Looks now rather than in a while. */
  kick(): void {
    if (!this.#running || this.#changing !== undefined) return;
    this.#cancel();
    this.#changing = this.#step().finally(() => {
      this.#changing = undefined;
      if (this.#running) this.#cancel = this.#ports.clock.setTimer(lookMs, () => this.kick());
    });
  }

  async #step(): Promise<void> {
    const { driver, proposer, logger } = this.#ports;
    if (driver.role !== 'leader') return;
    const change = nextChange(proposer.view.managers(), membersSeen(driver));
    if (change === undefined) return;
    try {
      const { index } = await driver.changeMembers(change);
      logger.info({ index, steps: change.steps }, 'members changed');
    } catch (error) {
      // The core refuses what would lose the quorum, or comes too early: the next look tries again.
      logger.debug({ steps: change.steps }, sentenceOf(error));
    }
  }
}
