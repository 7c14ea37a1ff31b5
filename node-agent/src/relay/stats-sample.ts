import type { StatsSample } from '@tso/proto';
import type { ContainerStats } from '../runtime/types.ts';

/** A container's figures as they stood at an instant. */
export interface Reading {
  readonly atMs: number;
  /** Milliseconds of a clock that never goes back, for the time between two readings. */
  readonly monotonicMs: number;
  readonly stats: ContainerStats;
  readonly network: NetworkBytes;
}

export interface NetworkBytes {
  readonly rxBytes: number;
  readonly txBytes: number;
}

export const noNetwork: NetworkBytes = { rxBytes: 0, txBytes: 0 };

const receivedColumn = 0;
const sentColumn = 8;

/** What went over all devices but the loopback, by the text of /proc/PID/net/dev (proc_pid_net(5)). */
export const networkBytes = (text: string): NetworkBytes => {
  let sum = noNetwork;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.slice(0, colon).trim() === 'lo') continue;
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    sum = { rxBytes: sum.rxBytes + (columns[receivedColumn] ?? 0), txBytes: sum.txBytes + (columns[sentColumn] ?? 0) };
  }
  return sum;
};

/** How busy it was between two readings, in percent of one CPU; 0 without an earlier one. */
export const cpuPercent = (now: Reading, before: Reading | undefined): number => {
  if (before === undefined || now.monotonicMs <= before.monotonicMs) return 0;
  const usedNs = Math.max(0, now.stats.cpuNs - before.stats.cpuNs);
  return (usedNs / ((now.monotonicMs - before.monotonicMs) * 1e6)) * 100;
};

/** @param hostMemoryBytes what counts as the limit of a container that has none, or a higher one */
export const sampleOf = (taskId: string, now: Reading, before: Reading | undefined, hostMemoryBytes: number): StatsSample => {
  const { stats, network } = now;
  const limit = stats.memoryLimitBytes;
  return {
    taskId,
    atMs: now.atMs,
    cpuNs: stats.cpuNs,
    cpuPercent: cpuPercent(now, before),
    memoryBytes: stats.memoryBytes,
    memoryLimitBytes: limit === 0 ? hostMemoryBytes : Math.min(limit, hostMemoryBytes),
    networkRxBytes: network.rxBytes,
    networkTxBytes: network.txBytes,
    blockReadBytes: stats.blockReadBytes,
    blockWriteBytes: stats.blockWriteBytes,
    pids: stats.pids,
    throttledNs: stats.throttledNs,
  };
};
