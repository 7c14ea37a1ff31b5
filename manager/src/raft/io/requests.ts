import { sentenceOf, TsoError } from '@tso/proto';
import { type NodeId, nobody, type RaftCore, type Role } from '../core/index.ts';
import { AppliedWaiters } from './applied-waiters.ts';
import { type CommandPlace, CommandQueue, type QueuedCommand } from './command-queue.ts';
import type { DriverOptions } from './driver-options.ts';
import { Forwarded } from './forwarded.ts';
import { failure, outcomeOf, withoutQuorum } from './outcome.ts';
import { type Applied, PendingCommands } from './pending-commands.ts';
import { PendingReads } from './pending-reads.ts';
import type { RaftTransport } from './ports.ts';

/** The outcome is missing when the command was handed to the leader, which alone has seen it. */
export type CommandResult<Outcome> = Applied<Outcome | undefined>;

/** What the requests have to know of the node at any moment. */
export interface RequestView {
  readonly tick: number;
  /** Ticks since somebody was known to lead; 0 while somebody is. */
  readonly leaderlessTicks: number;
  readonly role: Role;
  readonly lead: NodeId;
  readonly term: number;
  readonly appliedIndex: number;
}

/** An election takes between one and two times `electionTicks`; so many of them without a leader are no bad luck any more. */
const hopelessElections = 6;

const misplaced = (lead: NodeId): string =>
  lead === nobody
    ? 'this manager does not lead, and nobody else does just now'
    : `this manager does not lead as it did, manager ${lead} does now`;

const notTaken = (lead: NodeId): TsoError => {
  const hint = 'See which managers answer (tso doctor, on a host of the cluster), then try again';
  return lead === nobody
    ? withoutQuorum('the change was not made: the managers have no leader: too few of them answer', hint)
    : failure('refused', 'UNAVAILABLE', `the change was not made: the leader, manager ${lead}, did not take it in time`, { hint });
};

const missing = (index: number): TsoError =>
  failure('unknown', 'DEADLINE_EXCEEDED', `this manager did not receive log index ${index} in time; the change there is made`, {
    hint: 'Ask another manager',
  });

/** Everyone who asked this node for something and waits: from the queue, by way of the log or the leader, to what is applied. */
export class Requests<Outcome> {
  readonly #options: Pick<DriverOptions, 'maxPending' | 'patienceMs' | 'tickMs' | 'electionTicks'>;
  readonly #transport: RaftTransport;
  readonly #view: () => RequestView;
  readonly #wake: () => void;
  readonly #queue = new CommandQueue<CommandResult<Outcome>>();
  readonly #commands = new PendingCommands<Outcome | undefined>();
  readonly #waiters = new AppliedWaiters(missing);
  readonly #reads: PendingReads;
  readonly #forwarded: Forwarded;
  #closed = false;

  constructor(
    options: Pick<DriverOptions, 'maxPending' | 'patienceMs' | 'tickMs' | 'heartbeatTicks' | 'electionTicks'>,
    ports: {
      readonly transport: RaftTransport;
      readonly view: () => RequestView;
      readonly wake: () => void;
      /** Differs from life to life. */
      readonly nonce: string;
    },
  ) {
    this.#options = options;
    this.#transport = ports.transport;
    this.#view = ports.view;
    this.#wake = ports.wake;
    this.#forwarded = new Forwarded(options.electionTicks);
    this.#reads = new PendingReads(ports.nonce, options.heartbeatTicks * 2);
  }

  command(data: Uint8Array, place: CommandPlace): Promise<CommandResult<Outcome>> {
    const { maxPending } = this.#options;
    if (this.#queue.size + this.#commands.size >= maxPending) {
      const why = `${maxPending} changes already wait for a majority of the managers`;
      return Promise.reject(failure('refused', 'RESOURCE_EXHAUSTED', why, { hint: 'Try again in a moment' }));
    }
    return new Promise((resolve, reject) => {
      this.#queue.add({ data, place, deadlineTick: this.#deadline(), resolve, reject });
      this.#wake();
    });
  }

  /** A change of members that the core took at that position. */
  placed(index: number, term: number): Promise<{ readonly index: number }> {
    return new Promise((resolve, reject) => {
      this.#commands.add(index, { term, deadlineTick: this.#deadline(), resolve, reject });
      this.#wake();
    });
  }

  async read(): Promise<void> {
    const deadlineTick = this.#deadline();
    const index = await new Promise<number>((resolve, reject) => {
      this.#reads.add({ deadlineTick, resolve, reject });
      this.#wake();
    });
    await this.#whenApplied(index, deadlineTick);
  }

  /** Gives waiting commands and reads to whoever can take them now. */
  place(core: RaftCore): void {
    const { role, lead, term, tick } = this.#view();
    if (this.#queue.size > 0) {
      this.#queue.refuseMisplaced(role === 'leader' ? term : undefined, misplaced(lead));
      if (role === 'leader') this.#propose(core);
      else if (lead !== nobody) {
        for (const command of this.#queue.takeAll()) void this.#forward(lead, command);
      }
    }
    const context = this.#reads.begin(tick);
    if (context !== undefined && !core.readIndex(context).accepted) this.#reads.postpone();
  }

  confirmed(context: string, index: number): void {
    this.#reads.confirmed(context, index);
  }

  applied(index: number, term: number, outcome: Outcome | undefined): void {
    this.#commands.applied(index, term, outcome);
  }

  /** Everything up to the index is applied. */
  advance(index: number): void {
    this.#waiters.advance(index);
  }

  /** A snapshot was applied in place of the entries up to there. */
  passed(index: number): void {
    this.#commands.passed(index);
    this.#waiters.advance(index);
  }

  expire(): void {
    const { tick, lead, leaderlessTicks } = this.#view();
    // Several elections in a row came to nothing: a majority is missing, and waiting longer would only keep that from the caller.
    const patienceEnds = leaderlessTicks >= hopelessElections * this.#options.electionTicks;
    this.#queue.expire(patienceEnds ? Number.POSITIVE_INFINITY : tick, () => notTaken(lead));
    this.#commands.expire(tick);
    this.#forwarded.expire(tick, lead);
    this.#reads.expire(patienceEnds ? Number.POSITIVE_INFINITY : tick);
    this.#waiters.expire(tick);
  }

  failAll(why: TsoError): void {
    this.#closed = true;
    const [refused, unknown] = (['refused', 'unknown'] as const).map((outcome) =>
      failure(outcome, 'UNAVAILABLE', why.message, { cause: why }),
    );
    if (refused === undefined || unknown === undefined) return;
    this.#queue.failAll(refused);
    this.#commands.failAll(unknown);
    this.#reads.failAll(refused);
    this.#waiters.failAll(unknown);
  }

  #deadline(): number {
    return this.#view().tick + Math.ceil(this.#options.patienceMs / this.#options.tickMs);
  }

  #propose(core: RaftCore): void {
    const batch = this.#queue.takeBatch();
    const result = core.propose(...batch.map(({ data }) => data));
    // Refused while leadership is handed over, or while too much waits: the next round, or the next leader, takes it.
    if (!result.accepted || result.at === undefined) {
      this.#queue.putBack(batch);
      return;
    }
    const { index, term } = result.at;
    for (const [position, command] of batch.entries()) this.#commands.add(index + position, { ...command, term });
  }

  async #forward(to: NodeId, command: QueuedCommand<CommandResult<Outcome>>): Promise<void> {
    try {
      const { index } = await this.#forwarded.during(to, this.#transport.forward(to, command.data));
      await this.#whenApplied(index, command.deadlineTick);
      command.resolve({ index, outcome: undefined });
    } catch (error) {
      // What certainly was not made may be placed again, once: by the next tick there may be another leader.
      if (this.#mayRetry(error, command.deadlineTick)) this.#queue.add(command);
      else command.reject(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
    }
  }

  #mayRetry(error: unknown, deadlineTick: number): boolean {
    const refused = error instanceof TsoError && error.code === 'UNAVAILABLE' && outcomeOf(error) === 'refused';
    return refused && !this.#closed && deadlineTick > this.#view().tick;
  }

  #whenApplied(index: number, deadlineTick: number): Promise<void> {
    if (index <= this.#view().appliedIndex) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.add({ index, deadlineTick, resolve, reject }));
  }
}
