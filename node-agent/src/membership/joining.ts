import { type CertificateReply, type ErrorCode, NodeRole, sentenceOf, TsoError, toTsoError } from '@tso/proto';
import { saidByPeer } from '@tso/proto/rpc';
import { hostOf, type NodeAddresses } from './addresses.ts';
import { welcomed } from './founding.ts';
import type { Membership } from './identity.ts';
import { joinTarget, requestToJoin } from './join-request.ts';
import type { ManagerAnswer } from './manager-child.ts';
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

/** Whether the cluster knows now that this node does not join after all. Of one that is to be a manager it does not take that. */
const tellCluster = async ({ ports, life }: Member): Promise<boolean> => {
  try {
    await life.calls.ask((ca, deadlineMs) => ca.leave({}, { deadlineMs }));
    return true;
  } catch (error) {
    ports.logger.warn({ error: sentenceOf(error) }, 'the cluster could not be told that this node does not join after all');
    return false;
  }
};

/**
 * Whether the others may count on a manager of this node that did not start: erased, it would be missed for ever, and two of which one is
 * missing decide nothing any more. One that has nothing on disk never had a vote.
 */
const mayHaveVote = async ({ ports, life }: Member): Promise<boolean> => {
  if (ports.identity.current.membership?.role !== 'manager') return false;
  if (await ports.managerState.exists()) return true;
  await ports.manager.halt();
  const began = await ports.managerState.exists();
  if (began) void life.roles.settle();
  return began;
};

/** Leaves nothing here; what to say about what the cluster still lists. */
const undo = async ({ ports, life }: Member, told: boolean): Promise<string> => {
  const { nodeId } = ports.identity.current;
  await life.letGo();
  await releaseNetworks({ ports });
  await ports.managerState.erase();
  await ports.certificates.erase();
  await ports.managers.forget();
  await ports.identity.leave();
  return told ? '' : `The cluster lists this node as down: tso node rm ${nodeId}`;
};

/** Why the join failed that was not undone: the node is a member, and goes on becoming one in full. */
const notWelcomedYet = ({ ports }: Member, why: string, cause: unknown): TsoError => {
  const { nodeId } = ports.identity.current;
  return new TsoError('DEADLINE_EXCEEDED', `this node joined as a manager, but was not welcomed yet: ${why}`, {
    hint: `It stays a member and goes on trying: tso node ls shows when it is ready. To undo it: tso node rm --force ${nodeId} on another manager, then tso leave --force here`,
    details: { outcome: 'unknown' },
    cause,
  });
};

/** Whoever says one of these has certainly not made this node a member. */
const refusals: readonly ErrorCode[] = ['PERMISSION_DENIED', 'INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'ALREADY_EXISTS'];
/** The cluster will never have a node of that id and this key. */
const idReasons: readonly unknown[] = ['removed', 'other-key'];

/** What to say to a join that got no certificate. The key stays as long as the cluster may have taken this node in by it. */
const withoutCertificate = async ({ ports }: Member, thrown: unknown, isFirst: boolean): Promise<TsoError> => {
  const error = toTsoError(thrown);
  if (saidByPeer(error) && idReasons.includes(error.details.reason)) {
    await ports.certificates.erase();
    await ports.identity.leave();
    const hint = `This host has another id from now on, ${ports.identity.current.nodeId}: join again`;
    return new TsoError(error.code, error.message, { hint, details: error.details, cause: error });
  }
  // What an earlier try asked for in vain may have been granted all the same.
  if (isFirst && refusals.includes(error.code)) await ports.certificates.erase();
  return error;
};

/**
 * Becomes a node of the cluster that the token is of. Resolves once the leading manager has welcomed it, and its own manager, if the token
 * is one for managers, is ready. What fails leaves nothing half-made here, but for two things: the key, when the answer may have been lost, so
 * that the same may be asked again; and a manager that the others may count on (DEADLINE_EXCEEDED), which stays one.
 */
export const joinCluster = async (member: Member, wish: JoinWish, configure: (membership: Membership) => Promise<void>): Promise<void> => {
  const { options, ports, life } = member;
  const target = joinTarget(wish.token, wish.remoteAddr);
  const said = { listenAddr: wish.listenAddr || options.listenAddr, advertiseAddr: wish.advertiseAddr || options.advertiseAddr };
  const addresses = await addressesForJoin(said, target.remote, { own: ports.ownAddress, logger: ports.logger });
  const { nodeId } = ports.identity.current;
  const { key, csr, isNew } = await ports.certificates.keyToJoin(nodeId);
  const joiner = { csr, nodeId, hostname: options.description.hostname, address: hostOf(addresses.advertiseAddr) };
  let reply: CertificateReply;
  try {
    reply = await requestToJoin(target, joiner, ports);
  } catch (error) {
    throw await withoutCertificate(member, error, isNew);
  }
  let answer: ManagerAnswer | undefined;
  try {
    const membership = await enter(member, reply, key, { remote: target.remote, addresses });
    await configure(membership);
    answer = await life.takeUp();
    if (membership.role === 'manager' && answer?.kind !== 'ready') {
      throw new TsoError(
        'FAILED_PRECONDITION',
        `the manager of this node did not start: ${answer?.kind === 'failed' ? answer.message : 'it took too long'}`,
      );
    }
    await welcomed(member);
  } catch (error) {
    const problem = life.problem;
    const why = `${sentenceOf(error)}${problem === '' ? '' : ` (${problem})`}`;
    if (answer?.kind === 'ready') throw notWelcomedYet(member, why, error);
    const told = await tellCluster(member);
    if (!told && (await mayHaveVote(member))) throw notWelcomedYet(member, why, error);
    const rest = await undo(member, told);
    throw new TsoError('FAILED_PRECONDITION', `this node could not join: ${why}`, {
      cause: error,
      ...(rest === '' ? {} : { hint: rest }),
    });
  }
};
