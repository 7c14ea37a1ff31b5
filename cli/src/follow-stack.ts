import { type StackView, TsoError } from '@tso/proto';
import type { ControlClient } from './control-client.ts';
import { exitCodes, NotConvergedError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { colorsFor } from './output/color.ts';
import { displayOf, type ProgressMode } from './progress-display.ts';
import { type FollowState, observe, type ServiceFailure, startFollow, tick, type Waiting, waitingText } from './view-model/follow.ts';
import { screenOf } from './view-model/screen.ts';

export type { ProgressMode } from './progress-display.ts';

export interface FollowRequest {
  readonly stack: string;
  readonly services: readonly string[] | undefined;
  readonly goal: 'converged' | 'gone';
  /** Store version of the change that is waited for. */
  readonly minVersion: number;
  /** The change begins runs of scheduled jobs, which may be over before the first look. @default it does not */
  readonly asksForRuns?: boolean;
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly progress: ProgressMode;
  /** `-p visits`: how the next command names this stack. */
  readonly selector: string;
}

/** How following ended. */
export interface Followed {
  readonly code: number;
  /** Services whose update stands still because it was asked to; told already. */
  readonly standing: readonly string[];
}

type End =
  | { readonly kind: 'settled' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'broken'; readonly error: unknown };

/** Silence longer than this is explained, once. */
const patienceMs = 30_000;
/** A daemon that is being restarted is waited for this often, `retryMs` apart. */
const retries = 20;
const retryMs = 500;

/** Reads views until told to stop; a daemon that goes away and comes back is read on from. */
export async function* stackViews(
  control: ControlClient,
  request: Pick<FollowRequest, 'stack' | 'minVersion'>,
  io: Pick<Io, 'clock'>,
  signal: AbortSignal,
): AsyncGenerator<StackView> {
  let seen = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      for await (const view of control.watchStack({ name: request.stack, minVersion: request.minVersion }, { signal })) {
        seen = true;
        attempt = 0;
        yield view;
      }
      if (signal.aborted) return;
      throw new TsoError('UNAVAILABLE', 'the daemon ended the watch');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof TsoError) || error.code !== 'UNAVAILABLE' || !seen || attempt >= retries) throw error;
      await new Promise<void>((resolve) => {
        io.clock.setTimer(retryMs, resolve);
      });
    }
  }
}

/** Follows until the outcome is there, the time is up, or the user has seen enough. */
const watch = async (control: ControlClient, request: FollowRequest, io: Io): Promise<{ end: End; state: FollowState }> => {
  const { clock } = io;
  let state = startFollow({
    stack: request.stack,
    services: request.services,
    goal: request.goal,
    asksForRuns: request.asksForRuns ?? false,
  });
  const display = await displayOf(io, request.progress, state, screenOf);
  const abort = new AbortController();
  const cancels: (() => void)[] = [];
  let explained = display.explains;
  let cancelPatience = () => {};
  let cancelSettle = () => {};
  const end = await new Promise<End>((resolve) => {
    const advance = (next: FollowState) => {
      state = next;
      display.update(state, state.changes);
      cancelSettle();
      const { outcome } = state;
      if (outcome.kind === 'settling') {
        cancelSettle = clock.setTimer(Math.max(1, outcome.untilMs - clock.monotonic()), () => advance(tick(state, clock.monotonic())));
      } else if (outcome.kind !== 'waiting') {
        resolve({ kind: 'settled' });
      }
    };
    const waitPatiently = () => {
      cancelPatience();
      if (explained) return;
      cancelPatience = clock.setTimer(patienceMs, () => {
        explained = true;
        io.stderr.write(`Still waiting: ${waitingText(state)}\n`);
      });
    };
    const read = async () => {
      for await (const view of stackViews(control, request, io, abort.signal)) {
        const next = observe(state, view, clock.monotonic());
        if (next.changes.length > 0) waitPatiently();
        advance(next);
      }
    };
    waitPatiently();
    read().catch((error: unknown) => resolve({ kind: 'broken', error }));
    if (request.timeoutMs !== undefined) cancels.push(clock.setTimer(request.timeoutMs, () => resolve({ kind: 'timeout' })));
    cancels.push(io.onSignal('SIGINT', () => resolve({ kind: 'interrupted' })));
  });
  abort.abort();
  cancelPatience();
  cancelSettle();
  for (const cancel of cancels) cancel();
  await display.stop();
  return { end, state };
};

const failureSentence = ({ service, task, error }: ServiceFailure): string =>
  error.startsWith(`service ${service}`) ? error : `service ${service} does not start: ${task === '' ? '' : `${task}: `}${error}`;

/** The failures of a stack as one: code FAILED_PRECONDITION, details `services`. */
const notStarted = (failures: readonly ServiceFailure[], request: FollowRequest): TsoError =>
  new TsoError(
    'FAILED_PRECONDITION',
    failures
      .map(failureSentence)
      .map((text) => text.replace(/[.\s]+$/, ''))
      .join('; '),
    {
      hint: `The stack stays as it is: see it with tso ps -a ${request.selector}, remove it with tso down ${request.selector}.`,
      details: { services: failures },
    },
  );

/** What the cluster says of the commands that come next is said here with the name of the service. */
const withoutCommands = (reason: string): string => (reason.split(/: "tso\b/)[0] ?? '').replace(/[.\s]+$/, '');

/** Told also where progress is not: who does not read it takes the service for updated. */
const tellStanding = (io: Io, standing: readonly Waiting[], { stack }: FollowRequest): void => {
  for (const { service, reason } of standing) {
    const name = `${stack}_${service}`;
    const next = `Go on with tso service update --continue ${name}, go back with tso service rollback ${name}.`;
    io.stderr.write(`${service}: ${withoutCommands(reason)}. ${next}\n`);
  }
};

/**
 * Waits until the goal is reached, showing progress on stderr, and resolves with the exit code 0, or 130 after Ctrl-C. An update that
 * stands still because its own settings ask for it is no failure: it is told, with how to go on.
 * Fails with NotConvergedError after the timeout, and with FAILED_PRECONDITION when a service will not get there by itself.
 */
export const followStack = async (control: ControlClient, request: FollowRequest, io: Io): Promise<Followed> => {
  const { end, state } = await watch(control, request, io);
  switch (end.kind) {
    case 'settled':
      if (state.outcome.kind === 'failed') throw notStarted(state.outcome.failures, request);
      if (state.outcome.kind !== 'standing') return { code: exitCodes.done, standing: [] };
      tellStanding(io, state.outcome.standing, request);
      return { code: exitCodes.done, standing: state.outcome.standing.map(({ service }) => service) };
    case 'timeout':
      throw new NotConvergedError(
        `stack ${request.stack} is not ${request.goal} after ${(request.timeoutMs ?? 0) / 1000} s: ${waitingText(state)}`,
        `The cluster goes on with it: look with tso ps -a ${request.selector}.`,
        { waiting: state.outcome.kind === 'waiting' ? state.outcome.waiting : [] },
      );
    case 'interrupted': {
      const { bold } = colorsFor(io.stderr, io.env);
      io.stderr.write(
        `The work goes on without you. See it with ${bold(`tso ps ${request.selector}`)}, follow it with ${bold(`tso logs -f ${request.selector}`)}.\n`,
      );
      return { code: exitCodes.interrupted, standing: [] };
    }
    case 'broken':
      throw end.error;
    default:
      return end satisfies never;
  }
};
