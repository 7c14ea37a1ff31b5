import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, emptyMeta, type Logger, type Transaction, type TsoError } from '@tso/proto';
import { DurableLog, type DurableLogOptions } from './durable-log.ts';

/** What the tests of this room share. */

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silentLogger };

export const withDirectory = async <T>(work: (directory: string) => Promise<T>): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-log-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

export const openLog = async (
  directory: string,
  options: Partial<DurableLogOptions> = {},
  onBroken: (error: TsoError) => void = () => {},
): Promise<DurableLog> => {
  const log = new DurableLog(
    {
      directory,
      snapshotEntries: 1_000,
      snapshotBytes: 1_000_000,
      maxPending: 1_000,
      maxBatchBytes: 1_000_000,
      lockPatienceMs: 0,
      ...options,
    },
    { clock: realClock, logger: silentLogger, onBroken },
  );
  await log.start();
  return log;
};

/** A volume of that name, put. */
export const putVolume = (name: string, expect: Transaction['expect'] = []): Transaction => ({
  actions: [
    {
      putVolume: {
        id: `id-${name}`,
        meta: emptyMeta,
        spec: { name, driver: 'local', external: false, labels: { [name]: 'x' }, driverOpts: {} },
        stack: 's',
        removing: false,
      },
    },
  ],
  expect,
  atMs: 1_000,
  origin: 'test',
});
