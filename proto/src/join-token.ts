import { TsoError } from './errors.ts';

/**
 * What somebody needs to join a cluster. A value of its own for each role: whoever has it may become that, so it is a secret.
 * Its digest lets the joiner tell the cluster from somebody who only answers at its address, before anything is said.
 */
export interface JoinToken {
  /** Of the root's certificate, as `certificateDigest` gives it: 50 characters of base 36. */
  readonly digest: string;
  /** 25 characters of base 36, 129 bits. */
  readonly secret: string;
}

const digestLength = 50;
const secretLength = 25;
const digestPattern = /^[0-9a-z]{50}$/;
const secretPattern = /^[0-9a-z]{25}$/;

const hint = 'Copy the whole of it from the output of `tso token worker` or `tso token manager`';

// No message quotes any of the token: who reads an error or a log is not who may join.
const bad = (reason: string, message: string, advice = hint): TsoError =>
  new TsoError('INVALID_ARGUMENT', message, { hint: advice, details: { reason } });

export const formatToken = ({ digest, secret }: JoinToken): string => `TSO-1-${digest}-${secret}`;

const checkPart = (name: string, text: string, length: number, pattern: RegExp): void => {
  if (text.length !== length) {
    throw bad(
      'length',
      `the ${name} of the join token has ${text.length} characters instead of ${length}, so a part of it is missing or added`,
    );
  }
  if (!pattern.test(text)) throw bad('characters', `the ${name} of the join token has characters other than 0-9 and a-z`);
};

/**
 * The parts of a token; white space around it does not matter. INVALID_ARGUMENT with `details.reason`: empty, unlock-key, swarm,
 * not-a-token, version, parts, length, characters.
 */
export const parseToken = (text: string): JoinToken => {
  const token = text.trim();
  if (token === '') throw bad('empty', 'the join token is empty');
  if (token.startsWith('TSO-KEY-')) throw bad('unlock-key', 'this is the key that unlocks a manager, not a join token');
  if (token.startsWith('SWMTKN-')) throw bad('swarm', 'this is a join token of Docker Swarm, which names no cluster of tso');
  if (!token.startsWith('TSO-')) throw bad('not-a-token', 'this is not a join token: those begin with TSO-1-');
  const [, version = '', digest = '', secret = '', ...more] = token.split('-');
  if (version !== '1') {
    const advice = 'Bring this node to the version that the managers have';
    throw bad('version', 'the join token has a form that this version does not know: it should begin with TSO-1-', advice);
  }
  if (secret === '' || more.length > 0) throw bad('parts', 'the join token does not have the four parts TSO-1-DIGEST-SECRET');
  checkPart('digest', digest, digestLength, digestPattern);
  checkPart('secret', secret, secretLength, secretPattern);
  return { digest, secret };
};

const unlockKeyBytes = 32;
const unlockKeyPrefix = 'TSO-KEY-1-';
const unlockHint = 'Copy the whole of it from what `tso unlock-key` showed on a manager that is unlocked';

/** The 32 bytes as people keep them. INVALID_ARGUMENT: another number of bytes. */
export const formatUnlockKey = (bytes: Uint8Array): string => {
  if (bytes.length !== unlockKeyBytes) {
    throw new TsoError('INVALID_ARGUMENT', `an unlock key has ${unlockKeyBytes} bytes, not ${bytes.length}`);
  }
  const base64 = btoa(String.fromCharCode(...bytes));
  return `${unlockKeyPrefix}${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
};

/** The 32 bytes of a key; white space around it does not matter. INVALID_ARGUMENT with `details.reason`: empty, join-token, not-a-key, version, damaged. */
export const parseUnlockKey = (text: string): Uint8Array => {
  const key = text.trim();
  if (key === '') throw bad('empty', 'the unlock key is empty', unlockHint);
  if (/^TSO-\d/.test(key)) throw bad('join-token', 'this is a join token, not the key that unlocks a manager', unlockHint);
  if (!key.startsWith('TSO-KEY-')) throw bad('not-a-key', 'this is not an unlock key: those begin with TSO-KEY-1-', unlockHint);
  if (!key.startsWith(unlockKeyPrefix)) {
    throw bad('version', 'the unlock key has a form that this version does not know: it should begin with TSO-KEY-1-', unlockHint);
  }
  const body = key.slice(unlockKeyPrefix.length);
  const damaged = bad('damaged', 'the unlock key is damaged: a part of it is missing, added or mistyped', unlockHint);
  if (!/^[0-9A-Za-z_-]{43}$/.test(body)) throw damaged;
  const binary = atob(body.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // The last character carries two bits that no byte has: a key has one form only.
  if (formatUnlockKey(bytes) !== key) throw damaged;
  return bytes;
};
