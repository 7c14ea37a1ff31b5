import { EventEmitter } from 'node:events';
import { type Clock, type Lifecycle, type Logger, type Random, sentenceOf, TsoError } from '@tso/proto';
import {
  awaitsDurability,
  type ConfChange,
  type ConfState,
  type Entry,
  emptyConfState,
  isConfChange,
  type Message,
  type NodeId,
  nobody,
  RaftCore,
  type RaftStatus,
  type Ready,
  type Role,
  type StepResult,
} from '../core/index.ts';
import { AppliedWaiters } from './applied-waiters.ts';
import { CommandQueue, type QueuedCommand } from './command-queue.ts';
import { coreOptions, type DriverOptions } from './driver-options.ts';
import type { DriverEvents } from './events.ts';
import { failure, outcomeOf } from './outcome.ts';
import { type Applied, PendingCommands } from './pending-commands.ts';
import { PendingReads } from './pending-reads.ts';
import type { RaftDisk, RaftTransport, StateMachine } from './ports.ts';
import { type AppliedPosition, Snapshotter } from './snapshotter.ts';

export interface DriverPorts<Outcome> {
  readonly disk: RaftDisk;
  readonly transport: RaftTransport;
  readonly machine: StateMachine<Outcome>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Calls once, after what else is ready to run now: what arrives together is handled together. */
  readonly soon: (work: () => void) => void;
  /** Nothing more can be promised: the disk failed, or this log lacks what it once acknowledged. Called at most once. */
  readonly onBroken: (error: TsoError) => void;
}

/** The outcome is missing when the command was handed to the leader, which alone has seen it. */
export type CommandResult<Outcome> = Applied<Outcome | undefined>;

const membersOf = ({ voters, votersOutgoing, learners, learnersNext }: ConfState): ReadonlySet<NodeId> =>
  new Set([...voters, ...votersOutgoing, ...learners, ...learnersNext]);

/**
 * One member of the group at work: owns the core, does what each Ready says in the order that durability asks for, and answers
 * whoever proposed. Committed entries are applied while the disk still writes what is new: that a majority has them is enough.
 */
export class RaftDriver<Outcome> extends EventEmitter<DriverEvents> implements Lifecycle {
  readonly #options: DriverOptions;
  readonly #ports: DriverPorts<Outcome>;
  readonly #queue = new CommandQueue<CommandResult<Outcome>>();
  readonly #commands = new PendingCommands<Outcome | undefined>();
  readonly #waiters = new AppliedWaiters((index) =>
    failure('unknown', 'DEADLINE_EXCEEDED', `this manager did not receive log index ${index} in time; the change there is made`, {
      hint: 'Ask another manager',
    }),
  );
  #reads = new PendingReads('', 1);
  #snapshotter: Snapshotter | undefined;
  #core: RaftCore | undefined;
  #state: 'new' | 'running' | 'ended' | TsoError = 'new';
  #applied: AppliedPosition = { index: 0, term: 0, confState: emptyConfState };
  #lead: NodeId = nobody;
  #role: Role = 'follower';
  #term = 0;
  #tick = 0;
  #cancelTick: () => void = () => undefined;
  #wakeScheduled = false;
  #draining: Promise<void> | undefined;
  readonly #watches = new Set<() => void>();

  constructor(options: DriverOptions, ports: DriverPorts<Outcome>) {
    super();
    this.#options = options;
    this.#ports = ports;
  }

  /** Restores the state machine from the disk and takes part from then on. A group of one leads when this resolves. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    const { disk, random, logger } = this.#ports;
    await this.#restoreSnapshot();
    this.#snapshotter = new Snapshotter(this.#options, this.#ports);
    this.#reads = new PendingReads(Buffer.from(random.bytes(6)).toString('hex'), this.#options.heartbeatTicks * 2);
    const core = new RaftCore({
      ...coreOptions(this.#options),
      storage: disk,
      random,
      applied: this.#applied.index,
      trace: (level, text) => {
        if (level === 'info') logger.debug({}, text());
        else if (level !== 'debug') logger[level]({}, text());
      },
    });
    this.#core = core;
    this.#term = core.status().hardState.term;
    this.#state = 'running';
    const { voters } = core.status().confState;
    if (voters.length === 1 && voters[0] === core.id) core.campaign();
    this.#tickLater();
    this.#wake();
    await this.#drain();
  }

  /** Hands leadership over when it can, then ends. What was proposed and not answered may have happened. */
  async end(): Promise<void> {
    if (this.#state === 'running') await this.#handOver();
    this.#close('ended', failure('unknown', 'UNAVAILABLE', 'the manager is stopping'));
    await this.#draining;
    await this.#snapshotter?.settled();
  }

  stop(): Promise<void> {
    return this.end();
  }

  get id(): NodeId {
    return this.#options.raftId;
  }
  get lead(): NodeId {
    return this.#lead;
  }
  get role(): Role {
    return this.#role;
  }
  get term(): number {
    return this.#term;
  }
  get applied(): AppliedPosition {
    return this.#applied;
  }

  /** As of now. UNAVAILABLE: not running. */
  status(): RaftStatus {
    return this.#running().status();
  }

  /**
   * Resolves once the command is committed and applied here. Given to a follower it goes to the leader, once unless `mayForward` is
   * false. Errors carry `details.outcome` (outcome.ts): RESOURCE_EXHAUSTED too many wait, UNAVAILABLE no leader in time or its answer
   * was lost, DEADLINE_EXCEEDED no majority in time.
   */
  command(data: Uint8Array, { mayForward = true }: { readonly mayForward?: boolean } = {}): Promise<CommandResult<Outcome>> {
    this.#running();
    if (this.#queue.size + this.#commands.size >= this.#options.maxPending) {
      return Promise.reject(
        failure('refused', 'RESOURCE_EXHAUSTED', `${this.#options.maxPending} changes already wait for a majority of the managers`, {
          hint: 'Try again in a moment',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.add({ data, mayForward, deadlineTick: this.#deadline(), resolve, reject });
      this.#wake();
    });
  }

  /** Resolves once this node's state holds everything that was acknowledged anywhere before the call (ReadIndex, thesis 6.4). */
  async read(): Promise<void> {
    this.#running();
    const deadlineTick = this.#deadline();
    const index = await new Promise<number>((resolve, reject) => {
      this.#reads.add({ deadlineTick, resolve, reject });
      this.#wake();
    });
    await this.#whenApplied(index, deadlineTick);
  }

  /** Adds a learner. FAILED_PRECONDITION: this node does not lead, or the change is refused, and why. */
  join(id: NodeId): Promise<{ readonly index: number }> {
    return this.changeMembers({ transition: 'auto', steps: [{ kind: 'add-learner', id }] });
  }

  /** Removes a member for good. Errors as for `join`. */
  leave(id: NodeId): Promise<{ readonly index: number }> {
    return this.changeMembers({ transition: 'auto', steps: [{ kind: 'remove', id }] });
  }

  /** Resolves once the change is committed and applied here. Errors as for `join`. */
  changeMembers(change: ConfChange): Promise<{ readonly index: number }> {
    const result = this.#running().proposeConfChange(change);
    if (!result.accepted || result.at === undefined) {
      const why = result.accepted ? 'this manager does not lead' : result.why;
      return Promise.reject(failure('refused', 'FAILED_PRECONDITION', `the change of members is refused: ${why}`));
    }
    const { index, term } = result.at;
    return new Promise((resolve, reject) => {
      this.#commands.add(index, { term, deadlineTick: this.#deadline(), resolve, reject });
      this.#wake();
    });
  }

  /** Asks to be elected now. */
  promote(): void {
    this.#running().campaign();
    this.#wake();
  }

  /** Hands leadership to that voter. FAILED_PRECONDITION: this node does not lead, or the other did not take over in time. */
  async transfer(to: NodeId, ticks = this.#options.electionTicks + 1): Promise<void> {
    const core = this.#running();
    if (this.#role !== 'leader') throw failure('refused', 'FAILED_PRECONDITION', 'this manager does not lead');
    if (to === this.id) return;
    core.transferLeadership(to);
    this.#wake();
    const limit = this.#tick + ticks;
    await this.#until(() => this.#lead === to || this.#tick >= limit);
    if (this.#lead !== to) throw failure('refused', 'FAILED_PRECONDITION', `manager ${to} did not take over leadership in time`);
  }

  /** For the transport: a message came in. */
  receive(message: Message): StepResult {
    if (this.#state !== 'running' || this.#core === undefined) return { accepted: false, reason: 'removed', why: 'the manager is not running' };
    const result = this.#core.step(message);
    if (!result.accepted && result.reason === 'log-lost') {
      this.#break(
        new TsoError('DATA_LOSS', result.why, {
          hint: 'Remove this manager from the cluster and let it join again with an empty state directory',
        }),
      );
    }
    this.#wake();
    return result;
  }

  unreachable(id: NodeId): void {
    this.#core?.reportUnreachable(id);
    this.#wake();
  }

  connectionLost(id: NodeId): void {
    if (id === this.#lead) this.#core?.reportLeaderUnreachable(id);
    this.#wake();
  }

  snapshotSent(id: NodeId, outcome: 'finished' | 'failed'): void {
    this.#core?.reportSnapshot(id, outcome);
    this.#wake();
  }

  #running(): RaftCore {
    if (this.#state === 'running' && this.#core !== undefined) return this.#core;
    if (this.#state instanceof TsoError)
      throw failure('refused', 'UNAVAILABLE', `the manager's log is broken: ${this.#state.message}`, { cause: this.#state });
    throw failure('refused', 'UNAVAILABLE', 'the manager is not running');
  }

  #deadline(): number {
    return this.#tick + Math.ceil(this.#options.patienceMs / this.#options.tickMs);
  }

  #tickLater(): void {
    this.#cancelTick = this.#ports.clock.setTimer(this.#options.tickMs, () => {
      if (this.#state !== 'running') return;
      this.#tick += 1;
      this.#core?.tick();
      this.#expire();
      this.#tickLater();
      this.#wake();
    });
  }

  #expire(): void {
    this.#queue.expire(this.#tick, () =>
      this.#lead === nobody ? 'the managers have no leader: too few of them answer' : `the leader, manager ${this.#lead}, did not take it in time`,
    );
    this.#commands.expire(this.#tick);
    this.#reads.expire(this.#tick);
    this.#waiters.expire(this.#tick);
    this.#look();
  }

  #wake(): void {
    if (this.#wakeScheduled || this.#state !== 'running') return;
    this.#wakeScheduled = true;
    this.#ports.soon(() => {
      this.#wakeScheduled = false;
      void this.#drain();
    });
  }

  /** One loop at a time; who finds it running is served by it. */
  #drain(): Promise<void> {
    this.#draining ??= this.#work().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #work(): Promise<void> {
    const core = this.#core;
    if (core === undefined) return;
    try {
      for (;;) {
        if (this.#state !== 'running') return;
        this.#place(core);
        if (!core.hasReady()) return;
        await this.#handle(core, core.ready());
      }
    } catch (error) {
      this.#break(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
    }
  }

  /** Gives waiting commands and reads to whoever can take them now. */
  #place(core: RaftCore): void {
    if (this.#queue.size > 0) {
      if (this.#role === 'leader') this.#proposeQueued(core);
      else if (this.#lead !== nobody) {
        this.#queue.refuseUnforwardable(`manager ${this.#lead} does`);
        for (const command of this.#queue.takeAll()) void this.#forward(this.#lead, command);
      }
    }
    const context = this.#reads.begin(this.#tick);
    if (context !== undefined && !core.readIndex(context).accepted) this.#reads.postpone();
  }

  #proposeQueued(core: RaftCore): void {
    const batch = this.#queue.takeBatch();
    const result = core.propose(...batch.map(({ data }) => data));
    // Refused while leadership is handed over, or too much waits: the next round, or the next leader, takes it.
    if (!result.accepted || result.at === undefined) return this.#queue.putBack(batch);
    const { index, term } = result.at;
    for (const [position, { deadlineTick, resolve, reject }] of batch.entries())
      this.#commands.add(index + position, { term, deadlineTick, resolve, reject });
  }

  async #forward(to: NodeId, command: QueuedCommand<CommandResult<Outcome>>): Promise<void> {
    try {
      const { index } = await this.#ports.transport.forward(to, command.data);
      await this.#whenApplied(index, command.deadlineTick);
      command.resolve({ index, outcome: undefined });
    } catch (error) {
      const retry = outcomeOf(error) === 'refused' && error instanceof TsoError && error.code === 'UNAVAILABLE';
      if (retry && this.#state === 'running' && command.deadlineTick > this.#tick) {
        // Placed again with the next tick: by then there may be another leader.
        this.#queue.add(command);
        return;
      }
      command.reject(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
    }
  }

  #whenApplied(index: number, deadlineTick: number): Promise<void> {
    if (index <= this.#applied.index) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.add({ index, deadlineTick, resolve, reject }));
  }

  async #handle(core: RaftCore, ready: Ready): Promise<void> {
    const { disk, transport } = this.#ports;
    this.#noteState(ready);
    transport.send(ready.messages.filter(({ type }) => !awaitsDurability(type)));
    for (const { context, index } of ready.readStates) this.#reads.confirmed(context, index);
    // A change of members must be known to be committed before it has effects (Ready.mustSync), and a snapshot before what follows it.
    const early = ready.snapshot === undefined && !ready.committedEntries.some(({ type }) => isConfChange(type));
    if (early) this.#apply(core, ready.committedEntries);
    if (ready.snapshot !== undefined || ready.entries.length > 0 || ready.hardState !== undefined) {
      const { hardState, entries, snapshot } = ready;
      await disk.write({ mustSync: ready.mustSync || snapshot !== undefined, hardState, entries, snapshot });
      if (this.#state !== 'running') return;
    }
    transport.send(ready.messages.filter(({ type }) => awaitsDurability(type)));
    if (ready.snapshot !== undefined) await this.#restoreSnapshot();
    if (!early) this.#apply(core, ready.committedEntries);
    core.advance(ready);
    this.#snapshotter?.consider(this.#applied);
    this.#look();
  }

  #noteState({ hardState, softState }: Ready): void {
    if (hardState !== undefined && hardState.term !== this.#term) {
      const before = this.#term;
      this.#term = hardState.term;
      this.emit('term change', hardState.term, before);
    }
    if (softState === undefined) return;
    const { lead, role } = { lead: this.#lead, role: this.#role };
    this.#lead = softState.lead;
    this.#role = softState.role;
    if (softState.lead !== lead) this.emit('leader change', softState.lead, lead);
    if (softState.role === role) return;
    this.#ports.logger.info({ role: softState.role, term: this.#term, leader: softState.lead }, 'role changed');
    this.emit('state change', softState.role, role);
    this.emit(softState.role === 'pre-candidate' ? 'candidate' : softState.role);
  }

  #apply(core: RaftCore, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { index, term } = entry;
      if (isConfChange(entry.type)) {
        this.#ports.machine.skip(index);
        this.#switchMembers(core.applyConfChange(entry), index, term);
        this.#commands.applied(index, term, undefined);
      } else {
        const outcome = this.#applyCommand(entry);
        this.#applied = { ...this.#applied, index, term };
        this.#commands.applied(index, term, outcome);
      }
      this.#snapshotter?.applied(entry.data.length);
      this.emit('commit', index);
    }
    if (entries.length > 0) this.#waiters.advance(this.#applied.index);
  }

  #applyCommand({ index, data }: Entry): Outcome | undefined {
    const { machine } = this.#ports;
    if (data.length > 0) return machine.apply(index, data);
    machine.skip(index);
    return undefined;
  }

  #switchMembers(confState: ConfState, index: number, term: number): void {
    const before = membersOf(this.#applied.confState);
    const now = membersOf(confState);
    this.#applied = { index, term, confState };
    for (const id of now) if (!before.has(id)) this.emit('join', id);
    for (const id of before) if (!now.has(id)) this.emit('leave', id);
    this.emit('members', confState);
  }

  /** The state machine becomes what the newest snapshot on disk says; nothing happens when there is none. */
  async #restoreSnapshot(): Promise<void> {
    const { disk, machine } = this.#ports;
    const newest = disk.snapshot();
    if (newest === undefined || newest.index === 0) return;
    const { meta, contents } = await disk.openSnapshot(newest.index);
    await machine.restore(meta.index, contents);
    this.#commands.passed(meta.index);
    this.#snapshotter?.restored(meta.index);
    this.#switchMembers(meta.confState, meta.index, meta.term);
    this.#waiters.advance(meta.index);
  }

  /** To the voter that holds most of the log, so that the others need not notice by silence. */
  async #handOver(): Promise<void> {
    if (this.#role !== 'leader') return;
    const { voters } = this.#applied.confState;
    const [best] = this.status()
      .progress.filter(({ id, recentActive }) => id !== this.id && recentActive && voters.includes(id))
      .sort((a, b) => b.match - a.match);
    if (best === undefined) return;
    try {
      await this.transfer(best.id);
    } catch (error) {
      this.#ports.logger.warn({ to: best.id }, `leadership was not handed over: ${sentenceOf(error)}`);
    }
  }

  /** Resolves when the condition holds, or nothing runs any more. Looked at after every Ready and tick. */
  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        if (!condition() && this.#state === 'running') return;
        this.#watches.delete(watch);
        resolve();
      };
      this.#watches.add(watch);
      watch();
    });
  }

  #look(): void {
    for (const watch of [...this.#watches]) watch();
  }

  #break(error: TsoError): void {
    if (this.#state !== 'running' && this.#state !== 'new') return;
    this.#close(error, failure('unknown', 'UNAVAILABLE', `the manager's log is broken: ${error.message}`, { cause: error }));
    this.#ports.logger.error({ code: error.code, details: error.details }, error.sentence);
    this.#ports.onBroken(error);
  }

  #close(state: 'ended' | TsoError, error: TsoError): void {
    if (this.#state === 'ended' || this.#state instanceof TsoError) return;
    this.#state = state;
    this.#cancelTick();
    this.#queue.failAll(failure('refused', 'UNAVAILABLE', error.message, { cause: error }));
    this.#commands.failAll(error);
    this.#reads.failAll(failure('refused', 'UNAVAILABLE', error.message, { cause: error }));
    this.#waiters.failAll(error);
    this.#look();
  }
}
