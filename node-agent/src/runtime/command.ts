import type { ContainerSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { ImageConfig } from '../image/types.ts';

/**
 * The argument vector of a container. An entrypoint in the spec clears the image's command too (compose-spec `entrypoint`, as
 * `docker run --entrypoint`); a command replaces only the image's command. FAILED_PRECONDITION when nothing is left to run.
 */
export const argumentVector = (spec: ContainerSpec, image: ImageConfig): readonly string[] => {
  const entrypoint = spec.entrypoint?.values ?? image.entrypoint;
  const command = spec.command?.values ?? (spec.entrypoint === undefined ? image.command : []);
  const args = [...entrypoint, ...command];
  if (args.length > 0 && args[0] !== '') return args;
  throw new TsoError('FAILED_PRECONDITION', `the image ${spec.image} names no command to run`, {
    hint: 'Set command: or entrypoint: for the service',
  });
};

export type CommandProblem = 'missing' | 'directory' | 'not executable';

const sentences: Readonly<Record<CommandProblem, string>> = {
  missing: 'was not found',
  directory: 'is a directory',
  'not executable': 'is not executable',
};

/** Why a command cannot run, as one sentence for the person who wrote it. */
export const commandError = (command: string, image: string, path: string, problem: CommandProblem): TsoError => {
  const where = command.includes('/') ? '' : ` (looked in PATH ${path})`;
  return new TsoError('FAILED_PRECONDITION', `command ${command} ${sentences[problem]} in the image ${image}${where}`, {
    hint:
      problem === 'not executable'
        ? 'Set its execute bit in the image'
        : 'Check command: and entrypoint: for a spelling mistake, or use an image that has it',
    details: { command, image, problem },
  });
};

/** The problem that a runtime's own message names (crun and runc word it differently), or undefined when it is about something else. */
export const commandProblemIn = (message: string): CommandProblem | undefined => {
  if (
    /executable file (?:.* )?not found|: not found in \$PATH|(?:open|find) executable.*No such file|exec: "[^"]*": stat .*no such file/i.test(
      message,
    )
  )
    return 'missing';
  if (/exec: "[^"]*": (?:is a directory)|open executable: .*directory/i.test(message)) return 'directory';
  if (/executable.*permission denied|exec: "[^"]*": permission denied/i.test(message)) return 'not executable';
  return undefined;
};

/** The words of a runtime's error output: runc wraps them in a log line (time, level, msg). */
export const runtimeWords = (said: string): string => {
  const wrapped = /level=(?:error|fatal) msg=("(?:[^"\\]|\\.)*")/.exec(said)?.[1];
  if (wrapped === undefined) return said.trim();
  try {
    return String(JSON.parse(wrapped));
  } catch {
    // Not quite JSON's quoting: better the raw words than none.
    return wrapped;
  }
};

/** Threads that runc (Go) has in the container's cgroup while it waits to become the first process: 5 or 6 with runc 1.1.5. crun has one. */
const runcThreads = 6;

/** What may be behind a first process that ended before it was started; undefined: the words tell enough. */
export const earlyEndHint = (said: string, pidsLimit: number | undefined): string | undefined =>
  said.includes('process is already dead') && pidsLimit !== undefined && pidsLimit > 0 && pidsLimit <= runcThreads
    ? `runc itself has up to ${runcThreads} threads in the container until it starts, and a pids limit of ${pidsLimit} lets it make no other: raise it, or use crun`
    : undefined;
