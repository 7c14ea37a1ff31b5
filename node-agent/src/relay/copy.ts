import { type CopyInOptions, type CopyOutOptions, emptyPathStat, type PathStat, type RelayFrame, TsoError } from '@tso/proto';
import type { Duplex } from '@tso/proto/rpc';
import { ArchiveOut, pathStat } from '../copy/archive-out.ts';
import { openContainerRoot } from '../copy/container-root.ts';
import { type Arrival, HandleWalk, linkText } from '../copy/handle-walk.ts';
import { UnpackIn } from '../copy/unpack-in.ts';
import { bytesOf, printable } from '../image/tar-format.ts';
import type { Containers } from '../runtime/types.ts';
import { archivePieces } from './archive-pieces.ts';

type Files = { readonly containers: Pick<Containers, 'files'> };

const missing = (path: string): TsoError => new TsoError('NOT_FOUND', `there is no ${path} in the container`);

const text = (binary: string): string => Buffer.from(bytesOf(binary)).toString();

/** Said of a path that is not there, when that was the question. */
const nothingThere: PathStat = { ...emptyPathStat, missing: true };

const statOf = async ({ found, parent, name }: Arrival): Promise<PathStat> => {
  if (found === undefined) return nothingThere;
  const target = found.stat.isSymbolicLink() ? ((await linkText(parent, name)) ?? '') : '';
  return pathStat(text(name), found.stat, text(target));
};

/** Where a path leads; undefined: a folder on the way is not there, when only that was the question. */
const arrive = async (walk: HandleWalk, { path, followLinks, statOnly }: CopyOutOptions): Promise<Arrival | undefined> => {
  try {
    return await walk.to(path, followLinks);
  } catch (error) {
    if (statOnly && error instanceof TsoError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
};

/**
 * What stands at a path of a container, then a tar stream of it and of all below, then `end`. The archive's first name is the path's own,
 * or `.` for what ends with `/.`. NOT_FOUND: there is nothing, unless that was all that was asked.
 */
export async function* copyOutFrames(
  taskId: string,
  options: CopyOutOptions,
  signal: AbortSignal,
  ports: Files,
): AsyncGenerator<RelayFrame> {
  const root = await openContainerRoot(taskId, await ports.containers.files(taskId));
  const walk = new HandleWalk(root.handle, root.cover);
  try {
    const arrival = await arrive(walk, options);
    if (options.statOnly) {
      yield { path: arrival === undefined ? nothingThere : await statOf(arrival) };
    } else {
      if (arrival?.found === undefined) throw missing(options.path);
      yield { path: await statOf(arrival) };
      const { found, parent, name, path } = arrival;
      const entryName = name === '' || (found.stat.isDirectory() && /(^|\/)\.\/*$/.test(options.path)) ? '.' : name;
      yield* new ArchiveOut(root).frames({ ...found, parent, name, path }, entryName, signal);
    }
    yield { end: true };
  } finally {
    await walk.close();
    await root.close();
  }
}

/**
 * Unpacks the archive that comes in into an existing folder of the container; the last frame is `end`. What was unpacked before an error
 * stays, but no half file. FAILED_PRECONDITION: the destination is read-only or no folder, or something is in the way.
 */
export const relayCopyIn = async (
  taskId: string,
  options: CopyInOptions,
  streams: { readonly frames: Pick<Duplex<RelayFrame, RelayFrame>, 'send'>; readonly incoming: AsyncIterable<RelayFrame> },
  ports: Files,
): Promise<void> => {
  const root = await openContainerRoot(taskId, await ports.containers.files(taskId));
  const walk = new HandleWalk(root.handle, root.cover);
  try {
    const { found, path } = await walk.to(options.path, true);
    if (found === undefined) throw missing(options.path);
    if (!found.stat.isDirectory()) throw new TsoError('FAILED_PRECONDITION', `${options.path} is not a folder of the container`);
    if (root.isReadOnly(path)) throw new TsoError('FAILED_PRECONDITION', `${printable(path)} is read-only in the container`);
    const unpack = new UnpackIn({ handle: found.handle, path }, root, options);
    try {
      for await (const piece of archivePieces(streams.incoming)) await unpack.push(piece);
      await unpack.finish();
    } finally {
      await unpack.close();
    }
    for (const warning of unpack.warnings) await streams.frames.send({ warning });
    await streams.frames.send({ end: true });
  } finally {
    await walk.close();
    await root.close();
  }
};
