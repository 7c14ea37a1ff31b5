import type { ProcessList } from '@tso/proto';

/** What /proc says of a process: the texts of stat, status and cmdline. */
export interface ProcessTexts {
  readonly pid: number;
  readonly stat: string;
  readonly status: string;
  readonly cmdline: string;
}

/** What the columns need beside that. */
export interface ProcessFacts {
  /** Epoch seconds of the host's start (btime of /proc/stat). */
  readonly bootSeconds: number;
  readonly nowMs: number;
  /** How many pid namespaces deep the container is: which number of NSpid is its own. */
  readonly namespaceDepth: number;
  /** The name for a user id of the host, as the container has it. */
  readonly userName: (hostUid: number) => string;
  /** `14:05`, `Nov21` or `2025`, in the host's zone. */
  readonly startText: (atMs: number, nowMs: number) => string;
}

/** Linux shows times in hundredths of a second wherever Node runs (USER_HZ). */
const ticksPerSecond = 100;

export const processTitles = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD', 'HOST PID'];

interface Process {
  readonly hostPid: number;
  readonly parentHostPid: number;
  readonly pid: number;
  readonly uid: number;
  readonly startTicks: number;
  readonly usedTicks: number;
  readonly terminal: number;
  readonly command: string;
}

const statusField = (status: string, name: string): readonly string[] =>
  status
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim()
    .split(/\s+/) ?? [];

/** How many pid namespaces deep a process is, by its status: 1 in the host's own. */
export const depthOf = (status: string): number => Math.max(1, statusField(status, 'NSpid').length);

/** undefined: not the texts of a process, or those of one outside the container's namespace. */
const processOf = ({ pid: hostPid, stat, status, cmdline }: ProcessTexts, depth: number): Process | undefined => {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  // Numbered from field 3, the state (proc_pid_stat(5)).
  const fields = stat.slice(close + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  if (open < 0 || close < open || fields.length < 20) return undefined;
  const numbers = statusField(status, 'NSpid');
  const pid = Number(numbers[depth - 1] ?? hostPid);
  const words = cmdline.split('\0').filter((word, index, all) => index < all.length - 1 || word !== '');
  return {
    hostPid,
    parentHostPid: field(4),
    pid,
    uid: Number(statusField(status, 'Uid')[1] ?? 0),
    startTicks: field(22),
    usedTicks: field(14) + field(15),
    terminal: field(7),
    // A kernel thread, and what has become a zombie, have a name only.
    command: words.length > 0 ? words.join(' ') : `[${stat.slice(open + 1, close)}]`,
  };
};

const pseudoTerminals = { first: 136, last: 143 };

/** `pts/3`, or `?` (admin-guide/devices.rst). */
const terminalName = (device: number): string => {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (device === 0) return '?';
  if (major >= pseudoTerminals.first && major <= pseudoTerminals.last) return `pts/${(major - pseudoTerminals.first) * 256 + minor}`;
  return major === 4 ? `tty${minor}` : '?';
};

/** `00:01:07`, `2-03:00:00`. */
const durationText = (seconds: number): string => {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3_600)}:${two((seconds % 3_600) / 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days}-${clock}` : clock;
};

/** The processes of a container as `ps -ef` shows them, with the numbers that they have inside, by these. */
export const processList = (texts: readonly ProcessTexts[], facts: ProcessFacts): ProcessList => {
  const processes = texts.flatMap((one) => processOf(one, facts.namespaceDepth) ?? []).sort((a, b) => a.pid - b.pid);
  const inside = new Map(processes.map(({ hostPid, pid }) => [hostPid, pid]));
  const rows = processes.map((one) => {
    const startedAtMs = (facts.bootSeconds + one.startTicks / ticksPerSecond) * 1_000;
    const livedSeconds = (facts.nowMs - startedAtMs) / 1_000;
    const usedSeconds = one.usedTicks / ticksPerSecond;
    return {
      cells: [
        facts.userName(one.uid),
        String(one.pid),
        // Its parent is outside: for the container that is nobody.
        String(inside.get(one.parentHostPid) ?? 0),
        String(livedSeconds > 0 ? Math.min(99, Math.floor((usedSeconds / livedSeconds) * 100)) : 0),
        facts.startText(startedAtMs, facts.nowMs),
        terminalName(one.terminal),
        durationText(usedSeconds),
        one.command,
        String(one.hostPid),
      ],
    };
  });
  return { titles: processTitles, rows };
};
