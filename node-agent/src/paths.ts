import { join } from 'node:path';

/** Where one node keeps its things. Every socket, file and folder derives from these two directories. */
export interface AgentPaths {
  /** Survives a reboot: images, volumes, task records, manager state. */
  readonly dataDir: string;
  /** Does not: sockets, namespaces, process state. */
  readonly runDir: string;
}

export const defaultDataDir = '/var/lib/tso';
export const defaultRunDir = '/run/tso';

export const agentSocket = (paths: AgentPaths): string => join(paths.runDir, 'tso.sock');
export const managerSocket = (paths: AgentPaths): string => join(paths.runDir, 'manager.sock');
export const managerStateDir = (paths: AgentPaths): string => join(paths.dataDir, 'manager');
/** Certificate and key of this node, in generations. */
export const identityDir = (paths: AgentPaths): string => join(paths.dataDir, 'identity');
export const imagesDir = (paths: AgentPaths): string => join(paths.dataDir, 'images');
export const rootfsDir = (paths: AgentPaths): string => join(paths.dataDir, 'rootfs');
export const volumesDir = (paths: AgentPaths): string => join(paths.dataDir, 'volumes');
/** Who uses which volume that is mounted from elsewhere. */
export const volumeMountsDir = (paths: AgentPaths): string => join(paths.runDir, 'volumes');
/** Images that tasks mount. */
export const imageMountsDir = (paths: AgentPaths): string => join(paths.dataDir, 'image-mounts');
export const taskRecordsDir = (paths: AgentPaths): string => join(paths.dataDir, 'tasks');
export const taskLogsDir = (paths: AgentPaths): string => join(paths.dataDir, 'logs');
export const containersRunDir = (paths: AgentPaths): string => join(paths.runDir, 'containers');
export const exitsDir = (paths: AgentPaths): string => join(paths.runDir, 'exits');
export const netnsDir = (paths: AgentPaths): string => join(paths.runDir, 'netns');
/** Keys of the tunnels of encrypted networks. */
export const tunnelsDir = (paths: AgentPaths): string => join(paths.runDir, 'tunnels');
export const runtimeStateDir = (paths: AgentPaths): string => join(paths.runDir, 'runtime');

/** Secrets and configs of tasks, on a file system in memory. */
export const memoryDir = (paths: AgentPaths): string => join(paths.runDir, 'memory');

/** What is /dev/shm of tasks that lend their IPC. */
export const sharedMemoryDirs = (paths: AgentPaths): string => join(paths.runDir, 'shm');
export const sharedMemoryDir = (paths: AgentPaths, taskId: string): string => join(sharedMemoryDirs(paths), taskId);

export const etcDir = (paths: AgentPaths): string => join(paths.runDir, 'etc');

/** Files bound over /etc/hosts, /etc/resolv.conf and /etc/hostname of a container. */
export const etcFilesDir = (paths: AgentPaths, containerId: string): string => join(etcDir(paths), containerId);

const tagLength = 4;

/**
 * What tells the kernel objects (devices, tables, cgroups) of one daemon from another's on the same host: empty for the
 * default run directory, else four characters made from its path (FNV-1a).
 */
export const runDirTag = (paths: AgentPaths): string => {
  if (paths.runDir === defaultRunDir) return '';
  let hash = 0x811c9dc5;
  for (const char of paths.runDir) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(36).padStart(tagLength, '0').slice(-tagLength);
};
