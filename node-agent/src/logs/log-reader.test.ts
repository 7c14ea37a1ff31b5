import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { rotate } from './log-files.ts';
import type { LogEntry } from './log-format.ts';
import { type ReadLogOptions, readLog } from './log-reader.ts';

const line = (index: number, tag = 'F'): string =>
  `2026-11-21T03:00:${String(index % 60).padStart(2, '0')}.000000000+00:00 stdout ${tag} line ${index}\n`;
const textOf = (entry: LogEntry): string => new TextDecoder().decode(entry.data);
const reading = (options: Partial<ReadLogOptions['options']>, more: Partial<ReadLogOptions> = {}): ReadLogOptions => ({
  options: { follow: false, ...options },
  signal: new AbortController().signal,
  isLive: () => true,
  onLifeChange: () => () => undefined,
  ...more,
});
const all = async (path: string, options: ReadLogOptions): Promise<string[]> => {
  const lines: string[] = [];
  for await (const entry of readLog(path, options)) lines.push(textOf(entry));
  return lines;
};

const withFolder = async (body: (path: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-log-'));
  try {
    await body(join(folder, 'log'));
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('rotated files are read oldest first', (t) =>
  withFolder(async (path) => {
    for (let index = 0; index < 6; index += 1) {
      if (index > 0 && index % 2 === 0) await rotate(path, 9);
      await appendFile(path, line(index));
    }
    t.deepEqual(
      await all(path, reading({})),
      [0, 1, 2, 3, 4, 5].map((index) => `line ${index}`),
    );
  }));

test('rotation keeps the wished number of files', (t) =>
  withFolder(async (path) => {
    for (let index = 0; index < 5; index += 1) {
      await appendFile(path, line(index));
      await rotate(path, 3);
    }
    await appendFile(path, line(5));
    t.deepEqual(await all(path, reading({})), ['line 3', 'line 4', 'line 5']);
  }));

test('the tail counts whole lines over all files', (t) =>
  withFolder(async (path) => {
    await appendFile(path, line(0) + line(1));
    await rotate(path, 3);
    await appendFile(path, line(2, 'P') + line(3) + line(4));
    t.deepEqual(await all(path, reading({ tail: 3 })), ['line 1', 'line 2', 'line 3', 'line 4']);
    t.deepEqual(await all(path, reading({ tail: 0 })), []);
  }));

test('since and until bound the instants', (t) =>
  withFolder(async (path) => {
    await appendFile(path, [0, 1, 2, 3].map((index) => line(index)).join(''));
    const sinceMs = Date.parse('2026-11-21T03:00:01Z');
    t.deepEqual(await all(path, reading({ sinceMs, untilMs: sinceMs + 1_000 })), ['line 1', 'line 2']);
  }));

test('a follow sees each line once through several rotations and ends with the container', (t) =>
  withFolder(async (path) => {
    const count = 300;
    const life = { alive: true, listener: (): void => undefined };
    const onLifeChange = (listener: () => void) => {
      life.listener = listener;
      return () => undefined;
    };
    const options = reading({ follow: true }, { isLive: () => life.alive, onLifeChange });
    await appendFile(path, line(0));
    const seen = all(path, options);
    for (let index = 1; index < count; index += 1) {
      await appendFile(path, line(index));
      if (index % 7 === 0) await rotate(path, count);
    }
    life.alive = false;
    life.listener();
    t.deepEqual(
      await seen,
      Array.from({ length: count }, (_, index) => `line ${index}`),
    );
  }));

test('a follow ends when its reader goes away', (t) =>
  withFolder(async (path) => {
    await appendFile(path, line(0));
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const entry of readLog(path, reading({ follow: true }, { signal: controller.signal }))) {
      seen.push(textOf(entry));
      controller.abort();
    }
    t.deepEqual(seen, ['line 0']);
  }));
