import type { ControlClient } from './control-client.ts';
import type { Io } from './io.ts';
import { type SelectionOptions, selectStack } from './project.ts';
import { requireStack } from './stack-selection.ts';

/** Whether a word is a task's id (25 characters, or no fewer than 12 of them), which says by itself which task is meant. */
export const isTaskId = (word: string): boolean => /^[0-9a-z]{12,25}$/.test(word);

/** The stack that these targets are in; '' for tasks named by their ids alone, when no stack is named. */
export const stackOfTargets = async (
  options: SelectionOptions,
  targets: readonly string[],
  io: Io,
  control: ControlClient,
): Promise<string> =>
  targets.length > 0 && targets.every(isTaskId)
    ? ((await selectStack(options, io))?.name ?? '')
    : (await requireStack(options, io, control)).name;
