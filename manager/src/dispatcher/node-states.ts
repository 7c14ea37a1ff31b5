import { type Node, NodeState } from '@tso/proto';
import { isAssigned, isLive } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';

/** What people read of a node's state. */
export const silentText = (limitMs: number): string => `its agent is not connected; the node counts as down after ${limitMs} ms`;
export const downText = (limitMs: number): string => `nothing was heard of it for ${limitMs} ms`;
export const returningText = 'it is back, and stops what ran there when it was declared down; it gets no tasks before that';

/** A node that was declared down stays so however its sessions come and go: only stopping what is superseded there ends that. */
export const stateAfter = (node: Node, next: Pick<Node, 'state' | 'stateMessage'>, whyDown: string): Node => {
  if (node.state === NodeState.NODE_DOWN) return { ...node, stateMessage: whyDown };
  return { ...node, ...next };
};

/** Whether something still counts as running there that is superseded, as the node was declared down: the planner says so of each task. */
export const hasSuperseded = (view: View, nodeId: string): boolean =>
  view.tasksOfNode(nodeId).some((task) => isLive(task) && isAssigned(task));
