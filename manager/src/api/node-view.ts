import { type Node, type NodeView, TaskState } from '@tso/proto';
import type { View } from '../store/view.ts';

/** A node with what the cluster knows about it beside its object. */
export const nodeView = (view: View, node: Node): NodeView => {
  const manager = view.managers().find(({ nodeId, removed }) => nodeId === node.id && !removed);
  return {
    node,
    leader: false,
    reachability: '',
    managerAddress: manager?.address ?? '',
    raftId: manager?.raftId ?? 0,
    voter: false,
    reserved: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
    tasksRunning: view.tasksOfNode(node.id).filter(({ status }) => status.state === TaskState.RUNNING).length,
  };
};
