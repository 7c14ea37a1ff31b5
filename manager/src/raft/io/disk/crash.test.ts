import test from 'ava';
import type { DiskWrite } from '../ports.ts';
import { CrashRig, type Step } from './testing/crash-rig.ts';
import { entry, hard, metaAt, run, synced } from './testing/disk-fixture.ts';
import { compacted, duringWrite, emptyModel, written } from './testing/disk-model.ts';

const write = (name: string, change: Partial<DiskWrite>): Step => ({
  name,
  run: (disk) => disk.write(synced(change)),
  after: (model) => written(model, synced(change)),
  during: (model) => duringWrite(model, synced(change)),
});

const save = (index: number, term: number): Step => ({
  name: `save a snapshot of ${index}`,
  run: (disk, contents) => disk.saveSnapshot(metaAt(index, term), contents(`state at ${index} `, 40)),
  after: (model) => ({ ...model, snapshot: index }),
});

const receive = (index: number, term: number): Step => ({
  name: `receive a snapshot of ${index}`,
  run: (disk, contents) => disk.receiveSnapshot(metaAt(index, term), contents(`state at ${index} `, 40)),
  after: (model) => model,
});

const compact = (index: number): Step => ({
  name: `compact to ${index}`,
  run: (disk) => disk.compact(index),
  after: (model) => compacted(model, index),
});

const plain = (name: string, work: Step['run']): Step => ({ name, run: work, after: (model) => model });

const buffered = (commit: number): Step => ({
  name: `hear of commit ${commit}`,
  run: (disk) => disk.write({ ...synced({ hardState: hard(1, 1, commit) }), mustSync: false }),
  after: (model) => ({ ...model, hardState: hard(1, 1, commit) }),
});

const begun = { ...emptyModel, base: { index: 1, term: 1 }, hardState: hard(1, 0, 1), snapshot: 1 };

test('a crash at any await point of writes leaves what was acknowledged, or a part of what was not', async (t) => {
  const rig = new CrashRig({ segmentBytes: 3_000 }, begun, [
    write('vote', { hardState: hard(1, 1, 1) }),
    write('append', { entries: run(2, 9, 1), hardState: hard(1, 1, 1) }),
    write('append more than a frame', { entries: [...run(10, 12, 1, 'y'.repeat(200_000)), entry(13, 1)], hardState: hard(1, 1, 11) }),
    buffered(12),
    write('replace, with entries of two terms', {
      entries: [entry(13, 2, 'q'.repeat(400)), entry(14, 2), entry(15, 3, 'r'.repeat(300))],
      hardState: hard(3, 2, 15),
    }),
    write('append behind', { entries: run(16, 20, 3, 'z'.repeat(300)), hardState: hard(3, 2, 17) }),
  ]);
  for (const problem of await rig.everyPoint(16)) t.fail(problem);
  t.pass();
});

test('a crash at any await point of snapshots, compaction and key rotation loses nothing', async (t) => {
  const rig = new CrashRig({ segmentBytes: 1_500 }, begun, [
    write('append', { entries: run(2, 6, 1, 'a'.repeat(300)), hardState: hard(1, 1, 5) }),
    write('append', { entries: run(7, 9, 1, 'b'.repeat(300)), hardState: hard(1, 1, 8) }),
    save(5, 1),
    compact(4),
    plain('rotate the key', (disk) => disk.rotateKey()),
    write('append', { entries: run(10, 12, 1, 'c'.repeat(300)), hardState: hard(1, 1, 11) }),
    save(11, 1),
    compact(11),
    plain('lock', (disk, _, kek) => disk.lock(kek)),
    write('append', { entries: run(13, 13, 1), hardState: hard(1, 1, 12) }),
  ]);
  for (const problem of await rig.everyPoint(3)) t.fail(problem);
  t.pass();
});

test('a crash at any await point of the adoption of a snapshot leaves the old log or the new one', async (t) => {
  const meta = metaAt(50, 4);
  const rig = new CrashRig({ segmentBytes: 3_000 }, begun, [
    write('append', { entries: run(2, 6, 1), hardState: hard(1, 1, 5) }),
    receive(40, 3),
    receive(50, 4),
    write('adopt', { snapshot: meta, hardState: hard(4, 0, 52), entries: run(51, 53, 4, 'd'.repeat(400)) }),
    write('append', { entries: run(54, 55, 4), hardState: hard(4, 2, 54) }),
    receive(60, 4),
    write('adopt, and no more', { snapshot: metaAt(60, 4), hardState: hard(4, 2, 60) }),
  ]);
  for (const problem of await rig.everyPoint(3)) t.fail(problem);
  t.pass();
});

test('a log longer than an adopted snapshot, in conflict with it, is dropped wherever the crash comes', async (t) => {
  const meta = metaAt(5, 4);
  const rig = new CrashRig({ segmentBytes: 700 }, begun, [
    write('append', { entries: run(2, 30, 1, 'e'.repeat(100)), hardState: hard(1, 1, 3) }),
    receive(5, 4),
    write('adopt', { snapshot: meta, hardState: hard(4, 0, 5) }),
    write('append', { entries: run(6, 8, 4), hardState: hard(4, 2, 7) }),
    save(7, 4),
    compact(7),
  ]);
  for (const problem of await rig.everyPoint(3)) t.fail(problem);
  t.pass();
});
