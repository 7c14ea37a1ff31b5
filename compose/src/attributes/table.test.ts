import test from 'ava';
import { catalogue } from './catalogue.ts';
import { extensions } from './extensions.ts';
import { attributesTable, tableEnd, tableStart, withTable } from './table.ts';

const rows = attributesTable()
  .split('\n')
  .filter((line) => line.startsWith('| `'));

test('the table has a row for every attribute and every key of our own, each with as many cells as its head', (t) => {
  t.is(rows.length, catalogue.length + extensions.length);
  const cells = (row: string): number => row.replaceAll('\\|', '').split('|').length;
  t.deepEqual([...new Set(rows.map(cells))].toSorted(), [6, 7]);
});

test('a row says what becomes of the attribute, what to do instead, and who else acts on it', (t) => {
  t.true(
    rows.includes(
      '| `use_api_socket` | **refused** | a task has no credentials for the cluster; mount the socket as a volume if the container must have it | yes | no |',
    ),
  );
  t.true(rows.some((row) => row.startsWith('| `attach` | **warning** | no command follows')));
  t.true(rows.some((row) => row.startsWith('| `deploy.mode` | acts |') && row.endsWith('| no | yes |')));
});

test('a page has its table made anew between the marks, and the rest left as it is', (t) => {
  const page = `before\n\n${tableStart}\nold\n${tableEnd}\n\nafter\n`;
  const made = withTable(page) ?? '';
  t.true(made.startsWith('before\n\n') && made.endsWith('\n\nafter\n'));
  t.false(made.includes('old\n'));
  t.is(withTable(made), made);
  t.is(withTable('no marks'), undefined);
});
