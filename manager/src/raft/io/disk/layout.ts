import { join } from 'node:path';

/** Names in the state directory. What sorts by name sorts by number. */
export interface Layout {
  readonly directory: string;
  readonly manifest: string;
  readonly keys: string;
  segment(sequence: number): string;
  snapshot(at: LogPosition): string;
  received(at: LogPosition): string;
}

export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/** What is in the directory, by name alone. */
export interface Listing {
  readonly manifest: boolean;
  readonly keys: boolean;
  /** Sequence numbers, ascending. */
  readonly segments: readonly number[];
  /** By index, ascending. */
  readonly snapshots: readonly LogPosition[];
  /** Paths of what an interrupted write left, and of received snapshots that nothing adopted. */
  readonly leftovers: readonly string[];
  /** The first name of the earlier, one-manager format. */
  readonly earlier: string | undefined;
}

const manifestName = 'raft.json';
const keysName = 'raft-keys.json';
const digits = 16;
const segmentPattern = new RegExp(`^raft-([0-9]{${digits}})\\.log$`);
const snapshotPattern = new RegExp(`^raft-([0-9]{${digits}})-([0-9]+)\\.snapshot$`);
const leftoverPattern = /^raft.*\.(tmp|received)$/;
const earlierPattern = /^(log|store)-[0-9]+\.(seg|snap)$/;

const padded = (value: number): string => String(value).padStart(digits, '0');

export const layoutOf = (directory: string): Layout => {
  const snapshot = ({ index, term }: LogPosition): string => join(directory, `raft-${padded(index)}-${term}.snapshot`);
  return {
    directory,
    manifest: join(directory, manifestName),
    keys: join(directory, keysName),
    segment: (sequence) => join(directory, `raft-${padded(sequence)}.log`),
    snapshot,
    received: (at) => `${snapshot(at)}.received`,
  };
};

export const readNames = (directory: string, names: readonly string[]): Listing => {
  const matches = (pattern: RegExp): readonly RegExpExecArray[] =>
    names.map((name) => pattern.exec(name)).filter((match) => match !== null);
  return {
    manifest: names.includes(manifestName),
    keys: names.includes(keysName),
    segments: matches(segmentPattern)
      .map((match) => Number(match[1]))
      .sort((a, b) => a - b),
    snapshots: matches(snapshotPattern)
      .map((match) => ({ index: Number(match[1]), term: Number(match[2]) }))
      .sort((a, b) => a.index - b.index || a.term - b.term),
    leftovers: names.filter((name) => leftoverPattern.test(name)).map((name) => join(directory, name)),
    earlier: names.find((name) => earlierPattern.test(name)),
  };
};
