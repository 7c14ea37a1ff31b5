import { type Clock, type Lifecycle, type Logger, sentenceOf } from '@tso/proto';
import { limits } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import type { Change } from '../store/apply.ts';
import { authorityId } from './authority.ts';
import { canFinish, finishedRotation } from './rotation.ts';

export interface RotationKeeperPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** More changes at once are read anew. */
const heldChanges = 1_000;

const concerns = ({ kind }: Change): boolean => kind === 'node' || kind === 'authority';

/** While this manager leads: once all nodes hold what the new root signed, the old one is forgotten. */
export class RotationKeeper implements Lifecycle {
  readonly #ports: RotationKeeperPorts;
  readonly #ended = new AbortController();
  #watching: Promise<void> | undefined;
  #cancelRetry: () => void = () => undefined;

  constructor(ports: RotationKeeperPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#watching ??= this.#watch();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#cancelRetry();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const changes = this.#ports.proposer.subscribe(concerns, { limit: heldChanges, signal: this.#ended.signal });
    await this.#finishIfDue();
    for await (const _ of changes) await this.#finishIfDue();
  }

  async #finishIfDue(): Promise<void> {
    const { proposer, clock, logger } = this.#ports;
    const { view } = proposer;
    const authority = view.authority();
    // Nodes change often and roots hardly ever: all of them are looked at only when one does.
    if (this.#ended.signal.aborted || authority?.rotation === undefined || !canFinish(authority, view.nodes())) return;
    this.#cancelRetry();
    const next = finishedRotation(authority);
    const expect = [{ kind: 'authority', id: authorityId, version: authority.meta.version }];
    try {
      await proposer.propose({ actions: [{ putAuthority: next }], expect, atMs: clock.now(), origin: 'ca' });
      logger.info({ epoch: next.epoch }, 'the authority was rotated: the old one is not trusted any more');
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      logger.warn({}, `the rotation of the authority could not be ended yet: ${sentenceOf(error)}`);
      this.#cancelRetry = clock.setTimer(limits.restMs, () => void this.#finishIfDue());
    }
  }
}
