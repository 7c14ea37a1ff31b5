import type { PortConfig, Service } from '@tso/proto';
import { portText } from '../rules/words.ts';
import { sameData } from '../store/equal.ts';
import type { Draft } from '../store/transaction.ts';

/** Where published ports without a number come from (SwarmKit's range). */
export const firstDynamicPort = 30_000;
export const lastDynamicPort = 32_767;

/** The numbers that a port without one may get. */
const rangeOf = ({ rangeFrom, rangeTo }: PortConfig): readonly [number, number] =>
  rangeTo === 0 ? [firstDynamicPort, lastDynamicPort] : [rangeFrom, rangeTo];

const sameWish = (a: PortConfig, b: PortConfig): boolean =>
  a.target === b.target && a.protocol === b.protocol && a.mode === b.mode && a.hostIp === b.hostIp;

/** Ports that a service holds or asks for by number. */
const takenBy = (service: Service): readonly string[] =>
  [...service.ports, ...service.spec.ports].filter((port) => port.published !== 0).map(portText);

/** The wish with the lowest number of its range that nobody has; without a number when there is none. */
const withFreeNumber = (wish: PortConfig, taken: Set<string>): PortConfig => {
  const [from, to] = rangeOf(wish);
  for (let published = from; published <= to; published += 1) {
    const port = { ...wish, published };
    if (taken.has(portText(port))) continue;
    taken.add(portText(port));
    return port;
  }
  return wish;
};

/** The ports of a service with numbers filled in: those it already had where the wish is the same, else the lowest free ones. */
const fillPorts = (service: Service, taken: () => Set<string>): readonly PortConfig[] => {
  const granted = [...service.ports];
  return service.spec.ports.map((wish) => {
    if (wish.published !== 0) return wish;
    const [from, to] = rangeOf(wish);
    const before = granted.findIndex((port) => sameWish(port, wish) && port.published >= from && port.published <= to);
    const kept = before === -1 ? undefined : granted.splice(before, 1)[0];
    return kept === undefined ? withFreeNumber(wish, taken()) : { ...wish, published: kept.published };
  });
};

/** Fills in the published ports of every service. Where a range is used up, the number stays 0 and its tasks say so. */
export const allocateServicePorts = (draft: Draft): void => {
  const services = draft.services();
  let known: Set<string> | undefined;
  const taken = (): Set<string> => {
    known ??= new Set(services.flatMap(takenBy));
    return known;
  };
  for (const service of services) {
    if (service.removing || service.spec.ports.length + service.ports.length === 0) continue;
    const ports = fillPorts(service, taken);
    if (!sameData(ports, service.ports)) draft.putService({ ...service, ports });
  }
};

/** Why the service's tasks wait for a published port; undefined when all have a number. */
export const portsRefusal = (service: Service): string | undefined => {
  const without = service.ports.find(({ published }) => published === 0);
  if (without === undefined) return undefined;
  const [from, to] = rangeOf(without);
  return `no published port is free between ${from} and ${to}`;
};
