import type { Transaction } from '@tso/proto';
import type { CommandPlace } from '../raft/io/command-queue.ts';
import type { RaftDriver } from '../raft/io/driver.ts';
import type { Chunks } from '../raft/io/ports.ts';
import type { AppliedListener } from '../store/applied.ts';
import type { ApplyResult, Change } from '../store/apply.ts';
import type { View } from '../store/view.ts';
import type { ChangeFilter, SubscribeOptions } from '../store/watch.ts';
import type { Committed, Proposer } from './proposer.ts';
import type { StoreMachine } from './store-machine.ts';
import { checkCommand, conflictError, toCommand } from './transactions.ts';

/** The store behind the log of all managers: any of them takes a change, and what it answers is in its own view. */
export class ReplicatedStore implements Proposer {
  readonly #driver: RaftDriver<ApplyResult>;
  readonly #machine: StoreMachine;

  constructor(driver: RaftDriver<ApplyResult>, machine: StoreMachine) {
    this.#driver = driver;
    this.#machine = machine;
  }

  get view(): View {
    return this.#machine.view;
  }

  async propose(transaction: Transaction): Promise<Committed> {
    return this.#command(toCommand(transaction), 'anywhere');
  }

  /** A change that another manager passed on: taken only where the leader is, or it might be passed on for ever. Errors as `propose`. */
  async proposePassedOn(command: Uint8Array): Promise<Committed> {
    checkCommand(command);
    return this.#command(command, 'here');
  }

  /**
   * The same store for what is decided as the leader of that term: a change that was planned on what one leader knew is refused
   * (UNAVAILABLE) once that leadership is over, rather than made by the next leader, who plans on its own.
   */
  inTerm(term: number): Proposer {
    const store = this;
    return {
      get view() {
        return store.view;
      },
      propose: async (transaction) => this.#command(toCommand(transaction), { term }),
      fresh: () => this.fresh(),
      subscribe: (filter, options) => this.subscribe(filter, options),
    };
  }

  /** All of it as of now, for a backup; later changes do not touch it. */
  capture(): { readonly index: number; readonly contents: Chunks } {
    return { index: this.#machine.view.index, contents: this.#machine.capture() };
  }

  fresh(): Promise<void> {
    return this.#driver.read();
  }

  subscribe(filter: ChangeFilter, options: SubscribeOptions): AsyncIterable<Change[] | 'resync'> {
    return this.#machine.watch.subscribe(filter, options);
  }

  /** Calls with each transaction that this manager applies from now on (`StoreMachine.onApplied`). */
  onApplied(listener: AppliedListener): () => void {
    return this.#machine.onApplied(listener);
  }

  async #command(command: Uint8Array, place: CommandPlace): Promise<Committed> {
    const { index, outcome } = await this.#driver.command(command, place);
    // Passed on, a conflict came back as the leader's error.
    if (outcome?.ok === false) throw conflictError(outcome.conflict);
    return { index };
  }
}
