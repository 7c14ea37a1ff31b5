import { type Clock, TsoError } from '@tso/proto';

export interface Patience {
  /** For the message: "the step volumes". */
  readonly what: string;
  /** undefined: as long as it takes. */
  readonly limitMs: number | undefined;
  /** Once aborted the work has `afterAbortMs` left. */
  readonly signal?: AbortSignal;
  readonly afterAbortMs?: number;
}

/**
 * As the work ends, but bounded: what hangs (a dead disk, a file server that is gone) holds nobody up. The work itself goes on
 * unheard and must do no harm by it. DEADLINE_EXCEEDED: the limit; CANCELLED: it did not end after the abort.
 */
export const patiently = <T>(work: Promise<T>, patience: Patience, clock: Clock): Promise<T> => {
  const { what, limitMs, signal, afterAbortMs = 0 } = patience;
  return new Promise<T>((resolve, reject) => {
    let cancel: () => void = () => undefined;
    const settle = (action: () => void): void => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
      action();
    };
    const giveUp = (delayMs: number, error: () => TsoError): void => {
      cancel();
      cancel = clock.setTimer(delayMs, () => settle(() => reject(error())));
    };
    const onAbort = (): void => giveUp(afterAbortMs, () => new TsoError('CANCELLED', `${what} did not end when it was told to`));
    if (limitMs !== undefined) {
      giveUp(limitMs, () => new TsoError('DEADLINE_EXCEEDED', `${what} did not end within ${limitMs / 1_000} s`));
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
};
