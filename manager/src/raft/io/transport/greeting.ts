import { type RaftHello, TsoError } from '@tso/proto';
import type { NodeId } from '../../core/index.ts';
import type { LogIdentity } from '../ports.ts';
import type { PeerBook } from './peer-book.ts';

/** Why somebody is not let in, in `details.reason`. */
export type RefusalReason = 'other-log' | 'not-its-node' | 'removed' | 'not-for-us' | 'not-its-member' | 'stopping' | 'replaced';

const refusal = (code: 'FAILED_PRECONDITION' | 'PERMISSION_DENIED', reason: RefusalReason, message: string): TsoError =>
  new TsoError(code, message, { details: { reason } });

export const removedError = (id: NodeId): TsoError =>
  refusal('PERMISSION_DENIED', 'removed', `member ${id} was removed from the managers; its id is never used again`);

export const stoppingError = (nodeId: string): TsoError =>
  new TsoError('UNAVAILABLE', `the manager on node ${nodeId} is stopping`, { details: { reason: 'stopping' satisfies RefusalReason } });

export const replacedError = (id: NodeId): TsoError =>
  new TsoError('CANCELLED', `member ${id} has begun another stream`, { details: { reason: 'replaced' satisfies RefusalReason } });

/** Whether the failure is the other side's word that we are no member any more. */
export const saysRemoved = (error: TsoError): boolean => error.details.reason === ('removed' satisfies RefusalReason);
export const saysStopping = (error: TsoError): boolean => error.details.reason === ('stopping' satisfies RefusalReason);

/**
 * Lets somebody in, or throws why not. A member that is not in the book yet is welcome: this one may lag behind.
 * FAILED_PRECONDITION: another log, or meant for another member. PERMISSION_DENIED: not who it says, or removed.
 * @param certifiedNode node id in the caller's verified certificate; undefined on a unix socket
 */
export const admit = (
  hello: RaftHello | null | undefined,
  own: LogIdentity,
  book: PeerBook,
  certifiedNode: string | undefined,
): RaftHello => {
  if (hello === undefined || hello === null) throw new TsoError('INVALID_ARGUMENT', 'who speaks to a member says hello first');
  const { groupId, from, fromNode, to } = hello;
  if (groupId !== own.groupId) {
    throw refusal('FAILED_PRECONDITION', 'other-log', `the log here is ${own.groupId}, not ${groupId}`);
  }
  if (certifiedNode !== undefined && certifiedNode !== fromNode) {
    throw refusal('PERMISSION_DENIED', 'not-its-node', `the caller is node ${certifiedNode} and says it is node ${fromNode}`);
  }
  if (book.isRemoved(from)) throw removedError(from);
  if (to !== own.raftId) throw refusal('FAILED_PRECONDITION', 'not-for-us', `this is member ${own.raftId}, not ${to}`);
  if (!Number.isSafeInteger(from) || from < 1) throw new TsoError('INVALID_ARGUMENT', `${from} is not the id of a member`);
  const known = from === own.raftId ? own.nodeId : book.peer(from)?.nodeId;
  if (from === own.raftId || (known !== undefined && known !== fromNode)) {
    throw refusal('PERMISSION_DENIED', 'not-its-member', `member ${from} is node ${known}, not node ${fromNode}`);
  }
  return hello;
};
