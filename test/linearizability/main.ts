// npm run linearizability -- HISTORY.jsonl
// Exit 0: linearizable. 1: not, with the smallest offending window. 2: wrong input, with one sentence naming the line.
import { readFileSync } from 'node:fs';
import { parseHistory } from './history.ts';
import { verdictText } from './report.ts';
import { checkHistory } from './verdict.ts';

const fail = (sentence: string): number => {
  process.stderr.write(`${sentence}\n`);
  return 2;
};

const run = (args: readonly string[]): number => {
  const [path, ...rest] = args;
  if (path === undefined || rest.length > 0) return fail('usage: npm run linearizability -- HISTORY.jsonl');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = parseHistory(text);
  if ('problem' in parsed) return fail(`${path}: ${parsed.problem}`);
  const verdict = checkHistory(parsed.operations);
  process.stdout.write(`${verdictText(parsed.operations, verdict)}\n`);
  return verdict.linearizable ? 0 : 1;
};

process.exitCode = run(process.argv.slice(2));
