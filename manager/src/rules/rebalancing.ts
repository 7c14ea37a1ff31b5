import type { Node, Service, Task } from '@tso/proto';
import { MountType } from '@tso/proto';
import type { View } from '../store/view.ts';

/** Whether its tasks are being spread anew, or are about to be. */
export const isBeingSpread = (service: Service): boolean => service.rebalance > service.rebalanced;

/**
 * The service, to be spread anew from now on: what its tasks came to before does not count. By the time that the planner makes tasks at,
 * not by a clock of whoever is asked, which may be an hour off.
 */
export const spreadFromNowOn = (view: View, { rebalancePaused: _forgotten, ...service }: Service): Service => ({
  ...service,
  rebalancedAtMs: view.tasksOfService(service.id).reduce((latest, { meta }) => Math.max(latest, meta.createdAtMs + 1), 0),
});

/** File systems that every node has the same content of. */
const ofAllNodes = new Set(['nfs', 'nfs4', 'cifs', 'smb3', 'ceph', '9p', 'glusterfs', 'afs', 'lustre']);

/** The named volume that its tasks keep data in, which stays on its node when a task goes; undefined: none, or it lies on a file server. */
export const heldByData = (view: View, service: Service): string | undefined =>
  service.spec.task.container.mounts.find(
    ({ type, source }) =>
      type === MountType.VOLUME && source !== '' && !ofAllNodes.has(view.volumeByName(source)?.spec.driverOpts.type ?? ''),
  )?.source;

/** A task that would better be on another node. */
export interface Move {
  readonly task: Task;
  readonly to: Node;
}

/**
 * What a move has to be: any that makes the spread better; only to nodes that were left alone for a while, few at a time to each; or, as
 * nobody asked, besides worth the disturbance: a service that is spread well itself moves only to a node with at most half as much to do.
 */
export type MoveWish = 'any' | 'settled' | 'worth it';

export interface FoundMove {
  readonly move: Move | undefined;
  /** Without a move: a node would take one, though not just now. */
  readonly isHeldBack: boolean;
  /** When to look again although nothing changed, if ever (epoch milliseconds). */
  readonly againAtMs: number | undefined;
}

/** The next task to move, of those that may be: the first of those on a node goes first. */
export type FindMove = (service: Service, movable: readonly Task[], wish: MoveWish) => FoundMove;
