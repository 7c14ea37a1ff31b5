import { EndpointMode, RebalanceMode, ServiceMode } from '@tso/proto';
import { affinityKey, drainKey, ingressKey, rebalanceKey } from '../attributes/extensions.ts';
import type { ServiceModel } from '../model.ts';
import type { Json, TreePath } from '../tree.ts';
import { parseBoolean, parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';

/** `x-tso-…`: what a service can say here that the specification has no word for. */

/** `x-tso-ingress: local` at a service or a port: only nodes with a task answer, and the task sees the client's own address. */
export const isOnlyLocal = (input: ConvertInput, value: { readonly [ingressKey]?: Json }, path: TreePath): boolean => {
  const said = value[ingressKey];
  if (said === undefined || said === null) return false;
  if (said !== 'local')
    tell(input, 'E202', [...path, ingressKey], `${JSON.stringify(said)} is not a kind of ingress`, 'use local, or remove it');
  return said === 'local';
};

/** `x-tso-affinity: true`: a client stays with the task that it was first given. */
export const toAffinity = (input: ConvertInput, service: ServiceModel, name: string, mode: EndpointMode): boolean => {
  const said = service[affinityKey];
  if (said === undefined || said === null) return false;
  const path = ['services', name, affinityKey];
  const affinity = typeof said === 'boolean' ? said : parseBoolean(String(said));
  if (affinity === undefined) tell(input, 'E202', path, `${JSON.stringify(said)} is neither true nor false`, 'use true or false');
  if (affinity === true && mode === EndpointMode.DNSRR)
    tell(input, 'E303', path, `${affinityKey} needs a virtual address, and endpoint_mode: dnsrr has none`, 'use endpoint_mode: vip');
  return affinity ?? false;
};

const longestDrainMs = 3_600_000;

/** `x-tso-drain: 5s`: how long a task goes on after it has left all answers; undefined: not said. */
export const toDrainMs = (input: ConvertInput, service: ServiceModel, name: string): number | undefined => {
  const said = service[drainKey];
  if (said === undefined || said === null) return undefined;
  const nanos = typeof said === 'string' || said === 0 ? parseDuration(String(said)) : undefined;
  const ms = nanos === undefined ? Number.NaN : Math.round(nanos / 1e6);
  if (ms >= 0 && ms <= longestDrainMs) return ms;
  tell(input, 'E202', ['services', name, drainKey], `${JSON.stringify(said)} is not a time to drain`, 'write a duration up to 1h: 5s');
  return undefined;
};

/** `x-tso-rebalance: auto`: tasks move to a new or returned node by themselves. */
export const toRebalance = (input: ConvertInput, service: ServiceModel, name: string, mode: ServiceMode): RebalanceMode => {
  const said = service[rebalanceKey];
  const path = ['services', name, rebalanceKey];
  if (said === undefined || said === null || said === 'never') return RebalanceMode.REBALANCE_NEVER;
  if (said !== 'auto') {
    tell(input, 'E202', path, `${JSON.stringify(said)} is not a way to rebalance`, 'use auto or never');
    return RebalanceMode.REBALANCE_NEVER;
  }
  if (mode === ServiceMode.REPLICATED) return RebalanceMode.REBALANCE_AUTO;
  const why = mode === ServiceMode.GLOBAL ? 'is global: it has one task on every node' : 'is a job: its tasks end by themselves';
  tell(input, 'W400', path, `service ${name} ${why}, and none to move`, `remove ${rebalanceKey}`);
  return RebalanceMode.REBALANCE_NEVER;
};
