import { emptyNetworkSpec, type NetworkSpec } from '@tso/proto';
import { meantHint } from '../diagnostics.ts';
import type { NetworkModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { parseBoolean } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';
import { blockOf, toIpam } from './ipam.ts';
import { bridgeName, predefinedOf } from './network-mode.ts';

/** Networks at the top of a file. */

type Driver = 'overlay' | 'bridge' | 'macvlan';

const drivers: readonly string[] = ['overlay', 'bridge', 'macvlan', 'host', 'none'];

const toDriver = (input: ConvertInput, network: NetworkModel, key: string): Driver => {
  const driver = network.driver ?? '';
  const path = ['networks', key, 'driver'];
  if (driver === '' || driver === 'default' || driver === 'overlay' || network.external === true) return 'overlay';
  if (driver === 'macvlan') return driver;
  if (driver === 'bridge') {
    const message = `with the driver bridge each node has a network ${key} of its own: tasks on different nodes do not reach each other on it`;
    tell(input, 'W401', path, message, 'remove driver for a network that spans the nodes');
    return driver;
  }
  const hint = meantHint(driver, drivers) ?? (driver === 'ipvlan' ? 'use macvlan' : `use ${drivers.join(', ')}`);
  tell(input, 'E401', path, `the network driver ${driver} is not supported yet`, hint);
  return 'overlay';
};

type Options = Readonly<Record<string, string>>;

/** One option as the cluster takes it: nothing where it was told about. */
type Option = (input: ConvertInput, value: string, path: TreePath, network: NetworkModel) => Options;

/** The least that IPv4 asks for (RFC 791), and IPv6 (RFC 8200, 5). */
const leastMtu = 68;
const leastMtu6 = 1280;

const mtu: Option = (input, value, path, network) => {
  const bytes = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  const least = network.enable_ipv6 === true ? leastMtu6 : leastMtu;
  if (bytes >= least && bytes <= 65_535) return { mtu: String(bytes) };
  tell(input, 'E202', path, `'${value}' is not an MTU`, `write the bytes of the largest packet, ${least} to 65535: 1400`);
  return {};
};

/** To Docker the mere word means yes. */
const encrypted: Option = (input, value, path) => {
  const isOn = value === '' ? true : parseBoolean(value);
  if (isOn === undefined) tell(input, 'E202', path, `'${value}' is neither true nor false`, 'write encrypted: "true"');
  return isOn === true ? { encrypted: 'true' } : {};
};

const parent: Option = (input, value, path) => {
  if (/^[^\s/:]{1,15}$/.test(value)) return { parent: value };
  tell(input, 'E202', path, `'${value}' is not the name of a network device`, 'write one as ip link shows it: eth0, or eth0.20');
  return {};
};

const macvlanMode: Option = (input, value, path) => {
  if (value !== '' && value !== 'bridge')
    tell(input, 'E401', path, `macvlan_mode: ${value} is not supported yet; containers are attached in the mode bridge`, 'remove it');
  return {};
};

const vniList: Option = (input, value, path) => {
  tell(input, 'W400', path, `the cluster chooses the number of its networks itself; ${value} has no effect`, 'remove it');
  return {};
};

const dockerMtu = 'com.docker.network.driver.mtu';
const options: Readonly<Record<Driver, Readonly<Record<string, Option>>>> = {
  overlay: { encrypted, mtu, [dockerMtu]: mtu, 'com.docker.network.driver.overlay.vxlanid_list': vniList },
  bridge: { mtu, [dockerMtu]: mtu },
  macvlan: { mtu, [dockerMtu]: mtu, parent, macvlan_mode: macvlanMode },
};

const toDriverOpts = (input: ConvertInput, network: NetworkModel, driver: Driver, key: string): Options => {
  const path = ['networks', key, 'driver_opts'];
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(network.driver_opts ?? {})) {
    const at = [...path, name];
    const option = Object.hasOwn(options[driver], name) ? options[driver][name] : undefined;
    if (option !== undefined) Object.assign(found, option(input, value, at, network));
    else if (name === 'encrypted' && parseBoolean(value) !== false)
      tell(input, 'E303', at, `a network with the driver ${driver} cannot be encrypted (networks.${key})`, 'use the driver overlay');
    else tell(input, 'W400', at, `the option ${name} has no effect with the driver ${driver} (networks.${key})`, 'remove it');
  }
  if (driver === 'macvlan' && network.driver_opts?.parent === undefined) {
    const message = `the network ${key} needs the device of each node that its containers are attached to`;
    tell(input, 'E306', ['networks', key, 'driver'], message, 'add driver_opts: {parent: eth0}');
  }
  if (driver === 'macvlan' && !(network.ipam?.config ?? []).some(({ subnet }) => blockOf(subnet ?? '')?.family === 4)) {
    const message = `the network ${key} needs the subnet of the network that its device is on`;
    const hint = 'add ipam: {config: [{subnet: 192.168.7.0/24, gateway: 192.168.7.1, ip_range: 192.168.7.192/26}]}';
    tell(input, 'E306', ['networks', key, 'driver'], message, hint);
  }
  return found;
};

const checkFamilies = (input: ConvertInput, network: NetworkModel, key: string): void => {
  if (network.enable_ipv4 === false) {
    const message = `networks without IPv4 are not supported (networks.${key})`;
    tell(input, 'E400', ['networks', key, 'enable_ipv4'], message, 'remove it; enable_ipv6: true adds IPv6');
  }
  if (!['', 'default'].includes(network.ipam?.driver ?? ''))
    tell(input, 'E401', ['networks', key, 'ipam', 'driver'], `the ipam driver ${network.ipam?.driver} is not supported yet`, 'remove it');
};

/** The name that the cluster knows a network of the file by. */
export const clusterName = (input: ConvertInput, key: string): string => {
  const network = input.model.networks?.[key];
  return predefinedOf(network, key) === 'bridge' ? bridgeName(input) : (network?.name ?? `${input.model.name}_${key}`);
};

/** The wish for one network; none for what is no object here: host, none, and a bridge that the file calls external. */
export const toNetworks = (input: ConvertInput, network: NetworkModel, key: string): readonly NetworkSpec[] => {
  const predefined = predefinedOf(network, key);
  if (predefined === 'bridge') {
    const message = `the network bridge is one that each node has for itself here: tasks on different nodes do not reach each other on it`;
    tell(input, 'W401', ['networks', key], message, 'use a network of the stack');
    return [toBridge(input)];
  }
  if (predefined !== undefined) return [];
  checkFamilies(input, network, key);
  const driver = toDriver(input, network, key);
  const common = { ...emptyNetworkSpec, name: network.name ?? clusterName(input, key), driver };
  // What exists already is only named here; the rules refuse to have more said of it.
  if (network.external === true) return [{ ...common, external: true }];
  return [
    {
      ...common,
      internal: network.internal === true,
      attachable: network.attachable === true,
      enableIpv6: network.enable_ipv6 === true,
      ...toIpam(input, network, key),
      labels: network.labels ?? {},
      driverOpts: toDriverOpts(input, network, driver, key),
    },
  ];
};

/** What `network_mode: bridge` and the external network bridge come to: a network of the stack that each node has for itself. */
export const toBridge = (input: ConvertInput): NetworkSpec => ({ ...emptyNetworkSpec, name: bridgeName(input), driver: 'bridge' });
