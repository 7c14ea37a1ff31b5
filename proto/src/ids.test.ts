import test from 'ava';
import fc from 'fast-check';
import { isId, newId, shortId } from './ids.ts';

test('an id is 25 characters of 0-9a-z, whatever the random bytes', (t) => {
  fc.assert(
    // Bytes from 252 on are passed over to keep every character equally likely, so some must be below.
    fc.property(fc.uint8Array({ minLength: 50, maxLength: 50 }), fc.nat(251), (bytes, usable) => {
      bytes[0] = usable;
      const id = newId(() => bytes);
      t.true(isId(id), id);
    }),
  );
});

test('every character can come up, and each byte that is used decides one', (t) => {
  const counting = (start: number) => (count: number) => Uint8Array.from({ length: count }, (_, index) => (start + index) % 252);
  t.is(newId(counting(0)), '0123456789abcdefghijklmno');
  t.is(newId(counting(36)), newId(counting(0)));
  t.is(newId(counting(25)), 'pqrstuvwxyz0123456789abcd');
});

test('what is no id is not taken for one', (t) => {
  for (const text of ['', 'web', 'A'.repeat(25), 'a'.repeat(24), 'a'.repeat(26), `${'a'.repeat(24)}\n`]) t.false(isId(text), text);
});

test('a short id is the first 12 characters', (t) => {
  t.is(shortId('abcdefghijklmnopqrstuvwxy'), 'abcdefghijkl');
});
