import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TsoError } from '@tso/proto';
import test from 'ava';
import { createLog, logExists } from './index.ts';
import { checksum } from './numbers.ts';
import { flip, pathOf, refused, written } from './testing/damage.ts';
import {
  bootstrap,
  chunksOf,
  contentOf,
  create,
  diskPorts,
  entry,
  hard,
  identity,
  metaAt,
  options,
  reopen,
  run,
  synced,
  withDirectory,
} from './testing/disk-fixture.ts';

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
