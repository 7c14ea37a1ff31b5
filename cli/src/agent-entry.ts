import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';

/** The program of the node agent: the bundle beside ours, else its sources in a clone. */
export const agentEntry = (here: string = import.meta.dirname): string => {
  const candidates = [join(here, 'tsod.mjs'), join(here, '../../node-agent/src/main.ts')];
  const found = candidates.find(existsSync);
  if (found !== undefined) return found;
  throw new TsoError('FAILED_PRECONDITION', `the daemon's program is not installed: there is no ${candidates[0]}`, {
    hint: 'Install tso again, or build it in the clone: npm run build.',
  });
};
