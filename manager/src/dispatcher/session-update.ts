import { type ManagerAddress, NodeRole, type SessionUpdate } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** A node keeps its manager until that has left the group: only then it is told that it is a worker. */
const roleToHave = (view: View, nodeId: string): NodeRole => {
  const node = view.node(nodeId);
  return node?.wantedRole === NodeRole.MANAGER || node?.role === NodeRole.MANAGER ? NodeRole.MANAGER : NodeRole.WORKER;
};

/** What the cluster wants of the node itself, and where its managers are. */
export const sessionUpdateOf = (view: View, nodeId: string, managers: readonly ManagerAddress[]): SessionUpdate => ({
  managers,
  role: roleToHave(view, nodeId),
  authorityEpoch: view.authority()?.epoch ?? 0,
});

/** Whether a node that was told `before` learns nothing from `after`. */
export const sameUpdate = (before: SessionUpdate | undefined, after: SessionUpdate): boolean =>
  before !== undefined &&
  before.role === after.role &&
  before.authorityEpoch === after.authorityEpoch &&
  (before.managers === after.managers || sameData(before.managers, after.managers));
