import type { StatsOfTask } from '@tso/proto';

/** A task's figures at one instant. Field names are a contract. */
export interface StatsRow {
  readonly time: string;
  readonly taskId: string;
  readonly stack: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string;
  readonly cpuPercent: number;
  readonly cpuNs: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly memoryPercent: number;
  readonly networkRxBytes: number;
  readonly networkTxBytes: number;
  readonly blockReadBytes: number;
  readonly blockWriteBytes: number;
  readonly pids: number;
  readonly throttledNs: number;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

export const statsRow = ({ stats, stack, serviceName, slot, node }: StatsOfTask): StatsRow => ({
  time: new Date(stats.atMs).toISOString(),
  taskId: stats.taskId,
  stack,
  service: serviceName,
  slot,
  node,
  cpuPercent: rounded(stats.cpuPercent),
  cpuNs: stats.cpuNs,
  memoryBytes: stats.memoryBytes,
  memoryLimitBytes: stats.memoryLimitBytes,
  memoryPercent: stats.memoryLimitBytes === 0 ? 0 : rounded((stats.memoryBytes / stats.memoryLimitBytes) * 100),
  networkRxBytes: stats.networkRxBytes,
  networkTxBytes: stats.networkTxBytes,
  blockReadBytes: stats.blockReadBytes,
  blockWriteBytes: stats.blockWriteBytes,
  pids: stats.pids,
  throttledNs: stats.throttledNs,
});

/** Three digits at most, in the largest unit that leaves a number before the point. */
const sizeIn = (bytes: number, step: number, units: readonly string[]): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= step;
    unit += 1;
  }
  return `${value >= 99.5 || unit === 0 ? Math.round(value) : value.toPrecision(value >= 9.95 ? 3 : 2)} ${units[unit]}`;
};

/** Units of 1024, as limits are written: `812 KiB`, `1.3 GiB`. */
export const memoryText = (bytes: number): string => sizeIn(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);

const trafficText = (bytes: number): string => sizeIn(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);

export const statsColumns = (withStack: boolean) => [
  ...(withStack ? [{ title: 'STACK' }] : []),
  { title: 'NAME' },
  { title: 'NODE' },
  { title: 'CPU %', align: 'right' as const },
  { title: 'MEMORY / LIMIT', align: 'right' as const },
  { title: 'MEM %', align: 'right' as const },
  { title: 'NET IN / OUT', align: 'right' as const },
  { title: 'DISK READ / WRITE', align: 'right' as const },
  { title: 'PIDS', align: 'right' as const },
];

const nameOf = (row: StatsRow): string => (row.slot > 0 ? `${row.service}.${row.slot}` : `${row.service}.${row.taskId.slice(0, 12)}`);

export const statsCells = (row: StatsRow, withStack: boolean): readonly string[] => [
  ...(withStack ? [row.stack] : []),
  nameOf(row),
  row.node,
  row.cpuPercent.toFixed(2),
  `${memoryText(row.memoryBytes)} / ${memoryText(row.memoryLimitBytes)}`,
  row.memoryPercent.toFixed(2),
  `${trafficText(row.networkRxBytes)} / ${trafficText(row.networkTxBytes)}`,
  `${trafficText(row.blockReadBytes)} / ${trafficText(row.blockWriteBytes)}`,
  String(row.pids),
];

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By stack, service, slot, task. */
export const sortStats = (rows: readonly StatsRow[]): readonly StatsRow[] =>
  [...rows].sort(
    (a, b) => compareText(a.stack, b.stack) || compareText(a.service, b.service) || a.slot - b.slot || compareText(a.taskId, b.taskId),
  );

/** A task that sends nothing for so long has ended, or its node is away: its last figures say nothing any more. */
const staleMs = 3_500;

/** The latest figures of each task. */
export class StatsBoard {
  readonly #rows = new Map<string, { readonly row: StatsRow; readonly heardAtMs: number }>();

  add(row: StatsRow, nowMs: number): void {
    this.#rows.set(row.taskId, { row, heardAtMs: nowMs });
  }

  rows(nowMs: number): readonly StatsRow[] {
    for (const [id, { heardAtMs }] of this.#rows) if (nowMs - heardAtMs > staleMs) this.#rows.delete(id);
    return sortStats([...this.#rows.values()].map(({ row }) => row));
  }
}
