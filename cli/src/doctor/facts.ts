import type { ClusterFacts } from './cluster-facts.ts';
import type { NetworkFacts } from './network-facts.ts';

/** What was seen of a host: values only, so that examining them needs no host. */
export interface HostFacts {
  readonly uid: number;
  readonly nodeVersion: string;
  /** `uname -r`. */
  readonly kernel: string;
  /** /proc/filesystems. */
  readonly filesystems: string;
  /** modules.dep of the running kernel; empty without modules. */
  readonly modules: string;
  /** /proc/mounts. */
  readonly mounts: string;
  /** /sys/fs/cgroup/cgroup.controllers; undefined where cgroup2 is not at the top. */
  readonly cgroup2Controllers: string | undefined;
  /** Absolute path of each program looked for. */
  readonly programs: Readonly<Record<string, string | undefined>>;
  /** First line of `--version` of those that were asked. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  /** Whether the kernel makes such a thing, tried in a namespace that is gone afterwards; undefined: could not be tried. */
  readonly kernelMakes: Readonly<Record<string, boolean | undefined>>;
  readonly maxUserNamespaces: number | undefined;
  /** Whether /proc/self/status knows of seccomp. */
  readonly seccomp: boolean;
  readonly seccompProfile: boolean;
  /** /proc/sys values by dotted name. */
  readonly sysctls: Readonly<Record<string, string | undefined>>;
  readonly vxlanPort: 'free' | 'taken' | 'unknown';
  /** The TCP port where members and joiners are listened for. */
  readonly memberPort: 'free' | 'taken' | 'unknown';
  readonly nowMs: number;
  /** Of the hardware clock; undefined: there is none to read. */
  readonly rtcMs: number | undefined;
  readonly dataDir: string;
  /** Free bytes where the data directory is or will be. */
  readonly freeBytes: number | undefined;
  readonly network: NetworkFacts;
  /** Undefined: no daemon answers. */
  readonly cluster: ClusterFacts | undefined;
  readonly daemon: { readonly socket: string; readonly errno: string | undefined };
}

export interface WantedProgram {
  readonly package: string;
  readonly need: 'must' | 'runtime' | 'may';
  /** What does not work without one that may be missing. */
  readonly without?: string;
}

/** Programs the daemon calls, and the Debian package that has each. */
export const wantedPrograms = {
  crun: { package: 'crun', need: 'runtime' },
  runc: { package: 'runc', need: 'runtime' },
  conmon: { package: 'conmon', need: 'must' },
  ip: { package: 'iproute2', need: 'must' },
  bridge: { package: 'iproute2', need: 'must' },
  nft: { package: 'nftables', need: 'must' },
  nsenter: { package: 'util-linux', need: 'must' },
  unshare: { package: 'util-linux', need: 'must' },
  mount: { package: 'mount', need: 'must' },
  umount: { package: 'mount', need: 'must' },
  wg: { package: 'wireguard-tools', need: 'may', without: 'networks with encrypted: "true" are refused on this host' },
  buildah: { package: 'buildah', need: 'may', without: 'services with build: cannot be built from this host' },
  zstd: { package: 'zstd', need: 'may', without: 'layers compressed with it cannot be read' },
} as const satisfies Readonly<Record<string, WantedProgram>>;

/** What a stack's network is made of: `ip link` types, and nftables. */
export const kernelThings = ['bridge', 'veth', 'macvlan', 'vxlan', 'nftables'] as const;

export const vxlanPort = 4789;
export const seccompProfilePath = '/usr/share/containers/seccomp.json';
export const sysctlNames = ['net.ipv4.ip_forward', 'fs.inotify.max_user_instances', 'kernel.pid_max'] as const;
