import type { Node, TaskSpec } from '@tso/proto';
import { NodeAvailability, NodeState } from '@tso/proto';
import { architectureName, unmetConstraint } from './constraints.ts';

/** v7 of ARM runs what was built for v6, v3 of AMD64 what was built for v2, not the other way round. */
const runsVariant = (has: string, wanted: string): boolean => {
  const [own, other] = [has, wanted].map((text) => Number(/^v?(\d+)$/.exec(text.toLowerCase())?.[1] ?? Number.NaN));
  return own === undefined || other === undefined || Number.isNaN(own + other) ? has.toLowerCase() === wanted.toLowerCase() : own >= other;
};

/** Whether the node runs the platform that the spec names, if it names one. A variant counts only when both name one. */
export const matchesPlatform = (node: Node, platform: string): boolean => {
  if (platform === '') return true;
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  const has = node.description.platform;
  if (os.toLowerCase() !== has.os.toLowerCase()) return false;
  if (architecture !== '' && architectureName(architecture) !== architectureName(has.architecture)) return false;
  return variant === '' || has.variant === '' || runsVariant(has.variant, variant);
};

/** Whether a task of that spec may be on the node at all, whatever else is there and whether it is up. */
export const admits = (spec: TaskSpec, node: Node): boolean =>
  unmetConstraint(node, spec.placement.constraints) === undefined && matchesPlatform(node, spec.container.platform);

/** Whether a task of that spec that is there may stay. */
export const mayKeep = (spec: TaskSpec, node: Node): boolean =>
  node.state !== NodeState.NODE_DOWN && node.availability !== NodeAvailability.DRAIN && !node.removing && admits(spec, node);
