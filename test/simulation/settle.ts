import type { Cluster } from './cluster.ts';
import type { SimulatedMember } from './member.ts';
import { canDecide } from './membership.ts';
import { calm } from './network.ts';
import { holds, Violation } from './violation.ts';

export interface Settled {
  /** Lost disks left no quorum, so that nothing can be said of liveness. */
  readonly undecidable: boolean;
  readonly leaderMs: number;
  readonly convergedMs: number;
}

/**
 * Simulated time until logs must be equal, and until somebody must lead: 1200 and 600 ticks. Without pre-votes only the first holds:
 * there whoever has the shorter logs and the faster clock keeps the one who could win from asking, by asking itself (seed 51248).
 */
const settleMs = 60_000;
const ledMs = 30_000;

const converged = (cluster: Cluster): boolean => {
  const leader = cluster.leader();
  const status = leader?.status();
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

/** Everything works from now on: no partition, no loss, no slow or full disk, and whoever can be started runs. */
const heal = (cluster: Cluster): void => {
  cluster.network.heal();
  cluster.network.weather = calm;
  for (const node of cluster.all()) {
    node.slowDiskUntil = 0;
    node.slowApplyUntil = 0;
    node.pausedUntil = 0;
    node.tickMs = Math.min(62, Math.max(40, node.tickMs));
    node.healDisk();
    node.start();
  }
  cluster.countRejections = true;
};

/** Whether somebody leads and has committed something in its term. */
const isLed = (cluster: Cluster): boolean => {
  const leader = cluster.leader();
  const status = leader?.status();
  return status !== undefined && leader?.log.live.term(status.hardState.commit) === status.hardState.term;
};

/** Heals all and waits for a leader, then for a write of it and equal logs everywhere. 16 */
export const settle = async (cluster: Cluster, rest: (() => Promise<void>) | undefined): Promise<Settled> => {
  heal(cluster);
  const { agenda, coverage } = cluster;
  const healedAt = agenda.now;
  const before = coverage.of('writes acknowledged');
  const switchedOff = new Set<SimulatedMember>();
  let leaderMs: number | undefined;
  let nextLookAt = healedAt;
  let nextWriteAt = healedAt + 500;
  while (agenda.now < healedAt + settleMs && cluster.step()) {
    if (rest !== undefined) await rest();
    cluster.look();
    if (agenda.now < nextLookAt) continue;
    nextLookAt = agenda.now + 25;
    for (const node of cluster.forgotten()) {
      switchedOff.add(node);
      node.crash();
    }
    // A disk may have failed just before all was healed.
    for (const node of cluster.all()) if (!switchedOff.has(node)) node.start();
    if (leaderMs === undefined && isLed(cluster)) leaderMs = agenda.now - healedAt;
    const isWritten = coverage.of('writes acknowledged') > before;
    if (isWritten && converged(cluster)) {
      const led = leaderMs ?? 0;
      holds(led <= ledMs || !cluster.preVotes, 16, () => `nobody led for ${led} ms after all was healed`);
      return { undecidable: false, leaderMs: led, convergedMs: agenda.now - healedAt };
    }
    if (isWritten || agenda.now < nextWriteAt) continue;
    nextWriteAt = agenda.now + 1000;
    const leader = cluster.leader();
    if (leader) cluster.clients.write(leader);
  }
  if (!canDecide(cluster, cluster.members()) || someNeedTheGone(cluster)) return { undecidable: true, leaderMs: 0, convergedMs: 0 };
  throw new Violation(16, `${settleMs} ms after all was healed: members ${JSON.stringify(cluster.members())}; ${described(cluster)}`);
};

const described = (cluster: Cluster): string =>
  cluster
    .all()
    .map((node) => {
      const state = node.dead ? 'wiped' : (node.status()?.text ?? 'down');
      return `${node.id}: ${state} applied ${node.machine.index}${node.removed ? ' removed' : ''}`;
    })
    .join('; ');
