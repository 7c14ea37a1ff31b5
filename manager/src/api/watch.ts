import type { Clock, StackView, WatchStackRequest } from '@tso/proto';
import { limits, windows } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import type { Change } from '../store/apply.ts';
import { sameData } from '../store/equal.ts';
import { stackView } from './stack-view.ts';

export interface WatchPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
}

const stacksOf = (change: Change): readonly (string | undefined)[] => {
  switch (change.kind) {
    case 'stack':
      return [change.before?.name, change.after?.name];
    case 'service':
    case 'task':
    case 'network':
    case 'volume':
      return [change.before?.stack, change.after?.stack];
    case 'cluster':
    case 'node':
    case 'manager':
    case 'config':
    case 'authority':
    case 'request':
    case 'secret':
    case 'fileVersion':
      return [];
    default:
      return change satisfies never;
  }
};

const reached = async (proposer: Proposer, index: number, signal: AbortSignal): Promise<void> => {
  const ended = new AbortController();
  const changes = proposer.subscribe(() => true, { limit: limits.watchedChanges, signal: AbortSignal.any([signal, ended.signal]) });
  try {
    if (proposer.view.index >= index) return;
    for await (const _ of changes) if (proposer.view.index >= index) return;
  } finally {
    ended.abort();
  }
};

const sameView = (a: StackView, b: StackView): boolean => sameData({ ...a, version: 0 }, { ...b, version: 0 });

/** The stack at once (not older than the version asked for), then whenever it is different, until the signal. */
export const watchStack = async function* (
  { proposer, clock }: WatchPorts,
  request: WatchStackRequest,
  signal: AbortSignal,
): AsyncIterable<StackView> {
  await proposer.fresh();
  await reached(proposer, request.minVersion, signal);
  const changes = proposer.subscribe((change) => stacksOf(change).includes(request.name), { limit: limits.watchedChanges, signal });
  let shown = stackView(proposer.view, request.name);
  yield shown;
  for await (const _ of changes) {
    await new Promise<void>((resolve) => clock.setTimer(windows.watchMs, resolve));
    const view = stackView(proposer.view, request.name);
    if (sameView(shown, view)) continue;
    shown = view;
    yield shown;
  }
};
