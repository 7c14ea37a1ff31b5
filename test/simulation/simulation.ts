import { historyText } from '../linearizability/generated-history.ts';
import { parseHistory } from '../linearizability/history.ts';
import { verdictText } from '../linearizability/report.ts';
import { checkHistory } from '../linearizability/verdict.ts';
import { perform } from './actions.ts';
import { Cluster } from './cluster.ts';
import { type CoreModule, shippedCore } from './core-door.ts';
import type { Coverage } from './coverage.ts';
import type { DiskHabit } from './disk.ts';
import { type RoomModule, shippedRoom } from './driver-door.ts';
import { type Action, type Focus, focusOf, scheduleOf } from './schedule.ts';
import { type Settled, settle } from './settle.ts';
import { holds, Violation } from './violation.ts';

export interface RunOptions {
  readonly seed: number;
  /** Events before all is healed: deliveries, ticks, disk writes, actions. */
  readonly steps: number;
  /** The numbers of the actions to take; all when left out. */
  readonly only?: readonly number[];
  readonly core?: CoreModule;
  readonly room?: RoomModule;
  readonly disk?: DiskHabit;
  /** Voters at the beginning. */
  readonly size?: number;
  /** What runs in each node: the core alone, or the real driver around it. */
  readonly kind?: 'core' | 'driver';
  /** What the schedule looks at most closely; drawn by the seed when left out. */
  readonly focus?: Focus;
  readonly trace?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly traceHash: number;
  readonly violation: Violation | undefined;
  /** Events that were run, to the violation or to the end. */
  readonly step: number;
  /** Actions that were taken. */
  readonly actions: readonly Action[];
  readonly coverage: Coverage;
  readonly simulatedMs: number;
  /** Wiped disks left no quorum, so that nothing can be said of liveness. */
  readonly undecidable: boolean;
  /** From the healing until a leader was there, and until all logs were equal. */
  readonly leaderMs: number;
  readonly convergedMs: number;
}

const checkRejections = (cluster: Cluster): void => {
  for (const [name, { count }] of cluster.rejections) {
    const terms = new Set(cluster.all().map((node) => node.status()?.hardState.term)).size;
    // What was sent ahead and came in the wrong order is rejected one by one (seed 117230).
    const ahead = cluster.settings.maxInflightMessages;
    holds(count <= 6 + terms + ahead, 15, () => `node ${name} had to reject ${count} appends until the logs met`);
  }
};

const checkLinearizable = (cluster: Cluster): void => {
  const parsed = parseHistory(historyText(cluster.clients.history));
  if ('problem' in parsed) throw new Error(parsed.problem);
  const verdict = checkHistory(parsed.operations);
  holds(verdict.linearizable, 14, () => verdictText(parsed.operations, verdict));
};

/** Whatever the step has begun comes to rest: promises run, and nothing else can happen until time moves on. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One run from its seed: the same arguments give the same result. */
export const run = async (options: RunOptions): Promise<RunResult> => {
  const {
    seed,
    steps,
    only,
    core = shippedCore,
    room = shippedRoom,
    disk = 'honest',
    kind = 'core',
    focus = focusOf(seed),
    size,
    trace,
  } = options;
  const chosen = only === undefined ? undefined : new Set(only);
  const schedule = scheduleOf(seed, Math.ceil(steps / 4), focus).filter(({ number }) => chosen === undefined || chosen.has(number));
  const actions: Action[] = [];
  const cluster = new Cluster({
    seed,
    core,
    room,
    disk,
    kind,
    focus,
    ...(size === undefined ? {} : { size }),
    ...(trace === undefined ? {} : { trace }),
  });
  let violation: Violation | undefined;
  let settled: Settled | undefined;
  try {
    cluster.found();
    let armed = true;
    for (const action of schedule)
      cluster.agenda.plan(action.atMs, () => {
        if (!armed) return;
        actions.push(action);
        perform(cluster, action);
      });
    const rest = kind === 'driver' ? quiet : undefined;
    while (cluster.agenda.steps < steps && cluster.step()) {
      if (rest !== undefined) await rest();
      cluster.look();
    }
    armed = false;
    settled = await settle(cluster, rest);
    checkRejections(cluster);
    checkLinearizable(cluster);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error;
  } finally {
    cluster.end();
  }
  return {
    seed,
    traceHash: cluster.traceHash,
    violation,
    step: cluster.agenda.steps,
    actions,
    coverage: cluster.coverage,
    simulatedMs: cluster.agenda.now,
    undecidable: settled?.undecidable ?? false,
    leaderMs: settled?.leaderMs ?? 0,
    convergedMs: settled?.convergedMs ?? 0,
  };
};
