import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupLayout } from './cgroup.ts';
import { hierarchyRoots } from './cgroup.ts';
import type { Cgroups } from './cgroup-tree.ts';
import { readOrEmpty, removeFolder, removeTree, subfolders, treeProcesses, writeIfThere } from './cgroup-tree.ts';
import { grantRealTime } from './real-time.ts';
import { keyedValue, statsFromV1, usageFromV1 } from './stats.ts';

/** Control groups of version 1, where a container has one cgroup in each hierarchy (kernel: admin-guide/cgroup-v1). */
export const cgroupsV1 = (layout: CgroupLayout & { readonly version: 1 }): Cgroups => {
  const roots = hierarchyRoots(layout);
  const file = (controller: string, path: string, name: string): string =>
    join(layout.controllers.get(controller) ?? '/nonexistent', path, name);
  const read = (controller: string, path: string, name: string): string => readOrEmpty(file(controller, path, name));

  return {
    version: 1,
    swapAccounting: existsSync(file('memory', '/', 'memory.memsw.limit_in_bytes')),
    blockWeights: (parent) => {
      const folder = layout.controllers.get('blkio');
      if (folder === undefined) return 'none';
      // The root has no weight, a folder below it shows whether there are any.
      mkdirSync(join(folder, parent), { recursive: true });
      if (existsSync(join(folder, parent, 'blkio.weight'))) return 'runtime';
      return existsSync(join(folder, parent, 'blkio.bfq.weight')) ? 'agent' : 'none';
    },
    sharesByCost: () => false,
    setBlockWeights: (path, { weight, devices }) => {
      if (weight !== undefined) writeIfThere(file('blkio', path, 'blkio.bfq.weight'), weight);
      for (const line of devices) writeIfThere(file('blkio', path, 'blkio.bfq.weight_device'), line);
    },
    realTimeGroups: existsSync(file('cpu', '/', 'cpu.rt_runtime_us')),
    grantRealTime: (path, runtimeUs, periodUs) => {
      const folder = layout.controllers.get('cpu');
      if (folder !== undefined) grantRealTime(folder, path, { runtimeUs, periodUs });
    },
    children: (parent) => [...new Set(roots.flatMap((root) => subfolders(join(root, parent))))].sort(),
    exists: (path) => roots.some((root) => existsSync(join(root, path))),
    processes: (path) => [...new Set(roots.flatMap((root) => treeProcesses(join(root, path))))],
    killAtOnce: () => false,
    canFreeze: layout.controllers.has('freezer'),
    freeze: (path) => {
      writeIfThere(file('freezer', path, 'freezer.state'), 'FROZEN');
    },
    isFrozen: (path) => read('freezer', path, 'freezer.state').trim() === 'FROZEN',
    thaw: (path) => {
      writeIfThere(file('freezer', path, 'freezer.state'), 'THAWED');
    },
    remove: (path) => roots.map((root) => removeTree(join(root, path))).every((gone) => gone),
    removeIfEmpty: (path) => roots.map((root) => removeFolder(join(root, path))).every((gone) => gone),
    oomKills: (path) => keyedValue(read('memory', path, 'memory.oom_control'), 'oom_kill'),
    usage: (path) => {
      const cpuacctUsage = read('cpuacct', path, 'cpuacct.usage');
      if (cpuacctUsage === '') return undefined;
      return usageFromV1({
        cpuacctUsage,
        memoryUsage: read('memory', path, 'memory.usage_in_bytes'),
        memoryStat: read('memory', path, 'memory.stat'),
      });
    },
    stats: (path) => {
      const pidsCurrent = read('pids', path, 'pids.current');
      if (pidsCurrent === '') return undefined;
      return statsFromV1({
        cpuacctUsage: read('cpuacct', path, 'cpuacct.usage'),
        memoryUsage: read('memory', path, 'memory.usage_in_bytes'),
        memoryStat: read('memory', path, 'memory.stat'),
        memoryLimit: read('memory', path, 'memory.limit_in_bytes'),
        pidsCurrent,
        cpuStat: read('cpu', path, 'cpu.stat'),
        ioServiceBytes: read('blkio', path, 'blkio.throttle.io_service_bytes_recursive'),
      });
    },
  };
};
