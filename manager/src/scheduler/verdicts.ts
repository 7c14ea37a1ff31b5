import type { NodeVerdict, Service, Task } from '@tso/proto';
import { isAssigned } from '../rules/task-facts.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import { explain } from './explain.ts';
import { rejectionOf } from './filters.ts';
import { type NodeInfo, nodeInfo, placementFailures } from './node-info.ts';
import { isBetter, type Ranked } from './queue.ts';
import { rankedByRoom } from './spread.ts';

export interface PlacementExplained {
  /** Why the task is where it is, or why it is nowhere. */
  readonly sentence: string;
  /** Those that would take it now, best first, then those that would not, by hostname. */
  readonly nodes: readonly NodeVerdict[];
}

const hostnameOf = ({ node }: NodeInfo): string => node.description.hostname || node.id;

const byHostname = (a: NodeVerdict, b: NodeVerdict): number =>
  a.hostname === b.hostname ? (a.nodeId < b.nodeId ? -1 : 1) : a.hostname < b.hostname ? -1 : 1;

const countText = (count: number, of: string): string => `${count} task${count === 1 ? '' : 's'}${of}`;

const standingText = ({ info }: Ranked, service: Service): string =>
  `${countText(info.tasksOfService.get(service.id) ?? 0, ` of ${service.spec.name}`)}, ${info.tasks} in all`;

/**
 * What each node would say to the task, were it placed now: as if the task itself were not there, so that its own node is judged as the
 * others are. A task of a global service, whose node is given, is judged on every node all the same.
 */
export const explainPlacement = (view: View, now: number, service: Service, task: Task): PlacementExplained => {
  const without = new Draft(view);
  without.remove('task', task.id);
  const fitting: NodeInfo[] = [];
  const rejected: NodeVerdict[] = [];
  const rejections = [];
  for (const node of view.nodes()) {
    const info = nodeInfo(without, node);
    const rejection = rejectionOf(info, service, task, without);
    if (rejection === undefined) fitting.push(info);
    else {
      rejections.push(rejection);
      rejected.push({ nodeId: node.id, hostname: hostnameOf(info), fits: false, reason: rejection.one });
    }
  }
  const failures = placementFailures(without, task, now);
  const ranked = rankedByRoom(fitting, service.id, service.spec.task.placement, failures).toSorted((a, b) => (isBetter(a, b) ? -1 : 1));
  const fits = ranked.map((each): NodeVerdict => {
    return { nodeId: each.info.node.id, hostname: hostnameOf(each.info), fits: true, reason: standingText(each, service) };
  });
  return { sentence: sentenceOf(task, fits, explain(rejections)), nodes: [...fits, ...rejected.sort(byHostname)] };
};

const sentenceOf = (task: Task, fits: readonly NodeVerdict[], nowhere: string): string => {
  if (isAssigned(task)) return task.placedBecause ?? fits.find(({ nodeId }) => nodeId === task.nodeId)?.reason ?? '';
  if (task.pendingReason !== '') return task.pendingReason;
  return fits.length === 0 ? nowhere : 'is about to be placed';
};
