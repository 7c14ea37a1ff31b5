import type { Constraint, Node } from '@tso/proto';
import { containsAddress, NodeRole, parseCidr, parseConstraint, parseIpv4 } from '@tso/proto';

const knownKeys: Readonly<Record<string, (node: Node) => string>> = {
  'node.id': (node) => node.id,
  'node.hostname': (node) => node.description.hostname,
  'node.ip': (node) => node.address,
  'node.role': (node) => (node.role === NodeRole.MANAGER ? 'manager' : 'worker'),
  'node.platform.os': (node) => node.description.platform.os,
  'node.platform.arch': (node) => architectureName(node.description.platform.architecture),
};

const architectureAliases: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i686: '386',
};

/** The registry's word for an architecture: x86_64 is amd64. */
export const architectureName = (text: string): string => architectureAliases[text.toLowerCase()] ?? text.toLowerCase();

const labelKeys = [
  ['node.labels.', (node: Node, label: string) => node.labels[label]],
  ['engine.labels.', (node: Node, label: string) => node.description.engineLabels[label]],
] as const;

/** The label that a constraint is about, if it is about one. */
export const labelOf = (constraint: Constraint): string | undefined => {
  for (const [prefix] of labelKeys) if (constraint.key.startsWith(prefix)) return constraint.key.slice(prefix.length);
  return undefined;
};

/** What a node answers to a constraint's key; undefined: it has no such label. */
const valueOn = (node: Node, key: string): string | undefined => {
  for (const [prefix, read] of labelKeys) if (key.startsWith(prefix)) return read(node, key.slice(prefix.length));
  return knownKeys[key]?.(node);
};

/** Whether the node's address is that one, or lies in that block. */
const isAt = (node: Node, value: string): boolean => {
  const [block, address] = [parseCidr(value), parseIpv4(node.address)];
  return block === undefined || address === undefined ? node.address === value : containsAddress(block, address);
};

/** Values are compared without regard to case, label names with it (SwarmKit's rule). */
export const matchesConstraint = (node: Node, constraint: Constraint): boolean => {
  if (constraint.key === 'node.ip') return isAt(node, constraint.value) === constraint.equal;
  const wanted = constraint.key === 'node.platform.arch' ? architectureName(constraint.value) : constraint.value.toLowerCase();
  return (valueOn(node, constraint.key)?.toLowerCase() === wanted) === constraint.equal;
};

/** The constraints of a placement, taken apart; those that do not parse (refused on acceptance) as they were written. */
export const parsedConstraints = (texts: readonly string[]): readonly (Constraint | string)[] =>
  texts.map((text) => {
    const constraint = parseConstraint(text);
    return typeof constraint === 'string' ? text : constraint;
  });

/** The first that the node does not meet; what does not parse no node meets. */
export const firstUnmet = (node: Node, constraints: readonly (Constraint | string)[]): Constraint | string | undefined =>
  constraints.find((each) => typeof each === 'string' || !matchesConstraint(node, each));

/** As above, of constraints as they are written. */
export const unmetConstraint = (node: Node, constraints: readonly string[]): Constraint | string | undefined =>
  constraints.length === 0 ? undefined : firstUnmet(node, parsedConstraints(constraints));
