import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { Clock, Logger, Random } from './ports.ts';

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

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on the given file descriptor (2 by default). */
export const createLogger = (name: string, level: LogLevel, fd = 2): Logger =>
  pino({ name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd, sync: true }));
