import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TsoError } from '@tso/proto';
import test from 'ava';
import { isFields } from './json-file.ts';
import {
  chunksOf,
  contentOf,
  create,
  entry,
  hard,
  listeningLogger,
  metaAt,
  readAll,
  reopen,
  run,
  synced,
  withDirectory,
} from './testing/disk-fixture.ts';

const kek = new Uint8Array(32).fill(1);
const other = new Uint8Array(32).fill(2);

const keyFile = async (directory: string): Promise<string> => (await readFile(join(directory, 'raft-keys.json'))).toString();

const keyIds = async (directory: string): Promise<readonly unknown[]> => {
  const parsed: unknown = JSON.parse(await keyFile(directory));
  const content = isFields(parsed) && isFields(parsed.content) ? parsed.content : {};
  return Array.isArray(content.keys) ? content.keys.map((key: unknown) => (isFields(key) ? key.id : undefined)) : [];
};

test('a new key seals what comes, and the old one goes with the last file that needs it', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: run(2, 5, 1), hardState: hard(1, 1, 4) }));
    await disk.rotateKey();
    t.deepEqual(await keyIds(directory), [2, 1]);
    await disk.write(synced({ entries: run(6, 8, 1), hardState: hard(1, 1, 7) }));
    await disk.saveSnapshot(metaAt(7, 1), chunksOf('seven'));
    t.deepEqual(await keyIds(directory), [2, 1]);
    await disk.compact(7);
    t.deepEqual(await keyIds(directory), [2]);
    await disk.close();
    const next = await reopen(directory);
    t.deepEqual(contentOf(next).at(-1), '1/8 EntryNormal entry 8');
    t.is((await readAll((await next.openSnapshot()).contents)).toString(), 'seven');
    await next.close();
  }));

test('a restart reads files of several keys', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    for (let index = 2; index <= 5; index++) {
      await disk.write(synced({ entries: [entry(index, 1)], hardState: hard(1, 1, index - 1) }));
      await disk.rotateKey();
    }
    await disk.close();
    const next = await reopen(directory);
    t.is(contentOf(next).length, 4);
    t.deepEqual(await keyIds(directory), [5, 4, 3, 2, 1]);
    await next.close();
  }));

test('locked state opens with the right key alone, and stays locked through rotation and restarts', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await disk.write(synced({ entries: run(2, 3, 1), hardState: hard(1, 1, 1) }));
    const plainKeys = await keyFile(directory);
    t.false(disk.isLocked);
    await disk.lock(kek);
    t.true(disk.isLocked);
    await disk.rotateKey();
    await disk.write(synced({ entries: run(4, 4, 1) }));
    await disk.close();
    t.notRegex(await keyFile(directory), new RegExp(/"key": "([^"]+)"/.exec(plainKeys)?.[1]?.replaceAll('+', '\\+') ?? 'no key'));
    const locked = { code: 'FAILED_PRECONDITION', message: /the manager's state is locked/ };
    const error = await t.throwsAsync<TsoError>(reopen(directory), locked);
    t.is(error.details.locked, true);
    await t.throwsAsync(reopen(directory, { keyEncryptionKey: other }), locked);
    const next = await reopen(directory, { keyEncryptionKey: kek });
    t.true(next.isLocked);
    t.is(next.lastIndex(), 4);
    await next.lock(other);
    await next.close();
    await t.throwsAsync(reopen(directory, { keyEncryptionKey: kek }), locked);
    const third = await reopen(directory, { keyEncryptionKey: other });
    await third.unlock();
    await third.close();
    const last = await reopen(directory);
    t.is(contentOf(last).length, 3);
    await last.close();
  }));

test('a log may be locked from its first moment', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory, { keyEncryptionKey: kek });
    t.true(disk.isLocked);
    await disk.close();
    await t.throwsAsync(reopen(directory), { code: 'FAILED_PRECONDITION', message: /locked/ });
    const next = await reopen(directory, { keyEncryptionKey: kek });
    await next.close();
  }));

test('a key to lock with that is too short is refused before anything changes', (t) =>
  withDirectory(async (directory) => {
    const disk = await create(directory);
    await t.throwsAsync(disk.lock(new Uint8Array(16)), { code: 'INVALID_ARGUMENT', message: /has 32 bytes, this one has 16/ });
    t.false(disk.isLocked);
    await disk.write(synced({ entries: run(2, 2, 1) }));
    await disk.close();
  }));

test('no two files are sealed under the same key, and nothing that is said holds one', (t) =>
  withDirectory(async (directory) => {
    const logger = listeningLogger();
    const disk = await create(directory, { segmentBytes: 400 }, { logger });
    for (let index = 2; index <= 12; index++) await disk.write(synced({ entries: [entry(index, 1, 'same')], hardState: hard(1, 1, 1) }));
    await disk.close();
    await (await reopen(directory, {}, { logger })).close();
    const salts = new Set<string>();
    const names = (await readdir(directory)).filter((name) => /\.(log|snapshot)$/.test(name));
    for (const name of names) salts.add(/"salt":"([^"]+)"/.exec((await readFile(join(directory, name))).toString('latin1'))?.[1] ?? '');
    t.is(salts.size, names.length);
    const key = /"key": "([^"]+)"/.exec(await keyFile(directory))?.[1] ?? '';
    t.is(Buffer.from(key, 'base64').length, 32);
    for (const line of logger.said) t.false(line.includes(key));
  }));
