import type { ExplainPlacementReply, ExplainPlacementRequest, NodeVerdict, PlacementView, Service, Task } from '@tso/proto';
import { byAge, isLive, isOccupant } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';
import { chosenServices } from './chosen-services.ts';

/** Why a task is where it is, and what each node says to it, were it placed now (scheduler/verdicts.ts). */
export type ExplainTask = (
  view: View,
  now: number,
  service: Service,
  task: Task,
) => { readonly sentence: string; readonly nodes: readonly NodeVerdict[] };

const bySlot =
  (view: View) =>
  (a: Task, b: Task): number => {
    const hostname = (task: Task): string => view.node(task.nodeId)?.description.hostname ?? '';
    return a.slot - b.slot || (hostname(a) < hostname(b) ? -1 : hostname(a) > hostname(b) ? 1 : byAge(a, b));
  };

/** Those that are wished to run, or would run had they room. */
const wishedTasks = (view: View, service: Service): readonly Task[] =>
  view
    .tasksOfService(service.id)
    .filter((task) => isOccupant(task) && isLive(task))
    .toSorted(bySlot(view));

/** Of each wished task, by service and slot, where it is and what every node says to it. NOT_FOUND: no such stack or service. */
export const explainPlacements = (
  view: View,
  { stack, services }: ExplainPlacementRequest,
  now: number,
  explain: ExplainTask,
): ExplainPlacementReply => {
  const chosen = chosenServices(view, stack, services).toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  const placements = chosen.flatMap((service) =>
    wishedTasks(view, service).map((task): PlacementView => {
      const { sentence, nodes } = explain(view, now, service, task);
      return { task, node: view.node(task.nodeId)?.description.hostname ?? '', sentence, nodes };
    }),
  );
  return { placements, version: view.index };
};
