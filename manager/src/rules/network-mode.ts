import type { ServiceSpec, StackSpec } from '@tso/proto';
import type { View } from '../store/view.ts';

/** Whose network a service of a stack is to be on. */
export interface NetworkTarget {
  readonly stack: string;
  readonly service: string;
}

const containerNameOf = ({ task }: ServiceSpec): string => task.container.containerName;

/**
 * Whose network the service is to be on by `network_mode: service:NAME` (of its stack) or `container:NAME` (of the service that has this
 * container_name, its own stack's first); undefined: its own; 'unknown': of one that is not there.
 */
export const networkModeTarget = (view: View, stack: StackSpec, { task }: ServiceSpec): NetworkTarget | 'unknown' | undefined => {
  const [, kind, name = ''] = /^(service|container):(.*)$/.exec(task.networkMode) ?? [];
  if (kind === undefined) return undefined;
  const isMeant = (spec: ServiceSpec): boolean => (kind === 'service' ? spec.name === name : containerNameOf(spec) === name);
  const own = stack.services.find(isMeant);
  if (own !== undefined) return { stack: stack.name, service: own.name };
  if (kind === 'service') return 'unknown';
  const other = view.services().find((service) => !service.removing && service.stack !== stack.name && isMeant(service.spec));
  return other === undefined ? 'unknown' : { stack: other.stack, service: other.spec.name };
};

/** One circle of services of the stack that are on each other's network, the first one named again at the end. */
export const sharedNetworkCycle = (view: View, stack: StackSpec): readonly string[] | undefined => {
  const next = new Map<string, string>();
  for (const service of stack.services) {
    const target = networkModeTarget(view, stack, service);
    if (typeof target === 'object' && target.stack === stack.name) next.set(service.name, target.service);
  }
  for (const start of next.keys()) {
    const path = [start];
    for (let at = next.get(start); at !== undefined && path.length <= next.size; at = next.get(at)) {
      path.push(at);
      if (at === start) return path;
    }
  }
  return undefined;
};
