import type { Network, NetworkAllocation, NetworkAttachmentSpec, Service, Task } from '@tso/proto';
import { blockSize, type Cidr, containsAddress, formatIpv4, macOf, parseCidr, parseIpv4, ServiceMode } from '@tso/proto';
import { isLive } from '../rules/task-facts.ts';
import { taskName } from '../rules/words.ts';
import type { Draft } from '../store/transaction.ts';

/** Who holds which address of each network, read when the first is asked for and kept up while addresses are given out. */
export class AddressBook {
  readonly #draft: Draft;
  readonly #held = new Map<string, Map<number, Task>>();
  readonly #reserved = new Map<string, Set<number>>();
  #isRead = false;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const draft = this.#draft;
    for (const task of draft.tasks()) {
      if (!isLive(task)) continue;
      for (const { networkId, address } of task.networks) this.hold(networkId, parseIpv4(address) ?? 0, task);
    }
    for (const service of draft.services()) {
      for (const { network, ipv4Address } of service.spec.task.networks) {
        const address = parseIpv4(ipv4Address);
        if (address === undefined) continue;
        const reserved = this.#reserved.get(network);
        if (reserved === undefined) this.#reserved.set(network, new Set([address]));
        else reserved.add(address);
      }
    }
  }

  hold(networkId: string, address: number, holder: Task): void {
    this.#read();
    const held = this.#held.get(networkId);
    if (held === undefined) this.#held.set(networkId, new Map([[address, holder]]));
    else held.set(address, holder);
  }

  holder(networkId: string, address: number): Task | undefined {
    this.#read();
    return this.#held.get(networkId)?.get(address);
  }

  /**
   * The next free address after the one given out last, wrapping round, so that a released one rests as long as possible;
   * undefined when all are taken. Fixed addresses of services are left to them.
   */
  next(network: Network, subnet: Cidr): { readonly address: number; readonly host: number } | undefined {
    this.#read();
    const lastHost = blockSize(subnet.prefix) - 2;
    const gateway = parseIpv4(network.gateway);
    for (let tried = 0; tried < lastHost; tried += 1) {
      const host = ((network.nextHost + tried) % lastHost) + 1;
      const address = subnet.base + host;
      if (address === gateway || this.#reserved.get(network.spec.name)?.has(address)) continue;
      if (this.holder(network.id, address) === undefined) return { address, host };
    }
    return undefined;
  }

  get draft(): Draft {
    return this.#draft;
  }
}

/** The names a task answers to on a network: its service's, the aliases, its container's, its host name. */
const namesOf = (service: Service, task: Task, attachment: NetworkAttachmentSpec): readonly string[] => {
  const { containerName, hostname } = task.spec.container;
  const derived = service.spec.mode === ServiceMode.GLOBAL ? '' : `${task.stack}-${task.serviceName}-${task.slot}`;
  const names = [task.serviceName, ...attachment.aliases, containerName === '' ? derived : containerName, hostname];
  return [...new Set(names.filter((name) => name !== ''))];
};

interface Found {
  readonly attachment: NetworkAttachmentSpec;
  readonly network: Network;
  readonly address: number;
  readonly host: number;
}

/** An address for one attachment, or the sentence why there is none now. Grants nothing. */
const findAddress = (book: AddressBook, attachment: NetworkAttachmentSpec): Found | string => {
  const name = attachment.network;
  const network = book.draft.networkByName(name);
  if (network === undefined) return `network ${name} does not exist`;
  const subnet = parseCidr(network.subnet);
  if (subnet === undefined) return `the address pool ${book.draft.cluster()?.addressPool ?? ''} has no free subnet for network ${name}`;
  const fixed = parseIpv4(attachment.ipv4Address);
  if (fixed === undefined) {
    const next = book.next(network, subnet);
    return next === undefined ? `network ${name} has no free address left in ${network.subnet}` : { attachment, network, ...next };
  }
  if (!containsAddress(subnet, fixed)) return `address ${attachment.ipv4Address} is outside ${network.subnet} of network ${name}`;
  const holder = book.holder(network.id, fixed);
  if (holder !== undefined)
    return `address ${attachment.ipv4Address} on network ${name} is held by ${taskName(holder)} until that has ended`;
  return { attachment, network, address: fixed, host: network.nextHost };
};

/** The task's addresses, the default route's network first (highest priority), or the sentence why it has to wait. All or none. */
export const allocateAddresses = (book: AddressBook, service: Service, task: Task): readonly NetworkAllocation[] | string => {
  if (task.spec.networkMode !== '') return [];
  const attachments = [...task.spec.networks].sort((a, b) => b.priority - a.priority);
  const found: Found[] = [];
  for (const attachment of attachments) {
    const one = findAddress(book, attachment);
    if (typeof one === 'string') return one;
    found.push(one);
  }
  return found.map(({ attachment, network, address, host }) => {
    book.hold(network.id, address, task);
    book.draft.putNetwork({ ...network, nextHost: host });
    const mac = attachment.macAddress === '' ? macOf(address) : attachment.macAddress;
    return { networkId: network.id, address: formatIpv4(address), address6: '', mac, aliases: namesOf(service, task, attachment) };
  });
};
