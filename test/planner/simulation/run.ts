import { NodeAvailability } from '@tso/proto';
import { nodeNamed } from '../../../manager/src/testing/specs.ts';
import { standingStill, unsettled, Violation, Watch } from './checks.ts';
import { Cluster, type Figures } from './cluster.ts';
import { apply, doSomething, soundStack } from './deeds.ts';

export interface Outcome {
  readonly seed: number;
  /** Undefined: all was as it ought to be. */
  readonly violation: string | undefined;
  /** What was done last, newest last. */
  readonly story: readonly string[];
  readonly figures: Figures;
  /** Simulated milliseconds. */
  readonly lastedMs: number;
}

const nodeIds = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'] as const;

const nodes = nodeIds.map((id, index) => {
  const node = nodeNamed(id, { labels: { zone: index % 2 === 0 ? 'a' : 'b' } });
  const generic = index < 2 ? [{ kind: 'gpu', count: 0, ids: ['a', 'b'] }] : [];
  return { ...node, description: { ...node.description, generic } };
});

/** Longer than any delay, back-off, watch period or patience of rebalancing that a sound stack meets. */
const peaceMs = 15 * 60_000;

/** Less than an update may go without progress before it is given up: one that waits for nothing is found out. */
const firstPeaceMs = 8 * 60_000;

const heal = (cluster: Cluster): void => {
  cluster.isRough = false;
  for (const id of nodeIds) {
    cluster.mend(id);
    cluster.changeNode(id, { availability: NodeAvailability.ACTIVE });
  }
  cluster.pass(firstPeaceMs);
  const still = standingStill(cluster);
  if (still.length > 0) throw new Violation(still.join('; '));
  if (!apply(cluster, soundStack(cluster.chance))) throw new Violation('a sound stack was refused');
  cluster.pass(peaceMs);
};

/** One run: so many things are done to a cluster at random moments, then it is mended and must come to what is wished. The same seed is the same run. */
export const simulate = (seed: number, rounds: number): Outcome => {
  const cluster = new Cluster(seed, nodes);
  new Watch(cluster);
  const story: string[] = [];
  const outcome = (violation: string | undefined): Outcome => ({
    seed,
    violation,
    story: story.slice(-12),
    figures: cluster.figures,
    lastedMs: cluster.agenda.now,
  });
  try {
    for (let round = 0; round < rounds; round += 1) {
      story.push(`${Math.round(cluster.agenda.now)} ms: ${doSomething(cluster)}`);
      cluster.pass(cluster.chance.happens(0.5) ? cluster.chance.below(300) : cluster.chance.below(8_000));
    }
    story.push('mended');
    heal(cluster);
    const left = unsettled(cluster);
    return outcome(left.length === 0 ? undefined : left.join('; '));
  } catch (error) {
    if (error instanceof Error) return outcome(error instanceof Violation ? error.message : (error.stack ?? error.message));
    throw error;
  }
};
