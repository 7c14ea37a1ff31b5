import type { Link, NetworkAssignment, ServiceOnNetwork } from '@tso/proto';

/** As Docker has spelled them since its first links: `order-db` gives ORDER_DB. */
const prefixOf = (alias: string): string => alias.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');

const portVariables = (prefix: string, address: string, port: number): readonly string[] => {
  const name = `${prefix}_PORT_${port}_TCP`;
  return [`${name}=tcp://${address}:${port}`, `${name}_ADDR=${address}`, `${name}_PORT=${port}`, `${name}_PROTO=tcp`];
};

/** `db` of the own stack, or `db.shop` of another one. */
const linkedService = (networks: readonly NetworkAssignment[], stack: string, name: string): ServiceOnNetwork | undefined => {
  const isMeant = (service: ServiceOnNetwork): boolean =>
    (service.stack === stack && service.name === name) || `${service.name}.${service.stack}` === name;
  const services = networks.flatMap((network) => network.services.filter(isMeant));
  return services.find((service) => service.vip !== '') ?? services[0];
};

/**
 * The environment that links have given since Docker's first ones, as `KEY=value`: `DB_NAME`, and for the exposed ports of the linked service
 * `DB_PORT` (the lowest) and `DB_PORT_5432_TCP`, `…_ADDR`, `…_PORT`, `…_PROTO`. The address is the service's virtual one, which does not change
 * while the service exists; without one (`endpoint_mode: dnsrr`) the alias itself, since a task's address would soon be wrong. Not `DB_ENV_…`: it
 * would hand the passwords of one service to another.
 *
 * @param networks those of the asking task, in its order; a service that is on none of them has no variables
 */
export const linkVariables = (
  networks: readonly NetworkAssignment[],
  asker: { readonly stack: string; readonly serviceName: string; readonly links: readonly Link[] },
): readonly string[] =>
  asker.links.flatMap(({ service: name, alias }) => {
    const service = linkedService(networks, asker.stack, name);
    if (service === undefined) return [];
    const called = alias === '' ? name : alias;
    const prefix = prefixOf(called);
    const address = service.vip === '' ? called : service.vip;
    const ports = [...new Set(service.ports)].toSorted((a, b) => a - b);
    const [lowest] = ports;
    return [
      ...(lowest === undefined ? [] : [`${prefix}_PORT=tcp://${address}:${lowest}`]),
      ...ports.flatMap((port) => portVariables(prefix, address, port)),
      `${prefix}_NAME=/${asker.serviceName}/${called}`,
    ];
  });
