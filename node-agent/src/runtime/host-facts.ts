import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { imageArchitecture, TsoError } from '@tso/proto';
import { boundingSet } from './capabilities.ts';
import { type CgroupLayout, cgroupLayout } from './cgroup.ts';

export interface HostFacts {
  /** GOARCH name. */
  readonly architecture: string;
  readonly kernel: { readonly major: number; readonly minor: number };
  /** What a container can be given at most. */
  readonly capabilities: readonly string[];
  /** Hard limit of open files of this process: without CAP_SYS_RESOURCE no child gets a higher one. */
  readonly openFilesMax: number;
}

/** `6.1.0-18-amd64` as numbers. */
export const kernelVersion = (text: string): { readonly major: number; readonly minor: number } => {
  const [major = 0, minor = 0] = text.split(/[.-]/).map(Number);
  return { major, minor };
};

/** From a /proc/PID/limits text (proc(5)). */
export const openFilesLimit = (limits: string): number => {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === undefined || hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
};

/** What the bundle asks about this host; constant while it runs. */
export const readHostFacts = (): HostFacts => ({
  architecture: imageArchitecture(arch()),
  kernel: kernelVersion(release()),
  capabilities: boundingSet(readFileSync('/proc/self/status', 'utf8')),
  openFilesMax: openFilesLimit(readFileSync('/proc/self/limits', 'utf8')),
});

/** How this host has its control groups. FAILED_PRECONDITION: it has none. */
export const detectLayout = (): CgroupLayout => {
  const layout = cgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'));
  if (layout !== undefined) return layout;
  throw new TsoError('FAILED_PRECONDITION', 'no control groups are mounted on this host', {
    hint: 'Mount them: mount -t cgroup2 none /sys/fs/cgroup',
  });
};
