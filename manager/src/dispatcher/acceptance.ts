import { type AgentHello, NodeRole, TsoError } from '@tso/proto';
import { descriptionProblem, isHostAddress } from '../rules/node-claims.ts';
import type { View } from '../store/view.ts';

/** What a verified certificate says, as far as it matters here. Undefined: the call came by the unix socket. */
export interface CallerIdentity {
  readonly nodeId: string;
}

/** Its agent cleans up after itself when it hears that. */
const removed = (nodeId: string): TsoError =>
  new TsoError('PERMISSION_DENIED', `node ${nodeId} was removed from the cluster`, {
    hint: 'To come back it joins again, as a new node',
    details: { reason: 'removed', nodeId },
  });

/** Not proof of a removal: a cluster that was restored from a backup may know less than its nodes. */
const unknown = (nodeId: string): TsoError =>
  new TsoError('PERMISSION_DENIED', `the cluster does not know node ${nodeId}`, {
    hint: 'Have it leave (tso leave --force) and join again',
    details: { reason: 'unknown', nodeId },
  });

/** Over TLS a node speaks for itself alone. On the socket the caller is this machine's root. */
export const identityProblem = (nodeId: string, caller: CallerIdentity | undefined): TsoError | undefined =>
  caller === undefined || caller.nodeId === nodeId
    ? undefined
    : new TsoError('PERMISSION_DENIED', `node ${caller.nodeId} speaks as node ${nodeId}`, { details: { reason: 'identity', nodeId } });

/**
 * What a node says of itself that the others cannot use, or undefined. INVALID_ARGUMENT with `details.reason` address or description. Its
 * address becomes part of every network that it is on, on every node; it may be empty, then nobody is told of one. On the socket the
 * caller is this machine's root, and its host may be called anything.
 */
export const helloProblem = (
  { nodeId, address, description }: Pick<AgentHello, 'nodeId' | 'address' | 'description'>,
  caller: CallerIdentity | undefined,
): TsoError | undefined => {
  if (caller === undefined) return undefined;
  if (address !== '' && !isHostAddress(address)) {
    return new TsoError('INVALID_ARGUMENT', `node ${nodeId} wants to be reached at what is not an IPv4 address of a host`, {
      hint: 'Give it one of its own: tso daemon --advertise-addr ADDRESS',
      details: { reason: 'address', nodeId },
    });
  }
  const problem = descriptionProblem(description);
  if (problem === undefined) return undefined;
  return new TsoError('INVALID_ARGUMENT', `node ${nodeId} describes itself in a way that is refused: ${problem}`, {
    hint: 'Names of hosts have letters, digits, `.`, `_` and `-`; the other texts are short and plain',
    details: { reason: 'description', nodeId },
  });
};

/**
 * Why the node gets no session, or undefined. PERMISSION_DENIED with `details.reason`: `removed`, its agent is to clean up; `unknown`.
 * One that is being removed and has a manager keeps its session until that has left the group, since the group may need its vote.
 * Where certificates come from elsewhere there is no list of nodes to be on: whoever has one is taken in.
 * @param ownNodeId of the node that this manager runs on, which belongs to the cluster as long as its manager does
 */
export const membershipProblem = (view: View, nodeId: string, ownNodeId: string): TsoError | undefined => {
  const node = view.node(nodeId);
  if (node !== undefined) return node.removing && node.role !== NodeRole.MANAGER ? removed(nodeId) : undefined;
  const authority = view.authority();
  if (authority === undefined || nodeId === ownNodeId) return undefined;
  return authority.revoked.some(({ name, role }) => name === nodeId && role !== 'client') ? removed(nodeId) : unknown(nodeId);
};
