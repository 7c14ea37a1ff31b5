import { type Request, TsoError } from '@tso/proto';

export const maxKeyLength = 128;

/** Why it cannot be the key of a request, or undefined. */
export const keyProblem = (key: string): TsoError | undefined =>
  key.length <= maxKeyLength && /^[\x21-\x7e]*$/.test(key)
    ? undefined
    : new TsoError('INVALID_ARGUMENT', `an idempotency key has up to ${maxKeyLength} printable characters without spaces`, {
        hint: 'A random identifier does',
      });

/** What a caller asks, as far as it tells one request from another under the same key. */
export interface AskedOnce {
  readonly key: string;
  /** Path of the rpc. */
  readonly method: string;
  /** SHA-256 of who asked for what, hex. */
  readonly digest: string;
}

/**
 * Refuses (INVALID_ARGUMENT) a key that another request had before. What that was answered with is not for somebody who asked something
 * else, or is somebody else.
 */
export const refuseOther = (known: Request, { key, method, digest }: AskedOnce): void => {
  if (known.method === method && known.requestDigest === digest) return;
  throw new TsoError('INVALID_ARGUMENT', `the idempotency key ${key} was given to another request (${known.method})`, {
    hint: 'Give each request a key of its own, and the same one only when it is sent again as it was',
    details: { key, method: known.method },
  });
};
