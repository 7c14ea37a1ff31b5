import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { allCapabilities } from './capabilities.ts';

export interface HostFacts {
  /** GOARCH name. */
  readonly architecture: string;
  readonly kernel: { readonly major: number; readonly minor: number };
  readonly lastCapability: number;
}

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', loong64: 'loong64', ppc64: 'ppc64le' };

/** `6.1.0-18-amd64` as numbers. */
export const kernelVersion = (text: string): { readonly major: number; readonly minor: number } => {
  const [major = 0, minor = 0] = text.split(/[.-]/).map(Number);
  return { major, minor };
};

const lastCapability = (): number => {
  try {
    return Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  } catch {
    // Hidden by a restricted /proc: the kernel refuses what it does not know anyway.
    return allCapabilities.length - 1;
  }
};

/** What the bundle asks about this host; constant while it runs. */
export const readHostFacts = (): HostFacts => ({
  architecture: goArchitectures[arch()] ?? arch(),
  kernel: kernelVersion(release()),
  lastCapability: lastCapability(),
});
