import { type Clock, type Logger, sentenceOf, TsoError } from '@tso/proto';
import type { StoredLog } from './checks.ts';
import { type ConfState, emptyConfState, type Message, type NodeId, noBytes, type RaftStatus, type Snapshot } from './core-door.ts';
import { imageOf, WatchedDisk } from './driver-disk.ts';
import {
  type DriverOptions,
  defaultDiskOptions,
  defaultDriverOptions,
  type MemoryFiles,
  type RaftDisk,
  type RaftDriver,
  type RaftTransport,
  type RoomModule,
} from './driver-door.ts';
import { slowFiles } from './driver-files.ts';
import { bytesOf, chunksOf, DriverMachine, type Outcome } from './driver-machine.ts';
import type { MemberPorts } from './member.ts';
import { SnapshotIntake } from './snapshot-intake.ts';
import { Violation } from './violation.ts';

export const stateDirectory = '/state';

export interface LifePorts extends MemberPorts {
  readonly room: RoomModule;
  readonly driverOptions: Omit<DriverOptions, 'raftId'>;
  /** What a check found where nobody can throw it to. */
  readonly violated: (violation: Violation) => void;
  /** Hands a command to that member, as the transport would. */
  readonly forward: (to: NodeId, command: Uint8Array) => Promise<{ readonly index: number }>;
}

/** The machine that a process runs on, and which outlives it. */
export interface Host {
  readonly id: NodeId;
  readonly files: MemoryFiles;
  readonly beginning: Snapshot | undefined;
  readonly log: StoredLog;
  readonly pausedUntil: number;
  readonly slowDiskUntil: number;
  readonly tickMs: number;
  /** A log was made on it. */
  isCreated: boolean;
  /** What was durable when the last process ended. */
  readonly earlier: StoredLog;
  isLive(life: DriverLife): boolean;
  /** Something happened: it is to be looked at when all is quiet. */
  touched(): void;
  /** The process gives up. */
  broken(life: DriverLife, error: TsoError): void;
  switched(life: DriverLife, index: number, confState: ConfState): void;
}

/** One life of a manager's process: the real driver and the real disk. What belongs to an earlier life has no effect any more. */
export class DriverLife {
  driver: RaftDriver<Outcome> | undefined;
  disk: WatchedDisk | undefined;
  readonly machine: DriverMachine;
  restoredAt = 0;
  private readonly intake = new SnapshotIntake();
  private readonly receiving = new Set<Message>();
  private readonly host: Host;
  private readonly ports: LifePorts;

  constructor(host: Host, ports: LifePorts) {
    this.host = host;
    this.ports = ports;
    const { id } = host;
    this.machine = new DriverMachine({
      applied: (index, before, hash) => this.checked(() => ports.checks.appliedIndex(id, index, before, hash)),
      repeated: (index, command) =>
        this.checked(() => {
          throw new Violation(7, `node ${id} applies command ${command} again at ${index}`);
        }),
      restored: (index, state) => {
        this.restoredAt = index;
        const confState = this.disk?.snapshot()?.confState ?? emptyConfState;
        this.checked(() => ports.checks.snapshotRestored(id, { index, confState }, state));
      },
    });
  }

  private get isLive(): boolean {
    return this.host.isLive(this);
  }

  status(): RaftStatus | undefined {
    // It refuses while it starts, and once it is broken.
    try {
      return this.driver?.status();
    } catch (error) {
      if (error instanceof TsoError && error.code === 'UNAVAILABLE') return undefined;
      throw error;
    }
  }

  /** Lets a check throw where the driver would take it for its own failure. */
  checked(check: () => void): void {
    if (!this.isLive) return;
    try {
      check();
    } catch (error) {
      const isViolation = error instanceof Violation;
      this.ports.violated(isViolation ? error : new Violation(18, `node ${this.host.id}: ${sentenceOf(error)}`, { cause: error }));
    }
    this.host.touched();
  }

  /** Opens the disk and starts the driver on it. Whatever keeps it from that is thrown. */
  async begin(): Promise<void> {
    const { ports, host } = this;
    const real = await this.openDisk();
    if (!this.isLive) return;
    const { id } = host;
    const disk = new WatchedDisk(ports.core, real, {
      written: (entries) => this.checked(() => ports.checks.written(host, entries)),
      synced: () => this.checked(() => ports.checks.synced(host)),
      snapshotBegun: (meta) => this.checked(() => ports.checks.snapshotMade(id, meta, this.machine.state.index)),
      snapshotMade: () => ports.coverage.add('snapshots made'),
    });
    if (host.isCreated) {
      const image = imageOf(ports.core, real);
      const log = { live: image, durable: image };
      this.checked(() => ports.checks.recovered({ id, log }, image.hardState, host.earlier.durable));
    }
    host.isCreated = true;
    this.disk = disk;
    const driver = new ports.room.RaftDriver<Outcome>({ ...ports.driverOptions, raftId: id }, this.driverPorts(disk));
    driver.on('members', (confState) => host.switched(this, driver.applied.index, confState));
    this.driver = driver;
    await driver.start();
    host.touched();
  }

  private random(): { readonly number: () => number; readonly bytes: (count: number) => Uint8Array } {
    const { chance } = this.ports;
    return { number: () => chance.number(), bytes: (count) => Uint8Array.from({ length: count }, () => chance.below(256)) };
  }

  private async openDisk(): Promise<RaftDisk> {
    const { room } = this.ports;
    const { id, beginning, isCreated, files } = this.host;
    const ports = {
      clock: this.clock(),
      logger: this.logger(),
      random: this.random(),
      files: slowFiles(files, () => this.pass()),
      onBroken: (error: TsoError) => this.host.broken(this, error),
    };
    const options = { ...defaultDiskOptions, segmentBytes: 4096, cacheBytes: 2000 };
    if (isCreated || (await room.logExists(stateDirectory, ports))) return room.openLog(stateDirectory, options, ports);
    const identity = { groupId: 'simulated', raftId: id, nodeId: `node-${id}` };
    const bootstrap = beginning === undefined ? undefined : { ...beginning, contents: chunksOf(beginning.data) };
    return room.createLog(stateDirectory, identity, bootstrap, options, ports);
  }

  private driverPorts(disk: RaftDisk) {
    return {
      disk,
      transport: this.transport(),
      machine: this.machine,
      clock: this.clock(),
      random: this.random(),
      logger: this.logger(),
      soon: (work: () => void) => this.later(0, work),
      onBroken: (error: TsoError) => this.host.broken(this, error),
    };
  }

  /** Work of this life, later: not while the process stands still. */
  later(delayMs: number, work: () => void): void {
    const { agenda } = this.ports;
    const { host } = this;
    agenda.plan(delayMs, () => {
      if (!this.isLive) return;
      if (agenda.now < host.pausedUntil) {
        this.later(host.pausedUntil - agenda.now, work);
        return;
      }
      work();
      host.touched();
    });
  }

  /** The time that one operation of the disk takes; for ever, when the process dies meanwhile. */
  private pass(): Promise<void> {
    const { agenda, chance, diskMs } = this.ports;
    const slowest = agenda.now < this.host.slowDiskUntil ? 200 : diskMs / 2;
    return new Promise((resolve) => this.later(chance.below(Math.max(1, slowest)), resolve));
  }

  private clock(): Clock {
    const { agenda } = this.ports;
    return {
      now: () => agenda.now,
      monotonic: () => agenda.now,
      setTimer: (delayMs, callback) => {
        let isCancelled = false;
        // Clocks differ from machine to machine.
        this.later((delayMs * this.host.tickMs) / defaultDriverOptions.tickMs, () => {
          if (!isCancelled) callback();
        });
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  private logger(): Logger {
    const { say, coverage } = this.ports;
    const note = (_: unknown, text: string): void => {
      if (!this.isLive) return;
      if (text.startsWith('cut an unfinished write')) coverage.add('torn writes repaired');
      say(() => `  node ${this.host.id}: ${text}`);
    };
    const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    return logger;
  }

  private transport(): RaftTransport {
    const { ports, host } = this;
    return {
      send: (messages) => {
        for (const message of messages)
          this.checked(() => {
            ports.checks.sent(host, message);
            if (message.type === 'MsgSnap' && message.snapshot !== undefined) void this.sendSnapshot(message, message.snapshot);
            else ports.send(message);
          });
      },
      forward: (to, command) => ports.forward(to, command),
    };
  }

  private async sendSnapshot(message: Message, snapshot: Snapshot): Promise<void> {
    try {
      const opened = await this.disk?.openSnapshot(snapshot.index);
      if (opened === undefined) return;
      const data = await bytesOf(opened.contents);
      if (this.isLive) this.ports.send({ ...message, snapshot: { ...snapshot, data } });
    } catch (error) {
      this.ports.say(() => `node ${this.host.id} cannot send a snapshot: ${sentenceOf(error)}`);
      if (this.isLive) this.driver?.snapshotSent(message.to, 'failed');
    }
  }

  /** The contents of a snapshot are durable before the driver hears of it. */
  async receive(message: Message, snapshot: Snapshot): Promise<void> {
    const { disk, driver, ports, host } = this;
    if (disk === undefined || driver === undefined) return;
    this.receiving.add(message);
    let outcome: 'finished' | 'failed' = 'failed';
    try {
      await this.intake.take(disk, message.term, snapshot);
      ports.coverage.add('snapshots restored');
      if (this.isLive) driver.receive({ ...message, snapshot: { ...snapshot, data: noBytes } });
      outcome = 'finished';
    } catch (error) {
      ports.say(() => `node ${host.id} cannot take a snapshot: ${sentenceOf(error)}`);
    }
    host.touched();
    if (this.isLive && this.receiving.delete(message)) ports.snapshotEnded(message, outcome);
  }

  /** The process is gone: whatever was coming in is not there. */
  end(): void {
    for (const message of this.receiving) this.ports.snapshotEnded(message, 'failed');
    this.receiving.clear();
  }
}
