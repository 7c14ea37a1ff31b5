import { open, rm, statfs } from 'node:fs/promises';
import { runCommand } from '../host-command.ts';

/** f_type of the file system that namespace files are on (linux/magic.h, NSFS_MAGIC). */
const nsfsMagic = 0x6e736673;

/** Whether a namespace is bound to the file; false too when there is no file. */
export const isNamespace = async (file: string): Promise<boolean> => {
  try {
    return (await statfs(file)).type === nsfsMagic;
  } catch {
    // Not there: no namespace.
    return false;
  }
};

/** Makes a network namespace bound to the file and sets sysctls in it, in one process. Settings the kernel lacks are passed over. */
export const makeNamespace = async (file: string, sysctls: readonly string[]): Promise<void> => {
  const handle = await open(file, 'wx', 0o600);
  await handle.close();
  await runCommand('unshare', [`--net=${file}`, 'sysctl', '-e', '-q', '-w', ...sysctls]);
};

/** Sets sysctls inside a namespace; fails on the first that the kernel lacks or refuses. */
export const setSysctls = async (file: string, sysctls: readonly string[]): Promise<void> => {
  await runCommand('nsenter', [`--net=${file}`, 'sysctl', '-q', '-w', ...sysctls]);
};

/** Unbinds and removes namespace files; their namespaces end with their last process. Nothing happens for those that are not there. */
export const removeNamespaces = async (files: readonly string[]): Promise<void> => {
  const bound: string[] = [];
  for (const file of files) if (await isNamespace(file)) bound.push(file);
  // Lazily: a file that someone has open just now must not keep the task's address busy.
  if (bound.length > 0) await runCommand('umount', ['--lazy', ...bound]);
  await Promise.all(files.map((file) => rm(file, { force: true })));
};

/** Loads a rule set in a namespace made for the occasion: whether the kernel can do what it says. */
export const rulesLoad = async (text: string): Promise<boolean> => {
  try {
    await runCommand('unshare', ['--net', 'nft', '-f', '-'], { input: text });
    return true;
  } catch {
    // The only question asked is whether it loads.
    return false;
  }
};
