import { type RunOptions, type RunResult, run } from './simulation.ts';

/** A shorter schedule that breaks the same invariant: parts of it are left out, from halves down to single actions (Zeller's ddmin). */
export const shrink = (
  options: RunOptions,
  failed: RunResult,
  maxRuns = 400,
): { readonly only: readonly number[]; readonly result: RunResult } => {
  let best = failed;
  let kept = failed.actions.map(({ number }) => number);
  let runs = 0;
  const tryWith = (only: readonly number[]): boolean => {
    runs += 1;
    const result = run({ ...options, only });
    if (result.violation?.invariant !== failed.violation?.invariant) return false;
    best = result;
    kept = result.actions.map(({ number }) => number);
    return true;
  };
  let size = Math.ceil(kept.length / 2);
  while (size >= 1 && runs < maxRuns) {
    let removed = false;
    for (let from = Math.max(0, kept.length - size); runs < maxRuns; from -= size) {
      const at = Math.max(0, from);
      if (tryWith([...kept.slice(0, at), ...kept.slice(at + size)])) removed = true;
      if (from <= 0) break;
    }
    if (!removed || kept.length < size) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return { only: kept, result: best };
};
