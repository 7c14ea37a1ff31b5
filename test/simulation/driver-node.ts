import { sentenceOf, TsoError } from '@tso/proto';
import type { Chance } from './chance.ts';
import type { StoredLog } from './checks.ts';
import { type ConfChange, type ConfState, emptyConfState, type Message, type NodeId, type RaftStatus, type Snapshot } from './core-door.ts';
import type { DiskFate } from './disk.ts';
import { emptyView } from './driver-disk.ts';
import { failure, MemoryFiles, outcomeOf, type RaftDriver } from './driver-door.ts';
import { flipBit } from './driver-files.ts';
import { DriverLife, type Host, type LifePorts, stateDirectory } from './driver-life.ts';
import type { Outcome } from './driver-machine.ts';
import { type Command, encodeCommand, type Machine } from './machine.ts';
import { names, noteChange, type SimulatedMember } from './member.ts';
import { holds, Violation } from './violation.ts';

export interface DriverNodePorts extends LifePorts {
  /** Something happened to the node: it is to be looked at when all is quiet. */
  readonly touched: (node: DriverNode) => void;
}

/** A manager as it ships, on a simulated machine: the real driver and the real disk over files in memory, on simulated time. */
export class DriverNode implements SimulatedMember, Host {
  readonly id: NodeId;
  readonly files = new MemoryFiles();
  readonly beginning: Snapshot | undefined;
  confState: ConfState;
  dead = false;
  removed = false;
  pausedUntil = 0;
  slowDiskUntil = 0;
  slowApplyUntil = 0;
  tickMs: number;
  isCreated = false;
  earlier: StoredLog;
  private readonly ports: DriverNodePorts;
  private life: DriverLife;
  private lives = 0;
  private isUp = false;
  /** A disk that fails was asked for. */
  private mayFail = false;
  private isDamaged = false;

  constructor(id: NodeId, beginning: Snapshot | undefined, ports: DriverNodePorts) {
    this.id = id;
    this.ports = ports;
    this.beginning = beginning;
    this.confState = beginning?.confState ?? emptyConfState;
    this.tickMs = ports.chance.between(40, 62);
    this.earlier = { live: emptyView(ports.core), durable: emptyView(ports.core) };
    this.life = new DriverLife(this, ports);
  }

  get up(): boolean {
    return this.isUp;
  }

  get machine(): Machine {
    return this.life.machine.state;
  }

  get log(): StoredLog {
    return this.life.disk ?? this.earlier;
  }

  status(): RaftStatus | undefined {
    return this.life.status();
  }

  isLive(life: DriverLife): boolean {
    return this.isUp && life === this.life;
  }

  touched(): void {
    this.ports.touched(this);
  }

  /** What the checks look at after each step. */
  look(): void {
    const status = this.status();
    if (this.isUp && status !== undefined) this.ports.checks.observe({ id: this.id, log: this.log, status, removed: this.removed });
  }

  start(): void {
    if (this.isUp || this.dead) return;
    this.isUp = true;
    this.lives += 1;
    if (this.lives > 1) this.ports.coverage.add('restarts');
    const life = new DriverLife(this, this.ports);
    this.life = life;
    void this.files.crashed.then(() => {
      if (!this.isLive(life)) return;
      this.ports.coverage.add('crashes within a step of the disk');
      this.crash();
    });
    life.begin().catch((error: unknown) => this.ends(life, error, 'does not start'));
  }

  broken(life: DriverLife, error: TsoError): void {
    this.ends(life, error, 'stops');
  }

  /** Right when the disk was damaged, or failed just now; else it is a bug. */
  private ends(life: DriverLife, error: unknown, how: string): void {
    if (!this.isLive(life)) return;
    const { ports } = this;
    const what = `node ${this.id} ${how}: ${sentenceOf(error)}`;
    ports.say(() => what);
    const isNamed = error instanceof TsoError && error.code !== 'INTERNAL';
    if (isNamed && this.isDamaged) life.later(0, () => this.isRefused());
    else if (isNamed && this.mayFail) life.later(0, () => this.fails());
    else ports.violated(new Violation(isNamed && how === 'stops' ? 9 : 18, what, { cause: error }));
  }

  private isRefused(): void {
    this.ports.coverage.add('damaged disks refused');
    this.crash();
    this.dead = true;
  }

  private fails(): void {
    this.ports.coverage.add('failed writes and syncs');
    this.crash();
  }

  crash(): void {
    if (!this.isUp) return;
    const { ports, life } = this;
    this.earlier = { live: this.log.live, durable: this.log.durable };
    this.isUp = false;
    life.disk = undefined;
    this.pausedUntil = 0;
    this.mayFail = false;
    ports.coverage.add('crashes');
    ports.checks.stopped(this.id);
    this.files.reboot(() => ports.chance.number());
    life.end();
  }

  wipe(): void {
    this.crash();
    this.dead = true;
    this.ports.coverage.add('wiped disks');
  }

  /** Whichever bit of whichever file it is: it must not start, or start with all that it had, and stop where it reads what is damaged. */
  damage(chance: Chance): void {
    this.crash();
    if (!this.isCreated) return;
    this.isDamaged = true;
    void flipBit(this.files, stateDirectory, (limit) => chance.below(limit)).then((name) =>
      this.ports.say(() => `node ${this.id}: a bit of ${name} flips`),
    );
  }

  arm(fate: DiskFate, inSteps: number): void {
    if (!this.isUp) return;
    this.mayFail = this.mayFail || fate !== 'power-cut';
    this.files.arm({ at: this.files.operations + inSteps, with: fate === 'power-cut' ? 'crash' : fate });
  }

  healDisk(): void {
    this.files.arm(undefined);
  }

  switched(life: DriverLife, index: number, confState: ConfState): void {
    const before = this.confState;
    life.checked(() => {
      this.confState = confState;
      if (life.restoredAt === index) return;
      if (this.ports.checks.configured(this, index, confState)) noteChange(this.ports.coverage, before, confState);
      if (names(before, this.id) && !names(confState, this.id)) this.removed = true;
    });
  }

  deliver(message: Message): void {
    const { life } = this;
    if (life.driver === undefined || this.status() === undefined) this.ports.lost(message);
    else if (this.ports.agenda.now < this.pausedUntil) life.later(0, () => this.deliver(message));
    else if (message.type === 'MsgSnap' && message.snapshot !== undefined) void life.receive(message, message.snapshot);
    else this.act((driver) => driver.receive(message));
  }

  private act<T>(work: (driver: RaftDriver<Outcome>) => T): T | undefined {
    const { driver } = this.life;
    if (!this.isUp || driver === undefined || this.status() === undefined) return undefined;
    this.touched();
    return work(driver);
  }

  unreachable(to: NodeId, gone: boolean): void {
    this.act((driver) => driver.unreachable(to));
    if (gone) this.act((driver) => driver.connectionLost(to));
  }

  snapshotSent(to: NodeId, outcome: 'finished' | 'failed'): void {
    this.act((driver) => driver.snapshotSent(to, outcome));
  }

  write(command: Command): void {
    const { life, ports } = this;
    const asked = this.act((driver) => driver.command(encodeCommand(command)));
    if (asked === undefined) {
      ports.ended(command.id, 'fail');
      return;
    }
    asked.then(
      ({ index, outcome }) =>
        life.checked(() => {
          holds(
            outcome === undefined || outcome.id === command.id,
            9,
            () => `node ${this.id} acknowledges ${command.id} for ${outcome?.id}`,
          );
          const took = outcome?.took ?? life.machine.outcomes.get(command.id);
          if (took === undefined) ports.ended(command.id, 'info');
          else ports.applied(this, command, took, index);
        }),
      (error: unknown) => ports.ended(command.id, outcomeOf(error) === 'refused' ? 'fail' : 'info'),
    );
  }

  /** A command that another member passes on. */
  takeForwarded(command: Uint8Array): Promise<{ readonly index: number }> {
    const refused = failure('refused', 'UNAVAILABLE', `node ${this.id} is not there`);
    return this.act((driver) => driver.command(command, 'here')) ?? Promise.reject(refused);
  }

  read(context: string): void {
    const { life, ports } = this;
    const asked = this.act((driver) => driver.read());
    if (asked === undefined) ports.ended(Number(context), 'fail');
    else
      asked.then(
        () => life.checked(() => ports.readable(this, context, undefined)),
        () => ports.ended(Number(context), 'fail'),
      );
  }

  changeMembers(change: ConfChange): void {
    this.act((driver) => driver.changeMembers(change))?.catch((error: unknown) => this.ports.say(() => sentenceOf(error)));
  }

  transfer(to: NodeId): void {
    this.act((driver) => driver.transfer(to))?.catch((error: unknown) => this.ports.say(() => sentenceOf(error)));
  }

  campaign(): void {
    this.act((driver) => driver.promote());
  }

  /** The driver has no such wish. */
  forgetLeader(): void {
    this.campaign();
  }

  takesGarbage(message: Message): boolean {
    return this.act((driver) => driver.receive(message))?.accepted === true;
  }
}
