import {
  deviceNameForm,
  emptyAllocation,
  formatIpv6,
  isDeviceName,
  linkLocalOf,
  type NetworkAllocation,
  parseIpv6,
  TsoError,
} from '@tso/proto';
import { macOfAddress, requireAddress, requireMac } from './address.ts';
import { isObject } from './json.ts';
import type { WishedNetwork } from './plan.ts';
import { resolverDevice, resolverNetworkId } from './resolver-network.ts';
import type { Attachment } from './task-interfaces.ts';
import type { TaskNetworkPlan } from './types.ts';

/** What was made for a task: written beside its namespace once that is complete, so that a restarted agent knows it. */
export interface AttachedTask {
  readonly taskId: string;
  readonly attachments: readonly Attachment[];
  readonly sysctls: Readonly<Record<string, string>>;
}

/** What may be the name of a namespace file: our ids, and nothing that leads out of the folder. */
export const isFileId = (text: string): boolean => /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(text);

/** `net.…` with neither path parts nor anything sysctl(8) would read as an option. */
const sysctlPattern = /^net\.[A-Za-z0-9_][A-Za-z0-9_./-]*$/;

const checkSysctls = (sysctls: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!sysctlPattern.test(name) || name.includes('..'))
      throw new TsoError('INVALID_ARGUMENT', `sysctl ${name} is not one of a network namespace (net.…)`);
    if (/[\n\0]/.test(value)) throw new TsoError('INVALID_ARGUMENT', `the value of sysctl ${name} has more than one line`);
  }
};

const address6Of = (allocation: NetworkAllocation, network: WishedNetwork): string => {
  if (allocation.address6 === '' || network.subnet6 === undefined) return '';
  const number = parseIpv6(allocation.address6);
  if (number !== undefined) return formatIpv6(number);
  throw new TsoError('INVALID_ARGUMENT', `address on network ${network.name} "${allocation.address6}" is not an IPv6 address`);
};

const requireInterfaceName = (name: string, network: string): string => {
  if (isDeviceName(name)) return name;
  throw new TsoError('INVALID_ARGUMENT', `interface_name "${name}" on network ${network} cannot be the name of an interface`, {
    hint: `Write ${deviceNameForm}`,
  });
};

/** As the kernel prints it. INVALID_ARGUMENT: not of 169.254.0.0/16 or fe80::/10, so that it could be somebody's on the network. */
const requireLinkLocal = (text: string, network: string): string => {
  const address = linkLocalOf(text);
  if (address !== undefined) return address;
  throw new TsoError('INVALID_ARGUMENT', `link_local_ips on network ${network}: "${text}" is not a link-local address`, {
    hint: 'They begin with 169.254. or with fe80:',
  });
};

/** An interface's name for each of the networks: what the spec says, the others eth0, eth1, … in their order, as far as these are free. */
const interfaceNames = (networks: readonly string[], wishes: NonNullable<TaskNetworkPlan['wishes']>): readonly string[] => {
  const wished = networks.map((name) => wishes.find(({ network }) => network === name)?.interfaceName ?? '');
  const named = wished.map((name, n) => (name === '' ? '' : requireInterfaceName(name, networks[n] ?? '')));
  const twice = named.find((name, n) => name !== '' && named.indexOf(name) !== n);
  if (twice !== undefined) throw new TsoError('INVALID_ARGUMENT', `interface_name ${twice} is given to two networks`);
  // Each of the names that were given takes one of the others at most.
  const free = Array.from({ length: 2 * networks.length }, (_, n) => `eth${n}`).filter((name) => !named.includes(name));
  return named.map((name) => (name === '' ? (free.shift() ?? '') : name));
};

const attachmentOf = (
  allocation: NetworkAllocation,
  device: string,
  network: WishedNetwork,
  wishes: TaskNetworkPlan['wishes'] = [],
): Attachment => {
  const wished = wishes.find((one) => one.network === network.name)?.linkLocalIps ?? [];
  const linkLocals = [...new Set(wished.map((text) => requireLinkLocal(text, network.name)))];
  const address = requireAddress(allocation.address, `address on network ${network.name}`);
  return {
    networkId: network.id,
    networkName: network.name,
    vni: network.vni,
    lower: network.lower,
    device,
    address,
    prefixLength: network.subnet.prefix,
    mac: requireMac(allocation.mac === '' ? macOfAddress(address) : allocation.mac, `MAC address on network ${network.name}`),
    gateway: network.gateway,
    internal: network.internal,
    ingress: network.ingress,
    resolves: network.gatewayDevice !== '',
    address6: address6Of(allocation, network),
    prefixLength6: network.subnet6?.prefix ?? 0,
    gateway6: network.gateway6,
    ...(linkLocals.length === 0 ? {} : { linkLocals }),
  };
};

/** Whether it can ask no gateway of its networks for names: all of them are on devices of the host. */
const lacksResolver = (attachments: readonly Attachment[]): boolean => {
  const others = attachments.filter(({ ingress }) => !ingress);
  return others.length > 0 && !others.some(({ resolves }) => resolves);
};

/**
 * A task's wish with all that its networks say. FAILED_PRECONDITION when this host does not have a network (yet).
 * @param resolverAddress asked for when it needs an interface only to ask for names
 */
export const resolveTask = (
  plan: TaskNetworkPlan,
  networks: ReadonlyMap<string, WishedNetwork>,
  resolverAddress: () => string = () => '',
): AttachedTask => {
  if (!isFileId(plan.taskId)) throw new TsoError('INVALID_ARGUMENT', `"${plan.taskId}" is not a task id`);
  checkSysctls(plan.sysctls);
  const found = plan.attachments.map((allocation) => {
    const network = networks.get(allocation.networkId);
    if (network !== undefined) return { allocation, network };
    throw new TsoError('FAILED_PRECONDITION', `network ${allocation.networkId} is not on this host yet`);
  });
  const devices = interfaceNames(
    found.map(({ network }) => network.name),
    plan.wishes ?? [],
  );
  const attachments = found.map(({ allocation, network }, n) => attachmentOf(allocation, devices[n] ?? '', network, plan.wishes));
  const resolver = lacksResolver(attachments) ? networks.get(resolverNetworkId) : undefined;
  if (resolver !== undefined) {
    attachments.push(attachmentOf({ ...emptyAllocation, networkId: resolver.id, address: resolverAddress() }, resolverDevice, resolver));
  }
  return { taskId: plan.taskId, attachments, sysctls: plan.sysctls };
};

/** Stable text: equal for equal tasks. */
export const encodeTask = (task: AttachedTask): string => {
  const sysctls = Object.fromEntries(Object.entries(task.sysctls).toSorted(([a], [b]) => a.localeCompare(b)));
  return JSON.stringify({ taskId: task.taskId, attachments: task.attachments, sysctls });
};

const texts = ['networkId', 'networkName', 'lower', 'device', 'address', 'mac', 'gateway', 'address6', 'gateway6'];
const numbers = ['vni', 'prefixLength', 'prefixLength6'];
const flags = ['internal', 'ingress', 'resolves'];

const isAttachment = (value: unknown): value is Attachment =>
  isObject(value) &&
  texts.every((key) => typeof value[key] === 'string') &&
  numbers.every((key) => typeof value[key] === 'number') &&
  flags.every((key) => typeof value[key] === 'boolean') &&
  (value.linkLocals === undefined || (Array.isArray(value.linkLocals) && value.linkLocals.every((one) => typeof one === 'string')));

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string');

/** What encodeTask wrote; undefined for anything else: the task is then made anew. */
export const decodeTask = (text: string): AttachedTask | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || typeof value.taskId !== 'string' || !Array.isArray(value.attachments) || !isTexts(value.sysctls))
      return undefined;
    return value.attachments.every(isAttachment)
      ? { taskId: value.taskId, attachments: value.attachments, sysctls: value.sysctls }
      : undefined;
  } catch {
    // Half-written by a crash.
    return undefined;
  }
};
