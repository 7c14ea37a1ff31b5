import { TsoError } from '@tso/proto';
import type { OciCapabilities } from './oci-spec.ts';

/** Every capability of Linux in the order of its number (linux/capability.h); the index is the number. */
export const allCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
];

/** What a container has when nobody says otherwise: the 14 that Docker and its successors settled on. */
export const defaultCapabilities: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

export interface CapabilityWish {
  readonly privileged: boolean;
  /** With or without CAP_, any case; ALL. */
  readonly add: readonly string[];
  readonly drop: readonly string[];
  /** Number of the kernel's last capability (/proc/sys/kernel/cap_last_cap). */
  readonly lastCapability: number;
}

const fullName = (name: string): string => {
  const upper = name.toUpperCase();
  if (upper === 'ALL') return upper;
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (allCapabilities.includes(full)) return full;
  throw new TsoError('INVALID_ARGUMENT', `there is no capability ${name}`, {
    hint: 'See capabilities(7) for their names, such as NET_ADMIN',
  });
};

/** The capabilities of a container, sorted, unique. INVALID_ARGUMENT: a name that Linux does not have. A drop beats an add, as with Docker. */
export const containerCapabilities = (wish: CapabilityWish): readonly string[] => {
  const known = allCapabilities.slice(0, wish.lastCapability + 1);
  const add = wish.add.map(fullName);
  const drop = wish.drop.map(fullName);
  if (wish.privileged) return [...known].sort();
  const base = add.includes('ALL') ? known : drop.includes('ALL') ? [] : defaultCapabilities;
  const kept = [...base, ...add].filter((name) => name !== 'ALL' && known.includes(name) && !drop.includes(name));
  return [...new Set(kept)].sort();
};

/**
 * The five sets of a process. Root has all of them in force. Another user has them only as a bound, as after an execve of root's process;
 * the ones somebody asked for by name are made ambient, for a server that is to bind port 80 without being root (as Podman does).
 */
export const capabilitySets = (capabilities: readonly string[], uid: number, asked: readonly string[]): OciCapabilities => {
  if (uid === 0) {
    return { bounding: capabilities, effective: capabilities, permitted: capabilities, inheritable: [], ambient: [] };
  }
  const named = new Set(asked.map(fullName));
  const ambient = capabilities.filter((name) => named.has(name));
  return { bounding: capabilities, effective: ambient, permitted: ambient, inheritable: ambient, ambient };
};
