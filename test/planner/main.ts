// Runs transcripts of the planner: npm run planner:transcripts -- [FILE…] [--write]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import { ScenarioError } from '../scenario/scenario-file.ts';
import { commandNames } from './commands.ts';
import { rewritten } from './run-transcript.ts';

const usage = `usage: npm run planner:transcripts -- [FILE...] [--write]
  tells each story of the files (default: all in test/planner/transcripts) anew; exits 1 where one came out otherwise than its file says
  --write  puts what came out into the files: read the difference before you keep it
commands: ${commandNames.join(', ')}
`;

const folder = join(import.meta.dirname, 'transcripts');

const allFiles = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => join(folder, name));

/** Lines that one text has at a place where the other has others; good enough to see where to look. */
const firstDifference = (expected: string, actual: string): string => {
  const [a, b] = [expected.split('\n'), actual.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  const line = at === -1 ? a.length : at;
  return `${line + 1}:\n- ${a[line] ?? '(the end)'}\n+ ${b[line] ?? '(the end)'}`;
};

const main = (args: readonly string[]): number => {
  const files = args.filter((arg) => !arg.startsWith('--'));
  const unknown = args.find((arg) => arg.startsWith('--') && !['--write', '--help'].includes(arg));
  if (unknown !== undefined || args.includes('--help')) {
    if (unknown !== undefined) process.stderr.write(`there is no option ${unknown}\n`);
    process.stderr.write(usage);
    return unknown === undefined ? 0 : 2;
  }
  let differing = 0;
  // npm runs this in the project's folder; the caller may be elsewhere.
  for (const path of files.length === 0 ? allFiles() : files.map((file) => resolve(process.env.INIT_CWD ?? '.', file))) {
    const shown = relative(process.cwd(), path);
    try {
      const text = readFileSync(path, 'utf8');
      const actual = rewritten(text, shown);
      if (actual === text) continue;
      differing += 1;
      if (args.includes('--write')) writeFileSync(path, actual);
      process.stdout.write(`${shown}:${firstDifference(text, actual)}\n`);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
  }
  return differing > 0 && !args.includes('--write') ? 1 : 0;
};

process.exitCode = main(process.argv.slice(2));
