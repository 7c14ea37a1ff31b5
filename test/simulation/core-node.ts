import type { Chance } from './chance.ts';
import type { Seen } from './checks.ts';
import type { ConfChange, ConfState, Entry, Message, NodeId, RaftCore, RaftStatus, Snapshot } from './core-door.ts';
import { CoreWork } from './core-work.ts';
import { type DiskFate, DiskFault, type DiskHabit, SimulatedDisk } from './disk.ts';
import { type Command, encodeCommand, Machine } from './machine.ts';
import { type MemberPorts, names, noteChange, type SimulatedMember } from './member.ts';
import { holds, Violation } from './violation.ts';

/** A manager that is the core alone: what a driver does for it is simulated here, in parts that a crash can part. */
export class CoreNode implements SimulatedMember {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  core: RaftCore | undefined;
  machine = new Machine();
  confState: ConfState;
  dead = false;
  removed = false;
  pausedUntil = 0;
  slowDiskUntil = 0;
  slowApplyUntil = 0;
  tickMs: number;
  readonly ports: MemberPorts;
  private life = 0;
  private crashed = false;
  private damaged = false;
  private work: CoreWork;
  /** Snapshots that are being put on the disk. */
  private readonly receiving = new Set<Message>();

  constructor(id: NodeId, start: Snapshot | undefined, habit: DiskHabit, ports: MemberPorts) {
    this.id = id;
    this.ports = ports;
    this.disk = new SimulatedDisk(ports.core, habit, start);
    this.confState = this.disk.live.initialState().confState;
    this.tickMs = ports.chance.between(40, 62);
    this.work = new CoreWork(this);
  }

  get up(): boolean {
    return this.core !== undefined;
  }

  get log(): SimulatedDisk {
    return this.disk;
  }

  status(): RaftStatus | undefined {
    return this.core?.status();
  }

  private seen(core: RaftCore): Seen {
    return { id: this.id, log: this.disk, status: core.status(), removed: this.removed };
  }

  start(): void {
    if (this.core !== undefined || this.dead) return;
    const { ports, disk } = this;
    const earlier = disk.durable;
    if (this.crashed && !this.recovers()) return;
    this.crashed = false;
    this.life += 1;
    this.work = new CoreWork(this);
    const snapshot = disk.live.snapshot();
    this.machine = Machine.decode(snapshot?.data ?? new Uint8Array(0));
    this.machine.index = snapshot?.index ?? 0;
    this.confState = disk.live.initialState().confState;
    this.guarded(() => {
      if (snapshot !== undefined && snapshot.index > 0) ports.checks.snapshotRestored(this.id, snapshot, this.machine);
      const core = new ports.core.RaftCore({
        ...ports.settings,
        id: this.id,
        storage: disk.live,
        random: ports.chance,
        applied: this.machine.index,
      });
      this.core = core;
      ports.checks.started(this.seen(core), this.machine.index, earlier);
    });
    if (this.life > 1) ports.coverage.add('restarts');
    this.tickLater(this.life);
    this.pump();
  }

  /** Reads the disk. A damaged one is refused for good, any other one must do. */
  private recovers(): boolean {
    const { disk, ports } = this;
    const why = this.guarded(() => disk.recover());
    if (disk.wasTorn) ports.coverage.add('torn writes repaired');
    if (!this.damaged) {
      holds(why === undefined, 18, () => `node ${this.id} does not start after a mere crash: ${why}`);
      return true;
    }
    holds(why !== undefined, 18, () => `node ${this.id} starts although its disk is damaged`);
    ports.say(() => `node ${this.id} does not start: ${why}`);
    ports.coverage.add('damaged disks refused');
    this.dead = true;
    return false;
  }

  crash(): void {
    if (this.core === undefined) return;
    const { ports } = this;
    this.core = undefined;
    this.crashed = true;
    this.life += 1;
    this.pausedUntil = 0;
    ports.coverage.add('crashes');
    ports.checks.stopped(this.id);
    this.disk.crash(ports.chance);
    for (const message of this.receiving) ports.snapshotEnded(message, 'failed');
    this.receiving.clear();
  }

  wipe(): void {
    this.crash();
    this.ports.coverage.add('wiped disks');
    this.dead = !this.disk.wipe();
    this.start();
  }

  damage(chance: Chance): void {
    this.crash();
    this.damaged = this.disk.flip(chance);
    this.crashed = true;
    this.start();
  }

  arm(fate: DiskFate, inSteps: number): void {
    this.disk.arm(fate, inSteps);
  }

  healDisk(): void {
    this.disk.heal();
  }

  /** Does something to the core, checks it, and begins what it now has ready. */
  act<T>(work: (core: RaftCore) => T): T | undefined {
    const { core } = this;
    if (core === undefined) return undefined;
    const result = this.guarded(() => work(core));
    this.pump();
    return result;
  }

  /** A fault of the disk ends this life; any other failure is one of the core. */
  private guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof Violation) throw error;
      if (!(error instanceof DiskFault))
        throw new Violation(18, `node ${this.id}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      this.ports.say(() => `node ${this.id} stops: ${error.message}`);
      this.ports.coverage.add(error.fate === 'power-cut' ? 'crashes within a step of the disk' : 'failed writes and syncs');
      this.crash();
      return undefined;
    }
  }

  private tickLater(life: number): void {
    const { agenda, chance } = this.ports;
    agenda.plan(Math.max(this.tickMs + chance.below(4), this.pausedUntil - agenda.now), () => {
      if (life !== this.life) return;
      if (agenda.now >= this.pausedUntil) this.act((core) => core.tick());
      if (life === this.life) this.tickLater(life);
    });
  }

  /** Work of this life, later: not while the process stands still, and not in the next life. */
  later(delay: number, work: (core: RaftCore) => void): void {
    const { life } = this;
    const { agenda } = this.ports;
    agenda.plan(delay, () => {
      const { core } = this;
      if (life !== this.life || core === undefined) return;
      if (agenda.now < this.pausedUntil) {
        this.later(this.pausedUntil - agenda.now, work);
        return;
      }
      this.guarded(() => work(core));
      this.pump();
    });
  }

  private pump(): void {
    const { core } = this;
    if (core === undefined) return;
    this.guarded(() => this.work.pump(core));
    if (this.core === core) this.ports.checks.observe(this.seen(core));
  }

  applyConfChange(core: RaftCore, entry: Entry): void {
    const { ports, id } = this;
    const before = this.confState;
    this.confState = core.applyConfChange(entry);
    if (ports.checks.configured(this, entry.index, this.confState)) noteChange(ports.coverage, before, this.confState);
    if (names(before, id) && !names(this.confState, id)) this.removed = true;
  }

  deliver(message: Message): void {
    const { agenda } = this.ports;
    if (agenda.now < this.pausedUntil) {
      const { life } = this;
      agenda.plan(this.pausedUntil - agenda.now, () => (life === this.life ? this.deliver(message) : this.ports.lost(message)));
      return;
    }
    if (message.type === 'MsgSnap' && message.snapshot !== undefined) this.receive(message, message.snapshot);
    else this.step(message);
  }

  private step(message: Message): void {
    const result = this.act((core) => core.step(message));
    holds(result?.accepted !== false || result.reason !== 'log-lost', 9, () => (result?.accepted === false ? result.why : ''));
  }

  /** The contents of a snapshot are durable before the core hears of it. */
  private receive(message: Message, snapshot: Snapshot): void {
    this.receiving.add(message);
    this.work.inSteps(this.disk.putSnapshot(snapshot), () => {
      this.receiving.delete(message);
      this.step(message);
      this.ports.snapshotEnded(message, 'finished');
    });
  }

  unreachable(to: NodeId, gone: boolean): void {
    this.act((core) => core.reportUnreachable(to));
    // A refused connection, not mere silence.
    if (gone) this.act((core) => core.reportLeaderUnreachable(to));
  }

  snapshotSent(to: NodeId, outcome: 'finished' | 'failed'): void {
    this.act((core) => core.reportSnapshot(to, outcome));
  }

  write(command: Command): void {
    const result = this.act((core) => core.propose(encodeCommand(command)));
    if (result !== undefined && !result.accepted) this.ports.ended(command.id, 'fail');
  }

  read(context: string): void {
    const result = this.act((core) => core.readIndex(context));
    if (result !== undefined && !result.accepted) this.ports.ended(Number(context), 'fail');
  }

  changeMembers(change: ConfChange): void {
    this.act((core) => core.proposeConfChange(change));
  }

  transfer(to: NodeId): void {
    this.act((core) => core.transferLeadership(to));
  }

  campaign(): void {
    this.act((core) => core.campaign());
  }

  forgetLeader(): void {
    this.act((core) => core.forgetLeader());
  }

  takesGarbage(message: Message): boolean {
    return this.act((core) => core.step(message))?.accepted === true;
  }
}
