import { type Manager, NodeRole, type StoreAction } from '@tso/proto';
import type { View } from '../store/view.ts';

/** Whoever goes on alone. */
export interface SoleManager {
  readonly raftId: number;
  readonly nodeId: string;
}

const isGone = (manager: Manager, self: SoleManager): boolean => manager.raftId !== self.raftId && !manager.removed;

/** Its own wishes to leave, or those of others that it should, are void: nobody else is there. */
const staying = (view: View, self: SoleManager): readonly StoreAction[] => {
  const manager = view.manager(String(self.raftId));
  const node = view.node(self.nodeId);
  const isToLeave = node !== undefined && (node.removing || node.wantedRole !== NodeRole.MANAGER || node.role !== NodeRole.MANAGER);
  return [
    ...(manager !== undefined && (manager.removed || !manager.wantsVote)
      ? [{ putManager: { ...manager, removed: false, wantsVote: true } }]
      : []),
    ...(isToLeave ? [{ putNode: { ...node, role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER, removing: false } }] : []),
  ];
};

/**
 * The wish that one manager is the only one from now on: the others are no members any more, their ids are never used again, and their
 * nodes, should they come back, are workers.
 */
export const soleManagerActions = (view: View, self: SoleManager): readonly StoreAction[] => [
  ...staying(view, self),
  ...view
    .managers()
    .filter((manager) => isGone(manager, self))
    .map((manager) => ({ putManager: { ...manager, removed: true, wantsVote: false } })),
  ...view
    .nodes()
    .filter((node) => node.id !== self.nodeId && (node.role === NodeRole.MANAGER || node.wantedRole === NodeRole.MANAGER))
    .map((node) => ({ putNode: { ...node, role: NodeRole.WORKER, wantedRole: NodeRole.WORKER } })),
];
