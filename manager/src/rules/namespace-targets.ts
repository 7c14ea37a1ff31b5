import type { ServiceSpec, StackSpec } from '@tso/proto';
import type { View } from '../store/view.ts';
import { cycleIn } from './cycle.ts';
import { namedIn, sharedKinds } from './shared-namespaces.ts';

/** Whose network, processes or IPC a service of a stack is to have. */
export interface NamespaceTarget {
  readonly stack: string;
  readonly service: string;
}

const containerNameOf = ({ task }: ServiceSpec): string => task.container.containerName;

/**
 * Whom a service means by `service:NAME` (of its stack) or `container:NAME` (of the service that has this container_name, its own stack's first);
 * undefined: nobody, it has its own; 'unknown': one that is not there.
 * @param mode the service's network_mode, pid or ipc
 */
export const namespaceTarget = (view: View, stack: StackSpec, mode: string): NamespaceTarget | 'unknown' | undefined => {
  const named = namedIn(mode);
  if (named === undefined) return undefined;
  const { by, name } = named;
  const isMeant = (spec: ServiceSpec): boolean => (by === 'service' ? spec.name === name : containerNameOf(spec) === name);
  const own = stack.services.find(isMeant);
  if (own !== undefined) return { stack: stack.name, service: own.name };
  if (by === 'service') return 'unknown';
  const other = view.services().find((service) => !service.removing && service.stack !== stack.name && isMeant(service.spec));
  return other === undefined ? 'unknown' : { stack: other.stack, service: other.spec.name };
};

/** Services of the stack whose tasks those of this one stand beside. */
export const lendersWithin = (view: View, stack: StackSpec, service: ServiceSpec): readonly string[] =>
  sharedKinds(service).flatMap(({ mode }) => {
    const target = namespaceTarget(view, stack, mode);
    return typeof target === 'object' && target.stack === stack.name ? [target.service] : [];
  });

/** One circle of services of the stack that share with each other, whatever it is, the first one named again at the end. */
export const sharedNamespaceCycle = (view: View, stack: StackSpec): readonly string[] | undefined =>
  cycleIn(new Map(stack.services.map((service) => [service.name, lendersWithin(view, stack, service)])));
