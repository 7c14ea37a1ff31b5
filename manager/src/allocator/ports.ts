import type { PortConfig, Service } from '@tso/proto';
import { portText } from '../rules/words.ts';
import type { Draft } from '../store/transaction.ts';

/** Where published ports without a number come from (SwarmKit's range). */
export const firstDynamicPort = 30_000;
export const lastDynamicPort = 32_767;

const sameWish = (a: PortConfig, b: PortConfig): boolean =>
  a.target === b.target &&
  a.protocol === b.protocol &&
  a.mode === b.mode &&
  a.hostIp === b.hostIp &&
  a.rangeFrom === b.rangeFrom &&
  a.rangeTo === b.rangeTo;

/** Where the number of a port comes from that names none, both ends included: what its wish says, else the cluster's. */
export const rangeOf = ({ rangeFrom, rangeTo }: PortConfig): readonly [first: number, last: number] =>
  rangeTo === 0 ? [firstDynamicPort, lastDynamicPort] : [rangeFrom, rangeTo];

/** Ports that a service holds or asks for by number. */
const takenBy = (service: Service): readonly string[] =>
  [...service.ports, ...service.spec.ports].filter((port) => port.published !== 0).map(portText);

/** The ports of a service with numbers filled in: those it already had where the wish is the same, else the lowest free ones. */
const fillPorts = (service: Service, taken: Set<string>): readonly PortConfig[] => {
  const granted = [...service.ports];
  return service.spec.ports.map((wish) => {
    if (wish.published !== 0) return wish;
    const [first, last] = rangeOf(wish);
    const before = granted.findIndex((port) => sameWish(port, wish) && port.published >= first && port.published <= last);
    const kept = before === -1 ? undefined : granted.splice(before, 1)[0];
    if (kept !== undefined) return kept;
    for (let published = first; published <= last; published += 1) {
      const port = { ...wish, published };
      if (taken.has(portText(port))) continue;
      taken.add(portText(port));
      return port;
    }
    return wish;
  });
};

/** Fills in the published ports of every service. Where the range is used up, the number stays 0 and its tasks say so. */
export const allocateServicePorts = (draft: Draft): void => {
  const services = draft.services();
  const taken = new Set(services.flatMap(takenBy));
  for (const service of services) {
    if (!service.removing) draft.putService({ ...service, ports: fillPorts(service, taken) });
  }
};
