import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const unixPrefix = 'unix:';

/**
 * Starts the server. A unix socket is for its owner alone; a file that is there is taken for a leftover, since whoever listened held the
 * state directory, and that is ours now.
 */
export const listen = async (server: { start(): Promise<void> }, address: string): Promise<void> => {
  if (!address.startsWith(unixPrefix)) return server.start();
  const path = address.slice(unixPrefix.length);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  await server.start();
  await chmod(path, 0o600);
};
