import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runStory } from './run-transcript.ts';
import { parseTranscript } from './transcript-file.ts';

/** What the planner decides, as text that people read: one test for each story of each file. */

const folder = join(import.meta.dirname, 'transcripts');
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

for (const file of files) {
  const { about, stories } = parseTranscript(readFileSync(join(folder, file), 'utf8'), file);
  for (const { title, parts, line } of stories) {
    test(`${about}: ${title}`, (t) => {
      const { expected, actual } = runStory(title, parts, file);
      t.is(actual, expected, `${file}:${line}; if this is meant, npm run planner:transcripts -- --write puts it into the file`);
    });
  }
}
