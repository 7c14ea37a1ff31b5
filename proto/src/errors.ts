/**
 * What failed, by kind. docs/errors.md has an entry for each: meaning, cause, cure. The part before the first dot-free
 * underscore names nothing; codes are flat and stable, scripts match on them.
 */
export const errorCodes = [
  'INVALID_ARGUMENT', // the caller's input is wrong; trying again will not help
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT', // someone else changed it meanwhile, or holds what was asked for
  'FAILED_PRECONDITION', // the system is not in the state this needs
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'RESOURCE_EXHAUSTED', // a limit was reached
  'UNAVAILABLE', // cannot be reached now; trying again may help
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'UNIMPLEMENTED', // asked for by name, not done yet
  'DATA_LOSS', // a file or message is damaged
  'INTERNAL', // a bug of ours
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface TsoErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  /** What to do, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failure that a person may have to read: the message says what failed, with names, and why; the hint what to do. */
export class TsoError extends Error {
  override readonly name = 'TsoError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: TsoErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }

  /** One sentence for a person: what, why, what to do. */
  get sentence(): string {
    return this.hint === undefined ? this.message : `${this.message}. ${this.hint}`;
  }
}

/** The same failure as a TsoError; what is not one becomes INTERNAL, or keeps the meaning of a well-known errno. */
export const toTsoError = (error: unknown, code: ErrorCode = 'INTERNAL'): TsoError => {
  if (error instanceof TsoError) return error;
  if (error instanceof Error) return new TsoError(error.name === 'AbortError' ? 'CANCELLED' : code, error.message, { cause: error });
  return new TsoError(code, String(error));
};

/** One sentence for a person from whatever was thrown. */
export const sentenceOf = (error: unknown): string =>
  error instanceof TsoError ? error.sentence : error instanceof Error ? error.message : String(error);
