// Makes src/gen from src/schema: the validator that ajv compiles from the schema of a compose file, so that no command has to wait for
// that (a tenth of a second, as long as everything else it does).
//
//   node compose/scripts/generate.ts           write
//   node compose/scripts/generate.ts --check   exit 1 when src/gen is not what the schema gives
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validatorSource } from './validator.ts';

const folder = join(import.meta.dirname, '../src/gen');
const file = join(folder, 'compose-validator.js');

const written = (): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const source = validatorSource();
const stale = written() !== source;
if (process.argv.includes('--check')) {
  if (stale) {
    console.error('compose/src/gen is out of date: run npm run generate');
    process.exit(1);
  }
} else {
  mkdirSync(folder, { recursive: true });
  if (stale) writeFileSync(file, source);
  console.log(stale ? 'wrote compose-validator.js' : 'compose/src/gen is up to date');
}
