import { assert, formatIpv4, type Network, type Node, type Service, type Task } from '@tso/proto';
import { type AddressSpace, address6Of, addressSpaceOf } from '../rules/address-space.ts';
import { taskName } from '../rules/words.ts';
import type { Draft } from '../store/transaction.ts';
import { AddressLedger, type Fixed, type Owner } from './address-ledger.ts';

/** Who has an address. */
export type Holder = { readonly task: Task } | { readonly service: Service } | { readonly node: Node };

/** web.2; the virtual address of service web; node alpha */
export const holderText = (holder: Holder): string => {
  if ('task' in holder) return taskName(holder.task);
  if ('service' in holder) return `the virtual address of service ${holder.service.spec.name}`;
  return `node ${holder.node.description.hostname || holder.node.id}`;
};

export interface Free {
  readonly address: number;
  readonly host: number;
}

/** No address is free now; `restsUntilMs` when one will be by time alone. */
export interface NoneFree {
  readonly restsUntilMs: number | undefined;
}

/** Who holds which address of each network as a draft has it, looked up when the first is asked for and kept up while addresses are given out. */
export class AddressBook {
  readonly draft: Draft;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly #ofStore: AddressLedger;
  readonly #spaces = new Map<string, AddressSpace>();
  /** Networks that a search found nothing in: a book only fills up. */
  readonly #exhausted = new Map<string, NoneFree>();
  readonly #resting = new Map<string, ReadonlyMap<string, number>>();
  /** Tasks that were given an address here. */
  readonly #given = new Map<string, Task>();
  #ofDraft: AddressLedger | undefined;

  /** @param ofStore what is known of the store that the draft was begun on */
  constructor(draft: Draft, now: number, ofStore = new AddressLedger()) {
    this.draft = draft;
    this.now = now;
    this.#ofStore = ofStore;
  }

  /** Whether anybody has asked who has an address. */
  get isUsed(): boolean {
    return this.#ofDraft !== undefined;
  }

  get #ledger(): AddressLedger {
    if (this.#ofDraft !== undefined) return this.#ofDraft;
    const { draft } = this;
    this.#ofStore.follow(draft.store, this.now);
    const ledger = new AddressLedger(this.#ofStore);
    const turns = { tasks: draft.turns('task'), services: draft.turns('service'), nodes: draft.turns('node') };
    ledger.take(turns, (id) => draft.task(id), draft.services());
    this.#ofDraft = ledger;
    return ledger;
  }

  #holderOf(owner: Owner | undefined): Holder | undefined {
    if (typeof owner !== 'string') return owner;
    const task = this.draft.task(owner) ?? this.#given.get(owner);
    assert(task !== undefined, `who has an address is known: ${owner}`);
    return { task };
  }

  hold(networkId: string, address: string, address6: string, holder: Holder): void {
    if ('task' in holder) this.#given.set(holder.task.id, holder.task);
    this.#ledger.enter({ networkId, address, address6 }, 'task' in holder ? holder.task.id : holder);
  }

  holder(networkId: string, address: string): Holder | undefined {
    return this.#holderOf(this.#ledger.ownerOf(networkId, address));
  }

  holder6(networkId: string, address6: string): Holder | undefined {
    return this.#holderOf(this.#ledger.ownerOf6(networkId, address6));
  }

  /** Of a MAC address that a file gives its service: it is looked for among all, since few files do. */
  holderOfMac(networkId: string, mac: string): Holder | undefined {
    const wished = mac.toLowerCase();
    for (const owner of this.#ledger.ownersOn(networkId)) {
      const holder = this.#holderOf(owner);
      if (holder === undefined || !('task' in holder)) continue;
      if (holder.task.networks.some((one) => one.networkId === networkId && one.mac.toLowerCase() === wished)) return holder;
    }
    return undefined;
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
    const ledger = this.#ledger;
    const { subnet, firstHost, lastHost, withheld } = space;
    const count = lastHost - firstHost + 1;
    const start = network.nextHost >= firstHost && network.nextHost < lastHost ? network.nextHost + 1 - firstHost : 0;
    const fixed = ledger.fixed?.get(network.spec.name);
    const resting = this.#restingOn(network.id);
    let restsUntilMs: number | undefined;
    for (let tried = 0; tried < count; tried += 1) {
      const host = firstHost + ((start + tried) % count);
      const address = subnet.base + host;
      if (withheld.has(address) || fixed?.addresses.has(address)) continue;
      const text = formatIpv4(address);
      if (ledger.ownerOf(network.id, text) !== undefined) continue;
      if (!this.#isFree6(network, space, address, fixed)) continue;
      const until = resting.get(text);
      if (until === undefined) return { address, host };
      restsUntilMs = Math.min(until, restsUntilMs ?? until);
    }
    const nothing: NoneFree = { restsUntilMs };
    this.#exhausted.set(network.id, nothing);
    return nothing;
  }

  #restingOn(networkId: string): ReadonlyMap<string, number> {
    const known = this.#resting.get(networkId);
    if (known !== undefined) return known;
    const resting = this.#ledger.restingOn(networkId, this.now);
    this.#resting.set(networkId, resting);
    return resting;
  }

  #isFree6({ id }: Network, space: AddressSpace, address: number, fixed: Fixed | undefined): boolean {
    if (space.subnet6 === undefined) return true;
    const address6 = address6Of(space, address);
    return this.#ledger.ownerOf6(id, address6) === undefined && fixed?.addresses6.has(address6) !== true;
  }
}
