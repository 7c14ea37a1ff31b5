import { type Entry, emptyHardState, type HardState } from '../../../core/index.ts';
import type { DiskWrite, SnapshotMeta } from '../../ports.ts';
import type { FileDisk } from '../index.ts';

/** What a disk holds, as plain values: what the tests expect it to hold. */
export interface DiskModel {
  readonly base: { readonly index: number; readonly term: number };
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
  /** Its index; 0 when there is none. */
  readonly snapshot: number;
}

export const emptyModel: DiskModel = { base: { index: 0, term: 0 }, entries: [], hardState: emptyHardState, snapshot: 0 };

export const lastOf = ({ base, entries }: DiskModel): { readonly index: number; readonly term: number } => entries.at(-1) ?? base;

const appended = (model: DiskModel, entries: readonly Entry[]): DiskModel => {
  const fresh = entries.filter(({ index }) => index > model.base.index);
  const keep = (fresh[0]?.index ?? lastOf(model).index + 1) - model.base.index - 1;
  return { ...model, entries: [...model.entries.slice(0, keep), ...fresh] };
};

export const restarted = (model: DiskModel, { index, term }: SnapshotMeta): DiskModel => ({
  base: { index, term },
  entries: [],
  hardState: model.hardState,
  snapshot: index,
});

const raised = ({ term, vote, commit }: HardState, at: { readonly index: number; readonly term: number }): HardState => ({
  term: Math.max(term, at.term),
  vote: at.term > term ? 0 : vote,
  commit: Math.max(commit, at.index),
});

export const written = (model: DiskModel, change: DiskWrite): DiskModel => {
  const hardState = change.hardState ?? model.hardState;
  const start = change.snapshot === undefined ? model : restarted(model, change.snapshot);
  return { ...appended(start, change.entries), hardState };
};

/** Everything that a crash within the write may leave, the states before and after it included. */
export const duringWrite = (model: DiskModel, change: DiskWrite): readonly DiskModel[] => {
  const { snapshot, entries } = change;
  const after = written(model, change);
  if (snapshot === undefined) return [model, ...prefixes(model, model.hardState, entries, after)];
  const adopted = restarted(model, snapshot);
  // The snapshot has its name, the log is not begun anew: then opening it does that, with the hard state of before.
  const interrupted = { ...adopted, hardState: raised(model.hardState, snapshot) };
  const begun = { ...adopted, hardState: raised({ ...after.hardState, commit: snapshot.index }, snapshot) };
  return [model, interrupted, begun, ...prefixes(begun, begun.hardState, entries, after)];
};

/** The first entries without the last ones; with the new hard state, which says no more than is there. */
const prefixes = (model: DiskModel, before: HardState, entries: readonly Entry[], after: DiskModel): readonly DiskModel[] => [
  // A new segment says where the log stood; with what was buffered until then.
  { ...model, hardState: before },
  ...entries.map((_, at) => {
    const partial = appended(model, entries.slice(0, at + 1));
    return { ...partial, hardState: { ...after.hardState, commit: Math.min(after.hardState.commit, lastOf(partial).index) } };
  }),
  after,
];

export const compacted = (model: DiskModel, index: number): DiskModel => {
  if (index <= model.base.index) return model;
  const gone = model.entries.slice(0, index - model.base.index);
  return { ...model, base: { index, term: gone.at(-1)?.term ?? 0 }, entries: model.entries.slice(gone.length) };
};

const entryText = ({ index, term, type, data }: Entry): string => `${term}/${index} ${type} ${Buffer.from(data).toString('latin1')}`;

/** What the disk holds. */
export const observed = (disk: FileDisk): DiskModel => {
  const base = disk.firstIndex() - 1;
  const entries = disk.entries(base + 1, disk.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
  const term = disk.term(base);
  if (typeof entries === 'string' || typeof term !== 'number') throw new Error(`entries behind ${base} are ${String(entries)}`);
  return { base: { index: base, term }, entries, hardState: disk.initialState().hardState, snapshot: disk.snapshot().index };
};

const sameBehind = (a: DiskModel, b: DiskModel): boolean => {
  const from = Math.max(a.base.index, b.base.index);
  const texts = (model: DiskModel): string =>
    model.entries
      .filter(({ index }) => index > from)
      .map(entryText)
      .join('\n');
  return lastOf(a).index === lastOf(b).index && texts(a) === texts(b);
};

/** Whether the disk holds what the model says; entries that were compacted away may have come back. */
export const isAs = (seen: DiskModel, model: DiskModel): boolean =>
  seen.base.index <= model.base.index &&
  seen.snapshot === model.snapshot &&
  seen.hardState.term === model.hardState.term &&
  seen.hardState.vote === model.hardState.vote &&
  seen.hardState.commit === model.hardState.commit &&
  sameBehind(seen, model);

export const describe = (model: DiskModel): string => {
  const { base, entries, hardState, snapshot } = model;
  const texts = entries.map(({ term, index }) => `${term}/${index}`);
  return `behind ${base.term}/${base.index}: [${texts.join(' ')}] hard ${JSON.stringify(hardState)} snapshot ${snapshot}`;
};
