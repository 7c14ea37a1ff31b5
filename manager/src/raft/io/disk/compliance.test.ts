import test, { type ExecutionContext } from 'ava';
import { type Entry, entrySize, type HardState, MemoryStorage, noBytes, type StableStorage } from '../../core/index.ts';
import type { SnapshotMeta } from '../ports.ts';
import { chunksOf, create, entry, hard, metaAt, run, synced } from './testing/disk-fixture.ts';
import { MemoryFiles } from './testing/memory-files.ts';

/** What both can do: the storage that the core's own tests run on, and the disk that ships. */
interface Subject {
  readonly storage: StableStorage;
  append(entries: readonly Entry[]): Promise<void>;
  setHardState(hardState: HardState): Promise<void>;
  adopt(meta: SnapshotMeta): Promise<void>;
  saveSnapshot(meta: SnapshotMeta): Promise<void>;
  compact(index: number): Promise<void>;
  close(): Promise<void>;
}

const memory = async (): Promise<Subject> => {
  const storage = new MemoryStorage();
  return {
    storage,
    append: async (entries) => storage.append(entries),
    setHardState: async (hardState) => {
      storage.hardState = hardState;
    },
    adopt: async (meta) => {
      storage.applySnapshot({ ...meta, data: noBytes });
    },
    saveSnapshot: async (meta) => storage.saveSnapshot({ ...meta, data: noBytes }),
    compact: async (index) => storage.compact(index),
    close: async () => undefined,
  };
};

/** With that much in memory: none of it is another path than all. */
const disk = (cacheBytes: number) => async (): Promise<Subject> => {
  const storage = await create('/memory', { cacheBytes, segmentBytes: 600 }, { files: new MemoryFiles() }, undefined);
  return {
    storage,
    append: (entries) => storage.write(synced({ entries })),
    setHardState: (hardState) => storage.write(synced({ hardState })),
    adopt: async (snapshot) => {
      await storage.receiveSnapshot(snapshot, chunksOf('contents'));
      await storage.write(synced({ snapshot }));
    },
    saveSnapshot: (meta) => storage.saveSnapshot(meta, chunksOf('contents')),
    compact: (index) => storage.compact(index),
    close: () => storage.close(),
  };
};

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  'storage in memory': memory,
  'the disk, with entries in memory': disk(1_000_000),
  'the disk, with entries read back': disk(0),
};

/** All subjects, behind a snapshot of entry 10 of term 2. */
const each = (title: string, check: (t: ExecutionContext, subject: Subject) => Promise<void>): void => {
  for (const [name, make] of Object.entries(subjects)) {
    test(`${name}: ${title}`, async (t) => {
      const subject = await make();
      await subject.adopt(metaAt(10, 2));
      await check(t, subject);
      await subject.close();
    });
  }
};

const unlimited = Number.MAX_SAFE_INTEGER;

const indexes = (found: readonly Entry[] | string): unknown =>
  typeof found === 'string' ? found : found.map(({ index, term }) => `${term}/${index}`);

each('begins behind its snapshot', async (t, { storage }) => {
  t.deepEqual(
    [storage.firstIndex(), storage.lastIndex(), storage.term(10), storage.term(9), storage.term(11)],
    [11, 10, 2, 'compacted', 'unavailable'],
  );
  t.deepEqual(storage.snapshot(), { ...metaAt(10, 2), data: noBytes });
  t.deepEqual(storage.initialState().confState, metaAt(10, 2).confState);
});

each('gives back what was appended', async (t, { storage, append }) => {
  await append(run(11, 13, 2));
  await append([entry(14, 3, ''), entry(15, 3, 'data', 'EntryConfChange')]);
  t.deepEqual([storage.firstIndex(), storage.lastIndex(), storage.term(13), storage.term(14)], [11, 15, 2, 3]);
  const found = storage.entries(11, 16, unlimited);
  t.deepEqual(indexes(found), ['2/11', '2/12', '2/13', '3/14', '3/15']);
  t.deepEqual(typeof found === 'string' ? found : found.map(({ type, data }) => `${type} ${Buffer.from(data).toString()}`).slice(-2), [
    'EntryNormal ',
    'EntryConfChange data',
  ]);
  t.deepEqual(indexes(storage.entries(12, 14, unlimited)), ['2/12', '2/13']);
  t.deepEqual(indexes(storage.entries(12, 12, unlimited)), []);
});

each('replaces from the first appended entry on', async (t, { storage, append }) => {
  await append(run(11, 16, 2));
  await append([entry(13, 3), entry(14, 3)]);
  t.deepEqual([storage.lastIndex(), storage.term(12), storage.term(13), storage.term(15)], [14, 2, 3, 'unavailable']);
  t.deepEqual(indexes(storage.entries(11, 15, unlimited)), ['2/11', '2/12', '3/13', '3/14']);
  await append([entry(11, 4)]);
  t.deepEqual(indexes(storage.entries(11, 12, unlimited)), ['4/11']);
});

each('ignores what lies before its first entry', async (t, { storage, append }) => {
  await append(run(8, 12, 2));
  t.deepEqual([storage.firstIndex(), storage.lastIndex()], [11, 12]);
  await append(run(5, 9, 2));
  t.deepEqual([storage.firstIndex(), storage.lastIndex()], [11, 12]);
});

each('says what it does not have', async (t, { storage, append }) => {
  await append(run(11, 12, 2));
  t.is(storage.entries(10, 12, unlimited), 'compacted');
  t.is(storage.entries(11, 14, unlimited), 'unavailable');
  t.is(storage.term(13), 'unavailable');
});

each('cuts to a size, but gives one entry at least', async (t, { storage, append }) => {
  const entries = run(11, 16, 2, 'x'.repeat(100));
  await append(entries.slice(0, 2));
  await append(entries.slice(2));
  const size = entrySize(entries[0] ?? entry(1, 1));
  for (const [bytes, count] of [
    [0, 1],
    [size - 1, 1],
    [size, 1],
    [2 * size, 2],
    [3 * size - 1, 2],
    [5 * size, 5],
    [unlimited, 6],
  ] as const) {
    t.is(storage.entries(11, 17, bytes).length, count, `${bytes} bytes`);
  }
});

each('compacts up to an index, which keeps its term', async (t, { storage, append, compact, saveSnapshot }) => {
  await append(run(11, 14, 2));
  await append(run(15, 20, 3));
  await saveSnapshot(metaAt(18, 3));
  t.is(storage.snapshot()?.index, 18);
  t.is(storage.firstIndex(), 11);
  await compact(15);
  t.deepEqual([storage.firstIndex(), storage.term(15), storage.term(14), storage.lastIndex()], [16, 3, 'compacted', 20]);
  await compact(12);
  t.is(storage.firstIndex(), 16);
  t.deepEqual(indexes(storage.entries(16, 21, unlimited)), ['3/16', '3/17', '3/18', '3/19', '3/20']);
});

each('adopts a snapshot in place of all it has', async (t, { storage, append, adopt }) => {
  await append(run(11, 14, 2));
  await adopt(metaAt(30, 5));
  t.deepEqual([storage.firstIndex(), storage.lastIndex(), storage.term(30), storage.term(14)], [31, 30, 5, 'compacted']);
  await append(run(31, 32, 5));
  t.deepEqual(indexes(storage.entries(31, 33, unlimited)), ['5/31', '5/32']);
});

each('an older snapshot does not take its place again', async (t, { storage, append, adopt }) => {
  await append(run(11, 14, 2));
  await adopt(metaAt(9, 1));
  t.deepEqual([storage.firstIndex(), storage.lastIndex(), storage.snapshot()?.index], [11, 14, 10]);
});

each('keeps the hard state', async (t, { storage, setHardState }) => {
  await setHardState(hard(7, 3, 10));
  t.deepEqual(storage.initialState().hardState, hard(7, 3, 10));
});
