import { readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { createLog, logExists } from './index.ts';
import { checksum } from './numbers.ts';
import {
  bootstrap,
  chunksOf,
  contentOf,
  create,
  diskPorts,
  entry,
  hard,
  identity,
  listeningLogger,
  metaAt,
  options,
  reopen,
  run,
  synced,
  withDirectory,
} from './testing/disk-fixture.ts';

const filesOf = async (directory: string): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(directory)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, (await readFile(join(directory, name))).toString('latin1')] as const)));
};

/** Opening is refused so, and changes no file. */
const refused = async (t: ExecutionContext, directory: string, code: string, message: RegExp): Promise<void> => {
  const before = await filesOf(directory);
  await t.throwsAsync(reopen(directory), { instanceOf: TsoError, code, message });
  t.deepEqual(await filesOf(directory), before);
  t.true(await logExists(directory, diskPorts()), 'a log that cannot be opened is there all the same');
};

const namesOf = async (directory: string, suffix: string): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith(suffix)).sort();

const pathOf = async (directory: string, suffix: string, at = -1): Promise<string> =>
  join(directory, (await namesOf(directory, suffix)).at(at) ?? '');

/** A log with five entries in as many frames of the segment that is read last, closed. */
const written = async (directory: string): Promise<string> => {
  const disk = await create(directory);
  for (let index = 2; index <= 6; index++) await disk.write(synced({ entries: [entry(index, 1)], hardState: hard(1, 1, index - 1) }));
  await disk.close();
  return pathOf(directory, '.log');
};

/** Offsets of the frames in it. */
const framesOf = (bytes: Buffer): readonly number[] => {
  const offsets: number[] = [];
  const magic = Buffer.from('TFRM');
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) if (at % 8 === 0) offsets.push(at);
  return offsets;
};

const flip = async (path: string, offset: number, bit = 1): Promise<void> => {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ bit, offset);
  await writeFile(path, bytes);
};

test('a log cut at any byte of its last frame loses that frame alone, and the cut bytes are kept aside', (t) =>
  withDirectory(async (directory) => {
    const segment = await written(directory);
    const whole = await readFile(segment);
    const last = framesOf(whole).at(-1) ?? 0;
    for (let cut = last + 1; cut < whole.length; cut += 7) {
      await writeFile(segment, whole);
      await truncate(segment, cut);
      const logger = listeningLogger();
      const disk = await reopen(directory, {}, { logger });
      t.is(disk.lastIndex(), 5);
      t.is(disk.initialState().hardState.commit, 4);
      await disk.close();
      t.deepEqual(await readFile(`${segment}.${last}.torn`), whole.subarray(last, cut));
      t.true(logger.said.some((line) => line.includes('cut an unfinished write') && line.includes(segment)));
    }
  }));

test('a last frame of which a sector reads as zeros is torn; one that has a flipped bit is damage', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: [entry(2, 1)], hardState: hard(1, 1, 1) }));
    await disk.write(synced({ entries: [entry(3, 1, 'x'.repeat(3_000))], hardState: hard(1, 1, 2) }));
    await disk.close();
    const segment = await pathOf(directory, '.log');
    const whole = await readFile(segment);
    const last = framesOf(whole).at(-1) ?? 0;
    await flip(segment, last + 2_000);
    await refused(
      t,
      directory,
      'DATA_LOSS',
      new RegExp(`${segment} is damaged at byte ${last}: the frame of entry 3 is all there, but its checksum does not fit`),
    );
    await writeFile(segment, Buffer.from(whole).fill(0, 2_048, 2_560));
    const next = await reopen(directory);
    t.is(next.lastIndex(), 2);
    await next.close();
    t.is((await namesOf(directory, '.torn')).length, 1);
  }));

test('any flipped bit of a frame before the last is damage, named with file and byte, and every file is left alone', (t) =>
  withDirectory(async (directory) => {
    const segment = await written(directory);
    const whole = await readFile(segment);
    const [, second = 0, third = 0] = framesOf(whole);
    for (let at = second; at < third; at += 5) {
      await writeFile(segment, whole);
      await flip(segment, at, 1 << (at % 8));
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${segment} is damaged at byte ${second}: `));
    }
  }));

test('a frame that is zeros is damage when a later one knew it to be durable', (t) =>
  withDirectory(async (directory) => {
    const segment = await written(directory);
    const whole = await readFile(segment);
    const [, second = 0, third = 0] = framesOf(whole);
    await writeFile(segment, Buffer.from(whole).fill(0, second, third));
    await refused(t, directory, 'DATA_LOSS', /is unreadable, yet it was durable when the whole frame at byte \d+ was written/);
  }));

test('frames of one write that reached the disk in the wrong order are torn, not damage', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: [entry(2, 1)], hardState: hard(1, 1, 1) }));
    await disk.write(synced({ entries: [entry(3, 2, 'y'.repeat(600)), entry(4, 3), entry(5, 4)], hardState: hard(4, 1, 2) }));
    await disk.close();
    const segment = await pathOf(directory, '.log');
    const whole = await readFile(segment);
    const [, second = 0, third = 0] = framesOf(whole);
    await writeFile(segment, Buffer.from(whole).fill(0, second, third));
    const next = await reopen(directory);
    t.is(next.lastIndex(), 2);
    t.deepEqual(next.initialState().hardState, hard(1, 1, 1));
    await next.close();
  }));

test('the unfinished end of a segment that others follow is damage', (t) =>
  withDirectory(async (directory) => {
    const segment = await written(directory);
    const disk = await reopen(directory);
    await disk.write(synced({ entries: [entry(7, 1)], hardState: hard(1, 1, 1) }));
    await disk.close();
    await truncate(segment, (await readFile(segment)).length - 3);
    await refused(t, directory, 'DATA_LOSS', /the file ends within the frame of entry 6, and a later segment follows/);
  }));

test('a segment that is missing, at the front, in the middle or at the end, is named', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { segmentBytes: 500 });
    for (let index = 2; index <= 12; index++) await disk.write(synced({ entries: [entry(index, 1)], hardState: hard(1, 1, index - 1) }));
    await disk.close();
    const names = await namesOf(directory, '.log');
    t.true(names.length >= 4);
    for (const at of [0, 2, names.length - 1]) {
      const path = join(directory, names[at] ?? '');
      await rename(path, `${path}.away`);
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${path} is missing: it is one of the segments`));
      await rename(`${path}.away`, path);
    }
  }));

test('a segment under the name of another, or one put back from before, is refused', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { segmentBytes: 500 });
    for (let index = 2; index <= 12; index++) await disk.write(synced({ entries: [entry(index, 1)], hardState: hard(1, 1, index - 1) }));
    await disk.close();
    const second = await pathOf(directory, '.log', 1);
    const third = await pathOf(directory, '.log', 2);
    const bytes = await readFile(third);
    await writeFile(third, await readFile(second));
    await refused(t, directory, 'DATA_LOSS', /it is segment 2 under the name of another/);
    await writeFile(third, bytes.subarray(0, framesOf(bytes)[0]));
    await refused(
      t,
      directory,
      'DATA_LOSS',
      /was begun behind entry \d+ of term 1, but the segments before it end with entry \d+ of term 1/,
    );
  }));

test('any flipped bit of a snapshot, and any cut, is damage, named with file and byte', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: run(2, 9, 1), hardState: hard(1, 1, 8) }));
    await disk.saveSnapshot(metaAt(5, 1), chunksOf('some state', ' and more of it'));
    await disk.close();
    const path = await pathOf(directory, '.snapshot');
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at += 11) {
      await writeFile(path, whole);
      await flip(path, at, 1 << (at % 8));
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${path} is damaged at byte`));
    }
    for (let cut = 0; cut < whole.length; cut += 13) {
      await writeFile(path, whole.subarray(0, cut));
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${path} is damaged at byte`));
    }
    await writeFile(path, Buffer.concat([whole, Buffer.from('tail')]));
    await refused(t, directory, 'DATA_LOSS', /something follows its end mark/);
  }));

test('a snapshot that is missing is noticed by the log that goes on behind it', (t) =>
  withDirectory(async (directory) => {
    await written(directory);
    const path = await pathOf(directory, '.snapshot');
    await rm(path);
    await refused(t, directory, 'DATA_LOSS', /snapshot is missing: the log begins with entry 2/);
  }));

test('an older snapshot put in place of the newest one is refused', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { segmentBytes: 500 });
    const old = await pathOf(directory, '.snapshot');
    const bytes = await readFile(old);
    for (let index = 2; index <= 12; index++) await disk.write(synced({ entries: [entry(index, 1)], hardState: hard(1, 1, index - 1) }));
    await disk.saveSnapshot(metaAt(10, 1), chunksOf('ten'));
    await disk.compact(10);
    await disk.close();
    await rm(await pathOf(directory, '.snapshot'));
    await writeFile(old, bytes);
    await refused(t, directory, 'DATA_LOSS', /the log begins with entry \d+, but the newest snapshot is of entry 1/);
  }));

test('files of another log or another member are told apart from damage', (t) =>
  withDirectory((directory) =>
    withDirectory(async (other) => {
      await written(directory);
      for (const [owner, message] of [
        [{ ...identity, groupId: 'group-b' }, /does not belong here: it is of log group-b, this one is group-a/],
        [{ ...identity, raftId: 9 }, /does not belong here: it was written by member 9, this is member 1/],
        [identity, /does not belong here: it is sealed under another key than the one the key file has as number 1/],
      ] as const) {
        await rm(other, { recursive: true });
        const foreign = await createLog(other, owner, bootstrap(), options, diskPorts());
        await foreign.write(synced({ entries: [entry(2, 1)], hardState: hard(1, 1, 1) }));
        await foreign.close();
        for (const suffix of ['.log', '.snapshot']) {
          const path = await pathOf(directory, suffix);
          const bytes = await readFile(path);
          await writeFile(path, await readFile(await pathOf(other, suffix)));
          await refused(t, directory, 'FAILED_PRECONDITION', message);
          await writeFile(path, bytes);
        }
      }
    }),
  ));

test('a file of a newer format is not touched by this version', (t) =>
  withDirectory(async (directory) => {
    await written(directory);
    for (const suffix of ['.log', '.snapshot']) {
      const path = await pathOf(directory, suffix);
      const bytes = await readFile(path);
      const newer = Buffer.from(bytes);
      newer.writeUInt32LE(2, 8);
      newer.writeUInt32LE(checksum(newer.subarray(0, 20)), 20);
      await writeFile(path, newer);
      await refused(t, directory, 'FAILED_PRECONDITION', /has format 2, this version of tso reads up to 1/);
      await writeFile(path, bytes);
    }
  }));

test('what was never a segment or a snapshot is not taken for one', (t) =>
  withDirectory(async (directory) => {
    await written(directory);
    for (const [suffix, what] of [
      ['.log', 'a log segment'],
      ['.snapshot', 'a snapshot'],
    ] as const) {
      const path = await pathOf(directory, suffix);
      const bytes = await readFile(path);
      await writeFile(path, 'a shopping list');
      await refused(t, directory, 'DATA_LOSS', new RegExp(`is damaged at byte 0: its first bytes are not those of ${what}`));
      await writeFile(path, '');
      await refused(t, directory, 'DATA_LOSS', new RegExp(`is damaged at byte 0: its first bytes are not those of ${what}`));
      await writeFile(path, bytes);
    }
  }));

test('the small files are missed when they are gone, and seen to be damaged', (t) =>
  withDirectory(async (directory) => {
    await written(directory);
    for (const name of ['raft.json', 'raft-keys.json']) {
      const path = join(directory, name);
      const bytes = await readFile(path);
      await rm(path);
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${path} is missing`));
      await writeFile(path, bytes.subarray(0, bytes.length - 10));
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${path} is damaged at byte 0: it is not JSON`));
      await writeFile(path, bytes.toString().replace('"format": 1', '"format": 0'));
      await refused(t, directory, 'DATA_LOSS', new RegExp(`${path} is damaged at byte 0`));
      await writeFile(path, '{"crc32c": 1, "content": {"a": 2}}');
      await refused(t, directory, 'DATA_LOSS', /its checksum does not fit its content/);
      await writeFile(path, bytes);
    }
    const disk = await reopen(directory);
    t.is(contentOf(disk).length, 5);
    await disk.close();
  }));

test('the state of an earlier version is refused with a sentence that says what to do', (t) =>
  withDirectory(async (directory) => {
    await writeFile(join(directory, 'log-0000000000000001.seg'), 'TSOLOG1\n');
    const message = /holds the state of an earlier version of tso, which knew one manager only \(log-0000000000000001\.seg\)/;
    const error = await t.throwsAsync<TsoError>(reopen(directory), { code: 'FAILED_PRECONDITION', message });
    t.regex(error.hint ?? '', /move log-\*\.seg and store-\*\.snap away/);
    await t.throwsAsync(create(directory), { code: 'FAILED_PRECONDITION', message });
    t.deepEqual(await readdir(directory), ['log-0000000000000001.seg']);
  }));

test('where there is no log, that is said; where there is one, no other is begun over it', (t) =>
  withDirectory(async (directory) => {
    t.false(await logExists(directory, diskPorts()));
    t.false(await logExists(join(directory, 'nowhere'), diskPorts()));
    await t.throwsAsync(reopen(directory), { code: 'NOT_FOUND' });
    await t.throwsAsync(reopen(join(directory, 'nowhere')), { code: 'NOT_FOUND' });
    const disk = await create(join(directory, 'new', 'log'));
    await t.throwsAsync(reopen(join(directory, 'new', 'log')), { code: 'FAILED_PRECONDITION', message: /another manager is working in/ });
    await disk.close();
    t.true(await logExists(join(directory, 'new', 'log'), diskPorts()));
    await t.throwsAsync(create(join(directory, 'new', 'log')), { code: 'ALREADY_EXISTS', message: /of member 1 of group-a/ });
  }));
