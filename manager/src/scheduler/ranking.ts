import type { Ask } from './ask.ts';
import type { NodeInfo } from './node-info.ts';
import type { Rank } from './queue.ts';

/** What a share is when the node has not said how much it has, or nothing is reserved of it. */
const shareOf = (reserved: number, has: number): number => (has > 0 ? reserved / has : 0);

/** How full the node would be with one more such task, by whichever of its processors and memory is reserved the most: 0 to 1. */
export const fullnessWith = ({ node, reservedNanoCpus, reservedMemoryBytes }: NodeInfo, ask: Ask): number => {
  const { nanoCpus, memoryBytes } = node.description.resources;
  return Math.max(shareOf(reservedNanoCpus + ask.nanoCpus, nanoCpus), shareOf(reservedMemoryBytes + ask.memoryBytes, memoryBytes));
};

/**
 * What nodes of one branch are compared by. Spread: fewest tasks of the service, then fewest of all. Packed: the fullest, then most tasks of
 * all. As many numbers in either case.
 * @param count tasks of the service there that stay
 * @param leaving tasks of the service there that will not be there for long
 */
export const ownRank = (info: NodeInfo, ask: Ask, count: number, leaving = 0): Rank =>
  ask.isPacked ? [-fullnessWith(info, ask), leaving - info.tasks] : [count, info.tasks - leaving];
