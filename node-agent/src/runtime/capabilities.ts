import { capabilityNames, capabilityOf, TsoError } from '@tso/proto';
import type { OciCapabilities } from './oci-spec.ts';

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
  /** What this host can give: the agent's own bounding set. */
  readonly available: readonly string[];
}

/** The names in a CapBnd line of /proc/PID/status (proc(5)): a hexadecimal bit mask. */
export const boundingSet = (status: string): readonly string[] => {
  const mask = BigInt(`0x${/^CapBnd:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return capabilityNames.filter((_name, number) => ((mask >> BigInt(number)) & 1n) === 1n);
};

const fullName = (name: string): string => {
  const full = capabilityOf(name);
  if (full !== undefined) return full;
  throw new TsoError('INVALID_ARGUMENT', `there is no capability ${name}`, {
    hint: 'See capabilities(7) for their names, such as NET_ADMIN',
  });
};

/**
 * The capabilities of a container, sorted, unique. A drop beats an add, as with Docker. INVALID_ARGUMENT: a name that Linux does not have;
 * FAILED_PRECONDITION: one asked for by name that this host cannot give.
 */
export const containerCapabilities = (wish: CapabilityWish): readonly string[] => {
  const { available } = wish;
  const add = wish.add.map(fullName);
  const drop = wish.drop.map(fullName);
  if (wish.privileged) return [...available].sort();
  const lacking = add.find((name) => name !== 'ALL' && !available.includes(name));
  if (lacking !== undefined) {
    throw new TsoError('FAILED_PRECONDITION', `this host cannot give the capability ${lacking}: the agent itself does not have it`);
  }
  const base = add.includes('ALL') ? available : drop.includes('ALL') ? [] : defaultCapabilities;
  const kept = [...base, ...add].filter((name) => name !== 'ALL' && available.includes(name) && !drop.includes(name));
  return [...new Set(kept)].sort();
};

/**
 * The five sets of a process. Root has all of them in force. Another user has them only as a bound, as after an execve of root's process;
 * the ones somebody asked for by name (ALL is none) are made ambient, for a server that is to bind port 80 without being root (as Podman does).
 */
export const capabilitySets = (capabilities: readonly string[], uid: number, asked: readonly string[]): OciCapabilities => {
  if (uid === 0) {
    return { bounding: capabilities, effective: capabilities, permitted: capabilities, inheritable: [], ambient: [] };
  }
  const named = new Set(asked.map(fullName));
  const ambient = capabilities.filter((name) => named.has(name));
  return { bounding: capabilities, effective: ambient, permitted: ambient, inheritable: ambient, ambient };
};
