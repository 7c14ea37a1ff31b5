import { spawn } from 'node:child_process';
import { findProgram, runCommand } from '../host-command.ts';

/** A program with its arguments. */
export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The same program, before all others of the host when it wakes (sched(7), SCHED_RR), but for what it starts, which is as usual. crun gives a
 * terminal its size when the process inside has told it of that, and both then go on side by side: on a busy host the command asked first in one
 * of three cases, and was told 0 by 0. To be ended by `calmDown` soon: it copies output too. As it is where the host does not allow that.
 */
export const promptly = ({ program, args }: Invocation, isAllowed: boolean): Invocation => {
  const chrt = isAllowed ? findProgram('chrt') : undefined;
  return chrt === undefined ? { program, args } : { program: chrt, args: ['--rr', '--reset-on-fork', '1', program, ...args] };
};

/** Whether this host lets the agent put a program before others: not in a control group without a budget for that. */
export const mayPrompt = (): Promise<boolean> =>
  new Promise((resolve) => {
    const chrt = findProgram('chrt');
    if (chrt === undefined) {
      resolve(false);
      return;
    }
    const child = spawn(chrt, ['--rr', '--reset-on-fork', '1', chrt, '--max'], { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });

/** The process is one among others again. */
export const calmDown = async (pid: number): Promise<void> => {
  await runCommand('chrt', ['--other', '--pid', '0', String(pid)]);
};
