import { type Clock, type TaskStatusUpdate, TsoError } from '@tso/proto';
import { limits, windows } from '../limits.ts';
import { expectationsOf } from '../replication/expectations.ts';
import type { Proposer } from '../replication/proposer.ts';
import { type StatusBatch, statusActions, withReport } from './status-batch.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const refused = (): TsoError => new TsoError('UNAVAILABLE', 'this manager no longer takes statuses');

/** Gathers what the agents say of their tasks for a moment and writes it as one transaction. */
export class StatusWriter {
  readonly #proposer: Proposer;
  readonly #clock: Clock;
  #batch: StatusBatch = new Map();
  #waiters: Waiter[] = [];
  #flushing: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;
  #discards = false;

  constructor({ proposer, clock }: { readonly proposer: Proposer; readonly clock: Clock }) {
    this.#proposer = proposer;
    this.#clock = clock;
  }

  /** Resolves once these statuses are durable, or known to be nothing new. UNAVAILABLE: after `stop`, or no leader. */
  report(nodeId: string, updates: readonly TaskStatusUpdate[]): Promise<void> {
    if (this.#stopped) return Promise.reject(refused());
    this.#batch = withReport(this.#batch, nodeId, updates);
    const done = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#schedule();
    return done;
  }

  /** Writes what is gathered without waiting for the window to end, and takes nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#flushing;
    await this.#flush();
  }

  /** Nothing more is written, not even what is gathered. */
  discard(): void {
    this.#stopped = true;
    this.#discards = true;
  }

  #schedule(): void {
    if (this.#stopped || this.#cancelTimer !== undefined || this.#flushing !== undefined || this.#waiters.length === 0) return;
    this.#cancelTimer = this.#clock.setTimer(windows.statusesMs, () => {
      this.#cancelTimer = undefined;
      this.#flushing = this.#flush().finally(() => {
        this.#flushing = undefined;
        this.#schedule();
      });
    });
  }

  async #flush(): Promise<void> {
    const [batch, waiters] = [this.#batch, this.#waiters];
    this.#batch = new Map();
    this.#waiters = [];
    try {
      await this.#write(batch);
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      for (const { reject } of waiters) reject(error);
    }
  }

  async #write(batch: StatusBatch): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const actions = statusActions(this.#proposer.view, batch);
      if (actions.length === 0) return;
      if (this.#discards) throw refused();
      const expect = expectationsOf(this.#proposer.view, actions);
      try {
        await this.#proposer.propose({ actions, expect, atMs: this.#clock.now(), origin: 'dispatcher' });
        return;
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'CONFLICT' || attempt >= limits.conflictRetries) throw error;
      }
    }
  }
}
