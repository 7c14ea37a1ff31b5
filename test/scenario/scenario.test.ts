// Each file of raft/core/testdata shows one rule of the core; what it expects is held to the letter, traces too.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
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
  t.throws(() => parseScenario('raft-state\n\nstatus 1\n----\n', 'a.txt'), { message: /^a\.txt:1: ---- is missing behind raft-state/ });
  t.throws(() => parseScenario('\n----\nok\n', 'a.txt'), { message: /^a\.txt:2: ---- stands without a command/ });
  t.throws(() => parseScenario('raft-state (\n----\n', 'a.txt'), { message: /^a\.txt:1: cannot read/ });
});

const refusals: Readonly<Record<string, string>> = {
  'dance\n': 'a.txt:2: dance: there is no such command',
  'constructor\n': 'a.txt:2: constructor: there is no such command',
  'log-level none\nraft-stat\n': 'a.txt:3: raft-stat: there is no such command',
  'status 9\n': 'a.txt:2: status: there is no node 9',
  'status\n': 'a.txt:2: status: the node id is missing',
  'add-nodes many\n': 'a.txt:2: add-nodes: the number of nodes must be a whole number, not many',
  'add-nodes 1 voters=(1) index=2 prevote=perhaps\n': 'a.txt:2: add-nodes: prevote must be true or false, not perhaps',
  'deliver-msgs 1 drop=1\n': "a.txt:2: deliver-msgs: can't both deliver and drop msgs to 1",
  'propose-conf-change 1\nv2 x3\n': 'a.txt:2: propose-conf-change: x3 is no step: they are like v4, l5, r2 and u3',
  'propose-conf-change 1 transition=now\nv2\n': 'a.txt:2: propose-conf-change: transition must be auto, implicit or explicit, not now',
  'propose-conf-change 1 v1=true\n': 'a.txt:2: propose-conf-change: v1 conf change can only have one operation and no transition',
  'report-unreachable 1\n': 'a.txt:2: report-unreachable: it takes exactly two node ids',
  'propose 1\n': 'a.txt:2: propose: it takes a node id and one word: propose ID DATA',
};

for (const [text, message] of Object.entries(refusals)) {
  test(`a file with ${JSON.stringify(text.split('\n').at(-2))} is refused with one sentence that names the line`, (t) => {
    t.throws(() => runScenario(`# a file\n${text}----\nok\n`, 'a.txt'), { name: 'ScenarioError', message });
  });
}

test('line breaks and commas between entries may differ from one version of the form to another', (t) => {
  const elect = 'log-level none\nadd-nodes 1 voters=(1) index=2\ncampaign 1\nstabilize\n----\nok (quiet)\n';
  t.deepEqual(runScenario(elect, 'a.txt').traceDifferences, []);
  const words = 'INFO 1 switched to configuration voters=(1) INFO 1 became follower at term 0';
  const last = 'INFO newRaft 1 [peers: [1], term: 0, commit: 2, applied: 2, lastindex: 2, lastterm: 1]';
  t.deepEqual(runScenario(`add-nodes 1 voters=(1) index=2\n----\n${words}\n${last}\n`, 'a.txt').traceDifferences, []);
  t.is(runScenario(`add-nodes 1 voters=(1) index=2\n----\n${words}\n`, 'a.txt').traceDifferences.length, 1);
});

test('tick takes a node and a number of ticks, and the timeouts can be chosen', (t) => {
  const text = `add-nodes 1 voters=(1) index=2 election-tick=5 heartbeat-tick=2
log-level info
tick 1 4
raft-state
----
1: StateFollower (Voter) Term:0 Lead:0

tick 1
raft-state
----
1: StateCandidate (Voter) Term:1 Lead:0
`;
  t.deepEqual(runScenario(text, 'a.txt').differences, []);
});

test('an option that others have and this runner has not is passed over and named', (t) => {
  const run = runScenario(
    'add-nodes 1 voters=(1) index=2 twice-as-fast=true\nraft-state\n----\n1: StateFollower (Voter) Term:0 Lead:0\n',
    'a.txt',
  );
  t.deepEqual(run.notes, ['add-nodes does not know twice-as-fast, and goes on without it']);
  t.deepEqual(run.differences, []);
});

test('the command prints what the core gives and says by its exit code whether the file agrees', (t) => {
  const work = mkdtempSync(join(tmpdir(), 'scenario-'));
  t.teardown(() => rmSync(work, { recursive: true }));
  const call = (text: string, ...options: readonly string[]) => {
    writeFileSync(join(work, 'a.txt'), text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'raft-scenario.ts'), 'a.txt', ...options], {
      encoding: 'utf8',
      env: { ...process.env, INIT_CWD: work },
    });
    return { status, stdout, stderr };
  };
  const right = '1: StateFollower (Voter) Term:0 Lead:0';
  const wrong = call(small('1: StateLeader (Voter) Term:0 Lead:0'), '--check');
  t.deepEqual(wrong, {
    status: 1,
    stdout: wrong.stdout,
    stderr: `a.txt:5: raft-state\n- 1: StateLeader (Voter) Term:0 Lead:0\n+ ${right}\n`,
  });
  t.true(wrong.stdout.endsWith(`raft-state\n----\n${right}\n`));
  t.is(call(small(right), '--check').status, 0);
  t.is(call(small(right), '--check-all').status, 1);
  t.is(call(small('anything')).status, 0);
  t.deepEqual(call('dance\n----\nok\n'), { status: 2, stdout: '', stderr: 'a.txt:1: dance: there is no such command\n' });
  rmSync(join(work, 'a.txt'));
  t.is(call('', '--nothing').status, 2);
});
