import { sentenceOf, TsoError } from '@tso/proto';
import type { Member } from './member-ports.ts';
import { releaseNetworks } from './release-networks.ts';
import { refusalIn } from './session-outcome.ts';

/** Tells the cluster that this node leaves for good, unless that has forgotten it already. FAILED_PRECONDITION: it is a manager, or nobody could be told. */
const tellCluster = async ({ ports, life }: Member): Promise<void> => {
  const { nodeId, membership } = ports.identity.current;
  if (membership?.role === 'manager') {
    throw new TsoError('FAILED_PRECONDITION', 'this node is a manager of its cluster, which would go on counting on it', {
      hint: `Demote it first: tso node demote ${nodeId}; or leave with --force, after which what only this manager had is lost`,
    });
  }
  try {
    await life.calls.ask((ca, deadlineMs) => ca.leave({}, { deadlineMs }));
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === 'removed' || refusal === 'unknown') return;
    throw new TsoError('FAILED_PRECONDITION', `the cluster could not be told that this node leaves: ${sentenceOf(error)}`, {
      hint: `Leave all the same with --force; the cluster lists the node as down until somebody says: tso node rm ${nodeId}`,
      cause: error,
    });
  }
};

/** Ends what runs for the cluster and forgets it: containers, manager, certificate. Images and named volumes stay. The node is another one then. */
export const cleanNode = async ({ ports, life }: Member): Promise<void> => {
  const { logger, identity } = ports;
  const { nodeId } = identity.current;
  // Durable first: an agent that ends in the middle goes on with it.
  await identity.change({ leaving: true });
  await life.letGo();
  const stuck = await ports.worker.clear();
  if (stuck.length > 0) logger.error({ taskIds: stuck }, 'containers of the cluster could not be ended, and are left behind');
  await releaseNetworks({ ports });
  await ports.managerState.erase();
  await ports.managers.forget();
  await ports.certificates.erase();
  await identity.leave();
  logger.info({ was: nodeId, nodeId: identity.current.nodeId }, 'this node is part of no cluster any more');
};

/** FAILED_PRECONDITION: the node is a manager, or the cluster could not be told; `force` does it all the same. */
export const leaveCluster = async (member: Member, { force }: { readonly force: boolean }): Promise<void> => {
  if (!force) await tellCluster(member);
  await cleanNode(member);
};
