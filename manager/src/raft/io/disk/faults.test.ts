import type { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { Chunks } from '../ports.ts';
import type { FileDisk } from './index.ts';
import { breakage, chunksOf, contentOf, create, entry, hard, metaAt, reopen, run, synced } from './testing/disk-fixture.ts';
import { MemoryFiles } from './testing/memory-files.ts';

const directory = '/memory';

/** Fails so at the operation with that text in it, counted among those that have it. */
const failAt = async (files: MemoryFiles, text: string, withErrno: 'EIO' | 'ENOSPC', work: () => Promise<unknown>): Promise<TsoError> => {
  const before = files.operations;
  for (let at = before + 1; ; at++) {
    files.arm({ at, with: withErrno });
    const error = await work().then(
      () => undefined,
      (failure: TsoError) => failure,
    );
    if (error !== undefined && files.trace[at - 1]?.includes(text) === true) return error;
    if (error !== undefined) throw new Error(`operation ${at - before} failed first: ${files.trace[at - 1]}`);
  }
};

const refusesEverything = async (t: ExecutionContext, disk: FileDisk, error: TsoError): Promise<void> => {
  const again = { is: error };
  await t.throwsAsync(disk.write(synced({ hardState: hard(9, 1, 1) })), again);
  await t.throwsAsync(disk.saveSnapshot(metaAt(3, 1), chunksOf('x')), again);
  await t.throwsAsync(disk.receiveSnapshot(metaAt(30, 1), chunksOf('x')), again);
  await t.throwsAsync(disk.openSnapshot(), again);
  await t.throwsAsync(disk.compact(1), again);
  await t.throwsAsync(disk.rotateKey(), again);
};

for (const [errno, code, sentence] of [
  ['ENOSPC', 'RESOURCE_EXHAUSTED', /^writing the log failed for .*raft-0+2\.log.*: no space left on the disk$/],
  ['EIO', 'DATA_LOSS', /^writing the log failed for .*raft-0+2\.log.*: EIO/],
] as const) {
  test(`${errno} while the log is written ends the disk: once told, everything refused, nothing tried again`, async (t) => {
    const files = new MemoryFiles();
    const { errors, onBroken } = breakage();
    const disk = await create(directory, {}, { files, onBroken });
    await disk.write(synced({ entries: run(2, 4, 1), hardState: hard(1, 1, 1) }));
    files.arm({ at: files.operations + 1, with: errno });
    const change = synced({ entries: run(5, 6, 1), hardState: hard(2, 1, 1) });
    const failed = disk.write(change);
    const waiting = disk.write(synced({ entries: run(7, 7, 1) }));
    const error = await t.throwsAsync<TsoError>(failed, { code, message: sentence });
    await t.throwsAsync(waiting, { is: error });
    t.is(errors.length, 1);
    t.is(errors[0], error);
    const { operations } = files;
    await refusesEverything(t, disk, error);
    t.is(files.operations, operations, 'nothing reaches the disk any more');
    t.is(errors.length, 1);
    t.is(disk.lastIndex(), 4, 'what is durable can still be read');
    t.is(contentOf(disk).length, 3);
    await disk.close();
    const next = await reopen(directory, {}, { files });
    t.is(next.lastIndex(), 4);
    t.is(next.initialState().hardState.term, 1);
    await next.close();
  });
}

test('a failure at any operation is one error with a name, and a restart has all that was acknowledged', async (t) => {
  const script = async (files: MemoryFiles, errors: TsoError[]): Promise<{ readonly acknowledged: number; readonly failed: unknown }> => {
    const disk = await create(directory, { segmentBytes: 800 }, { files, onBroken: (error) => errors.push(error) });
    const created = files.operations;
    if (armed !== undefined) files.arm({ at: created + armed, with: 'EIO' });
    let acknowledged = 1;
    let failed: unknown;
    try {
      for (let index = 2; index <= 6; index++) {
        await disk.write(synced({ entries: [entry(index, 1, 'x'.repeat(300))], hardState: hard(1, 1, index - 1) }));
        acknowledged = index;
      }
      await disk.saveSnapshot(metaAt(4, 1), chunksOf('four'));
      await disk.compact(4);
      await disk.rotateKey();
      await disk.write(synced({ entries: [entry(7, 1)], hardState: hard(1, 1, 6) }));
      acknowledged = 7;
      await disk.receiveSnapshot(metaAt(20, 2), chunksOf('twenty'));
      await disk.write(synced({ snapshot: metaAt(20, 2), hardState: hard(2, 1, 20) }));
      acknowledged = 20;
    } catch (error) {
      failed = error;
    }
    await disk.close();
    operations = files.operations - created;
    return { acknowledged, failed };
  };
  let armed: number | undefined;
  let operations = 0;
  await script(new MemoryFiles(), []);
  for (armed = 1; armed <= operations; armed++) {
    const total = operations;
    const files = new MemoryFiles();
    const errors: TsoError[] = [];
    const { acknowledged, failed } = await script(files, errors);
    operations = total;
    t.is(errors.length, 1, files.trace.at(-1));
    t.is(failed, errors[0]);
    files.arm(undefined);
    const next = await reopen(directory, {}, { files });
    t.true(next.lastIndex() >= acknowledged, `${next.lastIndex()} after ${acknowledged}`);
    t.is(typeof next.entries(next.firstIndex(), next.lastIndex() + 1, 1e9), 'object');
    await next.close();
  }
});

test('a snapshot whose contents break off is not a failure of the disk, and leaves nothing behind', async (t) => {
  const files = new MemoryFiles();
  const { errors, onBroken } = breakage();
  const disk = await create(directory, {}, { files, onBroken });
  await disk.write(synced({ entries: run(2, 4, 1), hardState: hard(1, 1, 3) }));
  const breaking = async function* (): Chunks {
    yield Buffer.alloc(300_000);
    throw new Error('the stream broke');
  };
  await t.throwsAsync(disk.receiveSnapshot(metaAt(9, 1), breaking()), { message: 'the stream broke' });
  await t.throwsAsync(disk.saveSnapshot(metaAt(3, 1), breaking()), { message: 'the stream broke' });
  t.deepEqual(errors, []);
  t.deepEqual(
    [...files.snapshot().keys()].filter((name) => name.endsWith('.tmp')),
    [],
  );
  await disk.write(synced({ entries: run(5, 5, 1) }));
  await disk.close();
});

test('a full disk while a snapshot is written ends the disk with a sentence that names the snapshot', async (t) => {
  const files = new MemoryFiles();
  const { errors, onBroken } = breakage();
  const disk = await create(directory, {}, { files, onBroken });
  await disk.write(synced({ entries: run(2, 4, 1), hardState: hard(1, 1, 3) }));
  const error = await failAt(files, '.snapshot', 'ENOSPC', () => disk.saveSnapshot(metaAt(3, 1), chunksOf('x')));
  t.is(error.code, 'RESOURCE_EXHAUSTED');
  t.regex(error.message, /^writing a snapshot failed for .*\.snapshot.*: no space left on the disk$/);
  t.is(errors.length, 1);
  await disk.close();
  files.arm(undefined);
  const next = await reopen(directory, {}, { files });
  t.is(next.snapshot().index, 1);
  await next.close();
});

test('a file that rots while it is open ends the disk when it is read', async (t) => {
  const files = new MemoryFiles();
  const { errors, onBroken } = breakage();
  const disk = await create(directory, { cacheBytes: 1 }, { files, onBroken });
  await disk.write(synced({ entries: run(2, 4, 1), hardState: hard(1, 1, 1) }));
  files.rot('raft-0000000000000002.log', -20);
  const error = t.throws(() => disk.entries(2, 5, 1e9), {
    code: 'DATA_LOSS',
    message: /raft-0+2\.log is damaged at byte \d+: the checksum of the frame of entry 2/,
  });
  t.deepEqual(errors, [error]);
  await t.throwsAsync(disk.write(synced({ entries: run(5, 5, 1) })), { is: error });
  await disk.close();
});

test('calls after the end are refused, and ending twice is the same as once', async (t) => {
  const disk = await create(directory, {}, { files: new MemoryFiles() });
  await Promise.all([disk.close(), disk.close()]);
  await t.throwsAsync(disk.write(synced({ entries: run(2, 2, 1) })), { code: 'UNAVAILABLE' });
  await t.throwsAsync(disk.openSnapshot(), { code: 'UNAVAILABLE' });
});
