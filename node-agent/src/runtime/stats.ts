import type { ContainerStats, ContainerUsage } from './types.ts';

/** The value of `key value` lines, as memory.stat and cpu.stat have them; 0 when it is not there. */
export const keyedValue = (text: string, key: string): number => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  const value = Number(line?.slice(key.length + 1));
  return Number.isFinite(value) ? value : 0;
};

/** A number, or 0 for `max` and for the page-aligned largest value that cgroup v1 shows instead. */
const limitValue = (text: string): number => {
  const value = Number(text.trim());
  return Number.isFinite(value) && value < Number.MAX_SAFE_INTEGER ? value : 0;
};

const countValue = (text: string): number => {
  const value = Number(text.trim());
  return Number.isFinite(value) ? value : 0;
};

/** Usage as people mean it: without file cache that the kernel would give back first (as `docker stats` and cAdvisor count). */
const workingSet = (usage: string, inactiveFile: number): number => Math.max(0, countValue(usage) - inactiveFile);

/** The sum over devices of the lines `8:0 Read 512` of blkio.throttle.io_service_bytes_recursive. */
const serviceBytes = (text: string, operation: 'Read' | 'Write'): number =>
  text
    .split('\n')
    .filter((line) => line.split(' ')[1] === operation)
    .reduce((sum, line) => sum + countValue(line.split(' ')[2] ?? ''), 0);

/** The sum over devices of `rbytes=512` in the lines of io.stat. */
const ioBytes = (text: string, key: 'rbytes' | 'wbytes'): number =>
  [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce((sum, match) => sum + countValue(match[1] ?? ''), 0);

export interface StatsTextsV1 {
  readonly cpuacctUsage: string;
  readonly memoryUsage: string;
  readonly memoryStat: string;
  readonly memoryLimit: string;
  readonly pidsCurrent: string;
  readonly cpuStat: string;
  readonly ioServiceBytes: string;
}

/** From cpuacct.usage, memory.usage_in_bytes and memory.stat (cgroup-v1 documents). */
export const usageFromV1 = (texts: Pick<StatsTextsV1, 'cpuacctUsage' | 'memoryUsage' | 'memoryStat'>): ContainerUsage => ({
  cpuNs: countValue(texts.cpuacctUsage),
  memoryBytes: workingSet(texts.memoryUsage, keyedValue(texts.memoryStat, 'total_inactive_file')),
});

/**
 * From cpuacct.usage, memory.usage_in_bytes, memory.stat, memory.limit_in_bytes, pids.current, cpu.stat and
 * blkio.throttle.io_service_bytes_recursive (cgroup-v1 documents).
 */
export const statsFromV1 = (texts: StatsTextsV1): ContainerStats => ({
  ...usageFromV1(texts),
  memoryLimitBytes: limitValue(texts.memoryLimit),
  pids: countValue(texts.pidsCurrent),
  blockReadBytes: serviceBytes(texts.ioServiceBytes, 'Read'),
  blockWriteBytes: serviceBytes(texts.ioServiceBytes, 'Write'),
  throttledNs: keyedValue(texts.cpuStat, 'throttled_time'),
});

export interface StatsTextsV2 {
  readonly cpuStat: string;
  readonly memoryCurrent: string;
  readonly memoryStat: string;
  readonly memoryMax: string;
  readonly pidsCurrent: string;
  readonly ioStat: string;
}

/** From cpu.stat, memory.current and memory.stat (cgroup-v2.rst). */
export const usageFromV2 = (texts: Pick<StatsTextsV2, 'cpuStat' | 'memoryCurrent' | 'memoryStat'>): ContainerUsage => ({
  cpuNs: keyedValue(texts.cpuStat, 'usage_usec') * 1_000,
  memoryBytes: workingSet(texts.memoryCurrent, keyedValue(texts.memoryStat, 'inactive_file')),
});

/** From cpu.stat, memory.current, memory.stat, memory.max, pids.current and io.stat (cgroup-v2.rst). */
export const statsFromV2 = (texts: StatsTextsV2): ContainerStats => ({
  ...usageFromV2(texts),
  memoryLimitBytes: limitValue(texts.memoryMax),
  pids: countValue(texts.pidsCurrent),
  blockReadBytes: ioBytes(texts.ioStat, 'rbytes'),
  blockWriteBytes: ioBytes(texts.ioStat, 'wbytes'),
  throttledNs: keyedValue(texts.cpuStat, 'throttled_usec') * 1_000,
});
