import type { Task } from '@tso/proto';
import type { TableReader } from '../store/table.ts';
import type { View } from '../store/view.ts';
import { isLive, isOccupant } from './task-facts.ts';

interface Counted {
  readonly revision: number;
  readonly tasks: number;
}

const stays = (task: Task): boolean => isLive(task) && isOccupant(task);

/** How many tasks each node has that are to stay, by its id. */
export const countLoads = (view: View): ReadonlyMap<string, number> => {
  const loads = new Map<string, number>();
  for (const task of view.tasks()) if (stays(task)) loads.set(task.nodeId, (loads.get(task.nodeId) ?? 0) + 1);
  return loads;
};

/** The same from one plan to the next: counted anew only for nodes whose tasks have changed. */
export class NodeLoads {
  readonly #counted = new Map<string, Counted>();
  #table: TableReader<Task> | undefined;
  #revision = -1;
  #loads: ReadonlyMap<string, number> = new Map();

  of(view: View): ReadonlyMap<string, number> {
    const table = view.table('task');
    if (table !== this.#table) this.#counted.clear();
    else if (table.revision() === this.#revision) return this.#loads;
    this.#table = table;
    this.#revision = table.revision();
    const nodes = view.nodes();
    this.#loads = new Map(nodes.map(({ id }) => [id, this.#count(view, id)]));
    if (this.#counted.size > 2 * nodes.length + 16)
      for (const id of this.#counted.keys()) if (!this.#loads.has(id)) this.#counted.delete(id);
    return this.#loads;
  }

  #count(view: View, nodeId: string): number {
    const revision = view.table('task').revision('node', nodeId);
    const known = this.#counted.get(nodeId);
    if (known?.revision === revision) return known.tasks;
    const tasks = view.tasksOfNode(nodeId).filter(stays).length;
    this.#counted.set(nodeId, { revision, tasks });
    return tasks;
  }
}
