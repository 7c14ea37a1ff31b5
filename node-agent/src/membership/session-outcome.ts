import { TsoError } from '@tso/proto';
import { saidByPeer } from '@tso/proto/rpc';
import type { Outcome } from './connect-plan.ts';

/** How a session that ended with this error counts for whom to ask next. */
export const outcomeOf = (error: unknown, wasWelcome: boolean): Outcome => {
  const details = error instanceof TsoError && saidByPeer(error) ? error.details : {};
  if (typeof details.leader === 'string' && details.leader !== '') {
    return { kind: wasWelcome ? 'lost-to' : 'redirected', leader: details.leader };
  }
  if (wasWelcome) return { kind: 'lost' };
  const retryAfterMs = details.retryAfterMs;
  if (error instanceof TsoError && error.code === 'RESOURCE_EXHAUSTED' && typeof retryAfterMs === 'number' && retryAfterMs >= 0) {
    return { kind: 'admission', retryAfterMs };
  }
  // Said by a follower, on a connection that stands; what was made here would not be the peer's word.
  const isFollower = error instanceof TsoError && error.code === 'UNAVAILABLE' && saidByPeer(error);
  return { kind: isFollower ? 'leaderless' : 'failed' };
};

/**
 * Why the cluster refuses this node, as a manager that proved itself says it: `removed`, `unknown`, `revoked`, `role`. Undefined: it does
 * not, or whoever says so proved nothing.
 */
export const refusalIn = (error: unknown): string | undefined => {
  if (!(error instanceof TsoError) || error.code !== 'PERMISSION_DENIED' || !saidByPeer(error)) return undefined;
  return typeof error.details.reason === 'string' ? error.details.reason : undefined;
};
