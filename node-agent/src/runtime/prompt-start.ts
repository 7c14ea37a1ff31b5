import { findProgram, programPath, runCommand } from '../host-command.ts';

/** A program with its arguments. */
export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
}

const beforeOthers = ['--rr', '--reset-on-fork', '1'];

/**
 * The same program, before all others of the host when it wakes (sched(7), SCHED_RR), but for what it starts, which is as usual. crun gives a
 * terminal its size when the process inside has told it of that, and both then go on side by side: on a busy host the command asked first in one
 * of three cases, and was told 0 by 0. To be ended by `calmDown` soon: it copies output too. As it is where the host does not allow that.
 */
export const promptly = ({ program, args }: Invocation, isAllowed: boolean): Invocation => {
  const chrt = isAllowed ? findProgram('chrt') : undefined;
  return chrt === undefined ? { program, args } : { program: chrt, args: [...beforeOthers, program, ...args] };
};

/** Whether this host lets the agent put a program before others: not in a control group without a budget for that. */
export const mayPrompt = async (): Promise<boolean> => {
  try {
    await runCommand('chrt', [...beforeOthers, programPath('true')]);
    return true;
  } catch {
    // Not allowed, or there is no such program: things go on without.
    return false;
  }
};

/** The process is one among others again. */
export const calmDown = async (pid: number): Promise<void> => {
  await runCommand('chrt', ['--other', '--pid', '0', String(pid)]);
};
