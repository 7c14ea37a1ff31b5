import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockIoFacts, WeightLines } from './block-io.ts';
import type { ContainerStats, ContainerUsage } from './types.ts';

/** The control group of one container, on either version. Paths are absolute below the hierarchy's root: `/tso/<id>`. */
export interface Cgroups {
  readonly version: 1 | 2;
  /** false: asking the runtime for a swap limit would fail. */
  readonly swapAccounting: boolean;
  /** Who can write weights of block I/O for cgroups below that one, which is made when it is not there. */
  blockWeights(parent: string): BlockIoFacts['blockWeights'];
  /** Whether weights are switched on for a disk otherwise than by its scheduler. */
  sharesByCost(): boolean;
  /** Writes them, where the agent does. */
  setBlockWeights(path: string, lines: WeightLines): void;
  /** Whether real-time classes have budgets here. */
  readonly realTimeGroups: boolean;
  /**
   * Gives all cgroups above that one what its real-time budget takes: a fresh cgroup has none, and a child can have no more than its parent.
   * Microseconds. FAILED_PRECONDITION: the kernel has not as much left.
   */
  grantRealTime(path: string, runtimeUs: number, periodUs: number): void;
  /** Names of the cgroups right below a parent, sorted, unique over the hierarchies. */
  children(parent: string): readonly string[];
  exists(path: string): boolean;
  /** Pids in the cgroup and below it, unique. */
  processes(path: string): readonly number[];
  /** true: the kernel killed them all at once (cgroup.kill). false: the caller signals each, between freeze and thaw. */
  killAtOnce(path: string): boolean;
  /** false: this host has no control group that freezes. */
  readonly canFreeze: boolean;
  /** Asks the kernel; it is done when isFrozen says so. */
  freeze(path: string): void;
  isFrozen(path: string): boolean;
  thaw(path: string): void;
  /** Removes the cgroup and those below it. Returns false while a process holds one of them. */
  remove(path: string): boolean;
  /** Removes the cgroup alone. false: it has others below it, or processes. */
  removeIfEmpty(path: string): boolean;
  /** How many processes the kernel killed for want of memory. */
  oomKills(path: string): number;
  stats(path: string): ContainerStats | undefined;
  usage(path: string): ContainerUsage | undefined;
}

const errno = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** The text of a file of the cgroup tree; '' when it or its cgroup is gone. */
export const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // A cgroup vanishes between listing and reading; a controller may not have the file at all.
    if (['ENOENT', 'ENODEV', 'ENOTDIR', 'EOPNOTSUPP'].includes(errno(error))) return '';
    throw error;
  }
};

/** Writes if the file is there: false when it is not. */
export const writeIfThere = (path: string, text: string): boolean => {
  try {
    // Without O_CREAT: a plain write would make the file where the tree is a stand-in.
    writeFileSync(path, text, { flag: 'r+' });
    return true;
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ENOTDIR'].includes(errno(error))) return false;
    throw error;
  }
};

export const subfolders = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ENOTDIR'].includes(errno(error))) return [];
    throw error;
  }
};

/** Pids of a cgroup folder and of all below it. */
export const treeProcesses = (dir: string): readonly number[] => [
  ...readOrEmpty(join(dir, 'cgroup.procs'))
    .split('\n')
    .filter((line) => line !== '')
    .map(Number),
  ...subfolders(dir).flatMap((name) => treeProcesses(join(dir, name))),
];

/** Removes the folder and those below it, deepest first. false: something still holds one. */
export const removeTree = (dir: string): boolean => {
  const below = subfolders(dir).map((name) => removeTree(join(dir, name)));
  return !below.includes(false) && removeFolder(dir);
};

/** Removes a folder of the cgroup tree. false: something still holds it. */
export const removeFolder = (dir: string): boolean => {
  try {
    rmdirSync(dir);
    return true;
  } catch (error) {
    if (errno(error) === 'ENOENT') return true;
    if (errno(error) === 'EBUSY' || errno(error) === 'ENOTEMPTY') return false;
    throw error;
  }
};
