import { type Clock, type Logger, sentenceOf } from '@tso/proto';
import type { Applied } from '../store/applied.ts';
import type { AuditFiles } from './audit-file.ts';
import { auditLine, endOfLog, missedLine } from './audit-line.ts';

export interface AuditLogOptions {
  /** A file that has become as large is set aside. */
  readonly maxFileBytes: number;
  /** How many files are kept beside the one that is written. */
  readonly keptFiles: number;
  /** What is held, at most, while the disk takes nothing; what comes then is missing, and said to be. */
  readonly maxHeldBytes: number;
}

export const defaultAuditLogOptions: AuditLogOptions = { maxFileBytes: 16 * 1024 ** 2, keptFiles: 5, maxHeldBytes: 16 * 1024 ** 2 };

export interface AuditLogPorts {
  readonly files: AuditFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How much of a file is looked at for its last line; a line names 200 objects at most. */
const tailBytes = 256 * 1024;
const againMs = 1_000;
/** How long lines may be on their way to the disk: a crash costs none, they are made again from the log of changes. */
const syncEveryMs = 1_000;

const fellBehind = 'this manager had fallen behind and was sent the whole store; the other managers have these lines';
const diskFull = 'the disk took nothing for too long; the other managers have these lines';

interface Held {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/**
 * A line of JSON for each transaction that somebody asked for and this manager applied: exactly one, through restarts and crashes, as long
 * as the store is restored from the same disk. Nothing waits for it but snapshots, which take the log away that the lines could be made of again.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #ports: AuditLogPorts;
  #held: Held[] = [];
  #heldBytes = 0;
  /** Index of the last line in the files. */
  #written = 0;
  /** Index of the last transaction heard of. */
  #heard = 0;
  #missedFrom: number | undefined;
  #size = 0;
  #writing: Promise<void> | undefined;
  #isBroken = false;
  /** Index of the snapshot that the store is restored from first: all before it is in the files. */
  #ownSnapshot = 0;
  #ended = false;
  #cancelRetry: () => void = () => undefined;
  #isSynced = true;
  #cancelSync: (() => void) | undefined;

  constructor(options: AuditLogOptions, ports: AuditLogPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Finds out where the log ends; a line that a crash cut off is made again. Before the first transaction is heard.
   * @param log what transactions come from: its last entry, and the snapshot that it begins with (0: none). A file that is ahead of it
   * belongs to another, and is set aside
   */
  async start({ lastIndex, snapshotIndex }: { readonly lastIndex: number; readonly snapshotIndex: number }): Promise<void> {
    const { files, logger } = this.#ports;
    this.#ownSnapshot = snapshotIndex;
    const size = await files.open();
    const { index, tornBytes } = endOfLog(await files.tail(0, tailBytes));
    this.#size = size - tornBytes;
    if (tornBytes > 0) await files.truncate(this.#size);
    this.#written = index === 0 ? endOfLog(await files.tail(1, tailBytes)).index : index;
    if (this.#written <= lastIndex) return;
    logger.warn({ index: this.#written, lastIndex }, 'the audit log is of another cluster, or ahead of its time: it is set aside');
    await this.#rotate();
    this.#written = 0;
  }

  /** In log order. Returns at once. */
  applied(applied: Applied): void {
    this.#heard = applied.index;
    if (applied.index <= this.#written) return;
    const line = auditLine(applied, new Date(applied.atMs).toISOString());
    if (line !== undefined) this.#add(applied.index, line);
  }

  /** The store was replaced as a whole and is at that index. */
  replaced(index: number): void {
    const isOwn = this.#heard === 0 && index === this.#ownSnapshot;
    const from = Math.max(this.#heard, this.#written) + 1;
    this.#heard = Math.max(index, this.#heard);
    if (isOwn || index < from) return;
    this.#add(index, missedLine(from, index, new Date(this.#ports.clock.now()).toISOString(), fellBehind));
  }

  /** Resolves once all that was heard is durable, or the disk takes nothing. */
  async flushed(): Promise<void> {
    while (this.#held.length > 0 && (this.#writing !== undefined || !this.#isBroken)) await this.#write();
    await this.#sync();
  }

  async stop(): Promise<void> {
    this.#cancelRetry();
    await this.flushed();
    this.#cancelSync?.();
    this.#ended = true;
    await this.#writing;
    await this.#ports.files.close();
  }

  #add(index: number, text: string): void {
    if (this.#heldBytes > this.#options.maxHeldBytes) {
      this.#missedFrom ??= index;
      return;
    }
    const missed = this.#missedFrom;
    this.#missedFrom = undefined;
    const at = new Date(this.#ports.clock.now()).toISOString();
    const bytes = Buffer.from(missed === undefined ? text : missedLine(missed, index - 1, at, diskFull) + text);
    this.#held.push({ index, bytes });
    this.#heldBytes += bytes.length;
    if (!this.#isBroken && !this.#ended) void (this.#writing ?? this.#write());
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeHeld().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** All that is held, at once: what gathers while the disk is busy goes together. Never throws. */
  async #writeHeld(): Promise<void> {
    const { files, logger, clock } = this.#ports;
    while (this.#held.length > 0 && !this.#ended) {
      const held = [...this.#held];
      const bytes = Buffer.concat(held.map((each) => each.bytes));
      try {
        if (this.#isBroken) await this.#mend();
        if (this.#size >= this.#options.maxFileBytes) {
          await this.#sync();
          await this.#rotate();
        }
        await files.append(bytes);
      } catch (error) {
        if (!this.#isBroken) logger.error({ waiting: held.length }, `the audit log cannot be written: ${sentenceOf(error)}`);
        this.#isBroken = true;
        this.#cancelRetry = clock.setTimer(againMs, () => void this.#write());
        return;
      }
      if (this.#isBroken) logger.info({}, 'the audit log is written again');
      this.#isBroken = false;
      this.#isSynced = false;
      this.#cancelSync ??= clock.setTimer(syncEveryMs, () => void this.#sync());
      this.#size += bytes.length;
      this.#written = held.at(-1)?.index ?? this.#written;
      this.#held = this.#held.slice(held.length);
      this.#heldBytes -= bytes.length;
    }
  }

  /** A disk that fails here fails at the next line too, which says so. */
  async #sync(): Promise<void> {
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    if (this.#isSynced || this.#ended) return;
    this.#isSynced = true;
    try {
      await this.#ports.files.sync();
    } catch (error) {
      this.#ports.logger.error({}, `the audit log is not durable: ${sentenceOf(error)}`);
    }
  }

  /** What an append that failed left behind goes. */
  async #mend(): Promise<void> {
    const { files } = this.#ports;
    await files.close();
    const size = await files.open();
    if (size > this.#size) await files.truncate(this.#size);
    else this.#size = size;
  }

  async #rotate(): Promise<void> {
    await this.#ports.files.rotate(this.#options.keptFiles);
    this.#size = 0;
  }
}
