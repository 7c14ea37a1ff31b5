import { type Figure, median, quantile } from './consensus-figures.ts';
import type { BenchGroup } from './consensus-group.ts';
import type { LoadProcesses } from './consensus-load-processes.ts';
import type { StoreName } from './consensus-protocol.ts';

export interface LoadSettings {
  readonly clients: number;
  readonly valueBytes: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly rounds: number;
}

interface Measured {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Processor seconds of each member and per second of wall time, the leader first. */
  readonly cores: readonly number[];
}

export type Groups = readonly BenchGroup[];
type PerStore<T> = Partial<Record<StoreName, T>>;

const inTurn = (groups: Groups, round: number): Groups => (round % 2 === 0 ? groups : groups.toReversed());

const mid = (values: readonly number[]): number => median(values);

/** Clients write at the same time, each its own keys; the middle of the rounds counts. */
const loadOf = async (
  groups: Groups,
  processes: LoadProcesses,
  settings: LoadSettings,
  where: 'leader' | 'all',
  cpuOf: (pid: number) => number,
): Promise<PerStore<Measured>> => {
  const rounds: Record<StoreName, Measured[]> = { tso: [], etcd: [] };
  for (let round = 0; round < settings.rounds; round += 1) {
    for (const group of inTurn(groups, round)) {
      const leader = await group.leader();
      const targets = where === 'all' ? group.targets : [group.targets[leader] ?? ''];
      const pids = [leader, ...[0, 1, 2].filter((index) => index !== leader)].map((index) => group.pid(index));
      const before = pids.map(cpuOf);
      const beganAt = performance.now();
      const load = await processes.run({
        store: group.store,
        targets,
        clients: settings.clients,
        valueBytes: settings.valueBytes,
        name: `w${settings.clients}`,
        keysPerClient: 16,
        warmUpMs: settings.warmUpMs,
        durationMs: settings.durationMs,
      });
      const seconds = (performance.now() - beganAt) / 1_000;
      rounds[group.store].push({
        perSecond: load.perSecond,
        medianMs: median(load.latenciesMs),
        p99Ms: quantile(load.latenciesMs, 0.99),
        cores: pids.map((pid, index) => (cpuOf(pid) - (before[index] ?? 0)) / seconds),
      });
    }
  }
  const middle = (all: readonly Measured[]): Measured | undefined =>
    all.length === 0
      ? undefined
      : {
          perSecond: mid(all.map((it) => it.perSecond)),
          medianMs: mid(all.map((it) => it.medianMs)),
          p99Ms: mid(all.map((it) => it.p99Ms)),
          cores: [0, 1, 2].map((index) => mid(all.map((it) => it.cores[index] ?? 0))),
        };
  const [tso, etcd] = [middle(rounds.tso), middle(rounds.etcd)];
  return { ...(tso === undefined ? {} : { tso }), ...(etcd === undefined ? {} : { etcd }) };
};

const figuresOf = (
  what: string,
  { tso, etcd }: PerStore<Measured>,
  goals: { readonly rate?: string; readonly median?: string },
): readonly Figure[] => [
  {
    what: `${what}: writes`,
    unit: '/s',
    tso: tso?.perSecond,
    etcd: etcd?.perSecond,
    ...(goals.rate === undefined ? {} : { goal: goals.rate }),
  },
  { what: '  median', unit: 'ms', tso: tso?.medianMs, etcd: etcd?.medianMs, ...(goals.median === undefined ? {} : { goal: goals.median }) },
  { what: '  p99', unit: 'ms', tso: tso?.p99Ms, etcd: etcd?.p99Ms },
  { what: '  processor of the leader', unit: 'cores', tso: tso?.cores[0], etcd: etcd?.cores[0] },
  {
    what: '  processor of the two followers',
    unit: 'cores',
    tso: tso && (tso.cores[1] ?? 0) + (tso.cores[2] ?? 0),
    etcd: etcd && (etcd.cores[1] ?? 0) + (etcd.cores[2] ?? 0),
  },
];

/** Writes per second and their latency: many clients at the leader, many at all members, one alone. */
export const throughput = async (
  groups: Groups,
  processes: LoadProcesses,
  settings: LoadSettings,
  cpuOf: (pid: number) => number,
): Promise<readonly Figure[]> => [
  ...figuresOf(`${settings.clients} clients at the leader`, await loadOf(groups, processes, settings, 'leader', cpuOf), {
    rate: 'at least as many',
  }),
  ...figuresOf(`${settings.clients} clients spread over the members`, await loadOf(groups, processes, settings, 'all', cpuOf), {}),
  ...figuresOf('1 client at the leader', await loadOf(groups, processes, { ...settings, clients: 1 }, 'leader', cpuOf), {
    median: 'no worse',
  }),
];
