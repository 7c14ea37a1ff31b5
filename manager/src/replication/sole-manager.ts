import { type Manager, NodeRole, type StoreAction } from '@tso/proto';
import type { View } from '../store/view.ts';

/** Whoever goes on alone. */
export interface SoleManager {
  readonly raftId: number;
  readonly nodeId: string;
}

const isGone = (manager: Manager, self: SoleManager): boolean => manager.raftId !== self.raftId && !manager.removed;

/**
 * The wish that one manager is the only one from now on: the others are no members any more, their ids are never used again, and their
 * nodes, should they come back, are workers.
 */
export const soleManagerActions = (view: View, self: SoleManager): readonly StoreAction[] => [
  ...view
    .managers()
    .filter((manager) => isGone(manager, self))
    .map((manager) => ({ putManager: { ...manager, removed: true, wantsVote: false } })),
  ...view
    .nodes()
    .filter((node) => node.id !== self.nodeId && (node.role === NodeRole.MANAGER || node.wantedRole === NodeRole.MANAGER))
    .map((node) => ({ putNode: { ...node, role: NodeRole.WORKER, wantedRole: NodeRole.WORKER } })),
];
