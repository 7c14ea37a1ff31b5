import type { Node, PlacementSpec } from '@tso/proto';
import type { NodeInfo } from './node-info.ts';
import { isBetter, type Rank, type Ranked } from './queue.ts';

const labelValue = (node: Node, key: string): string => {
  if (key.startsWith('node.labels.')) return node.labels[key.slice('node.labels.'.length)] ?? '';
  if (key.startsWith('engine.labels.')) return node.description.engineLabels[key.slice('engine.labels.'.length)] ?? '';
  return '';
};

const branchOf = (node: Node, keys: readonly string[]): string => JSON.stringify(keys.map((key) => labelValue(node, key)));

/** The branches of label values that the node is in, one for each preference: of the first, of the first two, and so on. */
export const branchesOf = (node: Node, placement: PlacementSpec): readonly string[] =>
  placement.spreadOver.map((_, depth) => branchOf(node, placement.spreadOver.slice(0, depth + 1)));

/**
 * For each preference in turn, how many of the service's tasks the node's branch of label values has already: the preferences make a
 * tree and every branch is to have as many. A missing label is a branch of its own.
 */
const branchCounts = (placement: PlacementSpec, infos: readonly NodeInfo[], serviceId: string): ReadonlyMap<string, readonly number[]> => {
  const counts = new Map<string, number[]>(infos.map((info) => [info.node.id, []]));
  for (const depth of placement.spreadOver.keys()) {
    const keys = placement.spreadOver.slice(0, depth + 1);
    const totals = new Map<string, number>();
    for (const info of infos) {
      const branch = branchOf(info.node, keys);
      totals.set(branch, (totals.get(branch) ?? 0) + (info.tasksOfService.get(serviceId) ?? 0));
    }
    for (const info of infos) counts.get(info.node.id)?.push(totals.get(branchOf(info.node, keys)) ?? 0);
  }
  return counts;
};

export const rankOf = (info: NodeInfo, serviceId: string, failures: ReadonlyMap<string, number>, branches: Rank = []): Rank => [
  failures.get(info.node.id) ?? 0,
  ...branches,
  info.tasksOfService.get(serviceId) ?? 0,
  info.tasks,
];

/** The nodes with what they are compared by, in the order given. */
export const rankedByRoom = (
  fitting: readonly NodeInfo[],
  serviceId: string,
  placement: PlacementSpec,
  failures: ReadonlyMap<string, number>,
): readonly Ranked[] => {
  const branches = branchCounts(placement, fitting, serviceId);
  return fitting.map((info) => ({ info, rank: rankOf(info, serviceId, failures, branches.get(info.node.id)) }));
};

/** The best of the nodes that fit: fewest recent failures, evenest branches, fewest tasks of the service, fewest tasks, lowest id. */
export const mostRoom = (
  fitting: readonly NodeInfo[],
  serviceId: string,
  placement: PlacementSpec,
  failures: ReadonlyMap<string, number>,
): NodeInfo | undefined => {
  let best: Ranked | undefined;
  for (const candidate of rankedByRoom(fitting, serviceId, placement, failures))
    if (best === undefined || isBetter(candidate, best)) best = candidate;
  return best?.info;
};
