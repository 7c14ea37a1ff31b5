import { type ListNodesReply, type Node, type NodeView, type Resources, TaskState } from '@tso/proto';
import { isAssigned, isLive } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';
import type { Member, MemberList } from './members-port.ts';

/** What the tasks that are there have reserved. */
const reservedOn = (view: View, nodeId: string): Resources => {
  const sum = { nanoCpus: 0, memoryBytes: 0, pids: 0 };
  for (const task of view.tasksOfNode(nodeId)) {
    if (!isLive(task) || !isAssigned(task)) continue;
    sum.nanoCpus += task.spec.reservations.nanoCpus;
    sum.memoryBytes += task.spec.reservations.memoryBytes;
    sum.pids += task.spec.reservations.pids;
  }
  return sum;
};

/** The manager that runs there: one that is to leave is shown until it has no vote any more. */
const memberOf = (list: MemberList, nodeId: string): Member | undefined =>
  list.members.findLast(({ manager, voter }) => manager.nodeId === nodeId && (!manager.removed || voter));

/** A node with what the cluster knows about it beside its object. */
export const nodeView = (view: View, node: Node, list: MemberList): NodeView => {
  const member = memberOf(list, node.id);
  return {
    node,
    leader: member !== undefined && member.manager.raftId === list.leader,
    reachability: member === undefined ? '' : member.reachable ? 'reachable' : 'unreachable',
    managerAddress: member?.manager.address ?? '',
    raftId: member?.manager.raftId ?? 0,
    voter: member?.voter ?? false,
    reserved: reservedOn(view, node.id),
    tasksRunning: view.tasksOfNode(node.id).filter(({ status }) => status.state === TaskState.RUNNING).length,
  };
};

const byName = (a: Node, b: Node): number => {
  const [left, right] = [a.description.hostname, b.description.hostname];
  if (left !== right) return left < right ? -1 : 1;
  return a.id < b.id ? -1 : 1;
};

/** By hostname, then id. */
export const listNodes = (view: View, list: MemberList): ListNodesReply => ({
  nodes: [...view.nodes()].sort(byName).map((node) => nodeView(view, node, list)),
});
