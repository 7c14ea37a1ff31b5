// Runs a scenario of the consensus core: npm run raft:scenario -- FILE [--check] [--check-all] [--write]
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { addNodesOptions } from './add-nodes.ts';
import { commandNames } from './commands.ts';
import { type Difference, runScenario } from './run-scenario.ts';
import { ScenarioError } from './scenario-file.ts';

const usage = `usage: npm run raft:scenario -- FILE... [--check] [--check-all] [--write]
  prints each block of the file with the output that the core gives
  --check      exits 1 where raft-log, raft-state or status print something else than the file expects
  --check-all  the same for every command, traces too
  --write      puts the outputs into the file instead of printing them
commands: ${commandNames.join(', ')}
options of add-nodes: ${addNodesOptions().join(', ')}
`;

const report = (file: string, { line, command, expected, actual }: Difference): void => {
  const marked = (sign: string, text: string): string =>
    text
      .split('\n')
      .map((it) => `${sign} ${it}`)
      .join('\n');
  process.stderr.write(`${file}:${line}: ${command.split('\n')[0]}\n${marked('-', expected)}\n${marked('+', actual)}\n`);
};

/** A file that cannot be read or carried out is the caller's to mend, and one sentence says where; anything else is a bug here. */
const explain = (file: string, error: unknown): string => {
  if (error instanceof ScenarioError) return error.message;
  if (error instanceof Error && 'syscall' in error) return `${file}: cannot be read: ${error.message}`;
  throw error;
};

const main = (args: readonly string[]): number => {
  const options = args.filter((arg) => arg.startsWith('--'));
  const files = args.filter((arg) => !arg.startsWith('--'));
  const unknown = options.find((option) => !['--check', '--check-all', '--write', '--help'].includes(option));
  if (files.length === 0 || unknown !== undefined || options.includes('--help')) {
    if (unknown !== undefined) process.stderr.write(`there is no option ${unknown}\n`);
    process.stderr.write(usage);
    return options.includes('--help') ? 0 : 2;
  }
  let found = 0;
  for (const file of files) {
    try {
      // npm runs this in the project's folder; the caller may be elsewhere.
      const path = resolve(process.env.INIT_CWD ?? '.', file);
      const run = runScenario(readFileSync(path, 'utf8'), file);
      if (options.includes('--write')) writeFileSync(path, run.text);
      else process.stdout.write(run.text);
      for (const note of run.notes) process.stderr.write(`${file}: ${note}\n`);
      const checked = options.includes('--check-all') ? [...run.differences, ...run.traceDifferences] : run.differences;
      if (!options.includes('--check') && !options.includes('--check-all')) continue;
      for (const difference of checked) report(file, difference);
      found += checked.length;
    } catch (error) {
      process.stderr.write(`${explain(file, error)}\n`);
      return 2;
    }
  }
  return found > 0 ? 1 : 0;
};

process.exitCode = main(process.argv.slice(2));
