import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock, systemRandom } from '@tso/proto/system';
import type { Entry } from '../../manager/src/raft/core/index.ts';
import { createLog, type DiskPorts, defaultDiskOptions, type FileDisk, openLog } from '../../manager/src/raft/io/disk/index.ts';

/**
 * What the durable side of a member costs, alone: appends one after another and in batches, an opening of a large log, and how long a
 * snapshot holds the event loop. `node test/bench/raft-disk.ts [--entries N] [--log-mib N] [--snapshot-mib N] [--dir PATH]`
 */
const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '5000' },
    'log-mib': { type: 'string', default: '256' },
    'snapshot-mib': { type: 'string', default: '100' },
    dir: { type: 'string', default: tmpdir() },
  },
});

const silent = (): void => undefined;
const logger: DiskPorts['logger'] = { debug: silent, info: silent, warn: silent, error: silent, child: () => logger };
const ports: DiskPorts = { clock: systemClock, random: systemRandom, logger };
const noMembers = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
const mib = 1024 * 1024;

const say = (what: string, figure: string): void => console.log(`${what.padEnd(64)} ${figure}`);

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const batch = (from: number, count: number): readonly Entry[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'EntryNormal' as const, term: 1, index: from + at, data: systemRandom.bytes(1024) }));

const append = (disk: FileDisk, entries: readonly Entry[]): Promise<void> =>
  disk.write({ mustSync: true, entries, hardState: { term: 1, vote: 1, commit: disk.lastIndex() }, snapshot: undefined });

const measureAppends = async (disk: FileDisk, count: number, size: number): Promise<void> => {
  const prepared = Array.from({ length: Math.ceil(count / size) }, (_, at) => batch(disk.lastIndex() + 1 + at * size, size));
  const took: number[] = [];
  const startedAt = performance.now();
  for (const entries of prepared) {
    const at = performance.now();
    await append(disk, entries);
    took.push((performance.now() - at) * 1000);
  }
  const perSecond = (prepared.length * size * 1000) / (performance.now() - startedAt);
  took.sort((a, b) => a - b);
  const micros = [0.5, 0.99].map((share) => `${quantile(took, share).toFixed(0)} us`);
  say(`append of ${size} x 1 KiB, durable: median, 99 of 100, entries per second`, `${micros.join('  ')}  ${perSecond.toFixed(0)}`);
};

/** Processor time of this thread so far, in milliseconds. */
const busyMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/**
 * The longest stretch of work on the event loop without a turn for timers, in milliseconds of the thread's processor time: so that
 * other work on the machine does not count.
 */
const longestHold = async (work: () => Promise<void>): Promise<number> => {
  let longest = 0;
  let last = busyMs();
  const look = (): void => {
    const now = busyMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  await work();
  look();
  clearInterval(timer);
  return longest;
};

const measureSnapshot = async (disk: FileDisk, size: number): Promise<void> => {
  const piece = systemRandom.bytes(64 * 1024);
  const contents = async function* (): AsyncIterable<Uint8Array> {
    for (let done = 0; done < size * mib; done += piece.length) yield piece;
  };
  const took: number[] = [];
  let done = false;
  const appending = async (): Promise<void> => {
    while (!done) {
      const entries = batch(disk.lastIndex() + 1, 1);
      const at = performance.now();
      await append(disk, entries);
      took.push(performance.now() - at);
    }
  };
  const startedAt = performance.now();
  const hold = await longestHold(async () => {
    const appends = appending();
    await disk.saveSnapshot({ index: disk.lastIndex(), term: 1, confState: noMembers }, contents());
    done = true;
    await appends;
  });
  const writtenMs = performance.now() - startedAt;
  took.sort((a, b) => a - b);
  say(`snapshot of ${size} MiB written: time, longest hold of the event loop`, `${writtenMs.toFixed(0)} ms  ${hold.toFixed(1)} ms`);
  say('  appends beside it: median, 99 of 100', `${quantile(took, 0.5).toFixed(2)} ms  ${quantile(took, 0.99).toFixed(2)} ms`);
  const readHold = await longestHold(async () => {
    const { contents: read } = await disk.openSnapshot();
    for await (const _ of read);
  });
  say('  read back: longest hold of the event loop', `${readHold.toFixed(1)} ms`);
};

const measureOpening = async (directory: string, what: string): Promise<FileDisk> => {
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  let disk: FileDisk | undefined;
  const hold = await longestHold(async () => {
    disk = await openLog(directory, defaultDiskOptions, ports);
  });
  if (disk === undefined) throw new Error('the log is open');
  const tookMs = performance.now() - startedAt;
  const grownMib = (process.memoryUsage.rss() - before) / mib;
  say(`${what}: opened in, longest hold, memory grown by`, `${tookMs.toFixed(0)} ms  ${hold.toFixed(1)} ms  ${grownMib.toFixed(0)} MiB`);
  return disk;
};

const measureReading = (disk: FileDisk): void => {
  const startedAt = performance.now();
  let longest = 0;
  let count = 0;
  for (let next = disk.firstIndex(); next <= disk.lastIndex(); ) {
    const at = busyMs();
    const entries = disk.entries(next, disk.lastIndex() + 1, mib);
    longest = Math.max(longest, busyMs() - at);
    if (typeof entries === 'string') throw new Error(entries);
    count += entries.length;
    next += entries.length;
  }
  const perSecond = (count * 1000) / (performance.now() - startedAt);
  say('  all entries read back, a MiB at a time: per second, longest', `${perSecond.toFixed(0)}  ${longest.toFixed(1)} ms`);
};

const measureLog = async (root: string, logMib: number, size: number): Promise<void> => {
  const directory = join(root, `log-${size}`);
  const disk = await createLog(directory, identity, undefined, { ...defaultDiskOptions, cacheBytes: mib }, ports);
  const entries = batch(1, size);
  for (let index = 1; disk.logBytes < logMib * mib; index += size)
    await append(
      disk,
      entries.map((entry, at) => ({ ...entry, index: index + at })),
    );
  await disk.close();
  const opened = await measureOpening(directory, `log of ${logMib} MiB, 1 KiB entries in frames of ${size}`);
  measureReading(opened);
  await opened.close();
  await rm(directory, { recursive: true });
};

const identity = { groupId: 'bench', raftId: 1, nodeId: 'bench' };
const root = await mkdtemp(join(values.dir, 'tso-raft-disk-'));
try {
  const disk = await createLog(join(root, 'appends'), identity, undefined, defaultDiskOptions, ports);
  await measureAppends(disk, Math.min(1000, Number(values.entries)), 1);
  await measureAppends(disk, Number(values.entries), 1);
  await measureAppends(disk, Number(values.entries) * 10, 64);
  await measureSnapshot(disk, Number(values['snapshot-mib']));
  await disk.close();
  await measureLog(root, Number(values['log-mib']), 64);
  await measureLog(root, Math.min(64, Number(values['log-mib'])), 1);
} finally {
  await rm(root, { recursive: true, force: true });
}
