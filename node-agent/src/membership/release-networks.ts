import { sentenceOf } from '@tso/proto';
import type { Member } from './member-ports.ts';

/** Gives back what the cluster had of this host's addresses, so that traffic to them goes where it went before. */
export const releaseNetworks = async ({ ports: { networks, logger } }: Pick<Member, 'ports'>): Promise<void> => {
  try {
    await networks.configure({ clusterId: '', addressPool: '', vxlanPort: 0, nodeAddress: '' });
  } catch (error) {
    logger.error({ error: sentenceOf(error) }, 'the address pool of the cluster could not be given back');
  }
};
