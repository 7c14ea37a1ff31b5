import type { ConfState, Entry, HardState, MemoryStorage, Snapshot } from './core-door.ts';

export type SnapshotMeta = Omit<Snapshot, 'data'>;

/** What stands in a simulated log. Snapshots lie in files of their own, and are named here once they are durable. */
export type DiskRecord =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'hard-state'; readonly hardState: HardState }
  | { readonly kind: 'adopted'; readonly meta: SnapshotMeta }
  | { readonly kind: 'own-snapshot'; readonly meta: SnapshotMeta }
  | { readonly kind: 'compacted'; readonly index: number };

const kinds = ['entry', 'hard-state', 'adopted', 'own-snapshot', 'compacted'] as const;
const entryTypes = ['EntryNormal', 'EntryConfChange', 'EntryConfChangeV2'] as const;

const numbers = (kind: DiskRecord['kind'], ...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(1 + 4 * values.length);
  bytes[0] = kinds.indexOf(kind);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value, 1 + 4 * at);
  return bytes;
};

export const encodeRecord = (record: DiskRecord): Buffer => {
  if (record.kind === 'entry') {
    const { type, term, index, data } = record.entry;
    return Buffer.concat([numbers('entry', entryTypes.indexOf(type), term, index), data]);
  }
  if (record.kind === 'hard-state') return numbers('hard-state', record.hardState.term, record.hardState.vote, record.hardState.commit);
  if (record.kind === 'compacted') return numbers('compacted', record.index);
  return Buffer.concat([numbers(record.kind), Buffer.from(JSON.stringify(record.meta))]);
};

/** What `encodeRecord` wrote; the checks of the frame say that nothing else can stand there. */
export const decodeRecord = (bytes: Buffer): DiskRecord => {
  const kind = kinds[bytes[0] ?? -1];
  const number = (at: number): number => bytes.readUInt32LE(1 + 4 * at);
  if (kind === 'entry') {
    const type = entryTypes[number(0)] ?? 'EntryNormal';
    return { kind, entry: { type, term: number(1), index: number(2), data: new Uint8Array(bytes.subarray(13)) } };
  }
  if (kind === 'hard-state') return { kind, hardState: { term: number(0), vote: number(1), commit: number(2) } };
  if (kind === 'compacted') return { kind, index: number(0) };
  if (kind === undefined) throw new Error(`a record of kind ${bytes[0]}`);
  const meta = JSON.parse(bytes.subarray(1).toString()) as { index: number; term: number; confState: ConfState };
  return { kind, meta };
};

/** Does to the storage what the record says; a snapshot's contents come from `dataOf`. */
export const performRecord = (storage: MemoryStorage, record: DiskRecord, dataOf: (index: number) => Uint8Array): void => {
  if (record.kind === 'entry') storage.append([record.entry]);
  else if (record.kind === 'hard-state') storage.hardState = record.hardState;
  else if (record.kind === 'compacted') storage.compact(record.index);
  else {
    const snapshot: Snapshot = { ...record.meta, data: dataOf(record.meta.index) };
    if (record.kind === 'adopted') storage.applySnapshot(snapshot);
    else storage.saveSnapshot(snapshot);
  }
};
