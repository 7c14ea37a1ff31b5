import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One broken file and how it was found: the seed and run of the fuzzer. */
export interface BrokenFile {
  readonly seed: number;
  readonly run: number;
  readonly text: string;
}

export const corpusFile = join(import.meta.dirname, 'corpus.jsonl');

/** Every broken file that was kept, in the order they were found. */
export const readCorpus = (): readonly BrokenFile[] =>
  existsSync(corpusFile)
    ? readFileSync(corpusFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as BrokenFile)
    : [];
