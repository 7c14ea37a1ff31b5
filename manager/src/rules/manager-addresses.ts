import type { ManagerAddress } from '@tso/proto';
import type { View } from '../store/view.ts';

/** Where the managers' doors are, by node id. Those that only one machine can reach have none. */
export const managerAddresses = (view: View): readonly ManagerAddress[] =>
  view
    .managers()
    .filter(({ removed, address }) => !removed && address !== '' && !address.startsWith('unix:'))
    .map(({ nodeId, address }) => ({ nodeId, address }))
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
