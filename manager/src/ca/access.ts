import { type Node, NodeRole, TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { isRevoked } from './revocations.ts';

/** What a verified certificate says of its owner (`PeerIdentity`). */
export interface CertifiedIdentity {
  readonly nodeId: string;
  readonly role: 'manager' | 'worker' | 'client';
  readonly cluster: string;
}

export type DeniedReason = 'cluster' | 'removed' | 'unknown' | 'revoked';

const denied = (reason: DeniedReason, message: string, hint: string): TsoError =>
  new TsoError('PERMISSION_DENIED', message, { hint, details: { reason } });

const wrongCluster = ({ nodeId, cluster }: CertifiedIdentity, own: string): TsoError =>
  denied('cluster', `${nodeId} belongs to cluster ${cluster}, not to ${own}`, 'Connect it to the managers of its own cluster');

const removed = (nodeId: string): TsoError =>
  denied('removed', `node ${nodeId} was removed from this cluster`, 'Have it join again: `tso join` with a token from `tso token`');

const unknown = (nodeId: string): TsoError =>
  denied('unknown', `this cluster knows no node ${nodeId}`, 'Have it join again: `tso join` with a token from `tso token`');

/** Whether it is, or is to become, a manager; then it may be one now: the way there and the way back need the group's doors. */
const mayManage = ({ role, wantedRole }: Node): boolean => role === NodeRole.MANAGER || wantedRole === NodeRole.MANAGER;

/**
 * A node that is to be removed is out at once, unless a manager of the group runs there: the group may need its voice to let it go,
 * and then its role is a worker's.
 */
const isOut = ({ removing, role }: Node): boolean => removing && role !== NodeRole.MANAGER;

/** What a manager knows of its group beside the view. */
export interface OwnGroup {
  /** The cluster, as the own certificate says; undefined: only the view tells. */
  readonly cluster?: string | undefined;
  /** Ids of the managers' nodes, as the group named them when this manager joined it just now; undefined: it did not. */
  readonly named?: ReadonlySet<string> | undefined;
}

const notKnownYet = (): TsoError =>
  new TsoError('UNAVAILABLE', 'this manager does not know yet who belongs to the cluster', {
    hint: 'Try again in a moment, or ask another manager',
    details: { outcome: 'refused' },
  });

/**
 * What the owner of a verified certificate may do, as roles of the .proto files: what the certificate says, and never more than what
 * the cluster says of its owner now. A manager's certificate on a node that is a worker is a worker's.
 *
 * PERMISSION_DENIED with `details.reason`: `cluster` (another one's), `removed` (the node is to be gone), `unknown` (there is no such
 * node), `revoked` (an operator's certificate that was taken back). UNAVAILABLE: the view is empty yet; only other managers, from whom
 * it will come, are let in, and of them those alone that the group has named: the certificate of one that was removed is good as such.
 * In a cluster without an authority, whose certificates are made elsewhere, they are believed as they are.
 */
export const accessOf = (view: View, identity: CertifiedIdentity, nowMs: number, own: OwnGroup = {}): readonly string[] => {
  const known = view.cluster();
  const cluster = own.cluster ?? known?.id ?? '';
  if (identity.cluster !== cluster) throw wrongCluster(identity, cluster);
  const { nodeId, role } = identity;
  const isNamed = own.named === undefined || own.named.has(nodeId);
  if (known === undefined && !(role === 'manager' && isNamed)) throw notKnownYet();
  const authority = view.authority();
  if (authority === undefined) return [role];
  if (role === 'client') {
    if (!isRevoked(authority, nodeId, 'client', nowMs)) return ['client'];
    throw denied('revoked', `the certificate of ${nodeId} was revoked`, 'Ask an operator of this cluster for another');
  }
  const node = view.node(nodeId);
  if (node === undefined) throw isRevoked(authority, nodeId, 'node', nowMs) ? removed(nodeId) : unknown(nodeId);
  if (isOut(node)) throw removed(nodeId);
  return [role === 'manager' && mayManage(node) ? 'manager' : 'worker'];
};
