import { mountLines } from '../mountinfo.ts';

/** Where the host's control groups are mounted (cgroups(7), proc(5) mountinfo). */
export type CgroupLayout =
  | { readonly version: 2; readonly root: string }
  | {
      readonly version: 1;
      /** Controller (or `name=systemd`) to the folder its hierarchy is mounted on. */
      readonly controllers: ReadonlyMap<string, string>;
      /** The cgroup2 mount beside them, in the layout called hybrid. */
      readonly unified: string | undefined;
    };

const flags = new Set(['rw', 'ro', 'xattr', 'noprefix', 'clone_children', 'cpuset_v2_mode', 'favordynmods', 'release_agent']);

/** The layout that a mountinfo text shows, or undefined when no control groups are mounted. Of two mounts of one hierarchy the first counts. */
export const cgroupLayout = (mountinfo: string): CgroupLayout | undefined => {
  const mounts = mountLines(mountinfo);
  const controllers = new Map<string, string>();
  for (const mount of mounts.filter((line) => line.type === 'cgroup')) {
    for (const option of mount.superOptions) {
      if (!flags.has(option.split('=', 1)[0] ?? '') && !controllers.has(option)) controllers.set(option, mount.target);
    }
  }
  const unified = mounts.find((line) => line.type === 'cgroup2')?.target;
  if ([...controllers.keys()].some((name) => !name.startsWith('name='))) return { version: 1, controllers, unified };
  return unified === undefined ? undefined : { version: 2, root: unified };
};

/** Every folder that holds a hierarchy, unique: a container has a cgroup below each. */
export const hierarchyRoots = (layout: CgroupLayout): readonly string[] =>
  layout.version === 2
    ? [layout.root]
    : [...new Set([...layout.controllers.values(), ...(layout.unified === undefined ? [] : [layout.unified])])];

/** Whether a /proc/PID/cgroup text places the process in the cgroup or below it, in any hierarchy. */
export const isInCgroup = (procCgroup: string, path: string): boolean =>
  procCgroup.split('\n').some((line) => {
    const own = line.split(':').slice(2).join(':');
    return own === path || own.startsWith(`${path}/`);
  });
