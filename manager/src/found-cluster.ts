import { type Clock, emptyMeta, type Logger, NodeRole, newId, newNode, type Random, type StoreAction, TsoError } from '@tso/proto';
import type { ManagerConfig } from './config.ts';
import type { Founding } from './identity/founding.ts';
import type { Proposer } from './replication/proposer.ts';

export interface FoundClusterPorts {
  readonly store: Proposer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Who vouches for the members; undefined: their certificates come from elsewhere. */
  readonly founding: Founding | undefined;
}

export type FoundClusterOptions = Pick<ManagerConfig, 'nodeId' | 'addressPool' | 'subnetPrefix' | 'firstVni' | 'vxlanPort'>;

/** The node of the first manager is a member from the beginning: nobody vouched for it but itself. */
const firstActions = ({ authority }: Founding, nodeId: string): readonly StoreAction[] => [
  { putAuthority: authority },
  {
    putNode: {
      ...newNode,
      id: nodeId,
      role: NodeRole.MANAGER,
      wantedRole: NodeRole.MANAGER,
      authorityEpoch: authority.epoch,
    },
  },
];

/** The first leader makes the cluster; after that the flags it was made from are history. */
export const foundCluster = async (options: FoundClusterOptions, ports: FoundClusterPorts): Promise<void> => {
  const { store, clock, random, logger, founding } = ports;
  if (store.view.cluster() !== undefined) return;
  const { nodeId, addressPool, subnetPrefix, firstVni, vxlanPort } = options;
  const id = founding?.clusterId ?? newId((count) => random.bytes(count));
  const putCluster = { id, meta: emptyMeta, addressPool, subnetPrefix, firstVni, vxlanPort };
  const actions = [{ putCluster }, ...(founding === undefined ? [] : firstActions(founding, nodeId))];
  const expect = [{ kind: 'cluster', id, version: 0 }];
  try {
    await store.propose({ actions, expect, atMs: clock.now(), origin: 'manager' });
    logger.info({ clusterId: id, addressPool }, 'a new cluster was made');
  } catch (error) {
    if (!(error instanceof TsoError) || error.code !== 'CONFLICT') throw error;
  }
};
