import { NodeRole } from '@tso/proto';
import type { View } from '../store/view.ts';

/** MANAGER: a member of the group of managers runs there, or this one does. */
export const roleOf = (view: View, nodeId: string, ownNodeId: string): NodeRole =>
  nodeId === ownNodeId || view.managers().some((manager) => !manager.removed && manager.nodeId === nodeId)
    ? NodeRole.MANAGER
    : NodeRole.WORKER;
