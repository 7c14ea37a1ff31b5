import {
  emptyAttachment,
  emptyNetworkSpec,
  emptyPort,
  type NetworkAttachmentSpec,
  type NetworkSpec,
  type PortConfig,
  PortProtocol,
  PublishMode,
} from '@tso/proto';
import type { NetworkModel, PortModel, ServiceModel } from '../model.ts';
import { pathText } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

const protocols: Readonly<Record<string, PortProtocol>> = { tcp: PortProtocol.TCP, udp: PortProtocol.UDP, sctp: PortProtocol.SCTP };

const toPort = (input: ConvertInput, port: PortModel, path: readonly (string | number)[]): PortConfig => {
  const published = port.published ?? '';
  if (published.includes('-')) {
    tell(
      input,
      'E401',
      path,
      `a range of host ports (${published}) for one container port is not supported yet`,
      'name one host port, or none for any free one',
    );
  }
  const protocol = protocols[port.protocol.toLowerCase()];
  if (protocol === undefined) tell(input, 'E202', path, `'${port.protocol}' is not a protocol (${pathText(path)})`, 'use tcp, udp or sctp');
  if (port.mode !== 'ingress' && port.mode !== 'host')
    tell(input, 'E202', path, `'${port.mode}' is not a publish mode (${pathText(path)})`, 'use ingress or host');
  return {
    ...emptyPort,
    target: port.target,
    published: published === '' ? 0 : Number.parseInt(published, 10),
    protocol: protocol ?? PortProtocol.TCP,
    mode: port.mode === 'host' ? PublishMode.HOST : PublishMode.INGRESS,
    hostIp: port.host_ip === '0.0.0.0' ? '' : (port.host_ip ?? ''),
  };
};

export const toPorts = (input: ConvertInput, service: ServiceModel, name: string): readonly PortConfig[] => {
  const ports = (service.ports ?? []).map((port, index) => toPort(input, port, ['services', name, 'ports', index]));
  const mode = service.network_mode ?? '';
  if (ports.length > 0 && (mode === 'host' || mode === 'none')) {
    tell(
      input,
      'E303',
      ['services', name, 'ports'],
      `service ${name} has network_mode: ${mode}, so ports cannot be published`,
      'remove ports or network_mode',
    );
  }
  return ports;
};

/** Ports that two services, or one service twice, want on every node. */
export const checkPublished = (input: ConvertInput): void => {
  const taken = new Map<string, string>();
  for (const [name, service] of Object.entries(input.model.services)) {
    for (const [index, port] of (service.ports ?? []).entries()) {
      if (port.published === undefined || port.published === '' || port.published === '0') continue;
      const key = `${port.host_ip ?? ''}|${port.published}/${port.protocol}`;
      const other = taken.get(key);
      if (other !== undefined) {
        const path = ['services', name, 'ports', index];
        tell(
          input,
          'E305',
          path,
          `port ${port.published}/${port.protocol} is published by service ${other} already`,
          'publish one of them on another port',
        );
      }
      taken.set(key, name);
    }
  }
};

/** "" for networks of the stack, host, or none; what else network_mode can say is E401 by name. */
export const toNetworkMode = (input: ConvertInput, service: ServiceModel, name: string): string => {
  const mode = service.network_mode ?? '';
  if (mode === '' || mode === 'host' || mode === 'none') return mode;
  const path = ['services', name, 'network_mode'];
  if (mode === 'bridge' || mode === 'default') {
    tell(input, 'W401', path, `network_mode: ${mode} means the stack's default network here`, 'remove network_mode');
    return '';
  }
  tell(input, 'E401', path, `network_mode: ${mode} is not supported yet`, 'join a common network under networks:, or use host or none');
  return '';
};

const clusterName = (input: ConvertInput, key: string): string => input.model.networks?.[key]?.name ?? `${input.model.name}_${key}`;

/** The networks a service joins; its own name is an alias on each. Empty with network_mode host or none. */
export const toAttachments = (input: ConvertInput, service: ServiceModel, name: string, mode: string): readonly NetworkAttachmentSpec[] => {
  if (mode !== '') return [];
  const own = service.container_name === undefined ? [name] : [name, service.container_name];
  const joined = Object.entries(service.networks ?? {});
  if (joined.length === 0)
    return [{ ...emptyAttachment, network: `${input.model.name}_default`, aliases: own, macAddress: service.mac_address ?? '' }];
  const attachments = joined.map(([key, said]) => {
    const replicas = service.deploy?.replicas ?? service.scale ?? 1;
    const address = said?.ipv4_address ?? '';
    if (address !== '' && replicas > 1) {
      tell(
        input,
        'E304',
        ['services', name, 'networks', key, 'ipv4_address'],
        `service ${name} has ${replicas} replicas, which cannot share the address ${address}`,
        'remove ipv4_address',
      );
    }
    return {
      ...emptyAttachment,
      network: clusterName(input, key),
      aliases: [...new Set([...own, ...(said?.aliases ?? [])])],
      ipv4Address: address,
      macAddress: said?.mac_address ?? '',
      priority: said?.gw_priority ?? said?.priority ?? 0,
    };
  });
  // The service's own mac_address goes to the network that gives the default route.
  const first = attachments.toSorted((a, b) => b.priority - a.priority)[0];
  return attachments.map((item) => (item === first && item.macAddress === '' ? { ...item, macAddress: service.mac_address ?? '' } : item));
};

const checkLinks = (input: ConvertInput, service: ServiceModel, name: string): void => {
  for (const [index, link] of (service.links ?? []).entries()) {
    const [target = '', alias] = link.split(':');
    if (alias === undefined || alias === target) continue;
    const path = ['services', name, 'links', index];
    tell(
      input,
      'E401',
      path,
      `the alias '${alias}' of a link is not supported yet`,
      `give ${target} the alias on a network: networks: {NAME: {aliases: [${alias}]}}`,
    );
  }
};

export const checkConnections = (input: ConvertInput): void => {
  checkPublished(input);
  for (const [name, service] of Object.entries(input.model.services)) checkLinks(input, service, name);
};

const checkNetwork = (input: ConvertInput, network: NetworkModel, key: string): void => {
  const path = ['networks', key];
  const driver = network.driver ?? '';
  if (driver === 'bridge')
    tell(input, 'W401', [...path, 'driver'], `a network of the driver bridge spans every node here (networks.${key})`, 'remove driver');
  else if (!['', 'overlay', 'default'].includes(driver))
    tell(input, 'E401', [...path, 'driver'], `the network driver ${driver} is not supported yet`, 'remove driver');
  if (network.enable_ipv6 === true)
    tell(input, 'E400', [...path, 'enable_ipv6'], `enable_ipv6 is not supported yet (networks.${key})`, 'remove it');
  if (network.enable_ipv4 === false)
    tell(input, 'E400', [...path, 'enable_ipv4'], `networks without IPv4 are not supported yet (networks.${key})`, 'remove it');
  if (!['', 'default'].includes(network.ipam?.driver ?? ''))
    tell(input, 'E401', [...path, 'ipam', 'driver'], `the ipam driver ${network.ipam?.driver} is not supported yet`, 'remove it');
  const configs = network.ipam?.config ?? [];
  if (configs.length > 1)
    tell(input, 'E401', [...path, 'ipam', 'config'], `several subnets for one network are not supported yet (networks.${key})`, 'keep one');
  for (const [index, config] of configs.entries()) {
    if (config.subnet !== undefined && !/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(config.subnet)) {
      tell(
        input,
        'E202',
        [...path, 'ipam', 'config', index, 'subnet'],
        `'${config.subnet}' is not an IPv4 subnet`,
        'write one like 10.20.0.0/24',
      );
    }
  }
  for (const option of Object.keys(network.driver_opts ?? {})) {
    const at = [...path, 'driver_opts', option];
    if (option === 'encrypted')
      tell(input, 'E400', at, `encrypted networks are not supported yet (networks.${key})`, 'remove the option to go without encryption');
    else tell(input, 'W400', at, `the network option ${option} has no effect (networks.${key})`, 'remove it');
  }
};

export const toNetwork = (input: ConvertInput, network: NetworkModel, key: string): NetworkSpec => {
  checkNetwork(input, network, key);
  const config = network.ipam?.config?.[0];
  return {
    ...emptyNetworkSpec,
    name: network.name ?? clusterName(input, key),
    driver: 'overlay',
    internal: network.internal === true,
    external: network.external === true,
    attachable: network.attachable === true,
    subnet: config?.subnet ?? '',
    gateway: config?.gateway ?? '',
    labels: network.labels ?? {},
    driverOpts: network.driver_opts ?? {},
  };
};
