import type { Logger } from '@tso/proto';
import { sentenceOf, TsoError } from '@tso/proto';
import type { Chance } from './chance.ts';
import type { Seen, StoredLog } from './checks.ts';
import {
  type ConfChange,
  type ConfState,
  emptyConfState,
  type Message,
  type NodeId,
  noBytes,
  type RaftStatus,
  type Snapshot,
} from './core-door.ts';
import type { DiskFate } from './disk.ts';
import { emptyView, imageOf, WatchedDisk } from './driver-disk.ts';
import {
  type Chunks,
  type DriverOptions,
  defaultDiskOptions,
  defaultDriverOptions,
  failure,
  MemoryFiles,
  outcomeOf,
  type RaftDriver,
  type RaftTransport,
  type RoomModule,
} from './driver-door.ts';
import { flipBit, slowFiles } from './driver-files.ts';
import { bytesOf, chunksOf, DriverMachine, type Outcome } from './driver-machine.ts';
import { type Command, encodeCommand, type Machine } from './machine.ts';
import { type MemberPorts, names, noteChange, type SimulatedMember } from './member.ts';
import { holds, Violation } from './violation.ts';

const directory = '/state';

export interface DriverNodePorts extends MemberPorts {
  readonly room: RoomModule;
  readonly driverOptions: Omit<DriverOptions, 'raftId'>;
  /** Something happened to the node: it is to be looked at when all is quiet. */
  readonly touched: (node: DriverNode) => void;
  /** What a check found where nobody can throw it to. */
  readonly violated: (violation: Violation) => void;
  /** Hands a command to that member, as the transport would. */
  readonly forward: (to: NodeId, command: Uint8Array) => Promise<{ readonly index: number }>;
}

/** A snapshot that is being taken in. */
interface Incoming {
  readonly term: number;
  isReplaced: boolean;
  readonly over: Promise<void>;
}

async function* unlessReplaced(incoming: Incoming, contents: Chunks): Chunks {
  for await (const chunk of contents) {
    if (incoming.isReplaced) throw new Error('another snapshot took its place');
    yield chunk;
  }
}

/** One life of a process: what belongs to an earlier one has no effect any more. */
interface Life {
  readonly number: number;
  driver: RaftDriver<Outcome> | undefined;
  disk: WatchedDisk | undefined;
  readonly machine: DriverMachine;
  restoredAt: number;
  incoming: Incoming | undefined;
}

/** A manager as it ships, on a simulated machine: the real driver and the real disk over files in memory, on simulated time. */
export class DriverNode implements SimulatedMember {
  readonly id: NodeId;
  readonly files = new MemoryFiles();
  confState: ConfState;
  dead = false;
  removed = false;
  pausedUntil = 0;
  slowDiskUntil = 0;
  slowApplyUntil = 0;
  tickMs: number;
  private readonly ports: DriverNodePorts;
  private readonly beginning: Snapshot | undefined;
  private life: Life;
  private isUp = false;
  private isCreated = false;
  private mayFail = false;
  private damagedFile: string | undefined;
  private earlier: StoredLog;
  private readonly receiving = new Set<Message>();

  constructor(id: NodeId, beginning: Snapshot | undefined, ports: DriverNodePorts) {
    this.id = id;
    this.ports = ports;
    this.beginning = beginning;
    this.confState = beginning?.confState ?? emptyConfState;
    this.tickMs = ports.chance.between(40, 62);
    this.earlier = { live: emptyView(ports.core), durable: emptyView(ports.core) };
    this.life = this.newLife(0);
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
    const { driver } = this.life;
    // It refuses while it starts, and once it is broken.
    try {
      return driver?.status();
    } catch (error) {
      if (error instanceof TsoError && error.code === 'UNAVAILABLE') return undefined;
      throw error;
    }
  }

  /** What the checks look at after each step. */
  look(): void {
    const status = this.status();
    if (!this.isUp || status === undefined) return;
    const seen: Seen = { id: this.id, log: this.log, status, removed: this.removed };
    this.ports.checks.observe(seen);
  }

  private isLive(life: Life): boolean {
    return this.isUp && life.number === this.life.number;
  }

  /** Lets a check throw where the driver would take it for its own failure. */
  private checked(life: Life, check: () => void): void {
    if (!this.isLive(life)) return;
    try {
      check();
    } catch (error) {
      this.ports.violated(
        error instanceof Violation ? error : new Violation(18, `node ${this.id}: ${sentenceOf(error)}`, { cause: error }),
      );
    }
    this.ports.touched(this);
  }

  private newLife(number: number): Life {
    const { ports, id } = this;
    const machine: DriverMachine = new DriverMachine({
      applied: (index, before, hash) => this.checked(life, () => ports.checks.appliedIndex(id, index, before, hash)),
      repeated: (index, command) =>
        this.checked(life, () => {
          throw new Violation(7, `node ${id} applies command ${command} again at ${index}`);
        }),
      restored: (index, state) => {
        life.restoredAt = index;
        const confState = life.disk?.snapshot()?.confState ?? emptyConfState;
        this.checked(life, () => ports.checks.snapshotRestored(id, { index, confState }, state));
      },
    });
    const life: Life = { number, driver: undefined, disk: undefined, machine, restoredAt: 0, incoming: undefined };
    return life;
  }

  start(): void {
    if (this.isUp || this.dead) return;
    this.isUp = true;
    if (this.life.number > 0) this.ports.coverage.add('restarts');
    this.life = this.newLife(this.life.number + 1);
    const { life } = this;
    void this.files.crashed.then(() => {
      if (!this.isLive(life)) return;
      this.ports.coverage.add('crashes within a step of the disk');
      this.crash();
    });
    void this.boot(life).catch((error: unknown) => this.refuses(life, error));
  }

  private async boot(life: Life): Promise<void> {
    const { ports, id } = this;
    const diskPorts = {
      clock: this.clock(life),
      logger: this.logger(life),
      random: { bytes: (count: number) => Uint8Array.from({ length: count }, () => ports.chance.below(256)) },
      files: slowFiles(this.files, () => this.pass(life)),
      onBroken: (error: TsoError) => this.breaks(life, error),
    };
    const options = { ...defaultDiskOptions, segmentBytes: 4096, cacheBytes: 2000 };
    const { beginning } = this;
    const exists = this.isCreated || (await ports.room.logExists(directory, diskPorts));
    const identity = { groupId: 'simulated', raftId: id, nodeId: `node-${id}` };
    const bootstrap = beginning === undefined ? undefined : { ...beginning, contents: chunksOf(beginning.data) };
    const real = exists
      ? await ports.room.openLog(directory, options, diskPorts)
      : await ports.room.createLog(directory, identity, bootstrap, options, diskPorts);
    if (!this.isLive(life)) return;
    const disk = new WatchedDisk(ports.core, real, {
      written: (entries) => this.checked(life, () => ports.checks.written(this, entries)),
      synced: () => this.checked(life, () => ports.checks.synced(this)),
      snapshotBegun: (meta) => this.checked(life, () => ports.checks.snapshotMade(id, meta, life.machine.state.index)),
      snapshotMade: () => ports.coverage.add('snapshots made'),
    });
    if (this.isCreated)
      this.checked(life, () =>
        ports.checks.recovered({ id, log: imageLog(ports, disk) }, disk.initialState().hardState, this.earlier.durable),
      );
    this.isCreated = true;
    life.disk = disk;
    const driver = new ports.room.RaftDriver<Outcome>(
      { ...ports.driverOptions, raftId: id },
      {
        disk,
        transport: this.transport(life),
        machine: life.machine,
        clock: this.clock(life),
        random: { number: () => ports.chance.number(), bytes: diskPorts.random.bytes },
        logger: this.logger(life),
        soon: (work) => this.later(life, 0, work),
        onBroken: (error) => this.breaks(life, error),
      },
    );
    driver.on('members', (confState) => this.switchMembers(life, driver.applied.index, confState));
    life.driver = driver;
    await driver.start();
    ports.touched(this);
  }

  /** It does not start: right when the disk was damaged or fails just now, else it is a bug. */
  private refuses(life: Life, error: unknown): void {
    if (!this.isLive(life)) return;
    const { ports } = this;
    ports.say(() => `node ${this.id} does not start: ${sentenceOf(error)}`);
    if (this.damagedFile !== undefined && error instanceof TsoError && error.code !== 'INTERNAL') {
      ports.coverage.add('damaged disks refused');
      this.crash();
      this.dead = true;
    } else if (this.mayFail) this.fails();
    else ports.violated(new Violation(18, `node ${this.id} does not start: ${sentenceOf(error)}`, { cause: error }));
  }

  /** The driver gives up. */
  private breaks(life: Life, error: TsoError): void {
    if (!this.isLive(life)) return;
    this.ports.say(() => `node ${this.id} stops: ${sentenceOf(error)}`);
    if (this.mayFail && error.code !== 'INTERNAL') this.later(life, 0, () => this.fails());
    else
      this.ports.violated(
        new Violation(error.code === 'INTERNAL' ? 18 : 9, `node ${this.id} stops: ${sentenceOf(error)}`, { cause: error }),
      );
  }

  private fails(): void {
    this.ports.coverage.add('failed writes and syncs');
    this.crash();
  }

  crash(): void {
    if (!this.isUp) return;
    const { ports, life } = this;
    this.isUp = false;
    this.earlier = { live: life.disk?.live ?? this.earlier.live, durable: life.disk?.durable ?? this.earlier.durable };
    life.disk = undefined;
    this.pausedUntil = 0;
    this.mayFail = false;
    ports.coverage.add('crashes');
    ports.checks.stopped(this.id);
    this.files.reboot(() => ports.chance.number());
    for (const message of this.receiving) ports.snapshotEnded(message, 'failed');
    this.receiving.clear();
  }

  wipe(): void {
    this.crash();
    this.dead = true;
    this.ports.coverage.add('wiped disks');
  }

  /** Whichever bit of whichever file it is: it must not start, or start with all that it had. */
  damage(chance: Chance): void {
    this.crash();
    if (!this.isCreated) return;
    this.damagedFile = 'begun';
    void flipBit(this.files, directory, (limit) => chance.below(limit)).then((name) => {
      this.damagedFile = name;
      this.ports.say(() => `node ${this.id}: a bit of ${name} flips`);
    });
  }

  arm(fate: DiskFate, inSteps: number): void {
    if (!this.isUp) return;
    this.mayFail = this.mayFail || fate !== 'power-cut';
    this.files.arm({ at: this.files.operations + inSteps, with: fate === 'power-cut' ? 'crash' : fate });
  }

  healDisk(): void {
    this.files.arm(undefined);
  }

  /** Work of that life, later: not while the process stands still. */
  private later(life: Life, delayMs: number, work: () => void): void {
    const { agenda } = this.ports;
    agenda.plan(delayMs, () => {
      if (!this.isLive(life)) return;
      if (agenda.now < this.pausedUntil) this.later(life, this.pausedUntil - agenda.now, work);
      else {
        work();
        this.ports.touched(this);
      }
    });
  }

  /** The time that one operation of the disk takes; for ever, when the process dies meanwhile. */
  private pass(life: Life): Promise<void> {
    const { agenda, chance, diskMs } = this.ports;
    const slowest = agenda.now < this.slowDiskUntil ? 200 : diskMs / 2;
    return new Promise((resolve) => this.later(life, chance.below(Math.max(1, slowest)), resolve));
  }

  private clock(life: Life) {
    const { agenda } = this.ports;
    return {
      now: () => agenda.now,
      monotonic: () => agenda.now,
      setTimer: (delayMs: number, callback: () => void) => {
        let isCancelled = false;
        // Clocks differ from machine to machine.
        this.later(life, (delayMs * this.tickMs) / defaultDriverOptions.tickMs, () => {
          if (!isCancelled) callback();
        });
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  private logger(life: Life): Logger {
    const note = (_: unknown, text: string): void => {
      if (!this.isLive(life)) return;
      if (text.startsWith('cut an unfinished write')) this.ports.coverage.add('torn writes repaired');
      this.ports.say(() => `  node ${this.id}: ${text}`);
    };
    const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    return logger;
  }

  private transport(life: Life): RaftTransport {
    return {
      send: (messages) => {
        for (const message of messages)
          this.checked(life, () => {
            this.ports.checks.sent(this, message);
            if (message.type === 'MsgSnap' && message.snapshot !== undefined) void this.sendSnapshot(life, message, message.snapshot);
            else this.ports.send(message);
          });
      },
      forward: (to, command) => this.ports.forward(to, command),
    };
  }

  private async sendSnapshot(life: Life, message: Message, snapshot: Snapshot): Promise<void> {
    try {
      const opened = await life.disk?.openSnapshot(snapshot.index);
      if (opened === undefined) return;
      const data = await bytesOf(opened.contents);
      if (this.isLive(life)) this.ports.send({ ...message, snapshot: { ...snapshot, data } });
    } catch (error) {
      this.ports.say(() => `node ${this.id} cannot send a snapshot: ${sentenceOf(error)}`);
      this.snapshotSent(message.to, 'failed');
    }
  }

  deliver(message: Message): void {
    const { life } = this;
    if (life.driver === undefined || this.status() === undefined) this.ports.lost(message);
    else if (this.ports.agenda.now < this.pausedUntil) this.later(life, 0, () => this.deliver(message));
    else if (message.type === 'MsgSnap' && message.snapshot !== undefined) void this.receive(life, message, message.snapshot);
    else this.act((driver) => driver.receive(message));
  }

  /** As the transport does it: one at a time, and one of a later leader, or another attempt, takes the place of it. */
  private async receive(life: Life, message: Message, snapshot: Snapshot): Promise<void> {
    this.receiving.add(message);
    let outcome: 'finished' | 'failed' = 'failed';
    try {
      await this.store(life, message.term, snapshot);
      this.ports.coverage.add('snapshots restored');
      this.act((driver) => driver.receive({ ...message, snapshot: { ...snapshot, data: noBytes } }));
      outcome = 'finished';
    } catch (error) {
      this.ports.say(() => `node ${this.id} cannot take a snapshot: ${sentenceOf(error)}`);
    }
    if (this.isLive(life) && this.receiving.delete(message)) this.ports.snapshotEnded(message, outcome);
  }

  private async store(life: Life, term: number, { data, ...meta }: Snapshot): Promise<void> {
    const before = life.incoming;
    if (before !== undefined && before.term > term) throw new Error(`a snapshot of term ${before.term} is coming in`);
    const over = Promise.withResolvers<void>();
    const incoming: Incoming = { term, isReplaced: false, over: over.promise };
    life.incoming = incoming;
    try {
      if (before !== undefined) {
        before.isReplaced = true;
        await before.over;
      }
      await life.disk?.receiveSnapshot(meta, unlessReplaced(incoming, chunksOf(data)));
    } finally {
      if (life.incoming === incoming) life.incoming = undefined;
      over.resolve();
    }
  }

  private act<T>(work: (driver: RaftDriver<Outcome>) => T): T | undefined {
    const { driver } = this.life;
    if (!this.isUp || driver === undefined || this.status() === undefined) return undefined;
    this.ports.touched(this);
    return work(driver);
  }

  private switchMembers(life: Life, index: number, confState: ConfState): void {
    const before = this.confState;
    this.checked(life, () => {
      this.confState = confState;
      if (life.restoredAt === index) return;
      if (this.ports.checks.configured(this.id, index, confState)) noteChange(this.ports.coverage, before, confState);
      if (names(before, this.id) && !names(confState, this.id)) this.removed = true;
    });
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
        this.checked(life, () => {
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
        () => this.checked(life, () => ports.readable(this, context, undefined)),
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

const imageLog = ({ core }: DriverNodePorts, disk: WatchedDisk): StoredLog => {
  const image = imageOf(core, disk);
  return { live: image, durable: image };
};
