import type { ExplainPlacementReply, ExplainPlacementRequest, NodeVerdict, PlacementView, Service, Task } from '@tso/proto';
import { byAge, isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
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

interface Wished {
  readonly service: Service;
  readonly task: Task;
}

/** Those that are wished to run, or would run had they room. */
const wishedTasks = (view: View, service: Service): readonly Task[] =>
  view
    .tasksOfService(service.id)
    .filter((task) => isOccupant(task) && isLive(task))
    .toSorted(bySlot(view));

/** How many verdicts one answer has at most: each costs a look at all that is on its node. */
const mostVerdicts = 50_000;

/** Those that are looked into where there are too many: what has no node first, then one of each service, then the others. */
const chosenTasks = (all: readonly Wished[], nodes: number): ReadonlySet<Task> => {
  const seen = new Set<string>();
  const rank = ({ task, service }: Wished): number => {
    if (!isAssigned(task)) return 0;
    return seen.size === seen.add(service.id).size ? 2 : 1;
  };
  const ranked = all.map((one) => ({ task: one.task, rank: rank(one) })).sort((a, b) => a.rank - b.rank);
  return new Set(ranked.slice(0, Math.max(1, Math.floor(mostVerdicts / Math.max(1, nodes)))).map(({ task }) => task));
};

/** Where it is or why it is nowhere, as it was said when that was decided. */
const toldOf = (task: Task): string => (isAssigned(task) ? (task.placedBecause ?? '') : task.pendingReason);

/**
 * Of each wished task, by service and slot, where it is and what every node says to it; of very many the latter for some of them only, which `cut`
 * tells. NOT_FOUND: no such stack or service.
 */
export const explainPlacements = (
  view: View,
  { stack, services }: ExplainPlacementRequest,
  now: number,
  explain: ExplainTask,
): ExplainPlacementReply => {
  const chosen = chosenServices(view, stack, services).toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  const all = chosen.flatMap((service) => wishedTasks(view, service).map((task): Wished => ({ service, task })));
  const looked = chosenTasks(all, view.nodes().length);
  const placements = all.map(({ service, task }): PlacementView => {
    const node = isAssigned(task) ? (view.node(task.nodeId)?.description.hostname ?? '') : '';
    if (!looked.has(task)) return { task, node, sentence: toldOf(task), nodes: [] };
    return { task, node, ...explain(view, now, service, task) };
  });
  const cut = placements.length - looked.size;
  return { placements, version: view.index, ...(cut > 0 ? { cut } : {}) };
};
