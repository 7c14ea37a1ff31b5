// Each file of raft/core/testdata shows one rule of the core; what it expects is held to the letter, traces too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runScenario } from './run-scenario.ts';
import { parseCommand, parseScenario } from './scenario-file.ts';

const folder = join(import.meta.dirname, '../../manager/src/raft/core/testdata');

for (const file of readdirSync(folder).sort()) {
  const text = readFileSync(join(folder, file), 'utf8');
  test(`the core does what ${file} expects`, (t) => {
    t.regex(text.split('\n')[0] ?? '', /^# Raft (paper|thesis) \d/, 'the first line names the section');
    const run = runScenario(text, file);
    t.deepEqual(run.differences, []);
    t.deepEqual(run.traceDifferences, []);
    t.is(run.text, text);
  });
}

const small = (expected: string): string => `add-nodes 1 voters=(1) index=2\n----\nnot what it says\n\nraft-state\n----\n${expected}\n`;

test('a difference in raft-state is found, one in a trace is told apart', (t) => {
  const right = runScenario(small('1: StateFollower (Voter) Term:0 Lead:0'), 'a.txt');
  t.deepEqual(right.differences, []);
  t.deepEqual(
    right.traceDifferences.map(({ line }) => line),
    [1],
  );
  const wrong = runScenario(small('1: StateLeader (Voter) Term:0 Lead:0'), 'a.txt');
  t.deepEqual(
    wrong.differences.map(({ line, actual }) => [line, actual]),
    [[5, '1: StateFollower (Voter) Term:0 Lead:0']],
  );
});

test('a block of several commands is checked by what the checked ones among them print', (t) => {
  const block = (state: string): string => `add-nodes 1 voters=(1) index=2\nraft-state\n----\nanother trace\n${state}\n`;
  t.is(runScenario(block('1: StateFollower (Voter) Term:0 Lead:0'), 'a.txt').differences.length, 0);
  t.is(runScenario(block('1: StateFollower (Voter) Term:1 Lead:0'), 'a.txt').differences.length, 1);
});

test('commands take words, values and lists with commas or blanks', (t) => {
  t.deepEqual(parseCommand('add-nodes 3 voters=(1,2 3) index=10 content=', 'a'), {
    name: 'add-nodes',
    args: [
      { key: '3', values: [] },
      { key: 'voters', values: ['1', '2', '3'] },
      { key: 'index', values: ['10'] },
      { key: 'content', values: [''] },
    ],
  });
});

test('output with blank lines stands between doubled lines, and a file is written as it was read', (t) => {
  const parts = parseScenario('raft-state\n----\n----\na\n\nb\n----\n----\n\nstatus 1\n----\nok\n', 'a');
  t.deepEqual(
    parts.flatMap((part) => ('expected' in part ? [part.expected] : [])),
    ['a\n\nb', 'ok'],
  );
});

test('what cannot be read is named with file and line', (t) => {
  t.throws(() => parseScenario('\nraft-state\n', 'a.txt'), { message: /^a\.txt:2: ---- is missing/ });
  t.throws(() => parseScenario('raft-state (\n----\n', 'a.txt'), { message: /^a\.txt:1: cannot read/ });
});

test('an unknown command or node is an answer, not a crash', (t) => {
  const run = runScenario('dance\n----\nunknown command\n\nstatus 9\n----\nthere is no node 9\n', 'a.txt');
  t.deepEqual([...run.differences, ...run.traceDifferences], []);
});

test('an option that others have and this runner has not is passed over and named', (t) => {
  const run = runScenario(
    'add-nodes 1 voters=(1) index=2 async-storage-writes=true\nraft-state\n----\n1: StateFollower (Voter) Term:0 Lead:0\n',
    'a.txt',
  );
  t.deepEqual(run.notes, ['add-nodes does not know async-storage-writes, and goes on without it']);
  t.deepEqual(run.differences, []);
});
