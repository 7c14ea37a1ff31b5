import test from 'ava';
import fc from 'fast-check';
import { ShellWordsError, shellWords } from './shell-words.ts';

test('words end at blanks outside quotes', (t) => {
  t.deepEqual(shellWords(`sh -c  "echo 'a b'" 'x "y"' z\\ w`), ['sh', '-c', "echo 'a b'", 'x "y"', 'z w']);
});

test('empty quotes are an empty word, and nothing is expanded', (t) => {
  t.deepEqual(shellWords(`a '' "" $HOME *`), ['a', '', '', '$HOME', '*']);
});

test('a backslash in double quotes keeps itself before ordinary characters', (t) => {
  t.deepEqual(shellWords(String.raw`"a\nb" "q\"q" "d\$d"`), [String.raw`a\nb`, 'q"q', 'd$d']);
});

test('a quote that does not close is an error', (t) => {
  t.throws(() => shellWords(`echo "a`), { instanceOf: ShellWordsError });
});

test('property: single-quoted words come back as they were', (t) => {
  const word = fc.string().filter((text) => !text.includes("'"));
  fc.assert(
    fc.property(
      fc.array(word),
      (words) => JSON.stringify(shellWords(words.map((text) => `'${text}'`).join(' '))) === JSON.stringify(words),
    ),
  );
  t.pass();
});
