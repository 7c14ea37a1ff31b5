import { emptyHardState, type HardState, nobody } from '../../core/index.ts';
import { dataLoss, foreignFile, missingFile } from './failures.ts';
import type { FrameHeader } from './frame.ts';
import { writeDurably } from './json-file.ts';
import type { Listing, LogPosition } from './layout.ts';
import { LogIndex } from './log-index.ts';
import type { Manifest } from './manifest.ts';
import { tagBytes } from './seal.ts';
import { type Room, Segment, type SegmentStart } from './segment.ts';
import { type ScanEnd, scanSegment } from './segment-scan.ts';
import type { LogState } from './write-ahead-log.ts';

/** A tail that a crash left, to be cut off. */
export interface TornTail {
  readonly path: string;
  readonly offset: number;
  readonly bytes: Buffer;
  readonly why: string;
}

export interface FoundLog extends LogState {
  readonly torn: TornTail | undefined;
  /** Set when a snapshot was adopted and the log not yet begun anew behind it. */
  readonly restartBehind: LogPosition | undefined;
  /** Files that are no part of the log: older, or begun and never used. */
  readonly strays: readonly string[];
}

const same = (a: LogPosition, b: LogPosition): boolean => a.index === b.index && a.term === b.term;

const say = ({ index, term }: LogPosition): string => `entry ${index} of term ${term}`;

/** Puts the log together from what segments say, one frame after the other. */
class Replay {
  readonly segments = new Map<number, Segment>();
  index = new LogIndex({ index: 0, term: 0 });
  hardState: HardState = emptyHardState;

  begin(segment: Segment, { previous, hardState }: SegmentStart): void {
    if (this.segments.size === 0) this.index = new LogIndex(previous);
    else if (!same(previous, this.index.last)) {
      throw dataLoss(segment.path, 0, `it was begun behind ${say(previous)}, but the segments before it end with ${say(this.index.last)}`);
    }
    this.hardState = hardState;
    this.segments.set(segment.sequence, segment);
  }

  take({ path, sequence }: Segment, header: FrameHeader, offset: number): void {
    const { firstIndex, previousTerm, count, term, hardState, bodyBytes } = header;
    const before = { index: firstIndex - 1, term: previousTerm };
    const { base, last } = this.index;
    if (before.index < base.index && count > 0) this.index.restart(before);
    else if (before.index > last.index || this.index.term(before.index) !== before.term) {
      throw dataLoss(path, offset, `a frame that goes behind ${say(before)} does not fit a log that ends with ${say(last)}`);
    }
    const bytes = bodyBytes - tagBytes;
    if (count > 0) this.index.add({ firstIndex, count, term, segment: sequence, offset, bytes });
    this.hardState = hardState;
  }
}

/**
 * Reads what the directory holds of the log and sees that it is whole, up to what a crash may have left undone; changes nothing.
 * DATA_LOSS, FAILED_PRECONDITION: as the sentence says.
 */
export const findLog = async (room: Room, manifest: Manifest, listing: Listing, snapshot: LogPosition | undefined): Promise<FoundLog> => {
  const replay = new Replay();
  try {
    let torn: TornTail | undefined;
    const { firstSegment, lastSegment } = manifest;
    for (let sequence = firstSegment; sequence <= lastSegment; sequence += 1) {
      const end = await readSegment(room, listing, sequence, sequence === lastSegment, replay);
      if (end.torn !== undefined) torn = { path: room.layout.segment(sequence), offset: end.end, ...end.torn };
    }
    const { index, segments } = replay;
    const restartBehind = fitSnapshot(room, snapshot, replay);
    const hardState = restartBehind === undefined ? replay.hardState : hardStateAt(replay.hardState, restartBehind);
    const end = restartBehind ?? index.last;
    if (hardState.commit > end.index) {
      const path = room.layout.segment(lastSegment);
      throw dataLoss(
        path,
        segments.get(lastSegment)?.bytes ?? 0,
        `entries up to ${hardState.commit} were committed, the log ends with ${say(end)}`,
      );
    }
    return { manifest, index, segments, hardState, torn, restartBehind, strays: await findStrays(room, manifest, listing) };
  } catch (error) {
    for (const { file } of replay.segments.values()) await file.close();
    throw error;
  }
};

const readSegment = async (room: Room, { segments }: Listing, sequence: number, isLast: boolean, replay: Replay): Promise<ScanEnd> => {
  if (!segments.includes(sequence)) throw missingFile(room.layout.segment(sequence), 'it is one of the segments that make up the log');
  const { segment, start } = await Segment.open(room, sequence);
  try {
    replay.begin(segment, start);
  } catch (error) {
    await segment.file.close();
    throw error;
  }
  return scanSegment(segment, isLast, (header, offset) => replay.take(segment, header, offset));
};

/** The snapshot when the log does not hold its end, and so is to begin anew behind it. */
const fitSnapshot = ({ layout }: Room, snapshot: LogPosition | undefined, { index, hardState }: Replay): LogPosition | undefined => {
  const { base } = index;
  if (snapshot === undefined) {
    if (base.index === 0) return undefined;
    throw missingFile(layout.snapshot(base), `the log begins with entry ${base.index + 1}, and there is no snapshot of what was before`);
  }
  const path = layout.snapshot(snapshot);
  if (base.index > snapshot.index) {
    throw missingFile(
      layout.snapshot(base),
      `the log begins with entry ${base.index + 1}, but the newest snapshot is of entry ${snapshot.index}`,
    );
  }
  const term = index.term(snapshot.index);
  if (term === snapshot.term) return undefined;
  if (hardState.commit >= snapshot.index && typeof term === 'number') {
    throw foreignFile(path, `it is of ${say(snapshot)}, but the log has committed ${say({ index: snapshot.index, term })}`);
  }
  return snapshot;
};

/** What a snapshot holds is committed, and whoever has it has heard of its term. */
export const hardStateAt = ({ term, vote, commit }: HardState, at: LogPosition): HardState => ({
  term: Math.max(term, at.term),
  vote: at.term > term ? nobody : vote,
  commit: Math.max(commit, at.index),
});

/** Segments before the first were compacted away; one behind the last was begun when a crash came. */
const findStrays = async (room: Room, manifest: Manifest, { segments }: Listing): Promise<readonly string[]> => {
  const { layout } = room;
  const strays: string[] = [];
  for (const sequence of segments) {
    const path = layout.segment(sequence);
    if (sequence > manifest.lastSegment) {
      if (sequence > manifest.lastSegment + 1 || !(await isEmptySegment(room, sequence))) {
        throw foreignFile(path, `${layout.manifest} knows segments up to ${manifest.lastSegment} only, and is older than this file`);
      }
      strays.push(path);
    } else if (sequence < manifest.firstSegment) strays.push(path);
  }
  return strays;
};

/** A header alone: frames are written to a segment only once the manifest knows it. */
const isEmptySegment = async (room: Room, sequence: number): Promise<boolean> => {
  const { segment } = await Segment.open(room, sequence);
  try {
    return (await segment.file.size()) === segment.bytes;
  } finally {
    await segment.file.close();
  }
};

/** Cuts the tail off, durable, and keeps it beside the file. */
export const cutTornTail = async ({ files, layout }: Room, { path, offset, bytes }: TornTail): Promise<string> => {
  const aside = `${path}.${offset}.torn`;
  await writeDurably(files, layout.directory, aside, bytes);
  await files.truncate(path, offset);
  return aside;
};
