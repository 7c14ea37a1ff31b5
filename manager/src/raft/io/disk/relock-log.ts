import type { TsoError } from '@tso/proto';
import { realFiles } from './files.ts';
import { rewrapKeys } from './keys.ts';
import { layoutOf, readNames } from './layout.ts';
import type { DiskPorts } from './open-log.ts';

export interface Relock {
  /** 32 bytes; undefined: from now on it opens by itself. */
  readonly to: Uint8Array | undefined;
  /** What it may be locked with now. */
  readonly from: readonly Uint8Array[];
}

/**
 * Locks the log of a directory that nobody works in, or locks it with another key, or opens it for good. Undefined: that is done, or there
 * are no keys; else why it stays locked as it was. DATA_LOSS: its keys are damaged.
 */
export const relockLog = async (
  directory: string,
  relock: Relock,
  ports: Pick<DiskPorts, 'clock' | 'random' | 'files'>,
): Promise<TsoError | undefined> => {
  const files = ports.files ?? realFiles(ports.clock);
  if (!readNames(directory, await files.list(directory)).keys) return undefined;
  return rewrapKeys({ files, layout: layoutOf(directory), random: ports.random }, relock);
};
