// Where a text stands that is to stand nowhere: on disks and in the memory of processes.
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readProc } from '../hosts/processes.ts';

/** The text as it is and as encodings write it, wherever in the encoded bytes it begins. */
const formsOf = (text: string): readonly Buffer[] => {
  const plain = Buffer.from(text);
  // Of base64 all but what depends on the bytes before and behind.
  const shifted = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), plain])
      .toString('base64')
      .replace(/=+$/, '');
    return Buffer.from(encoded.slice(before === 0 ? 0 : 4, -4));
  });
  const list = Buffer.from(JSON.stringify([...plain]).slice(1, -1));
  return [plain, Buffer.from(plain.toString('hex')), list, ...shifted];
};

/** What of the texts these bytes hold, in any form. */
export const toldIn = (bytes: Uint8Array | string, texts: readonly string[]): readonly string[] => {
  const buffer = Buffer.from(bytes);
  return texts.filter((text) => formsOf(text).some((form) => buffer.includes(form)));
};

/** Every file at or below that path that holds one of the texts, with what it holds: `PATH: TEXT`. What goes meanwhile is passed over. */
export const tellingAt = (place: string, texts: readonly string[]): readonly string[] => {
  const found = statSync(place, { throwIfNoEntry: false });
  const files = found?.isFile() === true ? [place] : filesBelow(place);
  return files.flatMap((path) =>
    toldIn(
      unlessGone(() => readFileSync(path), Buffer.alloc(0)),
      texts,
    ).map((text) => `${path}: ${text}`),
  );
};

const filesBelow = (folder: string): readonly string[] =>
  unlessGone(() => readdirSync(folder, { withFileTypes: true }), []).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });

const unlessGone = <T>(look: () => T, otherwise: T): T => {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
};

const chunkBytes = 8 << 20;

/** What of the texts stands in the writable memory of a process, as it is. */
export const toldInMemory = (pid: number, texts: readonly string[]): readonly string[] => {
  const found = new Set<string>();
  const longest = Math.max(...texts.map(({ length }) => length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(chunkBytes + longest);
  try {
    for (const [, from = '', to = ''] of readProc(pid, 'maps').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)) {
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += chunkBytes) {
        const read = readAt(memory, chunk, at, Math.min(chunk.length, end - at));
        for (const text of texts) if (chunk.subarray(0, read).includes(text)) found.add(text);
      }
    }
  } finally {
    closeSync(memory);
  }
  return texts.filter((text) => found.has(text));
};

const readAt = (file: number, chunk: Buffer, at: number, length: number): number => {
  try {
    return readSync(file, chunk, 0, length, at);
  } catch (error) {
    // EIO: given back to the kernel since the map was read.
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return 0;
    throw error;
  }
};
