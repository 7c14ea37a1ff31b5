import { EventEmitter } from 'node:events';
import { type Clock, type Lifecycle, type Logger, type Random, sentenceOf, TsoError } from '@tso/proto';
import {
  awaitsDurability,
  type ConfChange,
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
import { Applier } from './applier.ts';
import type { CommandPlace } from './command-queue.ts';
import { coreOptions, type DriverOptions } from './driver-options.ts';
import type { DriverEvents } from './events.ts';
import { failure, withoutQuorum } from './outcome.ts';
import type { RaftDisk, RaftTransport, StateMachine } from './ports.ts';
import { type CommandResult, Requests } from './requests.ts';
import type { AppliedPosition } from './snapshotter.ts';

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

/** Entries that are applied at most before everything else has its turn: some milliseconds. */
const entriesPerTurn = 256;

/**
 * One member of the group at work: owns the core, does what each Ready says in the order that durability asks for, and answers
 * whoever proposed. Committed entries are applied while the disk still writes what is new: that a majority has them is enough.
 */
export class RaftDriver<Outcome> extends EventEmitter<DriverEvents> implements Lifecycle {
  readonly #options: DriverOptions;
  readonly #ports: DriverPorts<Outcome>;
  readonly #requests: Requests<Outcome>;
  readonly #applier: Applier<Outcome>;
  #core: RaftCore | undefined;
  #state: 'new' | 'running' | 'ended' | TsoError = 'new';
  #lead: NodeId = nobody;
  #role: Role = 'follower';
  #term = 0;
  #tick = 0;
  #leaderlessTicks = 0;
  #cancelTick: () => void = () => undefined;
  #wakeScheduled = false;
  #draining: Promise<void> | undefined;
  readonly #watches = new Set<() => void>();

  constructor(options: DriverOptions, ports: DriverPorts<Outcome>) {
    super();
    this.#options = options;
    this.#ports = ports;
    this.#requests = new Requests(options, {
      transport: ports.transport,
      nonce: Buffer.from(ports.random.bytes(6)).toString('hex'),
      wake: () => this.#wake(),
      view: () => ({
        tick: this.#tick,
        role: this.#role,
        lead: this.#lead,
        term: this.#term,
        leaderlessTicks: this.#leaderlessTicks,
        appliedIndex: this.applied.index,
      }),
    });
    this.#applier = new Applier(options, {
      ...ports,
      requests: this.#requests,
      listener: {
        committed: (index) => this.emit('commit', index),
        joined: (id) => this.emit('join', id),
        left: (id) => this.emit('leave', id),
        membersChanged: (confState) => this.emit('members', confState),
      },
    });
  }

  /** Restores the state machine from the disk and takes part from then on. A group of one leads when this resolves. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    const { disk, random, logger } = this.#ports;
    await this.#applier.restore();
    const core = new RaftCore({
      ...coreOptions(this.#options),
      storage: disk,
      random,
      applied: this.applied.index,
      trace: (level, text) => {
        if (level === 'info') logger.debug({}, text());
        else if (level !== 'debug') logger[level]({}, text());
      },
    });
    this.#core = core;
    this.#term = core.status().hardState.term;
    this.#state = 'running';
    // What is known to be committed is applied first: until then it is not known who decides, and a long log takes its time.
    await this.#drain();
    const { voters } = core.status().confState;
    if (voters.length === 1 && voters[0] === core.id) core.campaign();
    this.#tickLater();
    await this.#drain();
  }

  /** Hands leadership over when it can, then ends. What was proposed and not answered may have happened. */
  async end(): Promise<void> {
    if (this.#state === 'running') await this.#handOver();
    this.#close('ended', failure('unknown', 'UNAVAILABLE', 'the manager is stopping'));
    await this.#draining;
    await this.#applier.settled();
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
    return this.#applier.position;
  }

  /** As of now. UNAVAILABLE: not running. */
  status(): RaftStatus {
    return this.#running().status();
  }

  /**
   * Resolves once the command is committed and applied here. Given to a follower it goes to the leader, once, unless `place` keeps
   * it here. Errors carry `details.outcome` (outcome.ts): RESOURCE_EXHAUSTED too many wait, UNAVAILABLE no leader in time or its answer
   * was lost, DEADLINE_EXCEEDED no majority in time.
   */
  async command(data: Uint8Array, place: CommandPlace = 'anywhere'): Promise<CommandResult<Outcome>> {
    this.#running();
    return this.#requests.command(data, place);
  }

  /** Resolves once this node's state holds everything that was acknowledged anywhere before the call (ReadIndex, thesis 6.4). */
  async read(): Promise<void> {
    this.#running();
    return this.#requests.read();
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
  async changeMembers(change: ConfChange): Promise<{ readonly index: number }> {
    const result = this.#running().proposeConfChange(change);
    if (!result.accepted || result.at === undefined) {
      const why = result.accepted ? 'this manager does not lead' : result.why;
      throw failure('refused', 'FAILED_PRECONDITION', `the change of members is refused: ${why}`);
    }
    return this.#requests.placed(result.at.index, result.at.term);
  }

  /** Asks to be elected now. */
  promote(): void {
    this.#running().campaign();
    this.#wake();
  }

  /**
   * Hands leadership to that voter. FAILED_PRECONDITION: this node does not lead, or the other has no vote. DEADLINE_EXCEEDED, UNAVAILABLE
   * with outcome `unknown`: the other did not take over in time, or this node ended meanwhile; asked to, it may still.
   */
  async transfer(to: NodeId, ticks = this.#options.electionTicks + 1): Promise<void> {
    const core = this.#running();
    if (this.#role !== 'leader') throw failure('refused', 'FAILED_PRECONDITION', 'this manager does not lead');
    if (to === this.id) return;
    core.transferLeadership(to);
    if (core.status().transferee !== to) throw failure('refused', 'FAILED_PRECONDITION', `manager ${to} has no vote`);
    this.#wake();
    const limit = this.#tick + ticks;
    await this.#until(() => this.#lead === to || this.#tick >= limit);
    if (this.#lead === to) return;
    const isLate = this.#state === 'running';
    const why = `manager ${to} did not take over leadership ${isLate ? 'in time' : 'while this one ran'}, and may still do so`;
    throw failure('unknown', isLate ? 'DEADLINE_EXCEEDED' : 'UNAVAILABLE', why);
  }

  /** Resolves once somebody is known to lead. UNAVAILABLE: nobody was elected in time. */
  async whenLed(): Promise<void> {
    this.#running();
    const limit = this.#tick + Math.ceil(this.#options.patienceMs / this.#options.tickMs);
    await this.#until(() => this.#lead !== nobody || this.#tick >= limit);
    if (this.#lead !== nobody) return;
    throw withoutQuorum(
      'the managers have no leader: too few of them answer',
      'See which managers answer: tso doctor, on a host of the cluster',
    );
  }

  /** For the transport: a message came in. */
  receive(message: Message): StepResult {
    if (this.#state !== 'running' || this.#core === undefined)
      return { accepted: false, reason: 'removed', why: 'the manager is not running' };
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

  #tickLater(): void {
    this.#cancelTick = this.#ports.clock.setTimer(this.#options.tickMs, () => {
      if (this.#state !== 'running') return;
      this.#tick += 1;
      this.#leaderlessTicks = this.#lead === nobody ? this.#leaderlessTicks + 1 : 0;
      this.#core?.tick();
      this.#requests.expire();
      this.#look();
      this.#tickLater();
      this.#wake();
    });
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
        this.#requests.place(core);
        if (!core.hasReady()) return;
        const ready = core.ready();
        await this.#handle(core, ready);
        // A long log is applied piece by piece (maxCommittedSizePerReadyBytes), and others have their turn in between.
        if (ready.committedEntries.length >= entriesPerTurn) await new Promise<void>((resolve) => this.#ports.soon(resolve));
      }
    } catch (error) {
      this.#break(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
    }
  }

  async #handle(core: RaftCore, ready: Ready): Promise<void> {
    const { disk, transport } = this.#ports;
    this.#noteState(ready);
    transport.send(ready.messages.filter(({ type }) => !awaitsDurability(type)));
    for (const { context, index } of ready.readStates) this.#requests.confirmed(context, index);
    // A change of members must be known to be committed before it has effects (Ready.mustSync), and a snapshot before what follows it.
    const early = ready.snapshot === undefined && !ready.committedEntries.some(({ type }) => isConfChange(type));
    if (early) this.#applier.apply(core, ready.committedEntries);
    if (ready.mustSync || ready.snapshot !== undefined || ready.entries.length > 0 || ready.hardState !== undefined) {
      const { hardState, entries, snapshot } = ready;
      await disk.write({ mustSync: ready.mustSync || snapshot !== undefined, hardState, entries, snapshot });
      if (this.#state !== 'running') return;
    }
    transport.send(ready.messages.filter(({ type }) => awaitsDurability(type)));
    if (ready.snapshot !== undefined) await this.#applier.restore();
    if (!early) this.#applier.apply(core, ready.committedEntries);
    core.advance(ready);
    this.#applier.considerSnapshot();
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

  /** To the voter that holds most of the log, so that the others need not notice by silence. */
  async #handOver(): Promise<void> {
    if (this.#role !== 'leader') return;
    const { voters } = this.applied.confState;
    const [best] = this.status()
      .progress.filter(({ id, activeLately }) => id !== this.id && activeLately && voters.includes(id))
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
    this.#requests.failAll(error);
    this.#look();
  }
}
