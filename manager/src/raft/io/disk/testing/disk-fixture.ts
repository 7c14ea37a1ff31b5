import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Logger, TsoError } from '@tso/proto';
import type { ConfState, Entry, EntryType, HardState } from '../../../core/index.ts';
import type { Chunks, DiskWrite, LogIdentity, SnapshotMeta } from '../../ports.ts';
import { type Bootstrap, createLog, type DiskOptions, type DiskPorts, defaultDiskOptions, type FileDisk, openLog } from '../index.ts';

/** What the tests of this room share. */

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silentLogger };

/** Keeps what was said, with its fields as text. */
export const listeningLogger = (): Logger & { readonly said: string[] } => {
  const said: string[] = [];
  const hear = (fields: object, message: string): void => {
    said.push(`${message} ${JSON.stringify(fields)}`);
  };
  const logger = { debug: hear, info: hear, warn: hear, error: hear, child: () => logger, said };
  return logger;
};

export const withDirectory = async <T>(work: (directory: string) => Promise<T>): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-raft-disk-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

export const identity: LogIdentity = { groupId: 'group-a', raftId: 1, nodeId: 'node-a' };

export const options: DiskOptions = { ...defaultDiskOptions, lockPatienceMs: 0 };

export const diskPorts = (ports: Partial<DiskPorts> = {}): DiskPorts => ({
  clock: realClock,
  logger: silentLogger,
  random: { bytes: (count) => randomBytes(count) },
  ...ports,
});

export const soleVoter: ConfState = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };

export const metaAt = (index: number, term: number, confState: ConfState = soleVoter): SnapshotMeta => ({ index, term, confState });

export const chunksOf = async function* (...texts: readonly string[]): Chunks {
  for (const text of texts) yield Buffer.from(text);
};

export const readAll = async (contents: Chunks): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of contents) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const bootstrap = (): Bootstrap => ({ ...metaAt(1, 1), contents: chunksOf('the beginning') });

/** The first member's new log, by default. */
export const create = (
  directory: string,
  own: Partial<DiskOptions> = {},
  ports: Partial<DiskPorts> = {},
  begin: Bootstrap | undefined = bootstrap(),
): Promise<FileDisk> => createLog(directory, identity, begin, { ...options, ...own }, diskPorts(ports));

export const reopen = (directory: string, own: Partial<DiskOptions> = {}, ports: Partial<DiskPorts> = {}): Promise<FileDisk> =>
  openLog(directory, { ...options, ...own }, diskPorts(ports));

export const entry = (index: number, term: number, text = `entry ${index}`, type: EntryType = 'EntryNormal'): Entry => ({
  type,
  term,
  index,
  data: Buffer.from(text),
});

/** Entries of one term, from and to with these indexes. */
export const run = (from: number, to: number, term: number, text?: string): readonly Entry[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => entry(from + at, term, text));

export const synced = (change: Partial<DiskWrite>): DiskWrite => ({
  mustSync: true,
  hardState: undefined,
  entries: [],
  snapshot: undefined,
  ...change,
});

export const hard = (term: number, vote: number, commit: number): HardState => ({ term, vote, commit });

/** Entries as plain values, all that there are. */
export const contentOf = (disk: FileDisk): readonly string[] => {
  const entries = disk.entries(disk.firstIndex(), disk.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
  if (typeof entries === 'string') return [entries];
  return entries.map(({ index, term, type, data }) => `${term}/${index} ${type} ${Buffer.from(data).toString()}`);
};

/** Counts calls of `onBroken`. */
export const breakage = (): { readonly errors: TsoError[]; readonly onBroken: (error: TsoError) => void } => {
  const errors: TsoError[] = [];
  return { errors, onBroken: (error) => errors.push(error) };
};
