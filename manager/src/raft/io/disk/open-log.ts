import { type Clock, type Logger, type Random, sentenceOf, TsoError } from '@tso/proto';
import { emptyHardState, nobody } from '../../core/index.ts';
import type { Chunks, LogIdentity, SnapshotMeta } from '../ports.ts';
import { DiskState } from './disk-state.ts';
import { earlierFormat, missingFile } from './failures.ts';
import { FileDisk } from './file-disk.ts';
import { type Files, realFiles } from './files.ts';
import { KeyRing } from './keys.ts';
import { type Layout, type Listing, type LogPosition, layoutOf, readNames } from './layout.ts';
import { type Manifest, missingManifest, readManifest, writeManifest } from './manifest.ts';
import { cutTornTail, type FoundLog, findLog } from './recovery.ts';
import { type Room, Segment } from './segment.ts';
import { SnapshotFile } from './snapshot-file.ts';
import { type KeptSnapshot, SnapshotStore } from './snapshot-store.ts';
import { watchedFiles } from './watched-files.ts';
import { WriteAheadLog, type WriteAheadLogOptions } from './write-ahead-log.ts';

export interface DiskOptions extends WriteAheadLogOptions {
  /** How long to wait for a predecessor to leave the directory. */
  readonly lockPatienceMs: number;
  /** The 32 bytes that the keys were locked under, or are to be from the start. */
  readonly keyEncryptionKey?: Uint8Array;
}

export const defaultDiskOptions: DiskOptions = { segmentBytes: 64 * 1024 * 1024, cacheBytes: 64 * 1024 * 1024, lockPatienceMs: 10_000 };

export interface DiskPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For keys and salts: has to be of cryptographic quality. */
  readonly random: Pick<Random, 'bytes'>;
  /** The disk failed: nothing more can be promised, the manager has to stop. Called at most once. */
  readonly onBroken?: (error: TsoError) => void;
  /** In place of the machine's own. */
  readonly files?: Files;
}

/** What a log begins with that is not empty. */
export type Bootstrap = SnapshotMeta & { readonly contents: Chunks };

const unusable = (directory: string, error: unknown): TsoError =>
  error instanceof TsoError
    ? error
    : new TsoError('FAILED_PRECONDITION', `the state directory ${directory} cannot be used: ${sentenceOf(error)}`, { cause: error });

const listNames = async (files: Files, directory: string): Promise<Listing> => {
  try {
    return readNames(directory, await files.list(directory));
  } catch (error) {
    throw unusable(directory, error);
  }
};

/** Undefined when there is none; one that is only begun is as good as that. */
const findManifest = async (files: Files, layout: Layout, listing: Listing): Promise<Manifest | undefined> => {
  if (listing.earlier !== undefined) throw earlierFormat(layout.directory, listing.earlier);
  if (listing.manifest) return readManifest(files, layout);
  if (listing.keys || listing.segments.length > 0 || listing.snapshots.length > 0) throw missingManifest(layout);
  return undefined;
};

/**
 * Whether `openLog` is to be called for the directory: also when what is there turns out to be damaged, so that nobody begins a new
 * log over it.
 */
export const logExists = async (directory: string, ports: Pick<DiskPorts, 'clock' | 'files'>): Promise<boolean> => {
  const files = ports.files ?? realFiles(ports.clock);
  const listing = await listNames(files, directory);
  if (!listing.manifest) return listing.keys || listing.segments.length > 0 || listing.snapshots.length > 0;
  try {
    return (await readManifest(files, layoutOf(directory))).state === 'ready';
  } catch (error) {
    if (error instanceof TsoError) return true;
    throw unusable(directory, error);
  }
};

/** Takes the directory, lets the work be done in it, and gives it back when that fails. */
const inDirectory = async (
  directory: string,
  options: DiskOptions,
  ports: DiskPorts,
  work: (files: Files, state: DiskState, release: () => Promise<void>) => Promise<FileDisk>,
): Promise<FileDisk> => {
  const base = ports.files ?? realFiles(ports.clock);
  const state = new DiskState(ports.logger, ports.onBroken);
  const release = await base.lock(directory, options.lockPatienceMs).catch((error: unknown) => {
    throw unusable(directory, error);
  });
  try {
    const disk = await work(watchedFiles(base, state), state, release);
    state.opened();
    return disk;
  } catch (error) {
    await release();
    throw error;
  }
};

/**
 * The log that is in the directory. NOT_FOUND: there is none. FAILED_PRECONDITION: another process works there, the state is locked,
 * of another member, or of another version. DATA_LOSS: a file is damaged or missing; the sentence names it, and nothing was touched.
 */
export const openLog = async (directory: string, options: DiskOptions, ports: DiskPorts): Promise<FileDisk> => {
  const nothing = new TsoError('NOT_FOUND', `there is no log in ${directory}`);
  const listing = await listNames(ports.files ?? realFiles(ports.clock), directory);
  if (!listing.manifest && listing.earlier === undefined && !listing.keys && listing.segments.length + listing.snapshots.length === 0) {
    throw nothing;
  }
  return inDirectory(directory, options, ports, async (files, state, release) => {
    const layout = layoutOf(directory);
    const now = await listNames(files, directory);
    const manifest = await findManifest(files, layout, now);
    if (manifest?.state !== 'ready') throw nothing;
    if (!now.keys) throw missingFile(layout.keys, 'without the keys in it nothing of the log can be read');
    const keys = await KeyRing.read({ files, layout, random: ports.random }, options.keyEncryptionKey);
    const room: Room = { files, layout, random: ports.random, owner: { identity: manifest.identity, keys } };
    return assemble(room, manifest, now, options, ports, state, release);
  });
};

/**
 * A new log. The first member's begins with a snapshot, which names the members; one that joins begins with nothing. ALREADY_EXISTS:
 * the directory has a log. FAILED_PRECONDITION: as `openLog`.
 */
export const createLog = async (
  directory: string,
  identity: LogIdentity,
  bootstrap: Bootstrap | undefined,
  options: DiskOptions,
  ports: DiskPorts,
): Promise<FileDisk> => {
  const base = ports.files ?? realFiles(ports.clock);
  await base.makeDirectory(directory).catch((error: unknown) => {
    throw unusable(directory, error);
  });
  return inDirectory(directory, options, ports, async (files, state, release) => {
    const layout = layoutOf(directory);
    const listing = await listNames(files, directory);
    const before = await findManifest(files, layout, listing);
    if (before?.state === 'ready') {
      throw new TsoError(
        'ALREADY_EXISTS',
        `${directory} has a log already: of member ${before.identity.raftId} of ${before.identity.groupId}`,
      );
    }
    await removeBegun(files, layout, listing);
    const manifest: Manifest = { identity, state: 'creating', firstSegment: 1, lastSegment: 1 };
    await writeManifest(files, layout, manifest);
    const keys = await KeyRing.create({ files, layout, random: ports.random }, options.keyEncryptionKey);
    const room: Room = { files, layout, random: ports.random, owner: { identity, keys } };
    await writeBeginning(room, bootstrap);
    await writeManifest(files, layout, { ...manifest, state: 'ready' });
    return assemble(room, { ...manifest, state: 'ready' }, await listNames(files, directory), options, ports, state, release);
  });
};

/** What a crash left of a log that was being created. */
const removeBegun = async (files: Files, layout: Layout, { segments, snapshots, leftovers }: Listing): Promise<void> => {
  const paths = [...segments.map(layout.segment), ...snapshots.map(layout.snapshot), ...leftovers, layout.keys];
  for (const path of paths) await files.remove(path);
};

const writeBeginning = async (room: Room, bootstrap: Bootstrap | undefined): Promise<void> => {
  const { index, term } = bootstrap ?? { index: 0, term: 0 };
  if (bootstrap !== undefined) {
    const { confState, contents } = bootstrap;
    const store = new SnapshotStore(room, undefined);
    await store.publish(await store.write({ index, term, confState }, contents));
  }
  const hardState = bootstrap === undefined ? emptyHardState : { term, vote: nobody, commit: index };
  const segment = await Segment.create(room, 1, { previous: { index, term }, hardState });
  await segment.file.close();
};

const assemble = async (
  room: Room,
  manifest: Manifest,
  listing: Listing,
  options: DiskOptions,
  ports: DiskPorts,
  state: DiskState,
  release: () => Promise<void>,
): Promise<FileDisk> => {
  const startedAtMs = ports.clock.monotonic();
  const newest = await readNewest(room, listing);
  const found = await findLog(room, manifest, listing, newest?.meta);
  const log = new WriteAheadLog(room, options, found);
  try {
    await finishInterrupted(room, listing, found, newest, log, ports.logger);
  } catch (error) {
    await log.close();
    throw error;
  }
  const { index: last, term: lastTerm } = log.last;
  const fields = { first: log.base.index + 1, last, lastTerm, snapshot: newest?.meta.index ?? 0, segments: found.segments.size };
  ports.logger.info({ ...fields, tookMs: Math.round(ports.clock.monotonic() - startedAtMs) }, 'log opened');
  return new FileDisk({ room, state, log, snapshots: new SnapshotStore(room, newest), release });
};

/** The newest snapshot, seen to be whole: it got its name only when it was, so one that is not is damaged. */
const readNewest = async (room: Room, { snapshots }: Listing): Promise<KeptSnapshot | undefined> => {
  const at = snapshots.at(-1);
  if (at === undefined) return undefined;
  const path = room.layout.snapshot(at);
  const file = await SnapshotFile.open(room, path);
  try {
    checkName(path, at, file.meta);
    await file.verify();
    return { meta: file.meta, path, keyId: file.keyId };
  } finally {
    await file.close();
  }
};

const checkName = (path: string, at: LogPosition, meta: SnapshotMeta): void => {
  if (meta.index === at.index && meta.term === at.term) return;
  throw missingFile(path, `under its name lies a snapshot of entry ${meta.index} of term ${meta.term}`);
};

/** Does what a crash kept from being done: from here on the directory is changed. */
const finishInterrupted = async (
  room: Room,
  { leftovers, snapshots }: Listing,
  found: FoundLog,
  newest: KeptSnapshot | undefined,
  log: WriteAheadLog,
  logger: Logger,
): Promise<void> => {
  const { torn, restartBehind, strays } = found;
  for (const path of [...leftovers, ...strays]) await room.files.remove(path);
  if (torn !== undefined) {
    const aside = await cutTornTail(room, torn);
    logger.warn(
      { path: torn.path, offset: torn.offset, cutBytes: torn.bytes.length, why: torn.why, keptIn: aside },
      'cut an unfinished write off the log: a crash interrupted it, nobody was told that it is done',
    );
  }
  if (restartBehind !== undefined) await log.restart(restartBehind, found.hardState);
  const older = snapshots.filter(({ index }) => index < (newest?.meta.index ?? 0));
  for (const at of older) await room.files.remove(room.layout.snapshot(at));
};
