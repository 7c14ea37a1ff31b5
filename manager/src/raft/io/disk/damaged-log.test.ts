import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { flip, framesOf, namesOf, pathOf, refused, written } from './testing/damage.ts';
import { create, entry, hard, listeningLogger, reopen, synced, withDirectory } from './testing/disk-fixture.ts';

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
