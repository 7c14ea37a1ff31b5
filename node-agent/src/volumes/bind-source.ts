import { mkdir } from 'node:fs/promises';
import { type Mount, TsoError } from '@tso/proto';
import { runCommand } from '../host-command.ts';

/** As long as a file server that is there takes at most; one that is gone never answers. */
const answerMs = 10_000;

/**
 * Whether the path is there. Looked at by a process of its own: one that asks a dead file server hangs in the kernel, and four of
 * those inside the agent would take all its threads for files.
 */
const isThere = async (path: string, timeoutMs: number): Promise<boolean> => {
  try {
    await runCommand('stat', ['--dereference', '--format=%F', '--', path], { timeoutMs });
    return true;
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    const said = String(error.details.stderr ?? '');
    if (/No such file or directory|Not a directory/.test(said)) return false;
    throw error;
  }
};

/** The source of a bind mount, made when it may be. NOT_FOUND, FAILED_PRECONDITION and UNAVAILABLE name path and target. */
export const findBindSource = async (mount: Mount, timeoutMs = answerMs): Promise<string> => {
  const what = `the bind mount source ${mount.source} (for ${mount.target})`;
  try {
    if (await isThere(mount.source, timeoutMs)) return mount.source;
  } catch (error) {
    if (error instanceof TsoError && error.code === 'DEADLINE_EXCEEDED') {
      throw new TsoError('UNAVAILABLE', `${what} does not answer within ${timeoutMs / 1_000} s`, {
        hint: 'Is it on a file server that cannot be reached?',
        cause: error,
      });
    }
    throw new TsoError('FAILED_PRECONDITION', `${what} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  if (!mount.createHostPath) {
    throw new TsoError('NOT_FOUND', `${what} does not exist on this host`, {
      hint: 'Create it, or set bind.create_host_path: true to have an empty folder made',
    });
  }
  try {
    await mkdir(mount.source, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new TsoError('FAILED_PRECONDITION', `${what} does not exist and cannot be made: ${(error as Error).message}`, { cause: error });
  }
  return mount.source;
};
