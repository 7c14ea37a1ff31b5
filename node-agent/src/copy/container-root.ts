import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import { isAlive } from '../runtime/processes.ts';
import type { ContainerPlace } from '../runtime/types.ts';
import { asBinary, type Cover, codeOf, HandleWalk, pathOnly } from './handle-walk.ts';

/** A container's files as it sees them, held open. */
export interface ContainerRoot {
  readonly handle: FileHandle;
  /** What is mounted over a path; nothing while the container runs, since its own view has its mounts. */
  readonly cover: Cover;
  readonly shift: ContainerPlace['shift'];
  /** Whether the path may not be written to, as far as the kernel does not say so itself. */
  isReadOnly(path: string): boolean;
  close(): Promise<void>;
}

const ended = (id: string, cause?: unknown): TsoError =>
  new TsoError('FAILED_PRECONDITION', `the task ${id} has ended, and its files with it`, {
    hint: 'What is to outlive a task belongs into a volume',
    cause,
  });

const openFolder = async (path: string, id: string): Promise<FileHandle> => {
  try {
    return await open(path, pathOnly | constants.O_DIRECTORY);
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ESRCH') throw ended(id, error);
    throw error;
  }
};

/** The source of a bind, by a path that no container can make to lead elsewhere: links in it are refused. */
const openSource = async (source: string): Promise<FileHandle> => {
  const root = await open('/', pathOnly | constants.O_DIRECTORY);
  const walk = new HandleWalk(root);
  try {
    const { found, path } = await walk.to(source, false);
    if (found === undefined) throw new TsoError('NOT_FOUND', `${source}, mounted in the container, is gone`);
    if (path !== asBinary(source)) throw new TsoError('FAILED_PRECONDITION', `${source} goes through symbolic links`);
    return await open(`/proc/self/fd/${found.handle.fd}`, pathOnly);
  } finally {
    await walk.close();
    await root.close();
  }
};

const withoutSlash = (path: string): string => (path === '/' ? path : path.replace(/\/+$/, ''));

/**
 * While it runs, by its own mount namespace: volumes, binds and all that hides something. Else its root filesystem, with its binds laid
 * over it. FAILED_PRECONDITION: it has ended and nothing is left.
 */
export const openContainerRoot = async (id: string, place: ContainerPlace | undefined): Promise<ContainerRoot> => {
  if (place === undefined) throw ended(id);
  const { process, shift, rootfs, readOnly } = place;
  if (process !== undefined) {
    const handle = await openFolder(`/proc/${process.pid}/root`, id);
    // Asked after opening: the pid may have been given to another process before.
    if (isAlive(process)) {
      return { handle, shift, cover: async () => undefined, isReadOnly: () => false, close: () => handle.close() };
    }
    await handle.close();
  }
  const handle = await openFolder(rootfs, id);
  const binds = new Map(place.binds.map((bind) => [asBinary(withoutSlash(bind.target)), bind]));
  const bindOf = (path: string) =>
    [...binds].filter(([target]) => path === target || path.startsWith(`${target}/`)).sort(([a], [b]) => b.length - a.length)[0]?.[1];
  return {
    handle,
    shift,
    cover: async (path) => {
      const bind = binds.get(path);
      return bind === undefined ? undefined : openSource(bind.source);
    },
    isReadOnly: (path) => bindOf(path)?.readOnly ?? readOnly,
    close: () => handle.close(),
  };
};
