import { type Clock, type Logger, sentenceOf } from '@tso/proto';
import { endsWithin } from './dispatcher/until.ts';
import { limits } from './limits.ts';

export interface StopPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Stops a part; resolves when it has, well or not, or after `limits.stopMs`. What goes wrong is said and holds nobody up.
 * @param what sort of part, in a word
 */
export const stopInTime = async (what: string, name: string, stop: () => Promise<void>, { clock, logger }: StopPorts): Promise<void> => {
  const fields = { [what]: name };
  const stopped = stop().catch((error: unknown) => logger.warn(fields, `a ${what} did not stop well: ${sentenceOf(error)}`));
  if (await endsWithin(stopped, limits.stopMs, clock)) return;
  logger.warn(fields, `a ${what} did not stop within ${limits.stopMs} ms`);
};
