import { NodeAvailability, NodeRole, NodeState } from '@tso/proto';

/** Enumerations as the command line writes them. */
export const roleNames: Readonly<Record<NodeRole, string>> = { [NodeRole.WORKER]: 'worker', [NodeRole.MANAGER]: 'manager' };
export const availabilityNames: Readonly<Record<NodeAvailability, string>> = {
  [NodeAvailability.ACTIVE]: 'active',
  [NodeAvailability.PAUSE]: 'pause',
  [NodeAvailability.DRAIN]: 'drain',
};
export const nodeStateNames: Readonly<Record<NodeState, string>> = {
  [NodeState.NODE_UNKNOWN]: 'unknown',
  [NodeState.NODE_READY]: 'ready',
  [NodeState.NODE_DOWN]: 'down',
  [NodeState.NODE_DISCONNECTED]: 'disconnected',
};
