import { type Clock, parseUnlockKey, type Random, sentenceOf } from '@tso/proto';
import { relockLog } from '../raft/io/index.ts';
import { asideLogsOf } from './log-directory.ts';

export interface AsideRelock {
  /** The unlock key; undefined: none. */
  readonly to: string | undefined;
  /** Unlock keys that they may be locked with now. */
  readonly known: readonly string[];
}

/** A log that is not locked as it was to be, and why. */
export interface LeftAside {
  readonly path: string;
  readonly why: string;
}

/** Locks the logs that others have taken the place of as the log itself is. What is left as it was is returned, never deleted. */
export const relockAsideLogs = async (
  stateDir: string,
  { to, known }: AsideRelock,
  ports: { readonly clock: Clock; readonly random: Random },
): Promise<readonly LeftAside[]> => {
  const relock = { to: to === undefined ? undefined : parseUnlockKey(to), from: known.map(parseUnlockKey) };
  const left: LeftAside[] = [];
  for (const path of await asideLogsOf(stateDir)) {
    try {
      const shut = await relockLog(path, relock, ports);
      if (shut !== undefined) left.push({ path, why: sentenceOf(shut) });
    } catch (error) {
      left.push({ path, why: sentenceOf(error) });
    }
  }
  return left;
};
