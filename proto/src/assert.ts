/** Stops the process on a bug of ours: a broken invariant is never continued from. Not for bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** The value, or a crash when an invariant says it must be there. */
export const present = <T>(value: T | null | undefined, what: string): T => {
  assert(value !== null && value !== undefined, `${what} must be there`);
  return value;
};

/** Marks the branch of a switch that the types rule out. */
export const unreachable = (value: never): never => {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
};
