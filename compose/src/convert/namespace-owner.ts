import type { ServiceModel } from '../model.ts';
import { type ConvertInput, tell } from './context.ts';

/** Namespaces that a service's containers share with those of another one: `service:NAME` and `container:NAME`. */

export type NamespaceKey = 'network_mode' | 'pid' | 'ipc';

const words: Readonly<Record<NamespaceKey, string>> = { network_mode: 'network', pid: 'processes', ipc: 'memory and queues' };
/** What of another container is shared by that key. */
export const sharedBy = (key: NamespaceKey): string => words[key];

export const isShared = (mode: string): boolean => /^(service|container):./.test(mode);

/** By the name of a container: a circle of these is found here, one by names of services was told with all other dependencies. */
export const isByContainer = (mode: string): boolean => mode.startsWith('container:');

/** One task on each node that fits. */
export const isGlobal = (service: ServiceModel): boolean => service.deploy?.mode === 'global' || service.deploy?.mode === 'global-job';

/** A hint for a container that no service here has. */
export const containerHint = (input: ConvertInput, container: string, otherwise: string): string =>
  input.report.meantHint(container, () => input.byContainer.keys()) ?? otherwise;

/** The service whose containers are meant; undefined, and told: there is none in this file. */
export const ownerOf = (input: ConvertInput, mode: string, name: string, key: NamespaceKey): string | undefined => {
  const { services } = input.model;
  // That the service is declared has been checked with all other references.
  if (mode.startsWith('service:')) return services[mode.slice('service:'.length)] === undefined ? undefined : mode.slice('service:'.length);
  const wanted = mode.slice('container:'.length);
  const owner = input.byContainer.get(wanted);
  if (owner !== undefined) return owner;
  const message = `service ${name} shares the ${words[key]} of the container ${wanted}, and no service here has that container_name`;
  const hint = `a container outside the file cannot be shared: name a service of it, ${key}: service:NAME`;
  tell(input, 'E401', ['services', name, key], message, containerHint(input, wanted, hint));
  return undefined;
};

/** A global service and another kind of one do not meet on every node (E303). */
export const checkOwner = (input: ConvertInput, service: ServiceModel, name: string, owner: string, key: NamespaceKey): void => {
  const other = input.model.services[owner];
  if (other === undefined || isGlobal(other) === isGlobal(service)) return;
  const message = `service ${name} shares the ${words[key]} of service ${owner}, and one of them is global: not every task finds one on its node`;
  tell(input, 'E303', ['services', name, key], message, 'make both global, or neither');
};

/** What one service's containers come to share: the end of the way from sharer to lender. */
export interface Sharing {
  /** '' or a word of the key where the way ends, else `service:NAME` of the one that lends. */
  readonly mode: string;
  /** Whose containers it names itself. */
  readonly owner?: string;
}

/**
 * Follows a service from lender to lender. Undefined: they go in a circle. What is found on the way is kept, so that a long chain is gone along once.
 * @param step the lender of a service, or what it has where it names none
 * @param back what a service comes to have of a lender that has that
 */
export const followed = <T extends Sharing>(
  known: Map<string, T | undefined>,
  start: string,
  step: (name: string) => { readonly owner: string } | { readonly end: T },
  back: (beyond: T, owner: string) => T,
): T | undefined => {
  const way: { readonly name: string; readonly owner: string }[] = [];
  const seen = new Set<string>();
  let found: T | undefined;
  for (let at = start; ; ) {
    if (known.has(at) || seen.has(at)) {
      found = known.get(at);
      break;
    }
    const taken = step(at);
    if ('end' in taken) {
      found = taken.end;
      known.set(at, found);
      break;
    }
    seen.add(at);
    way.push({ name: at, owner: taken.owner });
    at = taken.owner;
  }
  for (const { name, owner } of way.toReversed()) {
    found = found === undefined ? undefined : back(found, owner);
    known.set(name, found);
  }
  return found;
};
