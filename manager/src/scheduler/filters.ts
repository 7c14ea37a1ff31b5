import type { Service, Task } from '@tso/proto';
import { NodeAvailability, NodeState } from '@tso/proto';
import { labelOf, unmetConstraint } from '../rules/constraints.ts';
import { isEncrypted } from '../rules/network-kinds.ts';
import { matchesPlatform } from '../rules/node-facts.ts';
import { cpusText, sizeText } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import type { Rejection } from './explain.ts';
import { alike } from './explain.ts';
import type { NodeInfo } from './node-info.ts';
import { hostModePorts } from './node-info.ts';

/** Says why a node does not suit a task; undefined when it does. */
type Filter = (info: NodeInfo, service: Service, task: Task, view: View) => Rejection | undefined;

const ready: Filter = ({ node }) => {
  if (node.removing) return alike('being removed');
  if (node.availability === NodeAvailability.DRAIN) return alike('drained');
  if (node.availability === NodeAvailability.PAUSE) return alike('paused');
  if (node.state === NodeState.NODE_READY) return undefined;
  return node.state === NodeState.NODE_DOWN ? { one: 'is down', many: 'are down' } : { one: 'is not connected', many: 'are not connected' };
};

const resources: Filter = (info, _service, task) => {
  const has = info.node.description.resources;
  const wants = task.spec.reservations;
  const freeBytes = has.memoryBytes - info.reservedMemoryBytes;
  if (wants.memoryBytes > 0 && has.memoryBytes > 0 && wants.memoryBytes > freeBytes) {
    const asked = `${sizeText(wants.memoryBytes)} reserved`;
    return { one: `has ${sizeText(Math.max(0, freeBytes))} of memory left for ${asked}`, many: `have too little memory left for ${asked}` };
  }
  const freeCpus = has.nanoCpus - info.reservedNanoCpus;
  if (wants.nanoCpus > 0 && has.nanoCpus > 0 && wants.nanoCpus > freeCpus) {
    const asked = `${cpusText(wants.nanoCpus)} reserved`;
    return { one: `has ${cpusText(Math.max(0, freeCpus))} left for ${asked}`, many: `have too little CPU left for ${asked}` };
  }
  return undefined;
};

const constraints: Filter = ({ node }, service) => {
  const unmet = unmetConstraint(node, service.spec.task.placement.constraints);
  if (unmet === undefined) return undefined;
  if (typeof unmet === 'string') return { one: `does not match "${unmet}"`, many: `do not match "${unmet}"` };
  const label = labelOf(unmet);
  if (label === undefined) {
    const text = `${unmet.key}${unmet.equal ? '==' : '!='}${unmet.value}`;
    return { one: `does not match ${text}`, many: `do not match ${text}` };
  }
  const text = `label ${label}=${unmet.value}`;
  return unmet.equal ? { one: `lacks ${text}`, many: `lack ${text}` } : { one: `has ${text}`, many: `have ${text}` };
};

const platform: Filter = ({ node }, _service, task) => {
  const wanted = task.spec.container.platform;
  return matchesPlatform(node, wanted) ? undefined : { one: `is not ${wanted}`, many: `are not ${wanted}` };
};

const hostPorts: Filter = (info, _service, task) => {
  for (const port of hostModePorts(task.ports)) {
    const holder = info.hostPorts.get(port);
    if (holder !== undefined) return { one: `has port ${port} taken by ${holder}`, many: `have port ${port} taken by ${holder}` };
  }
  return undefined;
};

const maxReplicas: Filter = (info, service) => {
  const limit = service.spec.task.placement.maxReplicasPerNode;
  if (limit === 0 || (info.tasksOfService.get(service.id) ?? 0) < limit) return undefined;
  return {
    one: `already has ${limit} of this service, the most a node may have`,
    many: `already have ${limit} of this service, the most a node may have`,
  };
};

/** What is to be encrypted is never sent in the clear: a node that cannot encrypt gets no such task. */
const encryption: Filter = ({ node }, _service, task, view) => {
  if (node.description.wireguardKey !== '' || task.spec.networkMode !== '') return undefined;
  const isAsked = task.spec.networks.some(({ network }) => {
    const spec = view.networkByName(network)?.spec;
    return spec !== undefined && isEncrypted(spec);
  });
  return isAsked ? { one: 'whose kernel has no WireGuard', many: 'whose kernels have no WireGuard' } : undefined;
};

/** In this order; the first that rejects a node speaks for it. */
export const filters: readonly Filter[] = [ready, resources, constraints, platform, encryption, hostPorts, maxReplicas];

export const rejectionOf: Filter = (info, service, task, view) => {
  for (const filter of filters) {
    const rejection = filter(info, service, task, view);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
};
