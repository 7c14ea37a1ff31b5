import type { Network, NetworkAllocation, NetworkAttachmentSpec, Service, Task } from '@tso/proto';
import { emptyAttachment, formatIpv4, macOf, parseIpv4, parseIpv6, shortId } from '@tso/proto';
import { type AddressSpace, address6Of, unusable, unusable6 } from '../rules/address-space.ts';
import { usesIngressPorts } from '../rules/ingress-ports.ts';
import { isByNode } from '../rules/jobs.ts';
import { ingressNetworkId, isTunnels } from '../rules/network-kinds.ts';
import { isLive, isOccupant } from '../rules/task-facts.ts';
import { anotherAddress, subnetAdvice } from '../rules/words.ts';
import { type AddressBook, type Holder, holderText } from './address-book.ts';
import { canonical6 } from './address-ledger.ts';
import { missingVip } from './vips.ts';

/**
 * The names that the task alone answers to on its networks: its container's, and what `hostname` prints in it, which programs tell each other
 * (the short id unless the file says another). Those of its service are the service's.
 */
const namesOf = (service: Service, task: Task): readonly string[] => {
  const { containerName, hostname, utsMode } = task.spec.container;
  const derived = isByNode(service.spec.mode) ? '' : `${task.stack}-${task.serviceName}-${task.slot}`;
  const ownHostname = hostname === '' && utsMode !== 'host' ? shortId(task.id) : hostname;
  return [...new Set([containerName === '' ? derived : containerName, ownHostname].filter((name) => name !== ''))];
};

interface Found {
  readonly network: Network;
  readonly address: number;
  readonly address6: string;
  readonly mac: string;
  /** Where the next search goes on. */
  readonly nextHost: number;
}

/** Why a task gets no address now. */
export interface Refusal {
  readonly reason: string;
  /** When time alone will have changed it. */
  readonly againAtMs: number | undefined;
}

const refused = (reason: string, againAtMs?: number): Refusal => ({ reason, againAtMs });

const whyNot = {
  outside: (what: string, subnet: string, name: string) => `${what} is outside ${subnet} of network ${name}`,
  network: (what: string, subnet: string, name: string) => `${what} stands for all of ${subnet} of network ${name}, not for one task`,
  withheld: (what: string, _subnet: string, name: string) => `${what} is the gateway of network ${name}, or reserved there`,
} as const;

/** Until when the holder has it; advice where that may be for ever: a task of the same service goes for this one. */
const untilText = (holder: Holder, { serviceId }: Task): string => {
  if (!('task' in holder)) return `. ${anotherAddress}`;
  if (!isLive(holder.task)) return ', in whose network another task still runs';
  const stays = holder.task.serviceId !== serviceId && isOccupant(holder.task);
  return ` until that has ended${stays ? `. ${anotherAddress}` : ''}`;
};

const heldBy = (holder: Holder, task: Task, what: string, network: string): Refusal =>
  refused(`${what} on network ${network} is held by ${holderText(holder)}${untilText(holder, task)}`);

const fixedAddress = (book: AddressBook, task: Task, network: Network, space: AddressSpace, text: string): number | Refusal => {
  const { name } = network.spec;
  const address = parseIpv4(text);
  if (address === undefined) return refused(`"${text}" is not an IPv4 address`);
  const why = unusable(space, address);
  if (why !== undefined) return refused(whyNot[why](`address ${text}`, network.subnet, name));
  const holder = book.holder(network.id, formatIpv4(address));
  return holder === undefined ? address : heldBy(holder, task, `address ${text}`, name);
};

const address6For = (
  book: AddressBook,
  task: Task,
  network: Network,
  space: AddressSpace,
  wished: string,
  address: number,
): { readonly text: string } | Refusal => {
  const { name } = network.spec;
  const fixed = parseIpv6(wished);
  if (fixed !== undefined) {
    const why = unusable6(space, fixed);
    if (why !== undefined) return refused(whyNot[why](`address ${wished}`, network.subnet6 || 'the IPv6 subnet (there is none)', name));
  }
  const text = fixed === undefined ? address6Of(space, address) : canonical6(wished);
  const holder = text === '' ? undefined : book.holder6(network.id, text);
  return holder === undefined ? { text } : heldBy(holder, task, `address ${text}`, name);
};

const noSubnet = (book: AddressBook, network: Network): Refusal =>
  refused(
    network.spec.driver === 'macvlan'
      ? `network ${network.spec.name} has the driver macvlan and no subnet: its addresses are those of the hosts' own network, so it must say which`
      : `the address pool ${book.draft.cluster()?.addressPool ?? ''} has no free subnet for network ${network.spec.name}: ${subnetAdvice(network)}`,
  );

const nextAddress = (book: AddressBook, network: Network, space: AddressSpace): { address: number; host: number } | Refusal => {
  const next = book.next(network, space);
  if ('address' in next) return next;
  const full = `network ${network.spec.name} has no free address left in ${network.spec.ipRange || network.subnet}`;
  return next.restsUntilMs === undefined ? refused(full) : refused(`${full}: those left a moment ago still rest`, next.restsUntilMs);
};

/** An address for one attachment, or the sentence why there is none now. Grants nothing. */
const findAddress = (book: AddressBook, task: Task, attachment: NetworkAttachmentSpec): Found | Refusal => {
  const network = book.draft.networkByName(attachment.network);
  if (network === undefined || isTunnels(network)) return refused(`network ${attachment.network} does not exist`);
  const space = book.space(network);
  if (space === undefined) return noSubnet(book, network);
  const fixed = attachment.ipv4Address === '' ? undefined : fixedAddress(book, task, network, space, attachment.ipv4Address);
  if (typeof fixed === 'object') return fixed;
  const next = fixed === undefined ? nextAddress(book, network, space) : { address: fixed, host: network.nextHost };
  if ('reason' in next) return next;
  const address6 = address6For(book, task, network, space, attachment.ipv6Address, next.address);
  if ('reason' in address6) return address6;
  const mac = attachment.macAddress === '' ? macOf(next.address) : attachment.macAddress;
  // No host takes two devices with the same one.
  const holder = attachment.macAddress === '' ? undefined : book.holderOfMac(network.id, mac);
  if (holder !== undefined) return heldBy(holder, task, `MAC address ${mac}`, network.spec.name);
  return { network, address: next.address, address6: address6.text, mac, nextHost: next.host };
};

const ingress: NetworkAttachmentSpec = { ...emptyAttachment, network: ingressNetworkId };

const granted = (book: AddressBook, task: Task, found: Found, aliases: readonly string[]): NetworkAllocation => {
  const { network, address6, mac, nextHost } = found;
  const address = formatIpv4(found.address);
  book.hold(network.id, address, address6, { task });
  book.draft.putNetwork({ ...network, nextHost });
  return { networkId: network.id, address, address6, mac, aliases };
};

/**
 * The task's addresses, the default route's network first (highest priority), the one that carries published ports last; or why it has to
 * wait. All or none.
 */
export const allocateAddresses = (book: AddressBook, service: Service, task: Task): readonly NetworkAllocation[] | Refusal => {
  if (task.spec.networkMode !== '') return [];
  const withoutVip = missingVip(book.draft, service);
  if (withoutVip !== undefined) {
    const why = `network ${withoutVip.spec.name} has no free address left in ${withoutVip.spec.ipRange || withoutVip.subnet}`;
    return refused(`${why} for the virtual address of service ${service.spec.name}`);
  }
  const attachments = [...task.spec.networks].sort((a, b) => b.priority - a.priority);
  const all = usesIngressPorts(service.spec) ? [...attachments, ingress] : attachments;
  const found: Found[] = [];
  for (const attachment of all) {
    const one = findAddress(book, task, attachment);
    if ('reason' in one) return one;
    found.push(one);
  }
  const names = namesOf(service, task);
  return found.map((one) => granted(book, task, one, one.network.id === ingressNetworkId ? [] : names));
};
