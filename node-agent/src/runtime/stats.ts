import type { ContainerStats } from './types.ts';

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

export interface StatsTextsV1 {
  readonly cpuacctUsage: string;
  readonly memoryUsage: string;
  readonly memoryStat: string;
  readonly memoryLimit: string;
  readonly pidsCurrent: string;
}

/** From cpuacct.usage, memory.usage_in_bytes, memory.stat, memory.limit_in_bytes and pids.current (cgroup-v1 documents). */
export const statsFromV1 = (texts: StatsTextsV1): ContainerStats => ({
  cpuNs: countValue(texts.cpuacctUsage),
  memoryBytes: workingSet(texts.memoryUsage, keyedValue(texts.memoryStat, 'total_inactive_file')),
  memoryLimitBytes: limitValue(texts.memoryLimit),
  pids: countValue(texts.pidsCurrent),
});

export interface StatsTextsV2 {
  readonly cpuStat: string;
  readonly memoryCurrent: string;
  readonly memoryStat: string;
  readonly memoryMax: string;
  readonly pidsCurrent: string;
}

/** From cpu.stat, memory.current, memory.stat, memory.max and pids.current (cgroup-v2.rst). */
export const statsFromV2 = (texts: StatsTextsV2): ContainerStats => ({
  cpuNs: keyedValue(texts.cpuStat, 'usage_usec') * 1_000,
  memoryBytes: workingSet(texts.memoryCurrent, keyedValue(texts.memoryStat, 'inactive_file')),
  memoryLimitBytes: limitValue(texts.memoryMax),
  pids: countValue(texts.pidsCurrent),
});
