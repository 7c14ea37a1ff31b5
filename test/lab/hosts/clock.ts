import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

/** Of Debian's package libfaketime: the one for programs with threads. */
const libraries = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1'];

/** How often a process looks at the file, in seconds. */
const lookEveryS = 1;

/**
 * What a program must find in its environment so that its clock is the one of that file: the time of day is moved, the monotonic clock
 * and the times of files are left alone, as on a machine whose clock is wrong.
 */
export const clockEnvironment = (file: string): Readonly<Record<string, string>> => {
  const library = libraries.find(existsSync);
  if (library === undefined) throw new Error('no libfaketime is installed: apt-get install faketime');
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: String(lookEveryS),
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DISABLE_SHM: '1',
    NO_FAKE_STAT: '1',
  };
};

/** Moves the clock of everybody who uses that file so many seconds from the right time, within a second of the call. */
export const setClock = async (file: string, offsetS: number): Promise<void> => {
  await writeFile(`${file}.new`, `${offsetS < 0 ? '' : '+'}${offsetS}\n`);
  await rename(`${file}.new`, file);
};
