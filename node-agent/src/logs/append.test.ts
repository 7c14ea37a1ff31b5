import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogStream } from '@tso/proto';
import test from 'ava';
import { ManualClock } from '../testing/manual-clock.ts';
import { LogAppender } from './append.ts';
import { parseLogLine } from './log-format.ts';

const inFolder = async (body: (path: string, log: LogAppender) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-append-'));
  const path = join(folder, 'task', 'log');
  try {
    await body(path, new LogAppender({ path }, { clock: new ManualClock() }));
  } finally {
    await rm(folder, { recursive: true });
  }
};

const entries = async (path: string) =>
  (await readFile(path))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseLogLine(Buffer.from(line)))
    .map((entry) => [entry?.stream, entry?.partial, Buffer.from(entry?.data ?? []).toString()]);

test('pieces become whole lines of their stream, and what has no newline yet is completed at the end', (t) =>
  inFolder(async (path, log) => {
    await log.push(LogStream.STDOUT, Buffer.from('one\nhal'));
    await log.push(LogStream.STDERR, Buffer.from('wrong\n\n'));
    await log.push(LogStream.STDOUT, Buffer.from('f'));
    await log.end();
    t.deepEqual(await entries(path), [
      [LogStream.STDOUT, false, 'one'],
      [LogStream.STDERR, false, 'wrong'],
      [LogStream.STDERR, false, ''],
      [LogStream.STDOUT, false, 'half'],
    ]);
    t.is(log.lastLine, 'half');
  }));

test('a long line is written in pieces of 16 KiB that say that they go on', (t) =>
  inFolder(async (path, log) => {
    await log.push(LogStream.STDOUT, Buffer.from(`${'x'.repeat(40_000)}\n`));
    const written = await entries(path);
    t.deepEqual(
      written.map(([, partial, data]) => [partial, String(data).length]),
      [
        [true, 16_384],
        [true, 16_384],
        [false, 7_232],
      ],
    );
  }));

test('what never ends a line is written as it comes, all of it, and its last piece says that the line is over', (t) =>
  inFolder(async (path, log) => {
    const chunk = Buffer.from('x'.repeat(50_000));
    for (let round = 0; round < 30; round += 1) await log.push(LogStream.STDOUT, chunk);
    const before = await entries(path);
    const bytes = (all: typeof before): number => all.reduce((sum, [, , data]) => sum + String(data).length, 0);
    t.true(30 * chunk.length - bytes(before) < 16_384);
    t.true(before.every(([, partial]) => partial));
    await log.end();
    const after = await entries(path);
    t.is(bytes(after), 30 * chunk.length);
    t.deepEqual(
      after.map(([, partial]) => partial),
      after.map((_, at) => at < after.length - 1),
    );
  }));

test('a line that ends just behind a piece is ended, once', (t) =>
  inFolder(async (path, log) => {
    await log.push(LogStream.STDOUT, Buffer.from('x'.repeat(16_384)));
    await log.end();
    await log.end();
    const ended = (await entries(path)).map(([, partial, data]) => [partial, String(data).length]);
    t.deepEqual(ended, [
      [true, 16_384],
      [false, 0],
    ]);
  }));

test('after a rotation it goes on in the new file', (t) =>
  inFolder(async (path, log) => {
    await log.push(LogStream.STDOUT, Buffer.from('before\n'));
    await rename(path, `${path}.1`);
    await log.push(LogStream.STDOUT, Buffer.from('after\n'));
    t.deepEqual(await entries(path), [[LogStream.STDOUT, false, 'after']]);
  }));
