import { readFileSync } from 'node:fs';

/** A process for ever: a pid alone is given to another process one day. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly startTime: string;
}

interface ProcessStat {
  readonly state: string;
  readonly startTime: string;
}

/** State and start time out of a /proc/PID/stat text (proc(5)); the command name may hold spaces and parentheses. */
export const parseProcessStat = (text: string): ProcessStat | undefined => {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTime = fields[19];
  return state === undefined || startTime === undefined ? undefined : { state, startTime };
};

/** A file of /proc/PID, or undefined when the process is gone. */
export const readProcess = (pid: number, name: 'stat' | 'cgroup' | 'cmdline'): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // ENOENT and ESRCH: it ended. Nothing else is told apart, for nothing else can be done with it.
    return undefined;
  }
};

/** The identity of a process that runs now; undefined when it is gone or a zombie. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  const text = pid > 0 ? readProcess(pid, 'stat') : undefined;
  const stat = text === undefined ? undefined : parseProcessStat(text);
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : { pid, startTime: stat.startTime };
};

/** Whether exactly this process still runs. A zombie has ended: its parent merely has not looked. */
export const isAlive = (identity: ProcessIdentity): boolean => identify(identity.pid)?.startTime === identity.startTime;

/** Signals exactly this process; false when it has ended. */
export const signalProcess = (identity: ProcessIdentity, signal: number): boolean => {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    // It ended between the look and the signal.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
};
