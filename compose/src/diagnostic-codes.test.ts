import { readFileSync } from 'node:fs';
import test from 'ava';
import { diagnosticCodes } from './diagnostics.ts';

test('docs/errors.md has an entry for each code, and for no other', (t) => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const entries = [...page.matchAll(/^\| ([EW]\d{3}) \|/gm)].map(([, code]) => code);
  t.deepEqual(entries, Object.keys(diagnosticCodes).toSorted());
});
