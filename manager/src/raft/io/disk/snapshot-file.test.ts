import test from 'ava';
import type { Chunks } from '../ports.ts';
import type { FileDisk } from './index.ts';
import { create, entry, hard, metaAt, readAll, reopen, run, synced, withDirectory } from './testing/disk-fixture.ts';
import { MemoryFiles } from './testing/memory-files.ts';

const directory = '/memory';
const mib = 1024 * 1024;

const sized = (sizes: readonly number[]): readonly Buffer[] => sizes.map((size, at) => Buffer.alloc(size, at + 1));

const each = async function* (chunks: readonly Buffer[]): Chunks {
  for (const chunk of chunks) yield chunk;
};

/** A disk whose log holds entry 2. */
const begun = async (files: MemoryFiles): Promise<FileDisk> => {
  const disk = await create(directory, {}, { files });
  await disk.write(synced({ entries: run(2, 9, 1), hardState: hard(1, 1, 8) }));
  return disk;
};

test('contents come back as they were, however they were cut', async (t) => {
  const files = new MemoryFiles();
  const disk = await begun(files);
  let index = 2;
  for (const sizes of [[], [0], [1], [131_071], [131_072], [131_073], [262_144], [1, 262_143, 5, 0, 99], [400_000, 1]]) {
    const chunks = sized(sizes);
    await disk.saveSnapshot(metaAt(index, 1), each(chunks));
    t.true((await readAll((await disk.openSnapshot(index)).contents)).equals(Buffer.concat(chunks)), sizes.join());
    index += 1;
    if (index > 9) break;
  }
  await disk.close();
  const next = await reopen(directory, {}, { files });
  t.is((await readAll((await next.openSnapshot()).contents)).length, 262_248);
  await next.close();
});

test('contents are taken as fast as the disk takes them, and writes go on meanwhile', async (t) => {
  const files = new MemoryFiles();
  const disk = await begun(files);
  let given = 0;
  let ahead = 0;
  const start = files.bytesAppended;
  const contents = async function* (): Chunks {
    for (; given < 8 * mib; given += 64 * 1024) {
      ahead = Math.max(ahead, given - (files.bytesAppended - start));
      yield Buffer.alloc(64 * 1024, 1);
    }
  };
  let saved = false;
  const saving = disk.saveSnapshot(metaAt(5, 1), contents()).then(() => {
    saved = true;
  });
  let beside = 0;
  for (let index = 10; !saved && index < 60; index++) {
    await disk.write(synced({ entries: [entry(index, 1)] }));
    if (!saved) beside += 1;
  }
  await saving;
  t.true(ahead <= 256 * 1024, `${ahead} bytes were taken ahead of the disk`);
  t.true(beside >= 10, `${beside} writes beside the snapshot`);
  t.is(disk.snapshot().index, 5);
  await disk.close();
});

test('of two snapshots under way the newest wins, whichever is done first', async (t) => {
  const files = new MemoryFiles();
  const disk = await begun(files);
  const gate = Promise.withResolvers<void>();
  const slow = async function* (): Chunks {
    await gate.promise;
    yield Buffer.from('four');
  };
  const older = disk.saveSnapshot(metaAt(4, 1), slow());
  await disk.saveSnapshot(metaAt(6, 1), each([Buffer.from('six')]));
  gate.resolve();
  await older;
  t.is(disk.snapshot().index, 6);
  t.is((await readAll((await disk.openSnapshot()).contents)).toString(), 'six');
  await disk.close();
  t.deepEqual(
    [...files.snapshot().keys()].filter((name) => name.includes('snapshot')),
    ['raft-0000000000000006-1.snapshot'],
  );
});

test('a reader that was begun goes on when its snapshot is replaced, and one that stops early closes its file', (t) =>
  withDirectory(async (real) => {
    const disk = await create(real);
    await disk.write(synced({ entries: run(2, 9, 1), hardState: hard(1, 1, 8) }));
    const chunks = sized([300_000, 300_000]);
    await disk.saveSnapshot(metaAt(4, 1), each(chunks));
    const { contents } = await disk.openSnapshot(4);
    const reader = contents[Symbol.asyncIterator]();
    const first = await reader.next();
    await disk.saveSnapshot(metaAt(6, 1), each([Buffer.from('six')]));
    const parts = [first.value];
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) parts.push(next.value);
    t.true(Buffer.concat(parts).equals(Buffer.concat(chunks)));
    for await (const _ of (await disk.openSnapshot()).contents) break;
    await disk.openSnapshot();
    await disk.close();
  }));
