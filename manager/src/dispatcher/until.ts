import type { Clock, TsoError } from '@tso/proto';

/** What the work gives, or the error once the signal aborts: whatever becomes of the work then is nobody's any more. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal, error: () => TsoError): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => reject(error());
    const settle = (): void => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, reject).finally(settle);
  });

/** Whether the work came to its end in that time, well or not. */
export const endsWithin = async (work: Promise<unknown>, delayMs: number, clock: Clock): Promise<boolean> => {
  let cancel: () => void = () => undefined;
  const late = new Promise<false>((resolve) => {
    cancel = clock.setTimer(delayMs, () => resolve(false));
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    cancel();
  }
};
