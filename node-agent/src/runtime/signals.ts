import { signalNumberOf, TsoError } from '@tso/proto';

/** The number of `SIGTERM`, `term`, `15`, `RTMIN+3` or `SIGRTMAX-1`. INVALID_ARGUMENT: no such signal. */
export const signalNumber = (signal: string): number => {
  const number = signalNumberOf(signal);
  if (number !== undefined) return number;
  throw new TsoError('INVALID_ARGUMENT', `there is no signal ${signal}`, { hint: 'Use a name such as SIGTERM or a number from 1 to 64' });
};

/** SIGKILL: what nothing can take otherwise. */
export const killSignal = 9;
