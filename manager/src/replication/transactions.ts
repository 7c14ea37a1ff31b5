import { decode, encode, type Transaction, TsoError } from '@tso/proto';
import { failure } from '../raft/io/outcome.ts';
import { type Conflict, checkApplicable } from '../store/apply.ts';

/** What one log entry may carry. */
export const maxTransactionBytes = 48 * 1024 * 1024;

const checkSize = (bytes: Uint8Array): void => {
  if (bytes.length <= maxTransactionBytes) return;
  throw new TsoError(
    'RESOURCE_EXHAUSTED',
    `a change of ${bytes.length} bytes is larger than the ${maxTransactionBytes} that one log entry may have`,
  );
};

/** The command that carries the transaction. INVALID_ARGUMENT: it could not be applied. RESOURCE_EXHAUSTED: too large. */
export const toCommand = (transaction: Transaction): Uint8Array => {
  checkApplicable(transaction);
  const bytes = encode('Transaction', transaction);
  checkSize(bytes);
  return bytes;
};

/** Refuses a command from another manager that could not be applied. Errors as for `toCommand`. */
export const checkCommand = (bytes: Uint8Array): void => {
  checkSize(bytes);
  checkApplicable(decode('Transaction', bytes));
};

export const conflictError = ({ kind, id, expected, actual }: Conflict): TsoError =>
  failure('refused', 'CONFLICT', `${kind} ${id} was changed meanwhile: version ${expected} was expected, ${actual} is there`, {
    hint: 'Read it again and repeat the change',
    details: { kind, id, expected, actual },
  });
