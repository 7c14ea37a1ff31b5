import type { Mark, Screen } from './screen.ts';
import { durationText } from './task-text.ts';

/** One thing that is waited for: a node that is to become a manager, a task that is to go elsewhere. */
export interface ProgressRow {
  readonly key: string;
  readonly name: string;
  /** A word or two: where it is. */
  readonly state: string;
  /** Why it is not further, one sentence; empty when it is simply under way. */
  readonly detail: string;
  readonly mark: Mark;
}

/** What was seen at one moment. Failed: waiting longer will not help. */
export interface Progress {
  readonly title: string;
  readonly rows: readonly ProgressRow[];
  readonly outcome: { readonly kind: 'waiting' | 'done' } | { readonly kind: 'failed'; readonly message: string; readonly hint: string };
}

interface SeenRow {
  readonly row: ProgressRow;
  readonly sinceMs: number;
  /** When it was first seen to be there; undefined: not yet. */
  readonly untilMs: number | undefined;
}

/** All progress so far. Data only. */
export interface ProgressState {
  readonly progress: Progress | undefined;
  readonly seen: ReadonlyMap<string, SeenRow>;
  /** What changed with the last look, one line each. */
  readonly lines: readonly string[];
}

export const startProgress: ProgressState = { progress: undefined, seen: new Map(), lines: [] };

const textOf = (row: ProgressRow): string => (row.detail === '' ? row.state : `${row.state}: ${row.detail}`);

/** The state after one more look. `nowMs` is the caller's own clock: only its differences mean something. */
export const observeProgress = (state: ProgressState, progress: Progress, nowMs: number): ProgressState => {
  const seen = new Map<string, SeenRow>();
  const lines: string[] = [];
  for (const row of progress.rows) {
    const before = state.seen.get(row.key);
    if (before === undefined || textOf(before.row) !== textOf(row)) lines.push(`${row.name}: ${textOf(row)}`);
    const there = row.mark === 'ok' ? (before?.untilMs ?? nowMs) : undefined;
    seen.set(row.key, { row, sinceMs: before?.sinceMs ?? nowMs, untilMs: there });
  }
  return { progress, seen, lines };
};

/** `b: catching up: it lacks 300 entries; c: …`: what is not there yet, for the one sentence of a wait that ended. */
export const unfinishedText = (state: ProgressState): string => {
  if (state.progress === undefined) return 'the cluster has not answered yet';
  const rows = state.progress.rows.filter((row) => row.mark !== 'ok');
  return rows.map((row) => `${row.name}: ${textOf(row)}`).join('; ') || state.progress.title;
};

const urgency: Readonly<Record<Mark, number>> = { bad: 0, busy: 1, wait: 2, ok: 3 };

/** What the live view draws: at most `height` rows, the unfinished ones first when not all fit. */
export const progressScreen = (state: ProgressState, nowMs: number, height: number): Screen => {
  const all = state.progress?.rows ?? [];
  const room = Math.max(1, height);
  const shown = all.length <= room ? all : all.toSorted((a, b) => urgency[a.mark] - urgency[b.mark]).slice(0, room);
  const elapsed = (row: ProgressRow): string => {
    const seen = state.seen.get(row.key);
    if (seen === undefined || seen.untilMs === seen.sinceMs) return '';
    return durationText((seen.untilMs ?? nowMs) - seen.sinceMs);
  };
  return {
    title: state.progress?.title ?? 'asking the cluster',
    rows: shown.map((row) => ({ ...row, elapsed: elapsed(row) })),
    hidden: all.length - shown.length,
    nameWidth: Math.max(4, ...shown.map((row) => row.name.length)),
    stateWidth: Math.max(4, ...shown.map((row) => row.state.length)),
  };
};
