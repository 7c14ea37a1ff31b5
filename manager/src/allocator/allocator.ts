import type { Network, Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { Draft } from '../store/transaction.ts';
import { AddressBook } from './address-book.ts';
import type { AddressLedger } from './address-ledger.ts';
import { allocateAddresses } from './addresses.ts';
import { allocateNodeAddresses, makeOwnNetworks } from './own-networks.ts';
import { allocateServicePorts, portsRefusal } from './ports.ts';
import { allocateNetworks } from './subnets.ts';
import { allocateVips } from './vips.ts';

const sharedKinds = ['cluster', 'service', 'node'] as const;

/** The same but for where the next address is looked for, which moves with each task and is nothing to a network that has its subnet. */
const isAlike = (a: Network | undefined, b: Network | undefined): boolean =>
  a !== undefined && b !== undefined && sameData({ ...a, nextHost: 0, meta: undefined }, { ...b, nextHost: 0, meta: undefined });

/** Remembers on what there was nothing to allocate that does not hang on a single task. */
export class SharedSeen {
  #tables: unknown;
  #revisions: readonly number[] = [];
  #networks = -1;

  /** Whether that is still so: by the tables' revisions, which a draft with changes of its own does not have. */
  isSettled(draft: Draft): boolean {
    if (this.#tables !== draft.store.table('cluster')) return false;
    if (!revisionsOf(draft).every((revision, at) => revision === this.#revisions[at])) return false;
    const networks = draft.store.table('network');
    const changes = networks.changesSince(this.#networks);
    if (changes?.every(({ id, before }) => isAlike(before, networks.get(id))) !== true) return false;
    this.#networks = networks.revision();
    for (const [before, after] of draft.turns('network').values()) if (!isAlike(before, after)) return false;
    return true;
  }

  settle(draft: Draft): void {
    this.#tables = draft.store.table('cluster');
    this.#revisions = revisionsOf(draft);
    // Of a draft with networks of its own nothing is said of those of the store.
    this.#networks = draft.turns('network').size === 0 ? draft.store.table('network').revision() : -1;
  }
}

const revisionsOf = (draft: Draft): readonly number[] => sharedKinds.map((kind) => draft.table(kind).revision());

/**
 * What does not hang on a single task: networks, the virtual addresses and ports of services, the nodes' own addresses.
 * @param seen of plans before: what was looked at then is not looked through again
 */
export const allocateShared = (draft: Draft, now: number, ledger?: AddressLedger, seen?: SharedSeen): void => {
  if (seen?.isSettled(draft) === true) return;
  const before = draft.revision;
  makeOwnNetworks(draft);
  allocateNetworks(draft);
  const book = new AddressBook(draft, now, ledger);
  allocateVips(draft, book);
  allocateNodeAddresses(draft, book);
  allocateServicePorts(draft);
  // Who looked for an address and found none may find one as soon as a task ends.
  if (draft.revision === before && !book.isUsed) seen?.settle(draft);
};

/** What became of a task's wish for addresses and ports. */
export interface Allocated {
  /** The task as it then is. */
  readonly task: Task;
  /** When to try again though nothing changes (epoch milliseconds). */
  readonly againAtMs: number | undefined;
}

/** Grants a new task its addresses and ports, or leaves it with the reason why it has to wait. */
export const allocateTask = (book: AddressBook, service: Service, task: Task): Allocated => {
  if (task.status.state >= TaskState.ALLOCATED) return { task, againAtMs: undefined };
  const noPort = portsRefusal(service);
  const networks = noPort === undefined ? allocateAddresses(book, service, task) : { reason: noPort, againAtMs: undefined };
  if ('reason' in networks) {
    const waiting = { ...task, pendingReason: networks.reason };
    book.draft.putTask(waiting);
    return { task: waiting, againAtMs: networks.againAtMs };
  }
  const status = { ...task.status, state: TaskState.ALLOCATED, atMs: book.now };
  const granted: Task = { ...task, networks, ports: service.ports, pendingReason: '', status };
  book.draft.putTask(granted);
  return { task: granted, againAtMs: undefined };
};
