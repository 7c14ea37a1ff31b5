import { type StepName, stepNames } from './machine.ts';

/** Steps after which there may be processes: who lends them namespaces is there before. */
export const withProcesses: readonly StepName[] = ['container', 'hooks'];
/** What these undo may still be used by processes that could not be ended. */
const usedByProcesses: readonly StepName[] = ['network', 'volumes', 'rootfs'];

/**
 * Undoes steps, last one first, and each that can be. Returns those that are left, in the order in which they are done: what could not be
 * undone, and what processes that are left may still use.
 * @param only of these alone; undefined: all
 * @param onFailure hears what could not be undone, and why
 */
export const undoSteps = async (
  only: readonly StepName[] | undefined,
  undo: (name: StepName) => Promise<void>,
  onFailure: (name: StepName, error: unknown) => void,
): Promise<readonly StepName[]> => {
  const left: StepName[] = [];
  for (const name of (only ?? stepNames).toReversed()) {
    if (left.some((it) => withProcesses.includes(it)) && usedByProcesses.includes(name)) {
      left.push(name);
      continue;
    }
    try {
      await undo(name);
    } catch (error) {
      left.push(name);
      onFailure(name, error);
    }
  }
  return left.toReversed();
};
