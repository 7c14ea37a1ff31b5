import { TsoError } from '@tso/proto';
import { exitCodes, NotConvergedError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { colorsFor } from './output/color.ts';
import { displayOf, type ProgressMode } from './progress-display.ts';
import {
  observeProgress,
  type Progress,
  type ProgressState,
  progressScreen,
  startProgress,
  unfinishedText,
} from './view-model/progress.ts';

/** Something that the cluster goes on with by itself and that is looked at until it is done. */
export interface ProgressRequest {
  /** What is not so yet, for the sentence of a wait that took too long: `node b does not vote`. */
  readonly missing: string;
  /** The command that shows how far it is. */
  readonly look: string;
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly progress: ProgressMode;
  /** Looks once. */
  read(signal: AbortSignal): Promise<Progress>;
}

export interface ProgressOptions {
  readonly timeout?: number;
  readonly progress?: ProgressMode;
  readonly quiet?: boolean;
}

/** What all commands that wait have in common. */
export const waitingOptions = (options: ProgressOptions, json: boolean): Pick<ProgressRequest, 'timeoutMs' | 'progress'> => ({
  timeoutMs: options.timeout,
  progress: json || options.quiet ? 'quiet' : (options.progress ?? 'auto'),
});

/** Between two looks. What a person sees follows within a moment, and a look costs the managers one read. */
const everyMs = 250;
/** Managers that elect a leader, or a manager that is being restarted, are waited for this long. */
const patienceMs = 30_000;
/** Silence longer than this is explained, once. */
const explainMs = 30_000;

type End =
  | { readonly kind: 'settled'; readonly state: ProgressState }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'broken'; readonly error: unknown };

const isPassing = (error: unknown): boolean =>
  error instanceof TsoError && (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED');

/** Looks again and again; each look that differs is told to `saw`. Ends with the first that is not waiting any more. */
const look = async (request: ProgressRequest, io: Io, signal: AbortSignal, saw: (state: ProgressState) => void): Promise<ProgressState> => {
  let state = startProgress;
  let answeredMs = io.clock.monotonic();
  for (;;) {
    try {
      const progress = await request.read(signal);
      answeredMs = io.clock.monotonic();
      state = observeProgress(state, progress, answeredMs);
      saw(state);
      if (progress.outcome.kind !== 'waiting') return state;
    } catch (error) {
      // What is followed was accepted a moment ago, so there are managers: who does not answer just now is given time to.
      if (signal.aborted || !isPassing(error) || io.clock.monotonic() - answeredMs > patienceMs) throw error;
    }
    await new Promise<void>((resolve) => {
      io.clock.setTimer(everyMs, resolve);
    });
    signal.throwIfAborted();
  }
};

const watch = async (request: ProgressRequest, io: Io): Promise<{ readonly end: End; readonly state: ProgressState }> => {
  const { clock } = io;
  let state = startProgress;
  const display = await displayOf(io, request.progress, state, progressScreen);
  const abort = new AbortController();
  const cancels: (() => void)[] = [];
  let explained = display.explains;
  let cancelExplain = () => {};
  const explainLater = () => {
    cancelExplain();
    if (explained) return;
    cancelExplain = clock.setTimer(explainMs, () => {
      explained = true;
      io.stderr.write(`Still waiting: ${unfinishedText(state)}\n`);
    });
  };
  const saw = (next: ProgressState) => {
    state = next;
    display.update(next, next.lines);
    if (next.lines.length > 0) explainLater();
  };
  explainLater();
  const end = await new Promise<End>((resolve) => {
    look(request, io, abort.signal, saw).then(
      (last) => resolve({ kind: 'settled', state: last }),
      (error: unknown) => resolve({ kind: 'broken', error }),
    );
    if (request.timeoutMs !== undefined) cancels.push(clock.setTimer(request.timeoutMs, () => resolve({ kind: 'timeout' })));
    cancels.push(io.onSignal('SIGINT', () => resolve({ kind: 'interrupted' })));
  });
  abort.abort();
  cancelExplain();
  for (const cancel of cancels) cancel();
  await display.stop();
  return { end, state };
};

/**
 * Waits until it is done, showing progress on stderr, and resolves with the exit code 0, or 130 after Ctrl-C, which leaves the
 * work going. Fails with NotConvergedError after the timeout, and with FAILED_PRECONDITION when waiting longer will not help.
 */
export const followProgress = async (request: ProgressRequest, io: Io): Promise<number> => {
  const { end, state } = await watch(request, io);
  switch (end.kind) {
    case 'settled': {
      const outcome = end.state.progress?.outcome;
      if (outcome?.kind === 'failed') throw new TsoError('FAILED_PRECONDITION', outcome.message, { hint: outcome.hint });
      return exitCodes.done;
    }
    case 'timeout':
      throw new NotConvergedError(
        `${request.missing} after ${(request.timeoutMs ?? 0) / 1000} s: ${unfinishedText(state)}`,
        `The cluster goes on with it: look with ${request.look}.`,
        {
          waiting: (state.progress?.rows ?? [])
            .filter((row) => row.mark !== 'ok')
            .map(({ name, detail, ...row }) => ({ name, state: row.state, detail })),
        },
      );
    case 'interrupted':
      io.stderr.write(
        `The cluster goes on with it without you. See how far it is with ${colorsFor(io.stderr, io.env).bold(request.look)}.\n`,
      );
      return exitCodes.interrupted;
    case 'broken':
      throw end.error;
    default:
      return end satisfies never;
  }
};
