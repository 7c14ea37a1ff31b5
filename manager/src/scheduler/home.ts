import type { Service, Task } from '@tso/proto';
import { isByNode } from '../rules/jobs.ts';
import { heldByData } from '../rules/rebalancing.ts';
import { byAge, hasStarted } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';

/** Where the data of a service's slots lies: on the node where the last task of each slot ran. */
export interface Homes {
  readonly volume: string;
  readonly bySlot: ReadonlyMap<number, string>;
}

/** Undefined: it keeps no data in named volumes, or in such only as every node has. */
export const homesOf = (view: View, service: Service): Homes | undefined => {
  if (isByNode(service.spec.mode)) return undefined;
  const volume = heldByData(view, service);
  if (volume === undefined) return undefined;
  const last = new Map<number, Task>();
  for (const task of view.tasksOfService(service.id)) {
    if (!hasStarted(task)) continue;
    const known = last.get(task.slot);
    if (known === undefined || byAge(task, known) < 0) last.set(task.slot, task);
  }
  return { volume, bySlot: new Map([...last].map(([slot, { nodeId }]) => [slot, nodeId])) };
};
