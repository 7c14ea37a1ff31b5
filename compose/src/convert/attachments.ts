import { deviceNameForm, emptyAttachment, isDeviceName, linkLocalOf, type NetworkAttachmentSpec } from '@tso/proto';
import type { AttachmentModel, ServiceModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';
import { blockOf, familyOf } from './ipam.ts';
import { isGlobal } from './namespace-owner.ts';
import { mayHaveSeveral, mostByLoad, type NetworkMode, predefinedOf } from './network-mode.ts';
import { clusterName } from './networks.ts';

/** Services on networks. */

type AddressKey = 'ipv4_address' | 'ipv6_address';

/** Whether the network, as far as this file declares it, can grant that address. */
const checkGranted = (input: ConvertInput, address: string, family: 4 | 6, key: string, path: TreePath): void => {
  const network = input.model.networks?.[key];
  // What exists already is known to the cluster alone, which checks the same.
  if (network?.external === true) return;
  const configs = (network?.ipam?.config ?? []).flatMap((config) => {
    const subnet = blockOf(config.subnet ?? '');
    return subnet?.family === family ? [{ subnet, config }] : [];
  });
  const [found] = configs;
  if (found === undefined) {
    const message = `the address ${address} can be asked for only where the network ${key} has a subnet of its own in the file`;
    const example = family === 4 ? '10.20.0.0/24' : 'fd00:20::/64';
    tell(input, 'E306', path, message, `add networks: {${key}: {ipam: {config: [{subnet: ${example}}]}}}`);
    return;
  }
  if (!found.subnet.holds(address)) {
    const message = `${address} is no address that a container can have in the subnet ${found.subnet.text} of the network ${key}`;
    tell(input, 'E304', path, message, 'write one of that subnet');
  }
  const holder = [['gateway', found.config.gateway] as const, ...Object.entries(found.config.aux_addresses ?? {})].find(
    ([, one]) => one === address,
  );
  if (holder === undefined) return;
  const what = holder[0] === 'gateway' ? 'is its gateway' : `is reserved for ${holder[0]}`;
  tell(input, 'E305', path, `the network ${key} cannot grant ${address}, which ${what}`, 'write another address');
};

const toAddress = (input: ConvertInput, service: ServiceModel, name: string, key: string, which: AddressKey): string => {
  const address = service.networks?.[key]?.[which] ?? '';
  if (address === '') return '';
  const path = ['services', name, 'networks', key, which];
  const family = which === 'ipv4_address' ? 4 : 6;
  if (familyOf(address) !== family) {
    tell(input, 'E202', path, `'${address}' is not an IPv${family} address`, 'write an address without a prefix');
    return '';
  }
  if (mayHaveSeveral(service)) {
    const most = mostByLoad(service);
    const count = most === undefined ? `${service.deploy?.replicas ?? service.scale} replicas` : `up to ${most} tasks`;
    const many = isGlobal(service) ? 'a task on every node' : count;
    tell(input, 'E304', path, `service ${name} has ${many}, which cannot share the address ${address}`, `remove ${which}`);
  }
  checkGranted(input, address, family, key, path);
  return address;
};

const macPattern = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;

/** Lower case with colons; ''; none was said, or it is told why it cannot be. */
const toMac = (input: ConvertInput, service: ServiceModel, name: string, said: string | undefined, path: TreePath): string => {
  if (said === undefined || said === '') return '';
  const mac = said.toLowerCase().replaceAll('-', ':');
  if (!macPattern.test(said) || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1) {
    tell(input, 'E202', path, `'${said}' is not the MAC address of one device`, 'write one like 02:42:0a:14:00:05');
    return '';
  }
  if (mayHaveSeveral(service))
    tell(input, 'E304', path, `service ${name} may have several tasks, which cannot share the MAC address ${said}`, 'remove mac_address');
  return mac;
};

const toAliases = (said: AttachmentModel | null | undefined, name: string): readonly string[] =>
  // Its own name is there without being asked for.
  [...new Set(said?.aliases ?? [])].filter((alias) => alias !== name);

/** gw_priority, where any is said; else the older word for it. */
const toPriority = (hasGateway: boolean, said: AttachmentModel | null | undefined): number =>
  Math.trunc((hasGateway ? said?.gw_priority : said?.priority) ?? 0);

/** Names of devices that the service has asked for already go into `earlier`, with their networks. The name of a network device; '' where none was said, or it is told why it cannot be. */
const toInterfaceName = (input: ConvertInput, service: ServiceModel, name: string, key: string, earlier: Map<string, string>): string => {
  const said = service.networks?.[key]?.interface_name ?? '';
  if (said === '') return '';
  const path = ['services', name, 'networks', key, 'interface_name'];
  if (!isDeviceName(said)) {
    tell(input, 'E202', path, `'${said}' cannot be the name of a network device`, `write ${deviceNameForm}`);
    return '';
  }
  const other = earlier.get(said);
  if (other !== undefined)
    tell(input, 'E305', path, `service ${name} has a device ${said} on the network ${other} already`, 'give one of them another name');
  earlier.set(said, key);
  return said;
};

/** Addresses that the service has beside the one of the network, as they were said. */
const toLinkLocal = (input: ConvertInput, service: ServiceModel, name: string, key: string): readonly string[] =>
  (service.networks?.[key]?.link_local_ips ?? []).map((address, index) => {
    const path = ['services', name, 'networks', key, 'link_local_ips', index];
    const subnets = (input.model.networks?.[key]?.ipam?.config ?? []).map((config) => blockOf(config.subnet ?? ''));
    if (familyOf(address) === undefined) tell(input, 'E202', path, `'${address}' is not an IP address`, 'write one like 169.254.8.8');
    else if (subnets.some((subnet) => subnet?.holds(address) === true))
      tell(
        input,
        'E304',
        path,
        `${address} is an address that the network ${key} gives out itself`,
        'ask for it by ipv4_address or ipv6_address',
      );
    else if (linkLocalOf(address) === undefined)
      tell(input, 'E202', path, `${address} is not a link-local address`, 'write one that begins with 169.254. or with fe80:');
    else if (mayHaveSeveral(service))
      tell(input, 'E304', path, `service ${name} may have several tasks, which cannot share the address ${address}`, 'remove it');
    return address;
  });

interface OfService {
  readonly hasGateway: boolean;
  readonly earlier: Map<string, string>;
}

const toAttachment = (
  input: ConvertInput,
  service: ServiceModel,
  name: string,
  key: string,
  { hasGateway, earlier }: OfService,
): NetworkAttachmentSpec => {
  const said = service.networks?.[key];
  return {
    ...emptyAttachment,
    network: clusterName(input, key),
    aliases: toAliases(said, name),
    ipv4Address: toAddress(input, service, name, key, 'ipv4_address'),
    ipv6Address: toAddress(input, service, name, key, 'ipv6_address'),
    macAddress: toMac(input, service, name, said?.mac_address, ['services', name, 'networks', key, 'mac_address']),
    priority: toPriority(hasGateway, said),
    interfaceName: toInterfaceName(input, service, name, key, earlier),
    linkLocalIps: toLinkLocal(input, service, name, key),
  };
};

/** The service's own mac_address goes to the network that gives the default route. */
const withOwnMac = (attachments: readonly NetworkAttachmentSpec[], macAddress: string): readonly NetworkAttachmentSpec[] => {
  const first = attachments.toSorted((a, b) => b.priority - a.priority)[0];
  return attachments.map((item) => (item === first && item.macAddress === '' ? { ...item, macAddress } : item));
};

/** The networks that a service joins, in the order of its file. Empty where its containers have no network namespace of their own. */
export const toAttachments = (
  input: ConvertInput,
  service: ServiceModel,
  name: string,
  mode: NetworkMode,
): readonly NetworkAttachmentSpec[] => {
  if (mode.mode !== '') return [];
  const mac = toMac(input, service, name, service.mac_address, ['services', name, 'mac_address']);
  const keys = Object.keys(service.networks ?? {}).filter((key) => {
    const predefined = predefinedOf(input.model.networks?.[key], key);
    return predefined === undefined || predefined === 'bridge';
  });
  if (mode.isBridge) return [{ ...emptyAttachment, network: `${input.model.name}_bridge`, macAddress: mac }];
  if (keys.length === 0) return [{ ...emptyAttachment, network: clusterName(input, 'default'), macAddress: mac }];
  const hasGateway = Object.values(service.networks ?? {}).some((one) => one?.gw_priority !== undefined);
  const ofService: OfService = { hasGateway, earlier: new Map() };
  return withOwnMac(
    keys.map((key) => toAttachment(input, service, name, key, ofService)),
    mac,
  );
};

/** Two services that ask for one address of a network (E305). */
export const checkAddresses = (input: ConvertInput): void => {
  const taken = new Map<string, string>();
  for (const [name, service] of Object.entries(input.model.services)) {
    for (const [key, said] of Object.entries(service.networks ?? {})) {
      for (const which of ['ipv4_address', 'ipv6_address'] as const) {
        const address = said?.[which] ?? '';
        if (address === '') continue;
        const other = taken.get(`${key} ${address}`);
        const path = ['services', name, 'networks', key, which];
        if (other !== undefined)
          tell(input, 'E305', path, `the address ${address} on the network ${key} is that of service ${other}`, 'write another one');
        taken.set(`${key} ${address}`, name);
      }
    }
  }
};
