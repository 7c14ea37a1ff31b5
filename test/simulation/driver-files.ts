import type { Files, MemoryFiles, OpenFile } from './driver-door.ts';

/** Each operation takes its time: a point at which everything else may happen, and the power may go. */
export const slowFiles = (files: MemoryFiles, pass: () => Promise<void>): Files => {
  const slowed = (file: OpenFile): OpenFile => ({
    ...file,
    append: async (bytes) => {
      // The caller may use its bytes again only when this resolves: a copy would hide one that does it sooner.
      await pass();
      await file.append(bytes);
    },
    datasync: async () => {
      await pass();
      await file.datasync();
    },
  });
  return {
    open: async (path, mode) => {
      if (mode !== 'read') await pass();
      return slowed(await files.open(path, mode));
    },
    truncate: async (path, bytes) => {
      await pass();
      await files.truncate(path, bytes);
    },
    rename: async (from, to) => {
      await pass();
      await files.rename(from, to);
    },
    remove: async (path) => {
      await pass();
      await files.remove(path);
    },
    syncDirectory: async (directory) => {
      await pass();
      await files.syncDirectory(directory);
    },
    list: async () => {
      await pass();
      return files.list();
    },
    makeDirectory: async () => {
      await pass();
      await files.makeDirectory();
    },
    lock: async (directory) => {
      await pass();
      return files.lock(directory);
    },
  };
};

/** One bit of one file changes while nobody has it open. The file's name, or undefined when nothing is stored. */
export const flipBit = async (files: MemoryFiles, directory: string, below: (limit: number) => number): Promise<string | undefined> => {
  const stored = [...files.snapshot()].filter(([, bytes]) => bytes.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const [name, bytes] = stored[below(stored.length)] ?? [];
  if (name === undefined || bytes === undefined) return undefined;
  const at = below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
  const file = await files.open(`${directory}/${name}`, 'create-durable');
  await file.append(bytes);
  await file.close();
  await files.syncDirectory(directory);
  return name;
};
