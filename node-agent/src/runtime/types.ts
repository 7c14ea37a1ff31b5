import type { ContainerSpec, ExecOptions, Resources, TerminalSize } from '@tso/proto';
import type { IdShift, ImageConfig } from '../image/types.ts';
import type { ProcessIdentity } from './processes.ts';

/** Which file, whatever its name comes to mean. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/** A mount as the agent resolved it: every source exists. */
export interface ResolvedMount {
  /** Absolute host path; ignored for tmpfs. */
  readonly source: string;
  readonly target: string;
  readonly kind: 'bind' | 'tmpfs';
  readonly readOnly: boolean;
  readonly propagation: string;
  /** false: bind instead of rbind. */
  readonly recursive: boolean;
  readonly sizeBytes: number;
  readonly mode: number;
  /** tmpfs only: owner and group of its root; absent: root's. */
  readonly uid?: number;
  readonly gid?: number;
  /** With readOnly: what is mounted below the source cannot be written either. */
  readonly recursiveReadOnly?: boolean;
  /** More of mount(8)'s flags for a bind: nosuid, nodev, noexec. */
  readonly flags?: readonly string[];
  /** What must be mounted there in the end: set where others may change what the source's path means meanwhile. */
  readonly identity?: FileIdentity;
}

/** All that makes a container; values only, so that the bundle is decided without looking anywhere. */
export interface ContainerPlan {
  /** Container id: the task's id. */
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly limits: Resources;
  readonly reservations: Resources;
  readonly image: ImageConfig;
  readonly rootfs: string;
  readonly mounts: readonly ResolvedMount[];
  /** Absolute path of the network namespace file; undefined: the host's. */
  readonly netns: string | undefined;
  /** Namespaces of another container to join, as paths in /proc; undefined: as the spec says. */
  readonly pidNamespace?: string;
  readonly ipcNamespace?: string;
  /** The one that owns those; counts for a container in a user namespace alone. */
  readonly userNamespace?: string;
  /** Host path of a file system in memory that is /dev/shm here and elsewhere; undefined: one of its own. */
  readonly sharedMemory?: string;
  /** Host paths of files bound over /etc/hosts, /etc/resolv.conf, /etc/hostname. */
  readonly etcFiles: Readonly<Record<'hosts' | 'resolv.conf' | 'hostname', string>>;
  readonly hostname: string;
  /** What `links` tell it, as KEY=value; image and spec go before. */
  readonly linkEnv: readonly string[];
  /** cgroup path below the parent: `<parent>/<id>`. */
  readonly cgroupPath: string;
  readonly shift: IdShift | undefined;
  /** Text of the default seccomp profile in the containers-common form; undefined: not on this host. */
  readonly seccompProfile: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Into whose log what it says goes; undefined: its own. */
  readonly logOf?: string;
  readonly logMaxSizeBytes: number;
}

export interface ContainerProcess {
  readonly pid: number;
  /** Start time of pid in clock ticks (/proc/PID/stat field 22): together they name a process for ever. */
  readonly pidStartTime: string;
  readonly conmonPid: number;
  readonly conmonStartTime: string;
  /** What was asked for and has no effect on this host, a phrase each; said by the create that made it, and only then. */
  readonly notes?: readonly string[];
}

export interface ContainerExit {
  readonly id: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly atMs: number;
}

export type ContainerObservation =
  | { readonly state: 'none' } // never made, or deleted
  | { readonly state: 'created'; readonly process: ContainerProcess }
  /** paused: its processes are frozen. */
  | { readonly state: 'running'; readonly process: ContainerProcess; readonly paused: boolean }
  | { readonly state: 'exited'; readonly exit: ContainerExit }
  /** Gone without an exit file: its conmon was killed, or the run directory was wiped. */
  | { readonly state: 'lost'; readonly reason: string };

export interface ExecProcess {
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Empty with a terminal. */
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Resolves once written; resolves too when the process no longer reads. */
  write(data: Uint8Array): Promise<void>;
  endInput(): void;
  resize(size: TerminalSize): void;
  kill(signal: string): void;
  /** 128 + n when a signal ended it; 126: not executable; 127: no such command. */
  readonly exitCode: Promise<number>;
}

/** What `runtime/containers.ts` offers the rest of the agent. Everything is idempotent, and true after a restart of the agent. */
export interface Containers {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Writes the bundle, spawns conmon, creates the container (not started). The message of a failure names what the user can change: "command nosuch was not found in image busybox:1". */
  create(plan: ContainerPlan): Promise<ContainerProcess>;
  /** Starts the created one. A missing command fails here or in create, with the same sentence. */
  run(id: string): Promise<void>;
  /** No error when it is not running. Signal as a name (SIGTERM) or number. */
  kill(id: string, signal: string): Promise<void>;
  /** Freezes its processes; no error when they are. FAILED_PRECONDITION: it does not run; UNAVAILABLE: one does not stop, and all go on. */
  pause(id: string): Promise<void>;
  /** Lets its processes go on; no error when they do. */
  unpause(id: string): Promise<void>;
  /** Kills everything in its cgroup, ends conmon, deletes runtime state, cgroup, bundle and exit file. */
  remove(id: string): Promise<void>;
  observe(id: string): Promise<ContainerObservation>;
  /** Ids that have any trace in the run directory or the cgroup parent. */
  list(): Promise<readonly string[]>;
  /** Calls on each exit and on each loss of a conmon; the caller then observes. Returns the unsubscribe. */
  onChange(listener: (id: string) => void): () => void;
  exec(id: string, options: ExecOptions): Promise<ExecProcess>;
  /** The log file conmon writes (k8s-file format), and the request to close and reopen it after a rename. */
  logPath(id: string): string;
  reopenLog(id: string): Promise<void>;
  stats(id: string): Promise<ContainerStats | undefined>;
  /** What its control group has taken, less of it and cheaper than `stats`; undefined: it has none. */
  usage(id: string): Promise<ContainerUsage | undefined>;
  /** Pids, as the host counts them, of all that runs in its cgroup; without order. */
  processes(id: string): Promise<readonly number[]>;
  /** Where its files are; undefined: it has none any more. */
  files(id: string): Promise<ContainerPlace | undefined>;
  /** `crun 1.8.1`; cgroup version in use. */
  describe(): Promise<{ readonly runtime: string; readonly cgroupVersion: 1 | 2 }>;
}

export interface ContainerStats {
  readonly cpuNs: number;
  readonly memoryBytes: number;
  /** 0: none. */
  readonly memoryLimitBytes: number;
  readonly pids: number;
  readonly blockReadBytes: number;
  readonly blockWriteBytes: number;
  /** How long it was held back by its CPU limit. */
  readonly throttledNs: number;
}

/** What a container has taken since its start, and has of memory, without file cache that the kernel would give back first. */
export type ContainerUsage = Pick<ContainerStats, 'cpuNs' | 'memoryBytes'>;

/** What is needed to get at a container's files as it sees them. */
export interface ContainerPlace {
  /** Its first process, while that runs: /proc/PID/root is the container's own view, mounts and all. */
  readonly process: ProcessIdentity | undefined;
  /** Host path of the root filesystem, without what is mounted on it. */
  readonly rootfs: string;
  readonly readOnly: boolean;
  /** Files and folders of the host that are mounted in it, by target. */
  readonly binds: readonly { readonly target: string; readonly source: string; readonly readOnly: boolean }[];
  readonly shift: IdShift | undefined;
}
