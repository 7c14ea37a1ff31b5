import type { Node, Service, Task } from '@tso/proto';
import { NodeAvailability, NodeState, TaskState } from '@tso/proto';
import { admits } from '../rules/node-facts.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';
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

/** Whether a live task has to leave the node that it is on: drained, being removed, or ruled out by its placement (of an older spec the update decides). */
export const mustLeave = (view: View, service: Service, task: Task): boolean => {
  const node = isAssigned(task) ? view.node(task.nodeId) : undefined;
  if (node === undefined || !isLive(task)) return false;
  if (node.availability === NodeAvailability.DRAIN || node.removing) return true;
  const present = task.specVersion === service.specVersion;
  return present && node.availability === NodeAvailability.ACTIVE && !admits(service.spec.task, node);
};
