import { TaskState } from './gen/types.ts';

const names = new Map<number, string>(Object.entries(TaskState).map(([name, value]) => [value, name.toLowerCase()]));

/** The word of design and screen: `running`. */
export const taskStateName = (state: TaskState): string => names.get(state) ?? `state-${state}`;

/** Whether a task in this state will never run again. */
export const isTerminal = (state: TaskState): boolean => state >= TaskState.COMPLETE;

/** Whether the first state comes later in a task's life than the second. */
export const isLater = (a: TaskState, b: TaskState): boolean => a > b;

/** Whether the manager wishes this task to run (or to be made ready to). */
export const isWishedRunning = (desired: TaskState): boolean => desired <= TaskState.RUNNING;
