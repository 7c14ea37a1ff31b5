import type { LogIdentity } from '../ports.ts';
import { dataLoss, missingFile, tooNew } from './failures.ts';
import type { Files } from './files.ts';
import { decodeJsonFile, encodeJsonFile, isCount, readWhole, writeDurably } from './json-file.ts';
import type { Layout } from './layout.ts';

export const manifestFormat = 1;

/**
 * Says whose log the directory holds and which segments make it up. What lies outside `firstSegment..lastSegment` is not part of
 * it, what lies inside must be there: so a file that somebody removed is missed, and one that outlived a crash is not.
 */
export interface Manifest {
  readonly identity: LogIdentity;
  /** `creating` until everything else of a new log is in place. */
  readonly state: 'creating' | 'ready';
  readonly firstSegment: number;
  readonly lastSegment: number;
}

export const writeManifest = (files: Files, layout: Layout, { identity, ...rest }: Manifest): Promise<void> => {
  const { groupId, raftId, nodeId } = identity;
  return writeDurably(
    files,
    layout.directory,
    layout.manifest,
    encodeJsonFile({ format: manifestFormat, groupId, raftId, nodeId, ...rest }),
  );
};

/** DATA_LOSS: damaged. FAILED_PRECONDITION: of a newer version. */
export const readManifest = async (files: Files, layout: Layout): Promise<Manifest> => {
  const path = layout.manifest;
  const { format, groupId, raftId, nodeId, state, firstSegment, lastSegment } = decodeJsonFile(path, await readWhole(files, path));
  if (isCount(format) && format > manifestFormat) throw tooNew(path, format, manifestFormat);
  if (
    typeof groupId !== 'string' ||
    typeof nodeId !== 'string' ||
    !isCount(raftId) ||
    !isCount(firstSegment) ||
    !isCount(lastSegment) ||
    (state !== 'creating' && state !== 'ready')
  ) {
    throw dataLoss(path, 0, 'a field is missing or has no meaning');
  }
  return { identity: { groupId, raftId, nodeId }, state, firstSegment, lastSegment };
};

export const missingManifest = (layout: Layout): Error =>
  missingFile(layout.manifest, 'it says whose log lies beside it and which files it has');
