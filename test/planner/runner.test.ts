import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ScenarioError } from '../scenario/scenario-file.ts';
import { rewritten, runStory } from './run-transcript.ts';
import { parseTranscript } from './transcript-file.ts';

const story = (blocks: string): string => `# Some rules\n\n## A story\n\ncluster alpha\n----\nok\n\n${blocks}`;
const webUp = 'up\nservices: { web: { image: web:1 } }\n----\n';

const messageOf = (t: { readonly throws: (work: () => void, what: object) => Error | undefined }, text: string): string =>
  t.throws(() => rewritten(text, 'a.txt'), { instanceOf: ScenarioError })?.message ?? '';

test('a story comes out the same in every run', (t) => {
  const text = story(`${webUp}wrong\n\nrun\n----\nwrong\n`);
  t.is(rewritten(text, 'a.txt'), rewritten(text, 'a.txt'));
  t.true(rewritten(text, 'a.txt').includes('web.1#1 new, web:1 on alpha\n\nrun\n----\nweb.1#1 running\n'));
  t.is(rewritten(rewritten(text, 'a.txt'), 'a.txt'), rewritten(text, 'a.txt'));
});

test('a story that came out otherwise than its file says is told apart', (t) => {
  const [told] = parseTranscript(story(`${webUp}service web: create\nweb.1#1 new, web:1 on beta\n`), 'a.txt').stories;
  const { expected, actual } = runStory(told?.title ?? '', told?.parts ?? [], 'a.txt');
  t.true(expected.includes('on beta'));
  t.true(actual.includes('on alpha'));
  t.not(expected, actual);
});

test('what cannot be read or carried out is named with its file and line', (t) => {
  t.regex(messageOf(t, 'cluster alpha\n----\nok\n'), /^a\.txt:1: it must begin with #/);
  t.regex(messageOf(t, '# Some rules\n'), /^a\.txt: it tells no story/);
  t.regex(messageOf(t, '# Some rules\n\ncluster alpha\n----\nok\n'), /^a\.txt:3: cluster stands before the first story/);
  t.regex(messageOf(t, '# Some rules\n\n## A story\n\nrun\n----\nok\n'), /^a\.txt:5: run: a story begins with its cluster/);
  t.regex(messageOf(t, story('dance\n----\nok\n')), /^a\.txt:9: dance: there is no such command; there are advance, /);
  t.regex(messageOf(t, story('fail web.7\n----\nok\n')), /^a\.txt:9: fail: there is no task web\.7 \(there are none\)/);
  t.regex(messageOf(t, story('node beta down\n----\nok\n')), /there is no node beta/);
  t.regex(messageOf(t, story('advance soon\n----\nok\n')), /soon is no duration/);
  t.regex(messageOf(t, story('run fro=5s\n----\nok\n')), /it does not know fro=/);
  t.regex(messageOf(t, story('node alpha disks=2\n----\nok\n')), /nothing of a node is called disks/);
});

test('what is refused is part of the story, and so is a file that says what is wrong with it', (t) => {
  t.true(rewritten(story('down\n----\n\n'), 'a.txt').includes('refused, NOT_FOUND: there is no stack shop'));
  const wrong = rewritten(story('up\nservices: { web: { imag: web:1 } }\n----\n\n'), 'a.txt');
  t.true(wrong.includes('imag'), wrong);
});

test('the command tells by its exit code whether files agree, and writes them when asked to', (t) => {
  const work = mkdtempSync(join(tmpdir(), 'transcript-'));
  t.teardown(() => rmSync(work, { recursive: true }));
  const path = join(work, 'a.txt');
  writeFileSync(path, story(`${webUp}wrong\n`));
  const call = (...options: readonly string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), path, ...options], { encoding: 'utf8' });
  const first = call();
  t.is(first.status, 1, first.stderr);
  t.true(first.stdout.includes(':12:\n- wrong\n+ service web: create\n'), first.stdout);
  t.is(call('--write').status, 0);
  t.true(readFileSync(path, 'utf8').includes('web.1#1 new, web:1 on alpha'));
  t.is(call().status, 0);
  t.is(call('--nothing').status, 2);
});
