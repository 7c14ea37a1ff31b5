import { type ErrorCode, TsoError } from '@tso/proto';

/** What a script learns from `$?`. `exec` passes the container's own code on instead. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** Of `diff`: something would change. */
  different: 1,
  usage: 2,
  notConverged: 3,
  unreachable: 4,
  refused: 5,
  /** 128 + SIGINT, as shells report it: the work goes on, the watching ended. */
  interrupted: 130,
} as const;

/** Wrong words on the command line: exit code 2 and nothing was done. */
export class UsageError extends TsoError {
  constructor(message: string, hint?: string) {
    super('INVALID_ARGUMENT', message, hint === undefined ? {} : { hint });
  }
}

/** Waited for as long as `--timeout` says: exit code 3. */
export class NotConvergedError extends TsoError {
  constructor(message: string, hint: string, details: Readonly<Record<string, unknown>> = {}) {
    super('DEADLINE_EXCEEDED', message, { hint, details });
  }
}

const codeOf: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: exitCodes.failed,
  NOT_FOUND: exitCodes.failed,
  ALREADY_EXISTS: exitCodes.failed,
  CONFLICT: exitCodes.refused,
  FAILED_PRECONDITION: exitCodes.failed,
  PERMISSION_DENIED: exitCodes.refused,
  UNAUTHENTICATED: exitCodes.refused,
  RESOURCE_EXHAUSTED: exitCodes.failed,
  UNAVAILABLE: exitCodes.unreachable,
  // A call that nobody answered within its own deadline: the daemon hangs.
  DEADLINE_EXCEEDED: exitCodes.unreachable,
  CANCELLED: exitCodes.interrupted,
  UNIMPLEMENTED: exitCodes.failed,
  DATA_LOSS: exitCodes.failed,
  INTERNAL: exitCodes.failed,
};

/** Managers answered, and said that too few of them are left to decide, or would be: nothing was done, and asking elsewhere will not help. */
const lacksQuorum = ({ code, details }: TsoError): boolean =>
  (code === 'UNAVAILABLE' || code === 'FAILED_PRECONDITION') && details.reason === 'quorum' && details.outcome !== 'unknown';

/** The exit code that a failure ends the command with. */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof NotConvergedError) return exitCodes.notConverged;
  if (!(error instanceof TsoError)) return exitCodes.failed;
  return lacksQuorum(error) ? exitCodes.refused : codeOf[error.code];
};
