import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  bootstrap,
  chunksOf,
  contentOf,
  create,
  entry,
  hard,
  identity,
  metaAt,
  readAll,
  reopen,
  run,
  synced,
  withDirectory,
} from './testing/disk-fixture.ts';

test('a new log of the first member begins with a snapshot that names it', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    t.deepEqual(disk.identity, identity);
    t.deepEqual(disk.initialState(), { hardState: hard(1, 0, 1), confState: bootstrap().confState });
    t.deepEqual([disk.firstIndex(), disk.lastIndex(), disk.term(1), disk.term(2)], [2, 1, 1, 'unavailable']);
    const { meta, contents } = await disk.openSnapshot();
    t.is(meta.index, 1);
    t.is((await readAll(contents)).toString(), 'the beginning');
    await disk.close();
  }));

test('a restart finds entries, hard state and snapshot as they were written', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: run(2, 5, 1), hardState: hard(1, 1, 1) }));
    await disk.write(synced({ entries: [entry(4, 2, 'newer', 'EntryConfChangeV2')], hardState: hard(2, 3, 3) }));
    const before = contentOf(disk);
    t.is(before.length, 3);
    await disk.close();
    for (let life = 0; life < 3; life++) {
      const next = await reopen(directory);
      t.deepEqual(contentOf(next), before);
      t.deepEqual(next.initialState().hardState, hard(2, 3, 3));
      t.deepEqual([next.term(3), next.term(4)], [1, 2]);
      await next.close();
    }
  }));

test('what need not be durable at once is not lost when the disk is closed', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: run(2, 5, 1), hardState: hard(1, 1, 1) }));
    await disk.write({ ...synced({ hardState: hard(1, 1, 4) }), mustSync: false });
    await disk.close();
    const next = await reopen(directory);
    t.deepEqual(next.initialState().hardState, hard(1, 1, 4));
    await next.close();
  }));

test('an own snapshot replaces the one before it, and compaction removes the segments that nobody needs', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { segmentBytes: 4_000 });
    for (let index = 2; index <= 40; index++) {
      await disk.write(synced({ entries: [entry(index, 1, 'x'.repeat(500))], hardState: hard(1, 1, index - 1) }));
    }
    const { contents } = await disk.openSnapshot(1);
    await disk.saveSnapshot(metaAt(30, 1), chunksOf('thirty'));
    await disk.compact(25);
    t.is((await readAll(contents)).toString(), 'the beginning');
    await t.throwsAsync(disk.openSnapshot(1), { code: 'NOT_FOUND' });
    t.deepEqual([disk.firstIndex(), disk.term(25), disk.term(24)], [26, 1, 'compacted']);
    const before = contentOf(disk);
    await disk.close();
    const names = await readdir(directory);
    t.is(names.filter((name) => name.endsWith('.snapshot')).length, 1);
    t.false(names.includes('raft-0000000000000001.log'));
    const next = await reopen(directory);
    t.true(next.firstIndex() <= 26);
    t.deepEqual(contentOf(next).slice(26 - next.firstIndex()), before);
    await next.close();
  }));

test('a received snapshot that is adopted takes the place of the whole log', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: run(2, 5, 1), hardState: hard(1, 1, 1) }));
    const meta = metaAt(100, 3, { voters: [1, 2], votersOutgoing: [], learners: [3], learnersNext: [], autoLeave: false });
    await disk.receiveSnapshot(meta, chunksOf('one ', 'hundred'));
    t.is(disk.lastIndex(), 5);
    await disk.write(synced({ snapshot: meta, hardState: hard(3, 0, 101), entries: [entry(101, 3)] }));
    t.deepEqual([disk.firstIndex(), disk.lastIndex(), disk.term(100), disk.snapshot().index], [101, 101, 3, 100]);
    await disk.close();
    const next = await reopen(directory);
    t.deepEqual(next.initialState(), { hardState: hard(3, 0, 101), confState: meta.confState });
    t.deepEqual([next.firstIndex(), next.lastIndex()], [101, 101]);
    t.is((await readAll((await next.openSnapshot(100)).contents)).toString(), 'one hundred');
    await next.close();
  }));

test('files can be read by their owner alone, and nothing in them shows what they hold', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: [entry(2, 1, 'a very secret thing')], hardState: hard(1, 1, 1) }));
    await disk.close();
    for (const name of await readdir(directory)) t.is((await stat(join(directory, name))).mode & 0o777, 0o600, name);
    const { readFile } = await import('node:fs/promises');
    for (const name of await readdir(directory)) {
      const bytes = await readFile(join(directory, name));
      t.false(bytes.includes('secret thing') || bytes.includes('the beginning'), name);
    }
  }));

test('a snapshot that comes before the one before it is adopted does not take its place, and both go when a later one is adopted', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    for (const index of [50, 60, 70]) await disk.receiveSnapshot(metaAt(index, 2), chunksOf(`state at ${index}`));
    await disk.write(synced({ hardState: hard(2, 0, 50), snapshot: metaAt(50, 2) }));
    t.is((await readAll((await disk.openSnapshot(50)).contents)).toString(), 'state at 50');
    await disk.write(synced({ hardState: hard(2, 0, 70), snapshot: metaAt(70, 2) }));
    t.is((await readAll((await disk.openSnapshot(70)).contents)).toString(), 'state at 70');
    t.deepEqual(
      (await readdir(directory)).filter((name) => name.includes('received')),
      [],
    );
    await disk.close();
  }));
