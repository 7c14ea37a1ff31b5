import { type ErrorCode, TsoError, type TsoErrorOptions } from '@tso/proto';

/**
 * What a failed change did: `refused` for certain nothing, so that it may be tried again as it is; `unknown` when it may have
 * happened, or may still. Stands in the error's details for whoever has to decide.
 */
export type FailedOutcome = 'refused' | 'unknown';

export const failure = (outcome: FailedOutcome, code: ErrorCode, message: string, options: TsoErrorOptions = {}): TsoError =>
  new TsoError(code, message, { ...options, details: { ...options.details, outcome } });

/** Too few managers answer to decide anything, so that nothing was done, and asking another one does not help: `details.reason` is `quorum`. */
export const withoutQuorum = (message: string, hint: string): TsoError =>
  failure('refused', 'UNAVAILABLE', message, { hint, details: { reason: 'quorum' } });

export const outcomeOf = (error: unknown): FailedOutcome | undefined => {
  if (!(error instanceof TsoError)) return undefined;
  const { outcome } = error.details;
  return outcome === 'refused' || outcome === 'unknown' ? outcome : undefined;
};
