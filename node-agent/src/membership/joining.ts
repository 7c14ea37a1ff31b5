import { type CertificateReply, NodeRole, sentenceOf, TsoError } from '@tso/proto';
import { hostOf, type NodeAddresses } from './addresses.ts';
import { welcomed } from './founding.ts';
import type { Membership } from './identity.ts';
import { joinTarget, requestToJoin } from './join-request.ts';
import type { Member } from './member-ports.ts';
import { type AddressWish, addressesForJoin } from './node-addresses.ts';
import { releaseNetworks } from './release-networks.ts';

export interface JoinWish extends Partial<AddressWish> {
  readonly token: string;
  /** host[:port] of any manager. */
  readonly remoteAddr: string;
}

const membershipOf = (reply: CertificateReply, addresses: NodeAddresses): Membership => ({
  ...addresses,
  clusterId: reply.clusterId,
  role: reply.role === NodeRole.MANAGER ? 'manager' : 'worker',
  retired: false,
  founder: false,
  leaving: false,
  addressPool: reply.addressPool,
  vxlanPort: reply.vxlanPort,
  // Of no use where the cluster is there already; the manager's flags want them.
  subnetPrefix: 24,
  firstVni: 1,
});

/** Part of the cluster in full: its certificate, its list of managers, and the node's own record, in the order in which a crash does least harm. */
const enter = async (
  { ports }: Member,
  reply: CertificateReply,
  key: string,
  { remote, addresses }: { readonly remote: string; readonly addresses: NodeAddresses },
): Promise<Membership> => {
  await ports.certificates.adopt(reply, key);
  const listed = reply.managers.some(({ address }) => address === remote);
  await ports.managers.set(listed ? reply.managers : [...reply.managers, { nodeId: '', address: remote }]);
  ports.managers.heard(remote);
  const membership = membershipOf(reply, addresses);
  await ports.identity.join(membership);
  return membership;
};

/** Leaves nothing here; whether the cluster still lists the node is told. */
const undo = async ({ ports, life }: Member): Promise<string> => {
  let told = true;
  try {
    await life.calls.ask((ca, deadlineMs) => ca.leave({}, { deadlineMs }));
  } catch (error) {
    told = false;
    ports.logger.warn({ error: sentenceOf(error) }, 'the cluster could not be told that this node does not join after all');
  }
  const { nodeId } = ports.identity.current;
  await life.letGo();
  await releaseNetworks({ ports });
  await ports.managerState.erase();
  await ports.certificates.erase();
  await ports.managers.forget();
  await ports.identity.leave();
  return told ? '' : `The cluster lists this node as down: tso node rm ${nodeId}`;
};

/**
 * Becomes a node of the cluster that the token is of. Resolves once the leading manager has welcomed it, and its own manager, if the token
 * is one for managers, is ready. What fails leaves nothing half-made here.
 */
export const joinCluster = async (member: Member, wish: JoinWish, configure: (membership: Membership) => Promise<void>): Promise<void> => {
  const { options, ports, life } = member;
  const target = joinTarget(wish.token, wish.remoteAddr);
  const said = { listenAddr: wish.listenAddr || options.listenAddr, advertiseAddr: wish.advertiseAddr || options.advertiseAddr };
  const addresses = await addressesForJoin(said, target.remote, { own: ports.ownAddress, logger: ports.logger });
  const { key, csr } = await ports.certificates.newKey();
  const { nodeId } = ports.identity.current;
  const joiner = { csr, nodeId, hostname: options.description.hostname, address: hostOf(addresses.advertiseAddr) };
  const reply = await requestToJoin(target, joiner, ports);
  try {
    const membership = await enter(member, reply, key, { remote: target.remote, addresses });
    await configure(membership);
    const answer = await life.takeUp();
    if (membership.role === 'manager' && answer?.kind !== 'ready') {
      throw new TsoError(
        'FAILED_PRECONDITION',
        `the manager of this node did not start: ${answer?.kind === 'failed' ? answer.message : 'it took too long'}`,
      );
    }
    await welcomed(member);
  } catch (error) {
    const rest = await undo(member);
    const problem = life.problem;
    throw new TsoError('FAILED_PRECONDITION', `this node could not join: ${sentenceOf(error)}${problem === '' ? '' : ` (${problem})`}`, {
      cause: error,
      ...(rest === '' ? {} : { hint: rest }),
    });
  }
};
