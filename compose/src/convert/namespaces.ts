import type { ServiceModel } from '../model.ts';
import { type ConvertInput, tell } from './context.ts';
import { checkOwner, followed, isByContainer, isShared, type NamespaceKey, ownerOf, type Sharing, sharedBy } from './namespace-owner.ts';

/** Namespaces of processes, of System V IPC and so on: a container's own, its host's, or those of another service's container. */

export interface Namespaces {
  readonly pidMode: string;
  readonly ipcMode: string;
  readonly utsMode: string;
  readonly cgroupMode: string;
  readonly usernsMode: string;
}

const plainModes = { pid: ['host'], ipc: ['host', 'private', 'shareable', 'none'] } as const;

/** What a service comes to share: with the one that has a namespace to share; undefined: they go in a circle. */
const resolved = (input: ConvertInput, name: string, key: 'pid' | 'ipc'): Sharing | undefined =>
  followed<Sharing>(
    input.found[key],
    name,
    (at) => {
      const said = input.model.services[at]?.[key] ?? '';
      if (!isShared(said)) return { end: { mode: said } };
      const owner = ownerOf(input, said, at, key);
      return owner === undefined ? { end: { mode: '' } } : { owner };
    },
    ({ mode }, owner) => ({ mode: ['', 'shareable', 'private', 'none'].includes(mode) ? `service:${owner}` : mode, owner }),
  );

const checkLender = (input: ConvertInput, service: ServiceModel, name: string, owner: string, key: 'pid' | 'ipc'): void => {
  const path = ['services', name, key];
  checkOwner(input, service, name, owner, key);
  const lent = input.model.services[owner]?.ipc ?? '';
  if (key === 'ipc' && (lent === 'none' || lent === 'private')) {
    const message = `service ${name} shares the ${sharedBy(key)} of service ${owner}, which has ipc: ${lent}`;
    tell(input, 'E304', path, message, `write ipc: shareable at service ${owner}`);
  }
  if (key === 'ipc' && service.shm_size !== undefined) {
    const message = `service ${name} has the /dev/shm of service ${owner}, so its own shm_size has no effect`;
    tell(input, 'W400', ['services', name, 'shm_size'], message, `say shm_size at service ${owner}`);
  }
};

const toMode = (input: ConvertInput, service: ServiceModel, name: string, key: 'pid' | 'ipc'): string => {
  const said = service[key] ?? '';
  const path = ['services', name, key];
  const allowed: readonly string[] = plainModes[key];
  if (said === '' || allowed.includes(said)) return said;
  if (!isShared(said)) {
    tell(input, 'E401', path, `${key}: ${said} is not supported yet`, `use ${allowed.join(', ')}, service:NAME, or leave it out`);
    return '';
  }
  const found = resolved(input, name, key);
  if (found === undefined) {
    const message = `service ${name} shares ${sharedBy(key)} that it would itself have to provide`;
    if (isByContainer(said)) tell(input, 'E302', path, message, `remove ${key} from one of them`);
    return '';
  }
  if (found.owner !== undefined) checkLender(input, service, name, found.owner, key);
  return found.mode;
};

/** Which namespaces a service's containers are in; `service:NAME` is the one that has a namespace of its own (E302, E303, E304, E401, W400). */
export const toNamespaces = (input: ConvertInput, service: ServiceModel, name: string): Namespaces => {
  const mode = (key: 'uts' | 'cgroup' | 'userns_mode', allowed: readonly string[]): string => {
    const value = service[key] ?? '';
    if (value === '' || allowed.includes(value)) return value;
    tell(input, 'E401', ['services', name, key], `${key}: ${value} is not supported yet`, `use ${allowed.join(', ')}, or leave it out`);
    return '';
  };
  return {
    pidMode: toMode(input, service, name, 'pid'),
    ipcMode: toMode(input, service, name, 'ipc'),
    utsMode: mode('uts', ['host']),
    cgroupMode: mode('cgroup', ['host', 'private']),
    usernsMode: mode('userns_mode', ['host']),
  };
};

/** The services whose namespaces or volumes a service takes by the name of a container: it waits for those too. */
export const ownersByContainer = (input: ConvertInput, service: ServiceModel): readonly string[] => {
  const modes = (['network_mode', 'pid', 'ipc'] as readonly NamespaceKey[]).map((key) => service[key] ?? '');
  const containers = [...modes, ...(service.volumes_from ?? [])].flatMap((said) => /^container:([^:]+)/.exec(said)?.[1] ?? []);
  return [...new Set(containers)].flatMap((container) => input.byContainer.get(container) ?? []);
};
