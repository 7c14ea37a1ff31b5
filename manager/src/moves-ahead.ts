import type { Service } from '@tso/proto';
import { heldByData, type Move } from './rules/rebalancing.ts';
import { isOccupant, isServing } from './rules/task-facts.ts';
import { Moves } from './scheduler/moves.ts';
import { Draft } from './store/transaction.ts';
import type { View } from './store/view.ts';

/**
 * What spreading these services anew would move, in order, were everything to go well and nothing else to happen: each task at most once.
 */
export const movesAhead = (view: View, services: readonly Service[], now: number): readonly Move[] => {
  const draft = new Draft(view);
  const finder = new Moves(draft, now, () => true);
  const ahead: Move[] = [];
  for (const service of services) {
    if (heldByData(draft, service) !== undefined) continue;
    const stayed = new Map(
      draft
        .tasksOfService(service.id)
        .filter((task) => isOccupant(task) && isServing(task) && task.specVersion === service.specVersion)
        .sort((a, b) => b.slot - a.slot)
        .map((task) => [task.id, task]),
    );
    for (;;) {
      const { move } = finder.next(service, [...stayed.values()], 'any');
      if (move === undefined) break;
      ahead.push(move);
      stayed.delete(move.task.id);
      draft.putTask({ ...move.task, nodeId: move.to.id });
    }
  }
  return ahead;
};
