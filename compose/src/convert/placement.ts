import { type PlacementSpec, PlacementStrategy, parseConstraint } from '@tso/proto';
import { priorityKey, strategyKey } from '../attributes/extensions.ts';
import type { ServiceModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';
import { isGlobal } from './namespace-owner.ts';

const highestPriority = 1_000;

/** `x-tso-priority: 10`: whose room the service's tasks may take, and who may take theirs. */
export const toPriority = (input: ConvertInput, service: ServiceModel, name: string): number => {
  const said = service.deploy?.[priorityKey];
  if (said === undefined || said === null) return 0;
  const text = typeof said === 'number' || typeof said === 'string' ? String(said) : '';
  const priority = /^[+-]?\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (Math.abs(priority) <= highestPriority) return priority;
  const hint = `write a number from -${highestPriority} to ${highestPriority}`;
  tell(input, 'E202', ['services', name, 'deploy', priorityKey], `${JSON.stringify(said)} is not a priority`, hint);
  return 0;
};

/** `x-tso-strategy: binpack`: onto the fullest node that still fits. */
const isPacked = (input: ConvertInput, service: ServiceModel, path: TreePath): boolean => {
  const said = service.deploy?.placement?.[strategyKey];
  if (said === undefined || said === null || said === 'spread') return false;
  if (said !== 'binpack')
    tell(input, 'E202', [...path, strategyKey], `${JSON.stringify(said)} is not a way to place tasks`, 'use spread or binpack');
  else if (isGlobal(service))
    tell(input, 'E303', [...path, strategyKey], `${strategyKey} means nothing where there is one task on each node`, 'remove it');
  return said === 'binpack';
};

/** deploy.placement, checked where it is written (E202, E303); that there are such nodes is for the cluster to say. */
export const toPlacement = (input: ConvertInput, service: ServiceModel, name: string): PlacementSpec => {
  const path = ['services', name, 'deploy', 'placement'];
  const said = service.deploy?.placement;
  for (const [index, text] of (said?.constraints ?? []).entries()) {
    const parsed = parseConstraint(text);
    if (typeof parsed !== 'string') continue;
    const hint = 'write one like node.role==worker or node.labels.disk!=hdd';
    tell(input, 'E202', [...path, 'constraints', index], `the constraint '${text}' cannot be understood: ${parsed}`, hint);
  }
  for (const [index, { spread = '' }] of (said?.preferences ?? []).entries()) {
    if (/^(node|engine)\.labels\../.test(spread)) continue;
    tell(input, 'E202', [...path, 'preferences', index], `'${spread}' is no label to spread over`, 'write spread: node.labels.zone');
  }
  const most = said?.max_replicas_per_node ?? 0;
  if (most > 0 && isGlobal(service)) {
    const message = `service ${name} has one task on each node: max_replicas_per_node means nothing`;
    tell(input, 'E303', [...path, 'max_replicas_per_node'], message, 'remove it');
  }
  return {
    constraints: said?.constraints ?? [],
    spreadOver: (said?.preferences ?? []).flatMap((preference) => preference.spread ?? []),
    maxReplicasPerNode: Math.max(0, most),
    ...(isPacked(input, service, path) ? { strategy: PlacementStrategy.BINPACK } : {}),
  };
};
