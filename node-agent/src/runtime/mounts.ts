import { defaultMounts, defaultShmSizeBytes } from './defaults.ts';
import type { OciMount } from './oci-spec.ts';
import type { ContainerPlan, ResolvedMount } from './types.ts';

const depth = (path: string): number => path.split('/').filter((part) => part !== '').length;

const tmpfsMode = (mode: number): string => (mode === 0 ? 0o1777 : mode).toString(8);

/** One of the user's mounts in the runtime's form. */
export const ociMount = (mount: ResolvedMount): OciMount => {
  // `rro` is of the kernel's newer way to mount (mount_setattr(2)): it reaches what is mounted below, where `ro` does not.
  const access = !mount.readOnly ? 'rw' : mount.recursiveReadOnly === true ? 'rro' : 'ro';
  if (mount.kind === 'tmpfs') {
    const size = mount.sizeBytes > 0 ? [`size=${mount.sizeBytes}`] : [];
    const owner = [...(mount.uid === undefined ? [] : [`uid=${mount.uid}`]), ...(mount.gid === undefined ? [] : [`gid=${mount.gid}`])];
    return {
      destination: mount.target,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'nodev', 'noexec', `mode=${tmpfsMode(mount.mode)}`, ...owner, ...size, access],
    };
  }
  const propagation = mount.propagation === '' ? 'rprivate' : mount.propagation;
  return {
    destination: mount.target,
    type: 'bind',
    source: mount.source,
    options: [mount.recursive ? 'rbind' : 'bind', propagation, access, ...(mount.flags ?? [])],
  };
};

const etcMounts = (plan: ContainerPlan): readonly OciMount[] =>
  (['hosts', 'resolv.conf', 'hostname'] as const).map((name) => ({
    destination: `/etc/${name}`,
    type: 'bind',
    source: plan.etcFiles[name],
    options: ['bind', 'rprivate', 'rw'],
  }));

/** Everything mounted in a container, parents before children; of two with one target the user's wins. */
export const containerMounts = (plan: ContainerPlan, initPath: string | undefined): readonly OciMount[] => {
  const { spec } = plan;
  const defaults = defaultMounts({
    privileged: spec.privileged,
    userNamespace: plan.shift !== undefined,
    hostPid: spec.pidMode === 'host',
    hostIpc: spec.ipcMode === 'host',
    noShm: spec.ipcMode === 'none',
    sharedMemory: plan.sharedMemory,
    shmSizeBytes: spec.shmSizeBytes > 0 ? spec.shmSizeBytes : defaultShmSizeBytes,
  });
  const init: readonly OciMount[] =
    initPath === undefined
      ? []
      : [{ destination: '/dev/init', type: 'bind', source: initPath, options: ['bind', 'rprivate', 'ro', 'nosuid', 'nodev'] }];
  const users = plan.mounts.map(ociMount).toSorted((a, b) => depth(a.destination) - depth(b.destination));
  const taken = new Set(users.map((mount) => mount.destination));
  return [...defaults, ...etcMounts(plan), ...init].filter((mount) => !taken.has(mount.destination)).concat(users);
};
