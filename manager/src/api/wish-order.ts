import type { StoreAction } from '@tso/proto';
import type { View } from '../store/view.ts';

/**
 * The actions of a wish, and the cluster object put as it is. Each wish so expects that no other was accepted since its view: two
 * managers that take wishes at once would otherwise both find a name, a port or a subnet free, and make it twice under different ids.
 * Who loses decides again. Plans and statuses do not touch that object and are not held up.
 */
export const inTurn = (view: View, actions: readonly StoreAction[]): readonly StoreAction[] => {
  const cluster = view.cluster();
  return cluster === undefined ? actions : [...actions, { putCluster: cluster }];
};
