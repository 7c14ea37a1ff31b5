import type { Action } from './schedule.ts';
import { type RunOptions, type RunResult, run } from './simulation.ts';

const without = (actions: readonly Action[], isOut: (action: Action, at: number) => boolean): readonly number[] =>
  actions.filter((action, at) => !isOut(action, at)).map(({ number }) => number);

/**
 * A shorter schedule that breaks the same invariant: first whole kinds of actions are left out, then parts of what is left, from
 * halves down to single actions (Zeller's ddmin), and again for as long as that helps.
 */
export const shrink = async (
  options: RunOptions,
  failed: RunResult,
  maxRuns = 800,
): Promise<{ readonly only: readonly number[]; readonly result: RunResult }> => {
  let best = failed;
  let runs = 0;
  const tryWith = async (only: readonly number[]): Promise<boolean> => {
    if (runs >= maxRuns || only.length === best.actions.length) return false;
    runs += 1;
    const result = await run({ ...options, only });
    if (result.violation?.invariant !== failed.violation?.invariant) return false;
    best = result;
    return true;
  };
  const dropKinds = async (): Promise<void> => {
    for (const kind of new Set(best.actions.map((action) => action.kind)))
      await tryWith(without(best.actions, (action) => action.kind === kind));
  };
  const dropParts = async (): Promise<void> => {
    for (let size = Math.ceil(best.actions.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let from = best.actions.length - size; from > -size; from -= size)
        await tryWith(without(best.actions, (_, at) => at >= from && at < from + size));
  };
  for (let length = Number.POSITIVE_INFINITY; best.actions.length < length && runs < maxRuns; ) {
    length = best.actions.length;
    await dropKinds();
    await dropParts();
  }
  return { only: best.actions.map(({ number }) => number), result: best };
};
