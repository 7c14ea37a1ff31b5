import { TsoError } from '@tso/proto';

/** Linux signal numbers as x86 and arm have them (asm-generic/signal.h). */
const numbers: Readonly<Record<string, number>> = {
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

const realtimeMinimum = 34;
const realtimeMaximum = 64;

/** The number of `SIGTERM`, `term`, `15`, `RTMIN+3` or `SIGRTMAX-1`. INVALID_ARGUMENT: no such signal. */
export const signalNumber = (signal: string): number => {
  const name = signal.trim().toUpperCase().replace(/^SIG/, '');
  const known = numbers[name];
  if (known !== undefined) return known;
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  const offset = Number(realtime?.[3] ?? 0) * (realtime?.[2] === '-' ? -1 : 1);
  const number =
    realtime === null ? (/^\d{1,2}$/.test(name) ? Number(name) : 0) : (realtime[1] === 'MIN' ? realtimeMinimum : realtimeMaximum) + offset;
  if (number >= 1 && number <= realtimeMaximum) return number;
  throw new TsoError('INVALID_ARGUMENT', `there is no signal ${signal}`, { hint: 'Use a name such as SIGTERM or a number from 1 to 64' });
};
