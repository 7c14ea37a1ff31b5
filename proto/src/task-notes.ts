import { TaskState, type TaskStatus } from './gen/types.ts';

const running = 'running';
const between = '; ';

/** How an agent says in the message of a running task what it goes without, so that who shows the task can find that again. */
export const runningMessage = (notes: readonly string[]): string => [running, ...notes].join(between);

/** What a running task goes without, in one line; empty: it has all that it asked for, or does not run. */
export const taskNotes = ({ state, message }: Pick<TaskStatus, 'state' | 'message'>): string =>
  state === TaskState.RUNNING && message.startsWith(running + between) ? message.slice((running + between).length) : '';
