import type { Node } from '@tso/proto';
import { NodeRole } from '@tso/proto';

/** `node.labels.disk==ssd`, taken apart. */
export interface Constraint {
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

const knownKeys: Readonly<Record<string, (node: Node) => string>> = {
  'node.id': (node) => node.id,
  'node.hostname': (node) => node.description.hostname,
  'node.role': (node) => (node.role === NodeRole.MANAGER ? 'manager' : 'worker'),
  'node.platform.os': (node) => node.description.platform.os,
  'node.platform.arch': (node) => architectureName(node.description.platform.architecture),
};

const architectureAliases: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' };

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

/** The constraint, or one clause that says what is wrong with the text. */
export const parseConstraint = (text: string): Constraint | string => {
  const match = /^\s*([^\s=!]+)\s*(==|!=)\s*(.*?)\s*$/.exec(text);
  const [, key = '', operator, value = ''] = match ?? [];
  if (match === null || value === '') return 'it must read KEY==VALUE or KEY!=VALUE';
  const isLabel = labelKeys.some(([prefix]) => key.startsWith(prefix) && key.length > prefix.length);
  if (!isLabel && knownKeys[key] === undefined) {
    return `"${key}" is not one of ${Object.keys(knownKeys).join(', ')}, node.labels.NAME, engine.labels.NAME`;
  }
  return { key, equal: operator === '==', value };
};

/** What a node answers to a constraint's key; undefined: it has no such label. */
const valueOn = (node: Node, key: string): string | undefined => {
  for (const [prefix, read] of labelKeys) if (key.startsWith(prefix)) return read(node, key.slice(prefix.length));
  return knownKeys[key]?.(node);
};

/** Values are compared without regard to case, label names with it (SwarmKit's rule). */
export const matchesConstraint = (node: Node, constraint: Constraint): boolean => {
  const wanted = constraint.key === 'node.platform.arch' ? architectureName(constraint.value) : constraint.value.toLowerCase();
  return (valueOn(node, constraint.key)?.toLowerCase() === wanted) === constraint.equal;
};

/** The constraints of a placement; those that do not parse (refused on acceptance) match nothing. */
export const unmetConstraint = (node: Node, constraints: readonly string[]): Constraint | string | undefined => {
  for (const text of constraints) {
    const constraint = parseConstraint(text);
    if (typeof constraint === 'string') return text;
    if (!matchesConstraint(node, constraint)) return constraint;
  }
  return undefined;
};
