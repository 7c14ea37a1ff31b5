import type { Node, Service, Task, TaskSpec } from '@tso/proto';
import { NodeAvailability, NodeState, TaskState } from '@tso/proto';
import { unmetConstraint } from '../rules/constraints.ts';
import { admits } from '../rules/node-facts.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { reserves } from './crowded.ts';
import type { Pass } from './pass.ts';

const lostText = (node: Node | undefined): string =>
  node === undefined ? 'its node was removed from the cluster' : `its node ${node.description.hostname} is down`;

/** Writes `orphaned` for each of the tasks whose node is gone or down: the manager says so in the node's place. */
export const orphanTasksOfLostNodes = ({ draft, now }: Pass, tasks: readonly Task[]): void => {
  for (const task of tasks) {
    if (!isLive(task) || !isAssigned(task)) continue;
    const node = draft.node(task.nodeId);
    if (node !== undefined && node.state !== NodeState.NODE_DOWN) continue;
    draft.putTask({
      ...task,
      desiredState: isOccupant(task) ? TaskState.SHUTDOWN : task.desiredState,
      status: { ...task.status, state: TaskState.ORPHANED, atMs: now, finishedAtMs: now, error: lostText(node) },
    });
  }
};

/** What rules the node out for a task of that spec, as the end of a sentence. */
const ruledOutText = ({ placement, container }: TaskSpec, node: Node): string => {
  const unmet = unmetConstraint(node, placement.constraints);
  if (unmet === undefined) return `is not ${container.platform}`;
  return `does not meet ${typeof unmet === 'string' ? unmet : `${unmet.key}${unmet.equal ? '==' : '!='}${unmet.value}`}`;
};

/**
 * Whether a task that has to leave its node serves on there until another node takes one like it: only what its service asks for rules the
 * node out. A node that is drained, removed or too small is to be rid of it, be there room elsewhere or not.
 */
export const servesOnMeanwhile = (pass: Pass, task: Task): boolean => {
  const node = pass.draft.node(task.nodeId);
  if (node === undefined || node.removing || node.availability !== NodeAvailability.ACTIVE) return false;
  return !pass.crowdedOut(node).has(task.id);
};

/**
 * Why a live task has to leave the node that it is on, one sentence: drained, being removed, too small by now, or ruled out by its placement
 * (of an older spec the update decides). Undefined: it may stay.
 */
export const leaveReason = (pass: Pass, service: Service, task: Task): string | undefined => {
  const node = isAssigned(task) ? pass.draft.node(task.nodeId) : undefined;
  if (node === undefined || !isLive(task)) return undefined;
  const { hostname } = node.description;
  if (node.removing) return `its node ${hostname} is being removed from the cluster`;
  if (node.availability === NodeAvailability.DRAIN) return `its node ${hostname} is drained`;
  const present = task.specVersion === service.specVersion;
  if (node.availability !== NodeAvailability.ACTIVE) return undefined;
  const lack = isOccupant(task) && reserves(task) ? pass.crowdedOut(node).get(task.id) : undefined;
  if (lack !== undefined) return `its node ${hostname} ${lack}`;
  if (!present) return undefined;
  if (!admits(service.spec.task, node)) return `its node ${hostname} ${ruledOutText(service.spec.task, node)}`;
  const most = service.spec.task.placement.maxReplicasPerNode;
  return pass.beyondMost(service).has(task.id) ? `its node ${hostname} may have only ${most} of its service` : undefined;
};
