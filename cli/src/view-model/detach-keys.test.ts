import test from 'ava';
import fc from 'fast-check';
import { DetachScanner, defaultDetachKeys, parseDetachKeys } from './detach-keys.ts';

test('keys are single characters and control characters', (t) => {
  t.deepEqual(parseDetachKeys(defaultDetachKeys), [16, 17]);
  t.deepEqual(parseDetachKeys('a,ctrl-],~'), [97, 29, 126]);
  t.is(parseDetachKeys('ctrl-pp'), undefined);
  t.is(parseDetachKeys('ä'), undefined);
  t.is(parseDetachKeys(''), undefined);
});

const scan = (keys: readonly number[], pieces: readonly (readonly number[])[]) => {
  const scanner = new DetachScanner(keys);
  const passed: number[] = [];
  for (const piece of pieces) {
    const scanned = scanner.push(Uint8Array.from(piece));
    passed.push(...scanned.passed);
    if (scanned.detached) return { passed, detached: true };
  }
  return { passed: [...passed, ...scanner.rest()], detached: false };
};

test('what is typed goes on unchanged, without the keys and what is behind them, however it is cut', (t) => {
  const byte = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(
      fc.array(byte, { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(byte, { maxLength: 5 }), { maxLength: 8 }),
      (keys, pieces) => {
        const typed = pieces.flat();
        const at = typed.findIndex((_, index) => keys.every((key, offset) => typed[index + offset] === key));
        t.deepEqual(scan(keys, pieces), at < 0 ? { passed: typed, detached: false } : { passed: typed.slice(0, at), detached: true });
      },
    ),
  );
});

test('a lone ctrl-p reaches the command with the next key', (t) => {
  t.deepEqual(scan([16, 17], [[16], [65]]), { passed: [16, 65], detached: false });
});
