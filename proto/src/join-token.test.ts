import test from 'ava';
import fc from 'fast-check';
import { TsoError } from './errors.ts';
import { formatToken, formatUnlockKey, parseToken, parseUnlockKey } from './join-token.ts';

const base36 = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'), { minLength: length, maxLength: length }).map((it) => it.join(''));

const digest = 'd'.repeat(50);
const secret = 's'.repeat(25);

const reasonOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof TsoError && error.code === 'INVALID_ARGUMENT' ? error.details.reason : error;
  }
};

test('a token that was written is read back, with white space around it too', (t) => {
  fc.assert(
    fc.property(base36(50), base36(25), fc.constantFrom('', ' ', '\n', '\t \n'), (digest, secret, space) => {
      t.deepEqual(parseToken(`${space}${formatToken({ digest, secret })}${space}`), { digest, secret });
    }),
  );
});

const badTokens: readonly (readonly [string, string, string])[] = [
  ['white space', ' \n', 'empty'],
  ['an unlock key', 'TSO-KEY-1-abc', 'unlock-key'],
  ['a token of Swarm', 'SWMTKN-1-abc-def', 'swarm'],
  ['a word', 'hello', 'not-a-token'],
  ['a token in small letters', `tso-1-${digest}-${secret}`, 'not-a-token'],
  ['a token of a later form', `TSO-2-${digest}-${secret}`, 'version'],
  ['the beginning alone', 'TSO-', 'version'],
  ['a token without its secret', `TSO-1-${digest}`, 'parts'],
  ['a token with a part more', `TSO-1-${digest}-${secret}-x`, 'parts'],
  ['a token whose digest lost a character', `TSO-1-${digest.slice(1)}-${secret}`, 'length'],
  ['a token whose secret won one', `TSO-1-${digest}-${secret}s`, 'length'],
  ['a token with a digest in capitals', `TSO-1-${digest.toUpperCase()}-${secret}`, 'characters'],
  ['a token with another sign in its secret', `TSO-1-${digest}-${secret.slice(1)}_`, 'characters'],
];

for (const [what, token, reason] of badTokens) {
  test(`${what} is refused as join token: ${reason}`, (t) => {
    t.is(
      reasonOf(() => parseToken(token)),
      reason,
    );
  });
}

test('whatever text is given as a token is either one, or refused in a sentence that quotes none of the secret', (t) => {
  const nearly = fc.tuple(base36(50), base36(25), fc.nat(80), fc.string({ maxLength: 2 })).map(([digest, secret, at, noise]) => {
    const token = formatToken({ digest, secret });
    return { token: token.slice(0, at) + noise + token.slice(at + 1), secret };
  });
  fc.assert(
    fc.property(nearly, ({ token, secret }) => {
      try {
        t.is(formatToken(parseToken(token)), token.trim());
      } catch (error) {
        t.true(error instanceof TsoError && error.code === 'INVALID_ARGUMENT' && !error.sentence.includes(secret));
      }
    }),
  );
});

test('an unlock key is its 32 bytes, written in one way only', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const key = formatUnlockKey(bytes);
      t.regex(key, /^TSO-KEY-1-[0-9A-Za-z_-]{43}$/);
      t.deepEqual(parseUnlockKey(` ${key}\n`), bytes);
    }),
  );
});

const zeros = formatUnlockKey(new Uint8Array(32));

const badKeys: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'empty'],
  ['a join token', `TSO-1-${digest}-${secret}`, 'join-token'],
  ['a word', 'hello', 'not-a-key'],
  ['a key of a later form', 'TSO-KEY-2-AAAA', 'version'],
  ['a key with its end cut off', zeros.slice(0, -1), 'damaged'],
  ['a key with other characters', `${zeros.slice(0, -1)}+`, 'damaged'],
  ['a key whose last character holds bits of no byte', `${zeros.slice(0, -1)}B`, 'damaged'],
];

for (const [what, key, reason] of badKeys) {
  test(`${what} is refused as unlock key: ${reason}`, (t) => {
    t.is(
      reasonOf(() => parseUnlockKey(key)),
      reason,
    );
  });
}

test('an unlock key of another number of bytes is not written', (t) => {
  t.throws(() => formatUnlockKey(new Uint8Array(31)), { message: 'an unlock key has 32 bytes, not 31' });
});
