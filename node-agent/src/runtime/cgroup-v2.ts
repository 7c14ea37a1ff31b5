import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cgroups } from './cgroup-tree.ts';
import { readOrEmpty, removeFolder, removeTree, subfolders, treeProcesses, writeIfThere } from './cgroup-tree.ts';
import { keyedValue, statsFromV2, usageFromV2 } from './stats.ts';

/** Control groups of version 2, one tree (kernel: admin-guide/cgroup-v2.rst). */
export const cgroupsV2 = (root: string): Cgroups => {
  const folder = (path: string): string => join(root, path);
  const read = (path: string, name: string): string => readOrEmpty(join(root, path, name));

  return {
    version: 2,
    // memory.swap.max exists whenever the memory controller does, unless the kernel was built without swap; the runtime then skips it.
    swapAccounting: true,
    // io.cost.qos stands at the root of a kernel with io.weight; BFQ has weights of its own.
    blockWeights: (parent) =>
      existsSync(join(root, 'io.cost.qos')) || existsSync(join(folder(parent), 'io.bfq.weight')) ? 'runtime' : 'none',
    sharesByCost: () => /enable=1/.test(readOrEmpty(join(root, 'io.cost.qos'))),
    setBlockWeights: () => undefined,
    realTimeGroups: false,
    grantRealTime: () => undefined,
    children: (parent) => subfolders(folder(parent)).toSorted(),
    exists: (path) => existsSync(folder(path)),
    processes: (path) => treeProcesses(folder(path)),
    // cgroup.kill: since Linux 5.14.
    killAtOnce: (path) => writeIfThere(join(folder(path), 'cgroup.kill'), '1'),
    // cgroup.freeze: since Linux 5.2, in every group but the root.
    canFreeze: true,
    freeze: (path) => {
      writeIfThere(join(folder(path), 'cgroup.freeze'), '1');
    },
    isFrozen: (path) => keyedValue(read(path, 'cgroup.events'), 'frozen') === 1,
    thaw: (path) => {
      writeIfThere(join(folder(path), 'cgroup.freeze'), '0');
    },
    remove: (path) => removeTree(folder(path)),
    removeIfEmpty: (path) => removeFolder(folder(path)),
    oomKills: (path) => keyedValue(read(path, 'memory.events'), 'oom_kill'),
    usage: (path) => {
      const cpuStat = read(path, 'cpu.stat');
      if (cpuStat === '') return undefined;
      return usageFromV2({ cpuStat, memoryCurrent: read(path, 'memory.current'), memoryStat: read(path, 'memory.stat') });
    },
    stats: (path) => {
      const pidsCurrent = read(path, 'pids.current');
      if (pidsCurrent === '') return undefined;
      return statsFromV2({
        cpuStat: read(path, 'cpu.stat'),
        memoryCurrent: read(path, 'memory.current'),
        memoryStat: read(path, 'memory.stat'),
        memoryMax: read(path, 'memory.max'),
        pidsCurrent,
        ioStat: read(path, 'io.stat'),
      });
    },
  };
};
