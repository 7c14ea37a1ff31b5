import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { agentEntry } from './agent-entry.ts';
import { definedOnly } from './project.ts';

/** The agent makes much short-lived garbage and holds little: a small nursery keeps its memory at rest small. */
const nodeFlags = ['--max-semi-space-size=1', '--optimize-for-size'];

/** One malloc arena, given back early (mallopt(3)): buffers of an image unpack would otherwise stay with the process for good. */
const mallocSettings = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' };

/**
 * Becomes the agent: the same process id, so that a service manager sees the agent itself. Where a process cannot
 * be replaced, the agent runs below this one, gets its signals, and its exit code is passed on.
 */
export const becomeAgent = async (args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> => {
  // Behind -- Node.js takes no word for itself.
  const argv = [...nodeFlags, '--', agentEntry(), ...args];
  const agentEnv = { ...mallocSettings, ...definedOnly(env) };
  if (process.execve !== undefined) {
    process.execve(process.execPath, [process.execPath, ...argv], agentEnv);
  }
  const child = spawn(process.execPath, argv, { stdio: 'inherit', env: agentEnv });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
};
