import test from 'ava';
import fc from 'fast-check';
import { renderTable, sizeText, wrapText } from './table.ts';

test('columns are as wide as their widest cell, and lines have no blanks at their end', (t) => {
  t.is(
    renderTable(
      [{ title: 'A' }, { title: 'N', align: 'right' }],
      [
        ['one', '1'],
        ['x', '22'],
      ],
      undefined,
    ),
    'A      N\none    1\nx     22\n',
  );
});

test('a column that is empty in every row is left out', (t) => {
  t.is(renderTable([{ title: 'A' }, { title: 'B' }, { title: 'C' }], [['1', '', '3']], undefined), 'A   C\n1   3\n');
  t.is(renderTable([{ title: 'A' }, { title: 'B' }], [], undefined), 'A   B\n');
});

test('a long text is wrapped within its column', (t) => {
  const table = renderTable(
    [{ title: 'NAME' }, { title: 'ERROR', wrap: true }],
    [['web.1', 'there is no image visits-web:1 here or there']],
    34,
  );
  t.is(table, 'NAME    ERROR\nweb.1   there is no image\n        visits-web:1 here or there\n');
});

test('wrapping loses no word and keeps the width', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 12 }).filter((word) => !word.includes(' '))),
      fc.integer({ min: 4, max: 30 }),
      (words, width) => {
        const text = words.join(' ');
        const lines = wrapText(text, width);
        t.true(lines.every((line) => line.length <= width));
        t.is(lines.join('').replaceAll(' ', ''), words.join(''));
      },
    ),
  );
});

test('sizes have three digits at most', (t) => {
  t.deepEqual([0, 999, 1_000, 1_300_000, 99_600_000, 1_300_000_000].map(sizeText), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.3 MB',
    '100 MB',
    '1.3 GB',
  ]);
});

test('what is in a cell does not steer the terminal', (t) => {
  t.is(
    renderTable([{ title: 'NODE' }, { title: 'X' }], [['evil\u001b[2J\nnode', 'x']], undefined),
    'NODE            X\nevil [2J node   x\n',
  );
});
