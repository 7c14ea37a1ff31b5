// Makes the tables of docs/compose.md from the catalogue of attributes and the codes of findings.
//
//   node compose/scripts/attributes-table.ts           write
//   node compose/scripts/attributes-table.ts --check   exit 1 when the page is not what they give
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTable } from '../src/attributes/table.ts';

const path = join(import.meta.dirname, '../../docs/compose.md');
const page = readFileSync(path, 'utf8');
const made = withTable(page);
if (made === undefined) {
  process.stderr.write('docs/compose.md has lost the marks that its tables stand between.\n');
  process.exitCode = 1;
} else if (process.argv.includes('--check')) {
  if (made !== page) {
    process.stderr.write('docs/compose.md is not what the catalogue gives: run npm run docs:compose and commit what it changes.\n');
    process.exitCode = 1;
  }
} else if (made !== page) {
  writeFileSync(path, made);
}
