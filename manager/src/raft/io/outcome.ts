import { type ErrorCode, TsoError, type TsoErrorOptions } from '@tso/proto';

/**
 * What a failed change did: `refused` for certain nothing, so that it may be tried again as it is; `unknown` when it may have
 * happened, or may still. Stands in the error's details for whoever has to decide.
 */
export type FailedOutcome = 'refused' | 'unknown';

export const failure = (outcome: FailedOutcome, code: ErrorCode, message: string, options: TsoErrorOptions = {}): TsoError =>
  new TsoError(code, message, { ...options, details: { ...options.details, outcome } });

export const outcomeOf = (error: unknown): FailedOutcome | undefined => {
  if (!(error instanceof TsoError)) return undefined;
  const { outcome } = error.details;
  return outcome === 'refused' || outcome === 'unknown' ? outcome : undefined;
};
