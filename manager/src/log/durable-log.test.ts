import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import test from 'ava';
import { takeSnapshot } from '../store/snapshot.ts';
import type { Tables } from '../store/tables.ts';
import type { DurableLog } from './durable-log.ts';
import { openLog, putVolume, withDirectory } from './log-fixture.ts';

const stateOf = (log: DurableLog) => takeSnapshot(log.view as Tables);

const fileNames = async (directory: string, suffix: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith(suffix)).sort();

/** A log of that many volumes, closed; the path of its only segment. */
const written = async (directory: string, count: number): Promise<string> => {
  const log = await openLog(directory);
  for (let at = 1; at <= count; at++) await log.propose(putVolume(`v${at}`));
  await log.stop();
  const [segment = ''] = await fileNames(directory, '.seg');
  return join(directory, segment);
};

test('a proposal is in the view when it resolves, with the index it stands at', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory);
    t.deepEqual(await log.propose(putVolume('a')), { index: 1 });
    t.is(log.view.volumeByName('a')?.meta.version, 1);
    t.deepEqual(await log.propose(putVolume('b')), { index: 2 });
    await log.stop();
  }));

test('a restart has the same state, and goes on where it was', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory);
    for (const name of ['a', 'b', 'c']) await log.propose(putVolume(name));
    const before = stateOf(log);
    await log.stop();
    const next = await openLog(directory);
    t.deepEqual(stateOf(next), before);
    t.deepEqual(await next.propose(putVolume('d')), { index: 4 });
    await next.stop();
  }));

test('an expectation that does not hold is a CONFLICT, changes nothing, and does so again in a replay', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory);
    await log.propose(putVolume('a'));
    const stale = putVolume('b', [{ kind: 'volume', id: 'id-a', version: 0 }]);
    await t.throwsAsync(log.propose(stale), {
      instanceOf: TsoError,
      code: 'CONFLICT',
      message: /volume id-a .* version 0 was expected, 1 is there/,
    });
    t.is(log.view.volumeByName('b'), undefined);
    const before = stateOf(log);
    await log.stop();
    const next = await openLog(directory);
    t.deepEqual(stateOf(next), before);
    await next.stop();
  }));

test('what cannot be applied is refused before it is logged', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory);
    const origin = { atMs: 1, origin: 'test', expect: [] };
    await t.throwsAsync(log.propose({ ...origin, actions: [{}] }), { code: 'INVALID_ARGUMENT' });
    await t.throwsAsync(log.propose({ ...origin, actions: [{ remove: { kind: 'planet', id: 'x' } }] }), { code: 'INVALID_ARGUMENT' });
    t.is(log.view.index, 0);
    await log.stop();
  }));

test('proposals of one moment are written together and applied in their order', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory, { snapshotEntries: 100_000 });
    const heard: number[] = [];
    const names = Array.from({ length: 200 }, (_, at) => `v${at}`);
    const results = await Promise.all(names.map((name) => log.propose(putVolume(name)).then(({ index }) => heard.push(index))));
    t.is(results.length, 200);
    t.deepEqual(
      heard,
      names.map((_, at) => at + 1),
    );
    await log.stop();
    const [segment = ''] = await fileNames(directory, '.seg');
    const bytes = await readFile(join(directory, segment));
    const groups = new Set<bigint>();
    for (let at = 16; at < bytes.length; at += 24 + bytes.readUInt32LE(at)) groups.add(bytes.readBigUInt64LE(at + 16));
    t.true(groups.size <= 3, `${groups.size} writes for 200 proposals`);
  }));

test('more proposals than may wait are refused, the others are kept', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory, { maxPending: 2 });
    const results = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => log.propose(putVolume(name))));
    const refused = results.filter((result) => result.status === 'rejected');
    t.true(refused.length > 0);
    for (const { reason } of refused) t.is((reason as TsoError).code, 'RESOURCE_EXHAUSTED');
    t.is(log.view.volumes().length, 5 - refused.length);
    await log.stop();
  }));

test('a log cut at any byte of its last entry loses that entry alone, and keeps the cut bytes aside', (t) =>
  withDirectory(async (directory) => {
    const segment = await written(directory, 3);
    const whole = await readFile(segment);
    const lastStart = whole.length - (24 + putLength(whole));
    for (let cut = lastStart + 1; cut < whole.length; cut++) {
      await writeFile(segment, whole);
      await truncate(segment, cut);
      const log = await openLog(directory);
      t.deepEqual(
        log.view.volumes().map(({ spec }) => spec.name),
        ['v1', 'v2'],
      );
      await log.stop();
      t.deepEqual(await readFile(`${segment}.${lastStart}.torn`), whole.subarray(lastStart, cut));
    }
    const log = await openLog(directory);
    t.deepEqual(await log.propose(putVolume('v9')), { index: 3 });
    await log.stop();
  }));

/** Payload length of the last record, by walking there. */
const putLength = (bytes: Buffer): number => {
  let length = 0;
  for (let at = 16; at < bytes.length; at += 24 + length) length = bytes.readUInt32LE(at);
  return length;
};

test('a damaged middle is refused with the file and the byte, and the file is left alone', (t) =>
  withDirectory(async (directory) => {
    const segment = await written(directory, 5);
    const bytes = await readFile(segment);
    const second = 16 + 24 + bytes.readUInt32LE(16);
    bytes.writeUInt8(bytes.readUInt8(second + 30) ^ 1, second + 30);
    await writeFile(segment, bytes);
    await t.throwsAsync(openLog(directory), { code: 'DATA_LOSS', message: new RegExp(`${segment} is damaged at byte ${second}`) });
    t.deepEqual(await readFile(segment), bytes);
    t.deepEqual(await fileNames(directory, '.torn'), []);
  }));

test('a snapshot takes the place of the log before it, and state after it is the same as by replay', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory, { snapshotEntries: 10 });
    for (let at = 1; at <= 35; at++) await log.propose(putVolume(`v${at % 7}`));
    const before = stateOf(log);
    await log.stop();
    t.is((await fileNames(directory, '.snap')).length, 1);
    t.true((await fileNames(directory, '.seg')).length <= 2);
    const next = await openLog(directory);
    t.deepEqual(stateOf(next), before);
    await next.stop();
  }));

test('a crash between a new segment and its snapshot loses nothing', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory, { snapshotEntries: 10 });
    for (let at = 1; at <= 25; at++) await log.propose(putVolume(`v${at}`));
    const before = stateOf(log);
    await log.stop();
    const [snapshot = ''] = await fileNames(directory, '.snap');
    await writeFile(join(directory, `${snapshot}.tmp`), 'half a snapshot');
    const next = await openLog(directory);
    t.deepEqual(stateOf(next), before);
    t.deepEqual(await fileNames(directory, '.tmp'), []);
    await next.stop();
  }));

test('a damaged snapshot is refused, and so is a segment that is missing', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory, { snapshotEntries: 10 });
    for (let at = 1; at <= 15; at++) await log.propose(putVolume(`v${at}`));
    await log.stop();
    const [snapshot = ''] = await fileNames(directory, '.snap');
    const path = join(directory, snapshot);
    const bytes = await readFile(path);
    for (const damaged of [
      bytes.subarray(0, bytes.length - 1),
      Buffer.concat([bytes.subarray(0, 40), Buffer.from([255]), bytes.subarray(41)]),
    ]) {
      await writeFile(path, damaged);
      await t.throwsAsync(openLog(directory), { code: 'DATA_LOSS', message: new RegExp(path) });
    }
  }));

test('two logs never share a directory, and the second may have it when the first is done', (t) =>
  withDirectory(async (directory) => {
    const first = await openLog(directory);
    await t.throwsAsync(openLog(directory), { code: 'FAILED_PRECONDITION', message: /another manager is working in/ });
    const waiting = openLog(directory, { lockPatienceMs: 5_000 });
    await first.stop();
    await (await waiting).stop();
  }));

test('after stop nothing is accepted, and what was accepted before is there', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory);
    const accepted = log.propose(putVolume('a'));
    await log.stop();
    t.deepEqual(await accepted, { index: 1 });
    await t.throwsAsync(log.propose(putVolume('b')), { code: 'UNAVAILABLE' });
    const next = await openLog(directory);
    t.deepEqual(
      next.view.volumes().map(({ spec }) => spec.name),
      ['a'],
    );
    await next.stop();
  }));

test('subscribers hear of each change once it is durable', (t) =>
  withDirectory(async (directory) => {
    const log = await openLog(directory);
    const ended = new AbortController();
    const changes = log.subscribe(({ kind }) => kind === 'volume', { limit: 10, signal: ended.signal });
    await log.propose(putVolume('a'));
    for await (const heard of changes) {
      t.true(Array.isArray(heard) && heard[0]?.id === 'id-a');
      break;
    }
    await log.stop();
  }));
