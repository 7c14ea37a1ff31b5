import { type RelayFrame, toTsoError } from '@tso/proto';

/** The last frame of a relay that failed. */
export const errorFrame = (thrown: unknown): RelayFrame => {
  const error = toTsoError(thrown);
  return { error: { code: error.code, message: error.message, hint: error.hint ?? '' } };
};
