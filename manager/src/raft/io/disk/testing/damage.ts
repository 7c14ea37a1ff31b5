import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import type { ExecutionContext } from 'ava';
import { logExists } from '../index.ts';
import { create, diskPorts, entry, hard, reopen, synced } from './disk-fixture.ts';

/** Files of a log as somebody might damage them. */

const filesOf = async (directory: string): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(directory)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, (await readFile(join(directory, name))).toString('latin1')] as const)));
};

/** Opening is refused so, and changes no file. */
export const refused = async (t: ExecutionContext, directory: string, code: string, message: RegExp): Promise<void> => {
  const before = await filesOf(directory);
  await t.throwsAsync(reopen(directory), { instanceOf: TsoError, code, message });
  t.deepEqual(await filesOf(directory), before);
  t.true(await logExists(directory, diskPorts()), 'a log that cannot be opened is there all the same');
};

export const namesOf = async (directory: string, suffix: string): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith(suffix)).sort();

export const pathOf = async (directory: string, suffix: string, at = -1): Promise<string> =>
  join(directory, (await namesOf(directory, suffix)).at(at) ?? '');

/** A log with five entries in as many frames of the segment that is read last, closed. */
export const written = async (directory: string): Promise<string> => {
  const disk = await create(directory);
  for (let index = 2; index <= 6; index++) await disk.write(synced({ entries: [entry(index, 1)], hardState: hard(1, 1, index - 1) }));
  await disk.close();
  return pathOf(directory, '.log');
};

/** Offsets of the frames in it. */
export const framesOf = (bytes: Buffer): readonly number[] => {
  const offsets: number[] = [];
  const magic = Buffer.from('TFRM');
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) if (at % 8 === 0) offsets.push(at);
  return offsets;
};

export const flip = async (path: string, offset: number, bit = 1): Promise<void> => {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ bit, offset);
  await writeFile(path, bytes);
};
