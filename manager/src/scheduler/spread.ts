import type { Node, PlacementSpec } from '@tso/proto';

const labelValue = (node: Node, key: string): string => {
  if (key.startsWith('node.labels.')) return node.labels[key.slice('node.labels.'.length)] ?? '';
  if (key.startsWith('engine.labels.')) return node.description.engineLabels[key.slice('engine.labels.'.length)] ?? '';
  return '';
};

const branchOf = (node: Node, keys: readonly string[]): string => JSON.stringify(keys.map((key) => labelValue(node, key)));

/**
 * The branches of label values that the node is in, one for each preference: of the first, of the first two, and so on. The preferences
 * make a tree, every branch of which is to have as many tasks of a service. A missing label is a branch of its own.
 */
export const branchesOf = (node: Node, placement: PlacementSpec): readonly string[] =>
  placement.spreadOver.map((_, depth) => branchOf(node, placement.spreadOver.slice(0, depth + 1)));

/** 'zone=a', 'no zone': where the node stands by that preference. */
export const branchText = (node: Node, key: string): string => {
  const label = key.replace(/^(node|engine)\.labels\./, '');
  const value = labelValue(node, key);
  return value === '' ? `no ${label}` : `${label}=${value}`;
};
