import { type Authority, isId, type JoinClusterRequest, type Node, NodeRole, newNode, TsoError } from '@tso/proto';
import { isHostname, longestName } from '../rules/node-claims.ts';
import { isRevoked } from './revocations.ts';

/** Somebody who has shown a secret, and a request signed with the key of that digest. */
export interface Joiner {
  readonly nodeId: string;
  readonly hostname: string;
  /** Without port. */
  readonly address: string;
  readonly keyDigest: string;
  /** What the secret makes of its owner. */
  readonly role: NodeRole;
}

const bad = (reason: string, message: string): TsoError => new TsoError('INVALID_ARGUMENT', message, { details: { reason } });

const addressPattern = /^[0-9A-Za-z.:%-]*$/;

/** `::ffff:192.0.2.1` is how a socket that serves both families calls 192.0.2.1. */
const withoutMapping = (host: string): string => host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** The host of `host`, `host:port` or `[host]:port`; an address with several colons and no brackets is one without port. */
export const hostOf = (address: string): string => {
  const bracketed = /^\[(?<host>[^\]]*)\](?::\d+)?$/.exec(address)?.groups?.host;
  if (bracketed !== undefined) return withoutMapping(bracketed);
  return withoutMapping(/^(?<host>[^:]*):\d+$/.exec(address)?.groups?.host ?? address);
};

/** The host of a peer as the door calls it: always with port, and without brackets when it is one of many colons. */
export const hostOfPeer = (peer: string): string => withoutMapping(peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));

/** INVALID_ARGUMENT with `details.reason` node-id, hostname or address: what it says of itself is not of the form that others can use. */
export const checkJoiner = ({ nodeId, hostname, address }: Pick<JoinClusterRequest, 'nodeId' | 'hostname' | 'address'>): void => {
  if (!isId(nodeId)) throw bad('node-id', 'the node chose an id that is not 25 characters of 0-9 and a-z');
  if (!isHostname(hostname)) throw bad('hostname', 'the hostname of the node is not one');
  if (!addressPattern.test(hostOf(address)) || address.length > longestName) {
    throw bad('address', 'the address at which the node wants to be reached is not one');
  }
};

const refuse = (reason: string, message: string, hint: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', message, { hint, details: { reason } });

const anew = 'Have it join as another node: `tso join` again, its agent takes another id when it is refused like this';

/** The weaker of the two: a token for workers makes no manager, nor does one for managers of a node that is to be a worker. */
const weaker = (a: NodeRole, b: NodeRole): NodeRole =>
  a === NodeRole.MANAGER && b === NodeRole.MANAGER ? NodeRole.MANAGER : NodeRole.WORKER;

/**
 * The node as it is once it has joined, and the role of its certificate. Who asked before, with the same key, gets another certificate:
 * the answer may have been lost. FAILED_PRECONDITION with `details.reason` removed; ALREADY_EXISTS: the id belongs to another key.
 */
export const joined = (
  authority: Authority,
  existing: Node | undefined,
  joiner: Joiner,
  nowMs: number,
): { readonly node: Node; readonly role: NodeRole } => {
  const { nodeId, hostname, address, keyDigest, role } = joiner;
  if (existing?.removing === true || isRevoked(authority, nodeId, 'node', nowMs)) {
    throw refuse('removed', `node ${nodeId} was removed from this cluster`, anew);
  }
  if (existing === undefined) {
    const description = { ...newNode.description, hostname };
    const node = { ...newNode, id: nodeId, description, address, wantedRole: role, keyDigest, authorityEpoch: authority.epoch };
    return { node, role };
  }
  if (existing.keyDigest !== keyDigest) {
    const message = `the id ${nodeId} belongs to another node of this cluster`;
    throw new TsoError('ALREADY_EXISTS', message, { hint: anew, details: { reason: 'other-key' } });
  }
  return { node: existing, role: weaker(role, existing.wantedRole) };
};

const clientNamePattern = /^[0-9A-Za-z][0-9A-Za-z._@-]{0,63}$/;

/** INVALID_ARGUMENT: nothing that a certificate, a log line and a revocation could name an operator by. */
export const checkClientName = (name: string): void => {
  if (clientNamePattern.test(name) && !isId(name)) return;
  throw new TsoError('INVALID_ARGUMENT', `"${name.slice(0, 64)}" cannot be the name of a client`, {
    hint: 'Take 1 to 64 characters of a-z, A-Z, 0-9, `.`, `_`, `@` and `-`, a letter or digit first, that are not the id of a node',
    details: { reason: 'client-name' },
  });
};
