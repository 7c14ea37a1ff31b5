import { historyText } from '../linearizability/generated-history.ts';
import { parseHistory } from '../linearizability/history.ts';
import { verdictText } from '../linearizability/report.ts';
import { checkHistory } from '../linearizability/verdict.ts';
import { canDecide, perform } from './actions.ts';
import { Cluster } from './cluster.ts';
import { type CoreModule, shippedCore } from './core-door.ts';
import { calm } from './network.ts';
import type { DiskHabit } from './node.ts';
import { type Action, scheduleOf } from './schedule.ts';
import { holds, Violation } from './violation.ts';

export interface RunOptions {
  readonly seed: number;
  /** Events before all is healed: deliveries, ticks, disk writes, actions. */
  readonly steps: number;
  /** The numbers of the actions to take; all when left out. */
  readonly only?: readonly number[];
  readonly core?: CoreModule;
  readonly disk?: DiskHabit;
  readonly trace?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly traceHash: number;
  readonly violation: Violation | undefined;
  /** Actions that were taken. */
  readonly actions: readonly Action[];
  readonly nodes: number;
  readonly committed: number;
  readonly acknowledgedWrites: number;
  readonly servedReads: number;
  readonly simulatedMs: number;
  /** Wiped disks left no quorum, so that nothing can be said of liveness. */
  readonly undecidable: boolean;
}

const settleMs = 60_000;

const converged = (cluster: Cluster): boolean => {
  const leader = cluster.leader();
  const status = leader?.core?.status();
  if (leader === undefined || status === undefined) return false;
  const { voters, votersOutgoing, learners } = status.confState;
  return (
    [...voters, ...votersOutgoing, ...learners].every((id) => {
      const node = cluster.nodes.get(id);
      return node === undefined || node.dead || (node.machine.index === status.lastIndex && node.machine.hash === leader.machine.hash);
    }) && status.applied === status.lastIndex
  );
};

/**
 * A wiped disk, and beside it a leader that left by a change which it told nobody: who is left would need both to decide by the
 * members it knows of. Two faults of three: nothing can be said of liveness.
 */
const someNeedTheGone = (cluster: Cluster): boolean => {
  const { voters, votersOutgoing } = cluster.members();
  const remaining = new Set([...voters, ...votersOutgoing].filter((id) => cluster.nodes.get(id)?.dead === false));
  return [...remaining].some((id) => {
    const known = cluster.nodes.get(id)?.confState;
    if (known === undefined) return false;
    const hasWiped = [...known.voters, ...known.votersOutgoing].some((it) => cluster.nodes.get(it)?.dead === true);
    return (
      hasWiped &&
      [known.voters, known.votersOutgoing].some(
        (half) => half.length > 0 && half.filter((it) => remaining.has(it)).length <= half.length / 2,
      )
    );
  });
};

/** Heals all, starts whoever can be started, and waits for one leader and equal logs. 16, 14 */
const settle = (cluster: Cluster): boolean => {
  cluster.network.heal();
  cluster.network.weather = calm;
  for (const node of cluster.all()) {
    node.slowDiskUntil = 0;
    node.start();
  }
  cluster.countRejections = true;
  const until = cluster.agenda.now + settleMs;
  const before = cluster.clients.acknowledgedWrites;
  let nextSweepAt = cluster.agenda.now + 500;
  let nextWriteAt = cluster.agenda.now + 500;
  while (cluster.agenda.now < until) {
    cluster.agenda.step();
    if (cluster.agenda.now >= nextSweepAt) {
      nextSweepAt = cluster.agenda.now + 500;
      for (const node of cluster.forgotten()) node.crash();
    }
    if (cluster.clients.acknowledgedWrites > before && converged(cluster)) return true;
    if (cluster.agenda.now < nextWriteAt || cluster.clients.acknowledgedWrites > before) continue;
    nextWriteAt = cluster.agenda.now + 1000;
    const leader = cluster.leader();
    if (leader) cluster.clients.write(leader);
  }
  if (!canDecide(cluster, cluster.members()) || someNeedTheGone(cluster)) return false;
  const nodes = cluster
    .all()
    .map(
      (node) =>
        `${node.id}: ${node.dead ? 'wiped' : (node.core?.status().text ?? 'down')} applied ${node.machine.index}${node.removed ? ' removed' : ''}`,
    );
  throw new Violation(16, `${settleMs} ms after all was healed: members ${JSON.stringify(cluster.members())}; ${nodes.join('; ')}`);
};

const checkRejections = (cluster: Cluster): void => {
  for (const [name, { count }] of cluster.rejections) {
    const terms = new Set(cluster.all().map((node) => node.core?.status().hardState.term)).size;
    holds(count <= 6 + terms, 15, () => `node ${name} had to reject ${count} appends until the logs met`);
  }
};

const checkLinearizable = (cluster: Cluster): void => {
  const parsed = parseHistory(historyText(cluster.clients.history));
  if ('problem' in parsed) throw new Error(parsed.problem);
  const verdict = checkHistory(parsed.operations);
  holds(verdict.linearizable, 14, () => verdictText(parsed.operations, verdict));
};

/** One run from its seed: the same arguments give the same result. */
export const run = ({ seed, steps, only, core = shippedCore, disk = 'syncs', trace }: RunOptions): RunResult => {
  const chosen = only === undefined ? undefined : new Set(only);
  const schedule = scheduleOf(seed, Math.ceil(steps / 4)).filter(({ number }) => chosen === undefined || chosen.has(number));
  const actions: Action[] = [];
  let cluster: Cluster | undefined;
  let violation: Violation | undefined;
  let undecidable = false;
  try {
    cluster = new Cluster(seed, core, disk, trace);
    const all = cluster;
    let armed = true;
    for (const action of schedule)
      all.agenda.plan(action.atMs, () => {
        if (!armed) return;
        actions.push(action);
        perform(all, action);
      });
    for (let step = 0; step < steps; step += 1) all.agenda.step();
    armed = false;
    undecidable = !settle(all);
    checkRejections(all);
    checkLinearizable(all);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error;
  }
  return {
    seed,
    traceHash: cluster?.traceHash ?? 0,
    violation,
    actions,
    nodes: cluster?.nodes.size ?? 0,
    committed: cluster?.checks.applied ?? 0,
    acknowledgedWrites: cluster?.clients.acknowledgedWrites ?? 0,
    servedReads: cluster?.clients.servedReads ?? 0,
    simulatedMs: cluster?.agenda.now ?? 0,
    undecidable,
  };
};
