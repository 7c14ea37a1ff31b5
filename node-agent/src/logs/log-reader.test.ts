import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { rotate } from './log-files.ts';
import type { LogEntry } from './log-format.ts';
import { type ReadLogOptions, readLog } from './log-reader.ts';

const line = (index: number, tag = 'F'): string =>
  `2026-11-21T03:00:${String(index % 60).padStart(2, '0')}.000000000+00:00 stdout ${tag} line ${index}\n`;
const textOf = (entry: LogEntry): string => new TextDecoder().decode(entry.data);
const reading = (options: Partial<ReadLogOptions['options']>, more: Partial<ReadLogOptions> = {}): ReadLogOptions => ({
  options: { follow: false, ...options },
  signal: new AbortController().signal,
  clock: new ManualClock(),
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

/** The life of a container, as a test has it end. */
class Life {
  #listener: () => void = () => undefined;
  #alive = true;

  readonly options = {
    isLive: (): boolean => this.#alive,
    onLifeChange: (listener: () => void): (() => void) => {
      this.#listener = listener;
      return () => undefined;
    },
  };

  end(): void {
    this.#alive = false;
    this.#listener();
  }
}

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
    const life = new Life();
    const options = reading({ follow: true }, life.options);
    await appendFile(path, line(0));
    const seen = all(path, options);
    for (let index = 1; index < count; index += 1) {
      await appendFile(path, line(index));
      if (index % 7 === 0) await rotate(path, count);
    }
    life.end();
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

/** Collects a follow as it goes. */
const following = (path: string, options: ReadLogOptions): { readonly lines: string[]; readonly ended: Promise<void> } => {
  const lines: string[] = [];
  const run = async (): Promise<void> => {
    for await (const entry of readLog(path, options)) lines.push(textOf(entry));
  };
  return { lines, ended: run() };
};

test('a line that a crash tore at the end of a file spoils no line of the next', (t) =>
  withFolder(async (path) => {
    await appendFile(path, `${line(0)}2026-11-21T03:00:01.00000`);
    await rotate(path, 3);
    await appendFile(path, line(2));
    t.deepEqual(await all(path, reading({})), ['line 0', 'line 2']);
  }));

test('a log that its writer began anew goes on with the new file and repeats none of the older ones', (t) =>
  withFolder(async (path) => {
    const controller = new AbortController();
    await appendFile(path, line(0));
    await rotate(path, 9);
    await appendFile(path, line(1));
    const { lines, ended } = following(path, reading({ follow: true }, { signal: controller.signal }));
    await eventually('it is read', () => lines.length === 2);
    await writeFile(`${path}.new`, line(2));
    await rename(`${path}.new`, path);
    await eventually('the new file is read', () => lines.length >= 3);
    controller.abort();
    await ended;
    t.deepEqual(lines, ['line 0', 'line 1', 'line 2']);
  }));

test('a follow whose file was deleted for its age goes on with what is newer', (t) =>
  withFolder(async (path) => {
    const controller = new AbortController();
    await appendFile(path, line(0));
    const { lines, ended } = following(path, reading({ follow: true }, { signal: controller.signal }));
    await eventually('it is read', () => lines.length === 1);
    for (let index = 1; index < 6; index += 1) {
      await rotate(path, 2);
      await appendFile(path, line(index));
    }
    await eventually('the last is read', () => lines.includes('line 5'));
    controller.abort();
    await ended;
    t.deepEqual(lines, [...new Set(lines)].toSorted());
  }));

test('a follow ends when its last instant is over, though nothing is written any more', (t) =>
  withFolder(async (path) => {
    const clock = new ManualClock();
    await appendFile(path, line(0));
    const { ended } = following(path, reading({ follow: true, untilMs: clock.now() + 5_000 }, { clock }));
    await eventually('it waits', () => clock.pending === 1);
    clock.advance(5_001);
    await ended;
    t.is(clock.pending, 0);
  }));

test('a follow of a task that has ended, or whose folder is gone, ends', (t) =>
  withFolder(async (path) => {
    t.deepEqual(await all(`${path}/not/there`, reading({ follow: true }, { isLive: () => false })), []);
    const life = new Life();
    const { ended } = following(`${path}/not/there`, reading({ follow: true }, life.options));
    await new Promise(setImmediate);
    life.end();
    await ended;
  }));

test('a reader that is slower than two rotations finds no gap: what was there when it began is read whole', (t) =>
  withFolder(async (path) => {
    for (let index = 0; index < 6; index += 1) {
      if (index > 0 && index % 2 === 0) await rotate(path, 3);
      await appendFile(path, line(index));
    }
    const entries = readLog(path, reading({}))[Symbol.asyncIterator]();
    const lines: string[] = [textOf((await entries.next()).value as LogEntry)];
    for (let index = 6; index < 8; index += 1) {
      await rotate(path, 3);
      await appendFile(path, line(index));
    }
    for (let next = await entries.next(); next.done !== true; next = await entries.next()) lines.push(textOf(next.value));
    const numbers = lines.map((text) => Number(text.split(' ')[1]));
    t.deepEqual(
      numbers,
      numbers.map((_, at) => at),
    );
    t.true(numbers.length >= 6);
  }));

/** Lines of one instant, as conmon writes what it read in one piece. */
const at = (second: number, ...texts: readonly string[]): string =>
  texts.map((text) => `2026-11-21T03:00:${String(second).padStart(2, '0')}.000000000+00:00 stdout F ${text}\n`).join('');
const secondsAt = (second: number): number => Date.parse('2026-11-21T03:00:00Z') / 1_000 + second;
const after = (second: number, ordinal: number) => ({ after: { atNsHigh: secondsAt(second), atNsLow: 0, ordinal } });

test('lines of one instant are numbered, also over what comes later', (t) =>
  withFolder(async (path) => {
    await writeFile(path, at(1, 'a', 'b') + at(2, 'c'));
    const numbers: number[] = [];
    for await (const entry of readLog(path, reading({}))) numbers.push(entry.ordinal);
    t.deepEqual(numbers, [1, 2, 1]);
  }));

test('a reader that goes on behind a line gets what stands there, whatever its time, tail and since', (t) =>
  withFolder(async (path) => {
    // The clock is set back behind b.
    await writeFile(path, at(5, 'a', 'b', 'c') + at(3, 'd') + at(6, 'e'));
    t.deepEqual(await all(path, reading(after(5, 2))), ['c', 'd', 'e']);
    t.deepEqual(await all(path, reading({ ...after(5, 2), tail: 1, sinceMs: secondsAt(6) * 1_000 })), ['c', 'd', 'e']);
    t.deepEqual(await all(path, reading(after(6, 1))), []);
  }));

test('a reader whose line was rotated away gets what is later than it', (t) =>
  withFolder(async (path) => {
    await writeFile(path, at(4, 'old') + at(5, 'same instant') + at(6, 'new'));
    t.deepEqual(await all(path, reading(after(5, 7))), ['new']);
  }));

test('wherever a reader stops, going on behind its last line gives the rest, each line once', (t) =>
  withFolder(async (path) => {
    const seconds = [1, 1, 1, 2, 2, 3, 1, 4, 4, 4];
    let previous: number | undefined;
    let ordinal = 0;
    const lines = seconds.map((second, index) => {
      ordinal = second === previous ? ordinal + 1 : 1;
      previous = second;
      return { text: `line ${index}`, second, ordinal };
    });
    for (const [index, { text, second }] of lines.entries()) {
      if (index === 4) await rotate(path, 9);
      await appendFile(path, at(second, text));
    }
    for (const [index, { second, ordinal: number }] of lines.entries()) {
      // The instant that comes again is another line's by its number alone when both have the same: the earlier one is meant.
      if (index === 6) continue;
      t.deepEqual(
        await all(path, reading(after(second, number))),
        lines.slice(index + 1).map(({ text }) => text),
      );
    }
  }));
