import type { Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import type { Draft } from '../store/transaction.ts';
import type { AddressBook } from './addresses.ts';
import { allocateAddresses } from './addresses.ts';
import { allocateServicePorts, rangeOf } from './ports.ts';
import { allocateNetworks } from './subnets.ts';

/** What does not hang on a single task: networks and the ports of services. */
export const allocateShared = (draft: Draft): void => {
  allocateNetworks(draft);
  allocateServicePorts(draft);
};

/** Grants a new task its addresses and ports, or leaves it with the reason why it has to wait. Returns the task as it then is. */
export const allocateTask = (book: AddressBook, service: Service, task: Task, now: number): Task => {
  if (task.status.state >= TaskState.ALLOCATED) return task;
  const networks = allocateAddresses(book, service, task);
  const unfilled = service.ports.find((port) => port.published === 0);
  const noPort = unfilled === undefined ? undefined : `no published port is free between ${rangeOf(unfilled).join(' and ')}`;
  const pendingReason = typeof networks === 'string' ? networks : noPort;
  const granted: Task =
    pendingReason !== undefined || typeof networks === 'string'
      ? { ...task, pendingReason: pendingReason ?? '' }
      : { ...task, networks, ports: service.ports, pendingReason: '', status: { ...task.status, state: TaskState.ALLOCATED, atMs: now } };
  book.draft.putTask(granted);
  return granted;
};
