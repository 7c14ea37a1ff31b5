import type { Io } from './io.ts';
import type { Screen } from './view-model/screen.ts';

export type ProgressMode = 'auto' | 'plain' | 'quiet';

/** Where progress is shown while something is waited for. */
export interface Display<S> {
  /** Shows by itself why something waits. */
  readonly explains: boolean;
  /** Lines: what changed with this state, ready to print. */
  update(state: S, lines: readonly string[]): void;
  stop(): Promise<void>;
}

const quietDisplay: Display<unknown> = { explains: true, update: () => undefined, stop: async () => undefined };

const plainDisplay = (io: Io): Display<unknown> => ({
  explains: false,
  update: (_state, lines) => {
    for (const line of lines) io.stderr.write(`${line}\n`);
  },
  stop: async () => undefined,
});

/** The state as a picture of at most `height` rows. */
export type Draw<S> = (state: S, nowMs: number, height: number) => Screen;

const liveDisplay = async <S extends object>(io: Io, initial: S, draw: Draw<S>): Promise<Display<S>> => {
  const { showFollow } = await import('./ui/follow-view.tsx');
  let current = initial;
  const listeners = new Set<() => void>();
  const stop = showFollow(
    {
      current: () => current,
      screen: (height) => draw(current, io.clock.monotonic(), height),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    io.stderr as NodeJS.WriteStream,
  );
  return {
    explains: true,
    update: (state) => {
      current = state;
      for (const listener of listeners) listener();
    },
    stop,
  };
};

/** The live view on a terminal, else one line per change. Run from the sources, where JSX cannot be loaded, it is always lines. */
export const displayOf = async <S extends object>(io: Io, mode: ProgressMode, initial: S, draw: Draw<S>): Promise<Display<S>> => {
  if (mode === 'quiet') return quietDisplay;
  if (mode === 'plain' || io.stderr.isTTY !== true || io.env.TERM === 'dumb') return plainDisplay(io);
  try {
    return await liveDisplay(io, initial, draw);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION') return plainDisplay(io);
    throw error;
  }
};
