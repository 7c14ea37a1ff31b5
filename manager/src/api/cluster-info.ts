import { type ClusterInfo, NodeState, TaskState } from '@tso/proto';
import { isLive } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';
import type { MemberList } from './members-port.ts';
import { nodeLabel } from './node-ref.ts';

/** What people call the node of that manager; empty: there is none, or its node is not known. */
const hostOf = (view: View, { members }: MemberList, raftId: number): string => {
  const nodeId = members.find(({ manager }) => manager.raftId === raftId)?.manager.nodeId ?? '';
  const node = view.node(nodeId);
  return node === undefined ? nodeId : nodeLabel(node);
};

/** The cluster in figures; tasks that have ended do not count. Engine version: the newest among the nodes. */
export const clusterInfo = (view: View, list: MemberList): ClusterInfo => {
  const nodes = view.nodes();
  const versions = nodes.map((node) => node.description.engineVersion).sort();
  const managers = list.members.filter(({ manager }) => !manager.removed);
  return {
    clusterId: view.cluster()?.id ?? '',
    version: view.index,
    nodes: nodes.length,
    nodesReady: nodes.filter((node) => node.state === NodeState.NODE_READY).length,
    stacks: view.stacks().length,
    services: view.services().length,
    tasks: view.tasks().filter(isLive).length,
    tasksRunning: view.tasks().filter((task) => task.status.state === TaskState.RUNNING).length,
    engineVersion: versions.at(-1) ?? '',
    managers: managers.length,
    managersReachable: managers.filter(({ reachable }) => reachable).length,
    leader: hostOf(view, list, list.leader),
    answeredBy: hostOf(view, list, list.self),
    autolock: (view.authority()?.unlockKey ?? '') !== '',
  };
};
