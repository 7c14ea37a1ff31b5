import type { Entry, HardState } from '../../core/index.ts';
import { type FrameDraft, storedBytes } from './frame.ts';
import type { LogPosition } from './layout.ts';

/** Of entries in one frame: what has to be read and unsealed to get at a single one. */
const maxFrameBytes = 256 * 1024;

/** Entries from `at` on that fit into one frame: of one term, within the size, at least one. */
const takeRun = (entries: readonly Entry[], at: number): { readonly end: number; readonly bytes: number } => {
  const term = entries[at]?.term;
  let bytes = 0;
  let end = at;
  for (let entry = entries[end]; entry !== undefined && entry.term === term; entry = entries[end]) {
    const more = storedBytes(entry);
    if (bytes + more > maxFrameBytes && end > at) break;
    bytes += more;
    end += 1;
  }
  return { end, bytes };
};

/**
 * Frames for the entries, and for the hard state alone when there are none. All but the last say no more than is committed by what
 * they hold: any of them may be the last one that a crash leaves.
 */
export const draftFrames = (entries: readonly Entry[], hardState: HardState, previous: LogPosition): readonly FrameDraft[] => {
  if (entries.length === 0) {
    return [{ firstIndex: previous.index + 1, term: 0, previousTerm: previous.term, hardState, entries, bytes: 0 }];
  }
  const drafts: FrameDraft[] = [];
  let previousTerm = previous.term;
  for (let at = 0; at < entries.length; ) {
    const { end, bytes } = takeRun(entries, at);
    const run = at === 0 && end === entries.length ? entries : entries.slice(at, end);
    const term = run[0]?.term ?? 0;
    const commit = end === entries.length ? hardState.commit : Math.min(hardState.commit, previous.index + end);
    drafts.push({ firstIndex: previous.index + 1 + at, term, previousTerm, hardState: { ...hardState, commit }, entries: run, bytes });
    previousTerm = term;
    at = end;
  }
  return drafts;
};
