import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { MemberOptions } from './member.ts';

/** Starts a member in a process of its own; resolves when it listens. */
export const startEcho = async (options: MemberOptions): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo-process.ts'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const up = await Promise.race([once(child.stdout, 'data').then(() => true), once(child, 'exit').then(() => false)]);
  if (!up) throw new Error(`the member ${options.raftId} did not start`);
  return child;
};

/** Ends it at once and waits until it is gone. */
export const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};
