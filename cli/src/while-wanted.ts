import type { Io, Signal } from './io.ts';

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Does work that leaves nothing half done: Ctrl-C, a wish to end and the end of the terminal abort it instead of ending the process. */
export const whileWanted = async <T>(io: Pick<Io, 'onSignal'>, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const abort = new AbortController();
  const releases = signals.map((signal) => io.onSignal(signal, () => abort.abort()));
  try {
    return await work(abort.signal);
  } finally {
    for (const release of releases) release();
  }
};

/** The same; undefined: it was aborted, whatever it failed with then. */
export const unlessGivenUp = <T>(io: Pick<Io, 'onSignal'>, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> =>
  whileWanted(io, async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    }
  });
