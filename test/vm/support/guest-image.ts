import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from '../../lab/support/command.ts';

export interface GuestImage {
  readonly kernel: string;
  readonly initrd: string;
  /** ext4, never written to: each boot keeps what it writes for itself. */
  readonly root: string;
}

const inputs = join(import.meta.dirname, '../image');
const cacheFolder = '/var/cache/tso-test';
/** Debian's packages are fetched and unpacked: half a minute on an idle machine. */
export const buildTimeoutMs = 300_000;

/** Changes when a file that the image is made from does. */
const inputsHash = async (): Promise<string> => {
  const hash = createHash('sha256');
  for (const name of (await readdir(inputs)).sort()) hash.update(`${name}\0`).update(await readFile(join(inputs, name)));
  return hash.digest('hex').slice(0, 16);
};

const build = async (folder: string): Promise<void> => {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(join(cacheFolder, 'building-'));
  try {
    await succeed('sh', [join(inputs, 'build.sh'), work], { timeoutMs: buildTimeoutMs });
    await rename(work, folder);
  } catch (error) {
    // Another run was first: what it made is as good.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** The machine that the guest boots: made when there is none for these inputs yet, and kept for later runs. */
export const guestImage = async (): Promise<GuestImage> => {
  const folder = join(cacheFolder, `guest-${await inputsHash()}`);
  if (!existsSync(folder)) await build(folder);
  return { kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd'), root: join(folder, 'root.ext4') };
};
