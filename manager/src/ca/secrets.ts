import { createHash, timingSafeEqual } from 'node:crypto';
import { type Authority, NodeRole } from '@tso/proto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether they are the same; how long that takes says nothing of where they differ, or of their length. */
export const sameSecret = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));

/** What the secret of a join token makes its owner; undefined: it is none, or was replaced. Both are always compared. */
export const roleOfSecret = ({ workerSecret, managerSecret }: Authority, given: string): NodeRole | undefined => {
  const manager = sameSecret(given, managerSecret) && managerSecret !== '';
  const worker = sameSecret(given, workerSecret) && workerSecret !== '';
  if (manager) return NodeRole.MANAGER;
  return worker ? NodeRole.WORKER : undefined;
};
