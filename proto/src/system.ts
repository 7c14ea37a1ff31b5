import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { Clock, Logger, LogLevel, Random } from './ports.ts';

export { type LogLevel, logLevels } from './ports.ts';

/** The real clock. Only main files import this. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = { bytes: (count) => randomBytes(count), number: () => Math.random() };

/** JSON lines on the given file descriptor (2 by default). */
export const createLogger = (name: string, level: LogLevel, fd = 2): Logger =>
  pino({ name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd, sync: true }));
