import type { ClusterInfo } from '@tso/proto';
import { oneLine } from './task-text.ts';

/** What the daemon itself says of its place in a cluster, in our own words. */
export interface Membership {
  /** inactive, pending, active, locked or error. */
  readonly state: string;
  readonly nodeId: string;
  readonly error: string;
  readonly manager: boolean;
  /** Where managers are, as the daemon remembers them. */
  readonly managers: readonly string[];
}

const stateTexts: Readonly<Record<string, string>> = {
  inactive: 'none (tso init, or tso up, starts one; tso join makes it part of one)',
  pending: 'joining',
  locked: 'locked: its manager waits for the unlock key (tso unlock)',
  error: 'cannot take part',
};

/** The cluster as it is known, as name and value. Undefined info: no manager could be asked. */
export const clusterLines = (membership: Membership, info: ClusterInfo | undefined): readonly (readonly [string, string])[] => {
  const { state, error, nodeId, manager, managers } = membership;
  if (info === undefined) {
    const why = error === '' || state === 'locked' ? '' : `: ${oneLine(error)}`;
    const text =
      state === 'active'
        ? manager
          ? 'its manager does not answer'
          : 'member, as a worker; ask a manager for more'
        : (stateTexts[state] ?? state);
    return [
      ['Cluster', `${text}${why}`],
      ...(nodeId === '' ? [] : ([['Node', nodeId]] as const)),
      ...(managers.length === 0 ? [] : ([['Managers', managers.join(', ')]] as const)),
    ];
  }
  const reachable = info.managersReachable > 0 ? `${info.managersReachable} of ${info.managers} reachable` : String(info.managers);
  return [
    ['Cluster', info.clusterId],
    ...(nodeId === '' ? [] : ([['Node', nodeId]] as const)),
    ['Nodes', `${info.nodesReady} of ${info.nodes} ready`],
    ['Managers', reachable],
    ['Leader', info.leader === '' ? 'none known: nothing can be changed until there is one' : oneLine(info.leader)],
    ['Autolock', info.autolock ? 'on' : 'off'],
    ['Stacks', String(info.stacks)],
    ['Services', String(info.services)],
    ['Tasks', `${info.tasksRunning} of ${info.tasks} running`],
  ];
};
