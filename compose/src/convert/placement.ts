import { type PlacementSpec, parseConstraint } from '@tso/proto';
import type { ServiceModel } from '../model.ts';
import { type ConvertInput, tell } from './context.ts';
import { isGlobal } from './namespace-owner.ts';

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
  };
};
