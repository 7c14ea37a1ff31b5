import { realpath } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { type PathStat, type RelayFrame, type TaskTarget, TsoError } from '@tso/proto';
import type { ControlClient } from '../control-client.ts';
import { UsageError } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { type Io, writeOut } from '../io.ts';
import { CopyProgress } from '../ui/copy-progress.ts';
import {
  type CopyDestination,
  type CopyEnd,
  type CopyPlan,
  type CopySource,
  lastName,
  meansContents,
  planCopy,
} from '../view-model/copy-plan.ts';
import { localStat, packLocal } from './pack.ts';
import { unpackLocal } from './unpack.ts';

export interface Transfer {
  readonly control: ControlClient;
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly keepOwner: boolean;
  readonly followLink: boolean;
}

type Here = Exclude<CopyEnd, { readonly kind: 'task' }>;

/** A frame of the archive is not larger than this. */
const frameBytes = 64 * 1024;
/** Links to links, as the kernel follows them. */
const linksMax = 40;

const planOf = (source: CopySource, destination: CopyDestination): CopyPlan => {
  const verdict = planCopy(source, destination);
  if ('plan' in verdict) return verdict.plan;
  throw new TsoError('FAILED_PRECONDITION', verdict.problem, { hint: verdict.hint });
};

/** The archive's pieces out of the frames, once the first has said what it is of; warnings are passed on. */
const archiveOf = async function* (
  frames: AsyncIterator<RelayFrame>,
  { io }: Transfer,
  progress: CopyProgress,
): AsyncGenerator<Uint8Array> {
  for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
    const { archive, warning, end } = next.value;
    if (warning !== undefined) warn(io, progress)(warning);
    if (end === true) return;
    if (archive !== undefined) {
      progress.add(archive.length);
      yield archive;
    }
  }
  throw new TsoError('UNAVAILABLE', 'the connection ended before the whole archive had come', { hint: 'Copy again' });
};

const warn =
  (io: Io, progress: CopyProgress) =>
  (text: string): void => {
    progress.clear();
    printWarning(io, text);
  };

const localDestination = async (path: string): Promise<CopyDestination> => {
  const looks = await localStat(path, true);
  if (looks === undefined) return { path, kind: 'missing' };
  if (looks.isDirectory()) return { path, kind: 'folder' };
  // What a link leads to is overwritten, not the link.
  return { path: await realpath(path), kind: 'file' };
};

/** From a task's container to this machine, or as a tar stream to standard output. */
export const download = async (transfer: Transfer, target: TaskTarget, path: string, destination: Here): Promise<void> => {
  const { control, io, signal, keepOwner, followLink } = transfer;
  if (destination.kind === 'stream' && io.stdout.isTTY === true)
    throw new UsageError('a tar stream does not go to a terminal', 'Send it into a file or a pipe: tso cp … - > files.tar');
  const call = control.copyOut({ target, options: { path, followLinks: followLink, statOnly: false } }, { signal });
  const frames = call[Symbol.asyncIterator]();
  const first = await frames.next();
  const found = first.done === true ? undefined : first.value.path;
  if (found === undefined) throw new TsoError('UNAVAILABLE', 'the connection ended before anything had come');
  const progress = new CopyProgress(io, `${target.target}:${path}`);
  const archive = archiveOf(frames, transfer, progress);
  try {
    if (destination.kind === 'stream') {
      for await (const piece of archive) await writeOut(io.stdout, piece);
    } else {
      const source = { path, isDirectory: found.isDirectory, name: meansContents(path) ? '' : found.name };
      const plan = planOf(source, await localDestination(destination.path === '' ? '.' : slashed(destination.path, io.cwd)));
      await requireFolder(plan.folder);
      await unpackLocal(archive, { folder: plan.folder, name: plan.name, keepOwner, warn: warn(io, progress) });
    }
    progress.done();
  } catch (error) {
    progress.clear();
    throw error;
  } finally {
    await frames.return?.();
  }
};

/** Absolute, with the slash that was at its end. */
const slashed = (path: string, cwd: string): string => {
  const absolute = resolve(cwd, path);
  return path.endsWith('/') && absolute !== '/' ? `${absolute}/` : absolute;
};

const requireFolder = async (folder: string): Promise<void> => {
  const looks = await localStat(folder, true);
  if (looks?.isDirectory() === true) return;
  throw new TsoError('NOT_FOUND', looks === undefined ? `there is no folder ${folder}` : `${folder} is no folder`, {
    hint: `Make it first: mkdir -p ${folder}`,
  });
};

/** What stands at a path of the container, links there followed: where it leads, and whose it is. */
const remoteDestination = async (
  transfer: Transfer,
  target: TaskTarget,
  path: string,
): Promise<CopyDestination & { readonly taskId: string }> => {
  let at = path;
  for (let links = 0; links <= linksMax; links += 1) {
    const found = await statAt(transfer, target, at);
    if (found.missing) return { path: at, kind: 'missing', taskId: found.taskId };
    if (found.linkTarget === '') return { path: at, kind: found.isDirectory ? 'folder' : 'file', taskId: found.taskId };
    const folder = posix.dirname(posix.join('/', at.replace(/\/+$/, '')));
    at = found.linkTarget.startsWith('/') ? found.linkTarget : `${folder}/${found.linkTarget}`;
  }
  throw new TsoError('INVALID_ARGUMENT', `${path} goes through more than ${linksMax} symbolic links`);
};

const statAt = async ({ control, signal }: Transfer, target: TaskTarget, path: string): Promise<PathStat> => {
  for await (const { path: found } of control.copyOut({ target, options: { path, followLinks: false, statOnly: true } }, { signal })) {
    if (found !== undefined) return found;
  }
  throw new TsoError('UNAVAILABLE', 'the connection ended before anything had come');
};

interface Outgoing {
  readonly archive: AsyncIterable<Uint8Array>;
  /** The folder of the container where it is unpacked. */
  readonly folder: string;
}

const outgoingOf = async (transfer: Transfer, source: Here, destination: CopyDestination, progress: CopyProgress): Promise<Outgoing> => {
  const { io, followLink } = transfer;
  if (source.kind === 'stream') {
    if (io.stdin.isTTY === true) throw new UsageError('a tar stream does not come from a terminal', 'Send one: tar -c FILES | tso cp - …');
    if (destination.kind !== 'folder')
      throw new TsoError('FAILED_PRECONDITION', `${destination.path} is not a folder of the container`, {
        hint: 'A tar stream is unpacked into a folder that is there',
      });
    return { archive: bytesOf(io), folder: destination.path };
  }
  const path = resolve(io.cwd, source.path);
  const looks = await localStat(path, followLink || source.path.endsWith('/') || meansContents(source.path));
  if (looks === undefined) throw new TsoError('NOT_FOUND', `there is no ${source.path}`);
  const isDirectory = looks.isDirectory();
  if (!isDirectory && source.path.endsWith('/')) throw new TsoError('NOT_FOUND', `${source.path} is no folder`);
  const plan = planOf({ path: source.path, isDirectory, name: lastName(source.path) || lastName(path) }, destination);
  const archive = packLocal({ path, name: plan.name, followLink: followLink || isDirectory, warn: warn(io, progress) });
  return { archive, folder: plan.folder };
};

const bytesOf = async function* (io: Io): AsyncGenerator<Uint8Array> {
  for await (const chunk of io.stdin) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
};

/** From this machine, or a tar stream from standard input, into a task's container. */
export const upload = async (transfer: Transfer, source: Here, target: TaskTarget, path: string): Promise<void> => {
  const { control, io, signal, keepOwner } = transfer;
  const destination = await remoteDestination(transfer, target, path);
  const progress = new CopyProgress(io, `to ${target.target}:${path}`);
  const { archive, folder } = await outgoingOf(transfer, source, destination, progress);
  const call = control.copyIn({ signal });
  const send = async (): Promise<void> => {
    // The same task that was looked at.
    const task = { stack: '', target: destination.taskId, index: 0 };
    await call.send({ start: { target: task, options: { path: folder, keepOwner, noOverwriteDirNonDir: true } } });
    for await (const piece of archive) {
      for (let at = 0; at < piece.length; at += frameBytes) {
        const part = piece.subarray(at, at + frameBytes);
        await call.send({ frame: { archive: part } });
        progress.add(part.length);
      }
    }
    await call.send({ frame: { stdinEnd: true } });
  };
  const hear = async (): Promise<void> => {
    for await (const { warning, end } of call) {
      if (warning !== undefined) warn(io, progress)(warning);
      if (end === true) return;
    }
    throw new TsoError('UNAVAILABLE', 'the connection ended before the archive was unpacked');
  };
  const heard = hear();
  // Awaited below; a failure before that must not count as nobody's.
  heard.catch(() => undefined);
  const sent = send().catch(async (error: unknown) => {
    // When the call is over, why it is stands in what was heard.
    if (error instanceof TsoError && error.code === 'UNAVAILABLE') await heard;
    throw error;
  });
  sent.catch(() => undefined);
  try {
    // A call that is over is not held up by what is still to be read here, such as a pipe in which nothing comes.
    await Promise.race([sent, heard]);
    await heard;
    progress.done();
  } catch (error) {
    progress.clear();
    throw error;
  } finally {
    call.end();
    call.cancel();
  }
};
