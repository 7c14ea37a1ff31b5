// Processes as the kernel shows them, looked up without starting any.
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

const hierarchies = '/sys/fs/cgroup';

/** A file of a process; empty when it has ended meanwhile. */
export const readProc = (pid: number, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // ENOENT or ESRCH: it ended between the listing and the look.
    return '';
  }
};

const subfolders = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    // ENOENT: the control group was removed between the listing and the look.
    return [];
  }
};

/** The folders of a control group: one for each hierarchy of version 1 that has it, or the one of version 2. */
export const cgroupFolders = (cgroup: string): readonly string[] =>
  [hierarchies, ...subfolders(hierarchies).map((name) => join(hierarchies, name))].map((root) => join(root, cgroup)).filter(existsSync);

const pidsBelow = (folder: string, found: Set<number>): void => {
  try {
    for (const line of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n')) if (line !== '') found.add(Number(line));
  } catch {
    // ENOENT or ENODEV: removed meanwhile.
  }
  for (const name of subfolders(folder)) pidsBelow(join(folder, name), found);
};

/** Process ids in a control group and all below it. */
export const pidsInCgroup = (cgroup: string): readonly number[] => {
  const found = new Set<number>();
  for (const folder of cgroupFolders(cgroup)) pidsBelow(folder, found);
  return [...found];
};

/** Control groups at the top of any hierarchy whose names begin so, with a leading slash. */
export const cgroupsBeginning = (prefix: string): readonly string[] => [
  ...new Set(
    [hierarchies, ...subfolders(hierarchies).map((name) => join(hierarchies, name))].flatMap((root) =>
      subfolders(root)
        .filter((name) => `/${name}`.startsWith(prefix))
        .map((name) => `/${name}`),
    ),
  ),
];

/** Numbers of the namespaces that these files keep; those that keep none are passed over. */
export const namespacesOf = (pins: readonly string[]): ReadonlySet<number> =>
  new Set(pins.filter(existsSync).map((pin) => statSync(pin).ino));

/**
 * Whether a container's main process runs the container's own program: not the runtime any more, which waits for the word to start it, and
 * not ended, which a process that nobody has waited for yet is too (it has no program then).
 */
export const runsItsProgram = (pid: number): boolean => {
  try {
    return !/(^|\/)(crun|runc)( \(deleted\))?$|memfd:(crun|runc)/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
};

const linkOf = (pid: string, kind: string): number => {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1]);
  } catch {
    // It ended, or is a kernel thread.
    return Number.NaN;
  }
};

/** Process ids of whoever lives in one of these mount or network namespaces. */
export const pidsInNamespaces = (namespaces: ReadonlySet<number>): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => ['mnt', 'net'].some((kind) => namespaces.has(linkOf(pid, kind))))
    .map(Number);

/** Sends a signal; false when there is no such process any more. */
export const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
};

const zombie = (pid: number): boolean => /^State:\tZ/m.test(readProc(pid, 'status'));

/** kill -9 for everybody that `look` finds, again and again until it finds nobody. */
export const killAll = async (what: string, look: () => readonly number[]): Promise<void> => {
  await eventually(`${what} ended`, () => {
    const pids = look().filter((pid) => pid !== process.pid && !zombie(pid));
    for (const pid of pids) signal(pid, 'SIGKILL');
    return pids.length === 0;
  });
};
