import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Checks, Seen } from './checks.ts';
import type { ConfState, CoreModule, Entry, Message, NodeId, RaftCore, Ready, Snapshot } from './core-door.ts';
import { SimulatedDisk } from './disk.ts';
import { type Command, Machine } from './machine.ts';
import { Violation } from './violation.ts';

export interface NodePorts {
  readonly core: CoreModule;
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly checks: Checks;
  readonly send: (message: Message) => void;
  readonly appliedCommand: (node: SimulatedNode, command: Command, took: boolean, index: number) => void;
  readonly readable: (node: SimulatedNode, context: string, index: number) => void;
}

export type CoreSettings = Omit<ConstructorParameters<CoreModule['RaftCore']>[0], 'id' | 'storage' | 'random' | 'applied'>;

/** Whether a disk does what it is told: a manager without any fsync is one of the mutants. */
export type DiskHabit = 'syncs' | 'never-syncs';

/** One manager: the core, its disk and state machine, and the driver that does what each Ready says, in parts that a crash can part. */
export class SimulatedNode {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  core: RaftCore | undefined;
  machine = new Machine();
  confState: ConfState;
  /** Its disk is gone for ever; the id must not come back. */
  dead = false;
  /** It has applied its own removal. */
  removed = false;
  private removedAt = 0;
  slowDiskUntil = 0;
  /** Ticks are that far apart. */
  readonly tickMs: number;
  private life = 0;
  private busy = false;
  private membersChanged = false;
  private waitingReads: { readonly context: string; readonly index: number }[] = [];
  private readonly ports: NodePorts;
  private readonly settings: CoreSettings;
  private readonly habit: DiskHabit;

  constructor(id: NodeId, start: Snapshot | undefined, settings: CoreSettings, habit: DiskHabit, ports: NodePorts) {
    this.id = id;
    this.ports = ports;
    this.settings = settings;
    this.habit = habit;
    this.disk = new SimulatedDisk(ports.core, start);
    this.confState = this.disk.live.initialState().confState;
    this.tickMs = ports.chance.between(40, 62);
  }

  get up(): boolean {
    return this.core !== undefined;
  }

  seen(core: RaftCore): Seen {
    return { id: this.id, disk: this.disk, status: core.status(), removed: this.removed };
  }

  start(): void {
    if (this.core !== undefined || this.dead) return;
    const { ports, disk } = this;
    this.life += 1;
    this.busy = false;
    this.waitingReads = [];
    // It may have lost that it learnt of its removal; until it learns that again it may lead, to the end of its own removal (thesis 4.2.2).
    this.removed = this.removedAt > 0 && disk.live.hardState.commit >= this.removedAt;
    const snapshot = disk.live.snapshot();
    this.machine = Machine.decode(snapshot?.data ?? new Uint8Array(0));
    this.machine.index = snapshot?.index ?? 0;
    this.confState = disk.live.initialState().confState;
    this.guarded(() => {
      const options = { ...this.settings, id: this.id, storage: disk.live, random: ports.chance, applied: this.machine.index };
      this.core = new ports.core.RaftCore(options);
      ports.checks.started(this.seen(this.core), this.machine.index);
    });
    this.tickLater(this.life);
    this.pump();
  }

  crash(): void {
    if (this.core === undefined) return;
    this.core = undefined;
    this.life += 1;
    this.ports.checks.stopped(this.id);
    this.disk.crash(this.ports.chance);
  }

  wipe(): void {
    this.crash();
    this.dead = true;
  }

  /** Does something to the core, checks it, and begins what it now has ready. */
  act<T>(work: (core: RaftCore) => T): T | undefined {
    const { core } = this;
    if (core === undefined) return undefined;
    const result = this.guarded(() => work(core));
    this.pump();
    return result;
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Violation) throw error;
      throw new Violation(18, `node ${this.id}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  private tickLater(life: number): void {
    this.ports.agenda.plan(this.tickMs + this.ports.chance.below(4), () => {
      if (life !== this.life) return;
      this.act((core) => core.tick());
      this.tickLater(life);
    });
  }

  private later(delay: number, core: RaftCore, work: () => void): void {
    const { life } = this;
    this.ports.agenda.plan(delay, () => {
      if (life !== this.life) return;
      this.guarded(work);
      this.ports.checks.observe(this.seen(core));
      this.pump();
    });
  }

  private pump(): void {
    const { core, ports } = this;
    if (core === undefined) return;
    this.guarded(() => {
      if (!this.busy && core.hasReady()) this.begin(core, core.ready());
      ports.checks.observe(this.seen(core));
    });
  }

  private send(message: Message): void {
    this.ports.checks.sent(this, message);
    this.ports.send(message);
  }

  private begin(core: RaftCore, ready: Ready): void {
    const { ports, disk, habit } = this;
    this.busy = true;
    const { awaitsDurability } = ports.core;
    this.waitingReads.push(...ready.readStates);
    if (ready.snapshot !== undefined) disk.write({ kind: 'received-snapshot', snapshot: ready.snapshot });
    ports.checks.written(this, ready.entries);
    if (ready.entries.length > 0) disk.write({ kind: 'entries', entries: ready.entries });
    if (ready.hardState !== undefined) disk.write({ kind: 'hard-state', hardState: ready.hardState });
    for (const m of ready.messages) if (!awaitsDurability(m.type)) this.send(m);
    const promise = (): void => {
      for (const m of ready.messages) if (awaitsDurability(m.type)) this.send(m);
      this.later(ports.chance.below(4), core, () => this.apply(core, ready));
    };
    if (!ready.mustSync && ready.snapshot === undefined) {
      promise();
      return;
    }
    const slow = ports.agenda.now < this.slowDiskUntil ? 300 : 6;
    this.later(ports.chance.below(slow), core, () => {
      if (habit === 'syncs') disk.sync();
      ports.checks.synced(this);
      promise();
    });
  }

  private apply(core: RaftCore, ready: Ready): void {
    const { ports } = this;
    if (ready.snapshot !== undefined) {
      this.machine = Machine.decode(ready.snapshot.data);
      this.confState = ready.snapshot.confState;
      ports.checks.snapshotRestored(this.id, ready.snapshot, this.machine);
    }
    for (const entry of ready.committedEntries) this.applyEntry(core, entry);
    core.advance(ready);
    this.busy = false;
    this.compact();
    const served = this.waitingReads.filter(({ index }) => index <= this.machine.index);
    this.waitingReads = this.waitingReads.filter(({ index }) => index > this.machine.index);
    for (const { context, index } of served) ports.readable(this, context, index);
  }

  private applyEntry(core: RaftCore, entry: Entry): void {
    const { ports } = this;
    const before = this.machine.index;
    const outcome = this.machine.apply(entry);
    ports.checks.appliedEntry(this.id, entry, before, this.machine.hash);
    if (outcome !== undefined) ports.appliedCommand(this, outcome.command, outcome.took, entry.index);
    if (entry.type === 'EntryNormal') return;
    const { voters, votersOutgoing, learners, learnersNext } = this.confState;
    const wasMember = [voters, votersOutgoing, learners, learnersNext].some((ids) => ids.includes(this.id));
    this.membersChanged = true;
    this.confState = core.applyConfChange(entry);
    const isMember = [this.confState.voters, this.confState.votersOutgoing, this.confState.learners, this.confState.learnersNext].some(
      (ids) => ids.includes(this.id),
    );
    if (wasMember && !isMember) {
      this.removed = true;
      this.removedAt = entry.index;
    }
  }

  private compact(): void {
    const { disk, machine, ports } = this;
    // A newcomer takes no snapshot that does not name it: a change of members is followed by one.
    const due = machine.index - disk.live.firstIndex() >= ports.chance.between(8, 40);
    if (!due && !this.membersChanged) return;
    const term = disk.live.term(machine.index);
    if (typeof term !== 'number') return;
    const snapshot: Snapshot = { index: machine.index, term, confState: this.confState, data: machine.encode() };
    ports.checks.snapshotMade(this.id, snapshot, machine.index);
    this.membersChanged = false;
    disk.write({ kind: 'own-snapshot', snapshot, compactTo: due ? Math.max(1, machine.index - ports.chance.below(8)) : 0 });
  }
}
