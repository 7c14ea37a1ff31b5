/** Names that Linux has for what a container may do, use up, be told and be reached by. */

/** Every capability of Linux in the order of its number (linux/capability.h); the index is the number. */
export const capabilityNames: readonly string[] = [
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

/** Names of setrlimit(2) without RLIMIT_, lower case. */
export const ulimitNames: readonly string[] = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** Linux signal numbers as x86 and arm have them (asm-generic/signal.h). */
const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
};

/** Names of signals without SIG, but those for realtime. */
export const signalNames: readonly string[] = Object.keys(signalNumbers);

const realtimeMinimum = 34;
const realtimeMaximum = 64;

/** The number of `SIGTERM`, `term`, `15`, `RTMIN+3` or `SIGRTMAX-1`; undefined: there is no such signal. */
export const signalNumberOf = (signal: string): number | undefined => {
  const name = signal.trim().toUpperCase().replace(/^SIG/, '');
  const known = Object.hasOwn(signalNumbers, name) ? signalNumbers[name] : undefined;
  if (known !== undefined) return known;
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  const offset = Number(realtime?.[3] ?? 0) * (realtime?.[2] === '-' ? -1 : 1);
  const number =
    realtime === null ? (/^\d{1,2}$/.test(name) ? Number(name) : 0) : (realtime[1] === 'MIN' ? realtimeMinimum : realtimeMaximum) + offset;
  return number >= 1 && number <= realtimeMaximum ? number : undefined;
};

/** `NET_ADMIN`, `CAP_NET_ADMIN` or `all`, in any case, as `CAP_…` or `ALL`; undefined: there is no such capability. */
export const capabilityOf = (text: string): string | undefined => {
  const name = text.trim().toUpperCase();
  if (name === 'ALL' || name === 'CAP_ALL') return 'ALL';
  const whole = name.startsWith('CAP_') ? name : `CAP_${name}`;
  return capabilityNames.includes(whole) ? whole : undefined;
};

/** Names that the kernel takes for something else, or that a task's namespace has already: what tasks ask for names by is `dns0`. */
const takenDeviceNames = new Set(['lo', 'all', 'default', 'dns0']);

/** How a name that somebody chooses for a network device is written. */
export const deviceNameForm =
  'a letter, then letters, digits, dots, dashes and underscores, 15 characters at most; not lo, all, default, dns0 or tso-…';

/** Whether a task's network device may have that name. The kernel's limit is IFNAMSIZ without its zero byte; with `tso-` begin our own. */
export const isDeviceName = (name: string): boolean =>
  /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/.test(name) && !name.startsWith('tso-') && !takenDeviceNames.has(name);
