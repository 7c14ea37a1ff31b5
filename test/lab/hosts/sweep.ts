import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { cgroupFolders, cgroupsBeginning, killAll, namespacesOf, pidsInCgroup, pidsInNamespaces } from './processes.ts';

/** All that a lab is, by which it can be removed without knowing more of it. */
export interface LabRemains {
  /** Everything that it wrote, and the files that keep its namespaces. */
  readonly folder: string;
  /** How the names of its control groups begin, with a leading slash; without it, it has none. */
  readonly cgroupPrefix?: string;
}

/** What is mounted below a folder in this mount namespace, the last mounted first. @param type of file system; any when left out */
export const mountsBelow = (folder: string, type?: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => type === undefined || line.split(' - ')[1]?.startsWith(`${type} `) === true)
    .map((line) => line.split(' ')[4] ?? '')
    .filter((at) => at === folder || at.startsWith(`${folder}/`))
    .reverse();

const removeCgroup = (folder: string): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
  rmdirSync(folder);
};

const removed = (cgroup: string): boolean => {
  try {
    cgroupFolders(cgroup).forEach(removeCgroup);
    return true;
  } catch (error) {
    // Who was just killed may still be in it.
    if (error instanceof Error && 'code' in error && (error.code === 'EBUSY' || error.code === 'ENOENT')) return false;
    throw error;
  }
};

/** Ends every process of a lab and removes its namespaces, mounts, control groups and files. Done twice it does nothing more. */
export const sweep = async ({ folder, cgroupPrefix }: LabRemains): Promise<void> => {
  const namespaces = namespacesOf(mountsBelow(folder, 'nsfs'));
  const cgroups = cgroupPrefix === undefined ? [] : cgroupsBeginning(cgroupPrefix);
  await killAll(`the processes of ${folder}`, () => [...pidsInNamespaces(namespaces), ...cgroups.flatMap(pidsInCgroup)]);
  for (const at of mountsBelow(folder)) await command('umount', ['--lazy', at]);
  for (const cgroup of cgroups) await eventually(`the control group ${cgroup} is removed`, () => removed(cgroup));
  await rm(folder, { recursive: true, force: true });
};
