import test from 'ava';
import fc from 'fast-check';
import { lastWordsIn } from './last-words.ts';

/** As crun writes it: what it read at once, and the end of a line. */
const logOf = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.from('\n')]));

test('nothing in the log is nothing said', (t) => {
  t.is(lastWordsIn(new Uint8Array()).toString(), '');
});

test('the end of the line that crun adds goes, that of the command stays', (t) => {
  t.is(lastWordsIn(Buffer.from('33 91\r\n\n')).toString(), '33 91\r\n');
  t.is(lastWordsIn(Buffer.from('no end of line\n')).toString(), 'no end of line');
});

test('of a log that was cut in the middle what is there is said', (t) => {
  t.is(lastWordsIn(Buffer.from('cut')).toString(), 'cut');
});

test('whatever was written comes out byte by byte, however long', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_200, min: 1 }), (words) => {
      const pieces: Uint8Array[] = [];
      for (let start = 0; start < words.length; start += 255) pieces.push(words.subarray(start, start + 255));
      return Buffer.compare(lastWordsIn(logOf(pieces)), words) === 0;
    }),
  );
  t.pass();
});
