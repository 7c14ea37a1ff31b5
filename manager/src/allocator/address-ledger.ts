import type { Node, Service, Task } from '@tso/proto';
import { formatIpv6, parseIpv4, parseIpv6 } from '@tso/proto';
import { tunnelsNetworkId } from '../rules/network-kinds.ts';
import { isLive } from '../rules/task-facts.ts';
import type { TableReader } from '../store/table.ts';
import type { View } from '../store/view.ts';

/** How long an address that a task left is not given to another: the host it was on may still be taking its device away. */
export const addressRestMs = 2_000;

/** Who has an address: a task by its id, since it changes often and its addresses do not. */
export type Owner = string | { readonly service: Service } | { readonly node: Node };

/** An object as it was and as it is; undefined: it was not there, or is not any more. */
export type Turn<T> = readonly [T | undefined, T | undefined];

/** An IPv6 address as it is compared; empty when it is none. */
export const canonical6 = (text: string): string => {
  const address = parseIpv6(text);
  return address === undefined ? '' : formatIpv6(address);
};

/** Fixed addresses that services ask for, whether they have them or not. */
export interface Fixed {
  readonly addresses: Set<number>;
  readonly addresses6: Set<string>;
}

/** Owners by address, as text: reading tens of thousands of them takes less than half of the time when none is taken apart. */
interface Owned {
  /** Undefined: nobody any more, whatever the ledger below says. */
  readonly byAddress: Map<string, Owner | undefined>;
  readonly byAddress6: Map<string, Owner | undefined>;
}

interface Addresses {
  readonly networkId: string;
  readonly address: string;
  readonly address6: string;
}

const idOf = (owner: Owner): string =>
  typeof owner === 'string' ? owner : 'service' in owner ? `service ${owner.service.id}` : `node ${owner.node.id}`;

const asksFixed = (service: Service | undefined): string =>
  service === undefined
    ? ''
    : service.spec.task.networks
        .flatMap(({ network, ipv4Address, ipv6Address }) =>
          ipv4Address + ipv6Address === '' ? [] : [`${network} ${ipv4Address} ${ipv6Address}`],
        )
        .join();

const fixedIn = (services: readonly Service[]): ReadonlyMap<string, Fixed> => {
  const all = new Map<string, Fixed>();
  for (const service of services) {
    for (const { network, ipv4Address, ipv6Address } of service.spec.task.networks) {
      const address = parseIpv4(ipv4Address);
      const address6 = canonical6(ipv6Address);
      if (address === undefined && address6 === '') continue;
      const fixed = all.get(network) ?? { addresses: new Set(), addresses6: new Set() };
      if (address !== undefined) fixed.addresses.add(address);
      if (address6 !== '') fixed.addresses6.add(address6);
      all.set(network, fixed);
    }
  }
  return all;
};

/** The first that each object was in these changes, and what it is now; undefined: the changes are not known. */
const turnsOf = <T>(table: TableReader<T>, revision: number): ReadonlyMap<string, Turn<T>> | undefined => {
  const changes = table.changesSince(revision);
  if (changes === undefined) return undefined;
  const turns = new Map<string, Turn<T>>();
  for (const { id, before } of changes) if (!turns.has(id)) turns.set(id, [before, table.get(id)]);
  return turns;
};

const appeared = <T extends { readonly id: string }>(objects: readonly T[]): ReadonlyMap<string, Turn<T>> =>
  new Map(objects.map((object) => [object.id, [undefined, object]]));

/** What is new in the tables, as far as it can bear on addresses. */
export interface Turns {
  readonly tasks: ReadonlyMap<string, Turn<Task>>;
  readonly services: ReadonlyMap<string, Turn<Service>>;
  readonly nodes: ReadonlyMap<string, Turn<Node>>;
}

/** Whether it lives on with just what it had: most changes are of that kind. */
const hasTheSame = ([before, after]: Turn<Task>): boolean =>
  before !== undefined && after !== undefined && before !== after && isLive(before) && isLive(after) && before.networks === after.networks;

const addressesOfNode = ({ addresses, tunnelAddress }: Node): readonly Addresses[] =>
  tunnelAddress === '' ? addresses : [...addresses, { networkId: tunnelsNetworkId, address: tunnelAddress, address6: '' }];

/**
 * Who has which address of each network, kept up from change to change: reading it from a hundred thousand tasks for every plan would
 * take longer than the plan. One may lie over another, which it leaves as it is.
 */
export class AddressLedger {
  readonly #below: AddressLedger | undefined;
  readonly #networks = new Map<string, Owned>();
  /** How many live tasks are in the namespace of each task. */
  readonly #lent = new Map<string, number>();
  /** Tasks that ended and whose addresses may still rest; undefined: not any more. */
  readonly #ended = new Map<string, Task | undefined>();
  #fixed: ReadonlyMap<string, Fixed> | undefined;
  /** Two were seen with the same address: what becomes of it when one leaves is read anew. */
  #isContested = false;
  #seen: { readonly tables: unknown; readonly task: number; readonly service: number; readonly node: number } | undefined;
  #now = Number.NEGATIVE_INFINITY;

  constructor(below?: AddressLedger) {
    this.#below = below;
  }

  /** Brings it to what the store holds now. */
  follow(view: View, now: number): void {
    const [task, service, node] = [view.table('task'), view.table('service'), view.table('node')];
    const seen = this.#seen;
    // A clock that was put back may let rest again what had rested.
    const isKnown = seen?.tables === task && !this.#isContested && now >= this.#now;
    const [tasks, services, nodes] = isKnown
      ? [turnsOf(task, seen.task), turnsOf(service, seen.service), turnsOf(node, seen.node)]
      : [undefined, undefined, undefined];
    this.#now = now;
    this.#seen = { tables: task, task: task.revision(), service: service.revision(), node: node.revision() };
    for (const [id, ended] of this.#ended) if (ended === undefined || now - ended.meta.updatedAtMs >= addressRestMs) this.#ended.delete(id);
    if (tasks !== undefined && services !== undefined && nodes !== undefined) {
      this.take({ tasks, services, nodes }, (id) => view.task(id), view.services());
      return;
    }
    this.#clear();
    const all = { tasks: appeared(view.tasks()), services: appeared(view.services()), nodes: appeared(view.nodes()) };
    this.take(all, (id) => view.task(id), view.services());
  }

  #clear(): void {
    this.#networks.clear();
    this.#lent.clear();
    this.#ended.clear();
    this.#fixed = undefined;
    this.#isContested = false;
  }

  /**
   * Notes what these changes come to.
   * @param taskOf a task as it is now
   * @param services all of them as they are now
   */
  take({ tasks, services, nodes }: Turns, taskOf: (id: string) => Task | undefined, all: readonly Service[]): void {
    this.#takeTasks(tasks, taskOf);
    for (const [before, after] of services.values()) {
      for (const one of before?.vips ?? []) this.#leave(one, `service ${before?.id}`);
      if (after !== undefined) for (const one of after.vips) this.enter(one, { service: after });
    }
    for (const [before, after] of nodes.values()) {
      if (before !== undefined) for (const one of addressesOfNode(before)) this.#leave(one, `node ${before.id}`);
      if (after !== undefined) for (const one of addressesOfNode(after)) this.enter(one, { node: after });
    }
    const asksOther = ([before, after]: Turn<Service>): boolean => asksFixed(before) !== asksFixed(after);
    if (this.fixed === undefined || [...services.values()].some(asksOther)) this.#fixed = fixedIn(all);
  }

  #takeTasks(tasks: ReadonlyMap<string, Turn<Task>>, taskOf: (id: string) => Task | undefined): void {
    /** Tasks whose namespace others are in, and whether that was so before. */
    const wasLent = new Map<string, boolean>();
    const lend = (task: Task | undefined, by: number): void => {
      if (task === undefined || task.networkOf === '' || !isLive(task)) return;
      if (!wasLent.has(task.networkOf)) wasLent.set(task.networkOf, this.#isLent(task.networkOf));
      this.#lent.set(task.networkOf, this.#lentCount(task.networkOf) + by);
    };
    for (const [before, after] of tasks.values()) {
      lend(before, -1);
      lend(after, 1);
    }
    const turns = new Map(tasks);
    for (const id of wasLent.keys()) if (!turns.has(id)) turns.set(id, [taskOf(id), taskOf(id)]);
    // All that leave before any enters: one may enter where another left.
    for (const [id, turn] of turns) {
      const [before] = turn;
      // The namespace of one that ended goes on, with its addresses, while another lives in it.
      const had = before !== undefined && (isLive(before) || (wasLent.get(id) ?? this.#isLent(id)));
      if (had && !hasTheSame(turn)) for (const one of before.networks) this.#leave(one, id);
    }
    for (const [id, turn] of turns) {
      const [, after] = turn;
      const has = after !== undefined && (isLive(after) || this.#isLent(id));
      if (has && !hasTheSame(turn)) for (const one of after.networks) this.enter(one, id);
      if (after !== undefined && !has && this.#now - after.meta.updatedAtMs < addressRestMs) this.#ended.set(id, after);
      else if (this.#below !== undefined || this.#ended.has(id)) this.#ended.set(id, undefined);
      if (this.#below === undefined && this.#lent.get(id) === 0) this.#lent.delete(id);
    }
  }

  #lentCount(id: string): number {
    const own = this.#lent.get(id);
    if (own !== undefined || this.#below === undefined) return own ?? 0;
    return this.#below.#lentCount(id);
  }

  #isLent(id: string): boolean {
    return this.#lentCount(id) > 0;
  }

  enter({ networkId, address, address6 }: Addresses, owner: Owner): void {
    const owned = this.#of(networkId);
    if (address !== '') this.#enterOne(owned.byAddress, this.#below?.ownerOf(networkId, address), address, owner);
    if (address6 !== '') this.#enterOne(owned.byAddress6, this.#below?.ownerOf6(networkId, address6), address6, owner);
  }

  #enterOne(owners: Map<string, Owner | undefined>, below: Owner | undefined, address: string, owner: Owner): void {
    const other = owners.has(address) ? owners.get(address) : below;
    if (other !== undefined && idOf(other) !== idOf(owner)) this.#isContested = true;
    owners.set(address, owner);
  }

  #leave({ networkId, address, address6 }: Addresses, id: string): void {
    const { byAddress, byAddress6 } = this.#of(networkId);
    const owner = this.ownerOf(networkId, address);
    const owner6 = this.ownerOf6(networkId, address6);
    if (owner !== undefined && idOf(owner) === id) this.#free(byAddress, address);
    if (owner6 !== undefined && idOf(owner6) === id) this.#free(byAddress6, address6);
  }

  #free(owners: Map<string, Owner | undefined>, address: string): void {
    if (this.#below === undefined) owners.delete(address);
    else owners.set(address, undefined);
  }

  #of(networkId: string): Owned {
    const known = this.#networks.get(networkId);
    if (known !== undefined) return known;
    const owned: Owned = { byAddress: new Map(), byAddress6: new Map() };
    this.#networks.set(networkId, owned);
    return owned;
  }

  ownerOf(networkId: string, address: string): Owner | undefined {
    const own = this.#networks.get(networkId)?.byAddress;
    return own?.has(address) === true ? own.get(address) : this.#below?.ownerOf(networkId, address);
  }

  ownerOf6(networkId: string, address6: string): Owner | undefined {
    const own = this.#networks.get(networkId)?.byAddress6;
    return own?.has(address6) === true ? own.get(address6) : this.#below?.ownerOf6(networkId, address6);
  }

  /** Of the network's addresses, each once. */
  ownersOn(networkId: string): readonly Owner[] {
    const own = this.#networks.get(networkId)?.byAddress ?? new Map<string, Owner | undefined>();
    const below = this.#below === undefined ? [] : (this.#below.#networks.get(networkId)?.byAddress ?? []);
    const shown = [...below].flatMap(([address, owner]) => (own.has(address) ? [] : [owner]));
    return [...shown, ...own.values()].filter((owner) => owner !== undefined);
  }

  /** Addresses of the network that a task left a moment ago, with the instant until which they rest, by the manager's clock: a node's may be ahead. */
  restingOn(networkId: string, now: number): ReadonlyMap<string, number> {
    const resting = new Map<string, number>();
    const look = (task: Task | undefined): void => {
      if (task === undefined || Math.abs(now - task.meta.updatedAtMs) >= addressRestMs) return;
      for (const one of task.networks) {
        if (one.networkId !== networkId) continue;
        resting.set(one.address, Math.max(resting.get(one.address) ?? 0, task.meta.updatedAtMs + addressRestMs));
      }
    };
    for (const [id, task] of this.#below === undefined ? [] : this.#below.#ended) if (!this.#ended.has(id)) look(task);
    for (const task of this.#ended.values()) look(task);
    return resting;
  }

  /** By the name of the network. */
  get fixed(): ReadonlyMap<string, Fixed> | undefined {
    return this.#fixed ?? this.#below?.fixed;
  }
}
