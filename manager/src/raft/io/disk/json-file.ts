import { sentenceOf } from '@tso/proto';
import { dataLoss } from './failures.ts';
import type { Files } from './files.ts';
import { checksum } from './numbers.ts';

/** A JSON object whose fields are yet to be looked at. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

export const isCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount);

/** The file with exactly these bytes, durable under its name, or the one that was there before. */
export const writeDurably = async (files: Files, directory: string, path: string, bytes: Uint8Array): Promise<void> => {
  const temporary = `${path}.tmp`;
  const file = await files.open(temporary, 'create-durable');
  try {
    await file.append(bytes);
  } finally {
    await file.close();
  }
  await files.rename(temporary, path);
  await files.syncDirectory(directory);
};

export const readWhole = async (files: Files, path: string): Promise<Buffer> => {
  const file = await files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
};

/** A small file of JSON that people may look at, with a checksum over its content. */
export const encodeJsonFile = (content: Fields): Buffer => {
  const text = JSON.stringify(content);
  return Buffer.from(`${JSON.stringify({ crc32c: checksum(Buffer.from(text)), content }, undefined, 2)}\n`);
};

/** DATA_LOSS: not what `encodeJsonFile` made. */
export const decodeJsonFile = (path: string, bytes: Buffer): Fields => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString());
  } catch (error) {
    throw dataLoss(path, 0, `it is not JSON (${sentenceOf(error)})`);
  }
  if (!isFields(parsed) || !isFields(parsed.content)) throw dataLoss(path, 0, 'it is JSON, but nothing that tso writes there');
  if (checksum(Buffer.from(JSON.stringify(parsed.content))) !== parsed.crc32c)
    throw dataLoss(path, 0, 'its checksum does not fit its content');
  return parsed.content;
};
