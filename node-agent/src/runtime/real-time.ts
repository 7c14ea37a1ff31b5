import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TsoError } from '@tso/proto';
import { readOrEmpty, subfolders } from './cgroup-tree.ts';
import { realTimePeriodUs } from './defaults.ts';

/** What real-time programs of a cgroup may run for in each period. */
export interface RealTimeBudget {
  readonly runtimeUs: number;
  /** 0: the kernel's own. */
  readonly periodUs: number;
}

const numberIn = (folder: string, name: string): number => Number(readOrEmpty(join(folder, name)).trim());

const periodIn = (folder: string): number => numberIn(folder, 'cpu.rt_period_us') || realTimePeriodUs;

const shareOf = (folder: string): number => numberIn(folder, 'cpu.rt_runtime_us') / periodIn(folder);

/** The folders between the hierarchy's root and the cgroup, outermost first. */
const foldersAbove = (path: string): readonly string[] => {
  const parent = dirname(path);
  return parent === '/' || parent === '.' ? [] : [...foldersAbove(parent), parent];
};

const write = (file: string, runtimeUs: number, cgroup: string): void => {
  try {
    writeFileSync(file, String(runtimeUs), { flag: 'r+' });
  } catch (cause) {
    throw new TsoError(
      'FAILED_PRECONDITION',
      `this host has not enough real-time budget left for cpu_rt_runtime: the control group ${cgroup} cannot have ${runtimeUs} µs of each second`,
      {
        hint: 'All services with cpu_rt_runtime share what sysctl kernel.sched_rt_runtime_us gives, 950000 as a rule: give them less, or set their period too',
        cause,
      },
    );
  }
};

/**
 * Raises the budgets of the cgroups above one that is to have a budget, since a fresh one has none and the sum of all below may not be more than the own
 * (kernel: scheduler/sched-rt-group.rst). Worked out anew from those that are there, so that what has ended counts no more; one that has
 * enough is left as it is. FAILED_PRECONDITION: the kernel has not as much left.
 * @param root where the hierarchy of the controller `cpu` is mounted
 * @param path of the new cgroup, below that
 */
export const grantRealTime = (root: string, path: string, { runtimeUs, periodUs }: RealTimeBudget): void => {
  const above = foldersAbove(path);
  mkdirSync(join(root, above.at(-1) ?? '/'), { recursive: true });
  const raised: { readonly cgroup: string; readonly neededUs: number }[] = [];
  let [below, share] = [path, runtimeUs / (periodUs || realTimePeriodUs)];
  for (const cgroup of above.toReversed()) {
    const folder = join(root, cgroup);
    const others = subfolders(folder).filter((name) => join(cgroup, name) !== below);
    const sum = others.reduce((total, name) => total + shareOf(join(folder, name)), share);
    // Sums of fractions are a little off: what is below a thousandth of a microsecond is nothing.
    const neededUs = Math.ceil(Number((sum * periodIn(folder)).toFixed(3)));
    const isEnough = neededUs <= numberIn(folder, 'cpu.rt_runtime_us');
    if (!isEnough) raised.push({ cgroup, neededUs });
    [below, share] = [cgroup, isEnough ? shareOf(folder) : neededUs / periodIn(folder)];
  }
  // From the outermost on, since no child may have more than its parent.
  for (const { cgroup, neededUs } of raised.toReversed()) write(join(root, cgroup, 'cpu.rt_runtime_us'), neededUs, cgroup);
};
