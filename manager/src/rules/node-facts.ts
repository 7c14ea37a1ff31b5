import type { Node, TaskSpec } from '@tso/proto';
import { NodeAvailability, NodeState } from '@tso/proto';
import { architectureName, unmetConstraint } from './constraints.ts';

/** Whether the image's platform, when the spec names one, is the node's. A variant counts only when both name one. */
export const matchesPlatform = (node: Node, platform: string): boolean => {
  if (platform === '') return true;
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  const has = node.description.platform;
  if (os.toLowerCase() !== has.os.toLowerCase()) return false;
  if (architecture !== '' && architectureName(architecture) !== architectureName(has.architecture)) return false;
  return variant === '' || has.variant === '' || variant === has.variant;
};

/** Whether a task of that spec may be on the node at all, whatever else is there and whether it is up. */
export const admits = (spec: TaskSpec, node: Node): boolean =>
  unmetConstraint(node, spec.placement.constraints) === undefined && matchesPlatform(node, spec.container.platform);

/** Whether a task of that spec that is there may stay. */
export const mayKeep = (spec: TaskSpec, node: Node): boolean =>
  node.state !== NodeState.NODE_DOWN && node.availability !== NodeAvailability.DRAIN && !node.removing && admits(spec, node);
