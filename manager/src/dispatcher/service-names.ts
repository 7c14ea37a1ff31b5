import { type Network, PortProtocol, type Service, type ServiceOnNetwork } from '@tso/proto';
import { ingressNetworkId } from '../rules/network-kinds.ts';
import type { Change } from '../store/apply.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

const isOnNetwork = ({ removing, spec }: Service): boolean => !removing && spec.task.networkMode === '';

const networkNames = (service: Service | undefined): readonly string[] =>
  service === undefined || !isOnNetwork(service) ? [] : service.spec.task.networks.map(({ network }) => network);

/** `5432/tcp` -> 5432; none of another protocol: the variables of links speak of TCP. */
const exposedPort = (text: string): readonly number[] => (text.endsWith('/tcp') ? [Number(text.split('/')[0])] : []);

const portsOf = ({ spec }: Service): readonly number[] =>
  [
    ...new Set([
      ...spec.ports.filter(({ protocol }) => protocol === PortProtocol.TCP).map(({ target }) => target),
      ...spec.expose.flatMap(exposedPort),
    ]),
  ]
    .filter((port) => Number.isInteger(port) && port > 0)
    .sort((a, b) => a - b);

/** The service as the others on the network see it; undefined: it is not on it. */
const serviceOn = (network: Network, service: Service): ServiceOnNetwork | undefined => {
  const attachments = service.spec.task.networks.filter((attachment) => attachment.network === network.spec.name);
  if (!isOnNetwork(service) || attachments.length === 0) return undefined;
  const vip = service.vips.find(({ networkId }) => networkId === network.id);
  return {
    serviceId: service.id,
    name: service.spec.name,
    stack: service.stack,
    mode: service.spec.endpointMode,
    vip: vip?.address ?? '',
    vip6: vip?.address6 ?? '',
    names: [...new Set([service.spec.name, ...attachments.flatMap(({ aliases }) => aliases)])],
    affinity: service.spec.affinity,
    ports: portsOf(service),
  };
};

/** Which services are wished to be on each network, found without a look at all of them. */
export class ServiceNames {
  /** Network name to service ids. */
  readonly #services = new Map<string, Set<string>>();

  reset(view: View): void {
    this.#services.clear();
    for (const service of view.services()) this.#enter(service);
  }

  /** The names of networks on which the change is news. */
  notice({ before, after }: Extract<Change, { kind: 'service' }>): readonly string[] {
    if (before !== undefined && after !== undefined && isSeenAlike(before, after)) return [];
    for (const name of networkNames(before)) this.#leave(name, before?.id ?? '');
    if (after !== undefined) this.#enter(after);
    return [...networkNames(before), ...networkNames(after)];
  }

  /** By id. A network that another one of its name has taken over from has none; one for published ports has no names. */
  on(view: View, network: Network): readonly ServiceOnNetwork[] {
    if (network.id === ingressNetworkId || view.networkByName(network.spec.name)?.id !== network.id) return [];
    return [...(this.#services.get(network.spec.name) ?? [])]
      .flatMap((id) => {
        const service = view.service(id);
        return service === undefined ? [] : (serviceOn(network, service) ?? []);
      })
      .sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
  }

  #enter(service: Service): void {
    for (const name of networkNames(service)) {
      const ids = this.#services.get(name);
      if (ids === undefined) this.#services.set(name, new Set([service.id]));
      else ids.add(service.id);
    }
  }

  #leave(name: string, serviceId: string): void {
    const ids = this.#services.get(name);
    if (ids?.delete(serviceId) === true && ids.size === 0) this.#services.delete(name);
  }
}

/** Whether no network sees a difference: how an update goes on, for one, is nothing to them. */
const isSeenAlike = (a: Service, b: Service): boolean =>
  a.removing === b.removing &&
  a.spec.name === b.spec.name &&
  a.spec.endpointMode === b.spec.endpointMode &&
  a.spec.affinity === b.spec.affinity &&
  a.spec.task.networkMode === b.spec.task.networkMode &&
  sameData(a.vips, b.vips) &&
  sameData(a.spec.task.networks, b.spec.task.networks) &&
  sameData(a.spec.expose, b.spec.expose) &&
  sameData(a.spec.ports, b.spec.ports);
