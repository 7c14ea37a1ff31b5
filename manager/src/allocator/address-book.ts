import type { Network, Node, Service, Task } from '@tso/proto';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '@tso/proto';
import { type AddressSpace, address6Of, addressSpaceOf } from '../rules/address-space.ts';
import { isLive } from '../rules/task-facts.ts';
import { taskName } from '../rules/words.ts';
import type { Draft } from '../store/transaction.ts';

/** How long an address that a task left is not given to another: the host it was on may still be taking its device away. */
export const addressRestMs = 2_000;

/** Who has an address. */
export type Holder = { readonly task: Task } | { readonly service: Service } | { readonly node: Node };

/** web.2; the virtual address of service web; node alpha */
export const holderText = (holder: Holder): string => {
  if ('task' in holder) return taskName(holder.task);
  if ('service' in holder) return `the virtual address of service ${holder.service.spec.name}`;
  return `node ${holder.node.description.hostname || holder.node.id}`;
};

interface Held {
  /** By text: reading tens of thousands of them takes less than half of the time when none is taken apart. */
  readonly byAddress: Map<string, Holder>;
  readonly byAddress6: Map<string, Holder>;
  /** Left by a task that ended, with the instant until which they rest. */
  readonly resting: Map<string, number>;
}

/** Fixed addresses that services ask for, whether they have them or not. */
interface Fixed {
  readonly addresses: Set<number>;
  readonly addresses6: Set<string>;
}

export interface Free {
  readonly address: number;
  readonly host: number;
}

/** No address is free now; `restsUntilMs` when one will be by time alone. */
export interface NoneFree {
  readonly restsUntilMs: number | undefined;
}

/** An IPv6 address as it is compared; empty when it is none. */
export const canonical6 = (text: string): string => {
  const address = parseIpv6(text);
  return address === undefined ? '' : formatIpv6(address);
};

/** Who holds which address of each network, read when the first is asked for and kept up while addresses are given out. */
export class AddressBook {
  readonly draft: Draft;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly #held = new Map<string, Held>();
  readonly #fixed = new Map<string, Fixed>();
  readonly #spaces = new Map<string, AddressSpace>();
  /** Networks that a search found nothing in: a book only fills up. */
  readonly #exhausted = new Map<string, NoneFree>();
  #isRead = false;

  constructor(draft: Draft, now: number) {
    this.draft = draft;
    this.now = now;
  }

  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const tasks = this.draft.tasks();
    // The namespace of one that ended goes on, with its addresses, while another lives in it.
    const lending = new Set(tasks.filter((task) => task.networkOf !== '' && isLive(task)).map(({ networkOf }) => networkOf));
    for (const task of tasks) {
      if (!isLive(task) && !lending.has(task.id)) this.#rest(task);
      else for (const { networkId, address, address6 } of task.networks) this.#enter(networkId, address, address6, { task });
    }
    for (const service of this.draft.services()) this.#readService(service);
    for (const node of this.draft.nodes())
      for (const { networkId, address, address6 } of node.addresses) this.#enter(networkId, address, address6, { node });
  }

  #readService(service: Service): void {
    for (const { networkId, address, address6 } of service.vips) this.#enter(networkId, address, address6, { service });
    for (const { network, ipv4Address, ipv6Address } of service.spec.task.networks) {
      const address = parseIpv4(ipv4Address);
      const address6 = canonical6(ipv6Address);
      if (address === undefined && address6 === '') continue;
      const fixed = this.#fixed.get(network) ?? { addresses: new Set(), addresses6: new Set() };
      if (address !== undefined) fixed.addresses.add(address);
      if (address6 !== '') fixed.addresses6.add(address6);
      this.#fixed.set(network, fixed);
    }
  }

  /** By the manager's clock: a node's may be ahead. */
  #rest(task: Task): void {
    const { updatedAtMs } = task.meta;
    if (Math.abs(this.now - updatedAtMs) >= addressRestMs) return;
    for (const { networkId, address } of task.networks) this.#of(networkId).resting.set(address, updatedAtMs + addressRestMs);
  }

  #of(networkId: string): Held {
    const known = this.#held.get(networkId);
    if (known !== undefined) return known;
    const held: Held = { byAddress: new Map(), byAddress6: new Map(), resting: new Map() };
    this.#held.set(networkId, held);
    return held;
  }

  #enter(networkId: string, address: string, address6: string, holder: Holder): void {
    const held = this.#of(networkId);
    if (address !== '') held.byAddress.set(address, holder);
    if (address6 !== '') held.byAddress6.set(address6, holder);
  }

  hold(networkId: string, address: string, address6: string, holder: Holder): void {
    this.#read();
    this.#enter(networkId, address, address6, holder);
  }

  holder(networkId: string, address: string): Holder | undefined {
    this.#read();
    return this.#held.get(networkId)?.byAddress.get(address);
  }

  holder6(networkId: string, address6: string): Holder | undefined {
    this.#read();
    return this.#held.get(networkId)?.byAddress6.get(address6);
  }

  /** Of a MAC address that a file gives its service: it is looked for among all, since few files do. */
  holderOfMac(networkId: string, mac: string): Holder | undefined {
    this.#read();
    const wished = mac.toLowerCase();
    const has = (holder: Holder): boolean =>
      'task' in holder && holder.task.networks.some((one) => one.networkId === networkId && one.mac.toLowerCase() === wished);
    return [...(this.#held.get(networkId)?.byAddress.values() ?? [])].find(has);
  }

  /** What can be given out of the network; undefined while it has no subnet. */
  space(network: Network): AddressSpace | undefined {
    const known = this.#spaces.get(network.id);
    if (known !== undefined) return known;
    const space = addressSpaceOf(network);
    if (space !== undefined) this.#spaces.set(network.id, space);
    return space;
  }

  /**
   * The next free address after the one given out last, wrapping round, so that a released one rests as long as possible. Fixed addresses of
   * services are left to them, and what a task left a moment ago to nobody.
   */
  next(network: Network, space: AddressSpace): Free | NoneFree {
    const exhausted = this.#exhausted.get(network.id);
    if (exhausted !== undefined) return exhausted;
    this.#read();
    const { subnet, firstHost, lastHost, withheld } = space;
    const count = lastHost - firstHost + 1;
    const start = network.nextHost >= firstHost && network.nextHost < lastHost ? network.nextHost + 1 - firstHost : 0;
    const held = this.#of(network.id);
    const fixed = this.#fixed.get(network.spec.name);
    let restsUntilMs: number | undefined;
    for (let tried = 0; tried < count; tried += 1) {
      const host = firstHost + ((start + tried) % count);
      const address = subnet.base + host;
      if (withheld.has(address) || fixed?.addresses.has(address)) continue;
      const text = formatIpv4(address);
      if (held.byAddress.has(text)) continue;
      if (!isFree6(space, address, held, fixed)) continue;
      const until = held.resting.get(text);
      if (until === undefined) return { address, host };
      restsUntilMs = Math.min(until, restsUntilMs ?? until);
    }
    const nothing: NoneFree = { restsUntilMs };
    this.#exhausted.set(network.id, nothing);
    return nothing;
  }
}

const isFree6 = (space: AddressSpace, address: number, held: Held, fixed: Fixed | undefined): boolean => {
  if (space.subnet6 === undefined) return true;
  const address6 = address6Of(space, address);
  return !held.byAddress6.has(address6) && fixed?.addresses6.has(address6) !== true;
};
