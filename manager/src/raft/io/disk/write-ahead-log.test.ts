import test from 'ava';
import { entriesSize } from '../../core/index.ts';
import { contentOf, create, entry, hard, reopen, run, synced, withDirectory } from './testing/disk-fixture.ts';

const mib = 1024 * 1024;

test('entries larger than a frame, and writes larger than a turn, come back whole', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { cacheBytes: 0 });
    const large = [entry(2, 1, 'a'.repeat(3 * mib)), ...run(3, 12, 1, 'b'.repeat(700_000)), entry(13, 1, '')];
    await disk.write(synced({ entries: large, hardState: hard(1, 1, 12) }));
    const before = contentOf(disk);
    t.is(before.length, 12);
    t.is(before[0]?.length, '1/2 EntryNormal '.length + 3 * mib);
    await disk.close();
    const next = await reopen(directory);
    t.deepEqual(contentOf(next), before);
    await next.close();
  }));

test('what is not in memory is read back, and joined with what is', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { cacheBytes: 20_000, segmentBytes: 40_000 });
    for (let index = 2; index <= 200; index += 3)
      await disk.write(synced({ entries: run(index, index + 2, 1, 'x'.repeat(500)), hardState: hard(1, 1, index) }));
    const all = disk.entries(2, disk.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
    t.is(typeof all === 'string' ? all : all.length, disk.lastIndex() - 1);
    for (let low = 2; low <= disk.lastIndex(); low += 7) {
      const found = disk.entries(low, disk.lastIndex() + 1, 5_000);
      if (typeof found === 'string' || typeof all === 'string') return t.fail();
      t.true(entriesSize(found) <= 5_000);
      t.deepEqual(found, all.slice(low - 2, low - 2 + found.length));
      t.true(found.length === disk.lastIndex() + 1 - low || found.length === 9, `${found.length} from ${low}`);
    }
    await disk.close();
  }));

test('the bytes of the log are those of its entries', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    t.is(disk.logBytes, 0);
    await disk.write(synced({ entries: run(2, 11, 1, 'x'.repeat(1_000)), hardState: hard(1, 1, 9) }));
    t.true(Math.abs(disk.logBytes - 10_000) < 200, String(disk.logBytes));
    await disk.write(synced({ entries: run(7, 7, 2, 'x'.repeat(1_000)), hardState: hard(2, 1, 9) }));
    t.true(Math.abs(disk.logBytes - 6_000) < 200, String(disk.logBytes));
    await disk.saveSnapshot({ index: 5, term: 1, confState: disk.initialState().confState }, (async function* () {})());
    await disk.compact(4);
    t.true(Math.abs(disk.logBytes - 3_000) < 200, String(disk.logBytes));
    await disk.close();
  }));
