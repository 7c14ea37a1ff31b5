import type { StoreSnapshot } from '@tso/proto';
import { assert, TsoError } from '@tso/proto';
import type { Kind, ObjectKinds } from './kinds.ts';
import { kinds } from './kinds.ts';
import { ownDataBytes, ownRequestBytes } from './own-bytes.ts';
import { withSharedParts } from './shared-parts.ts';
import { Tables } from './tables.ts';

/** Where a snapshot has the objects of each kind. */
const fieldOf = {
  cluster: 'clusters',
  node: 'nodes',
  stack: 'stacks',
  service: 'services',
  task: 'tasks',
  network: 'networks',
  volume: 'volumes',
  manager: 'managers',
  config: 'configs',
  authority: 'authorities',
  request: 'requests',
  secret: 'secrets',
  fileVersion: 'fileVersions',
} as const satisfies { readonly [K in Kind]: keyof StoreSnapshot };

const objectsOf = <K extends Kind>(snapshot: StoreSnapshot, kind: K): readonly ObjectKinds[K][] =>
  snapshot[fieldOf[kind]] as unknown as readonly ObjectKinds[K][];

/** A snapshot of a store that holds nothing. */
export const emptySnapshot: StoreSnapshot = {
  index: 0,
  clusters: [],
  nodes: [],
  stacks: [],
  services: [],
  tasks: [],
  networks: [],
  volumes: [],
  managers: [],
  configs: [],
  authorities: [],
  requests: [],
  secrets: [],
  fileVersions: [],
};

/** The whole store as one message. It shares the objects, which nobody changes: taking it is quick, and later changes do not touch it. */
export const takeSnapshot = (tables: Tables): StoreSnapshot => ({
  index: tables.index,
  clusters: tables.table('cluster').all(),
  nodes: tables.nodes(),
  stacks: tables.stacks(),
  services: tables.services(),
  tasks: tables.tasks(),
  networks: tables.networks(),
  volumes: tables.volumes(),
  managers: tables.managers(),
  configs: tables.configs(),
  authorities: tables.table('authority').all(),
  requests: tables.table('request').all(),
  secrets: tables.table('secret').all(),
  fileVersions: tables.table('fileVersion').all(),
});

/** What one piece holds at most: encoding it does not hold the event loop for long. One object that is larger is a piece of its own. */
const maxPieceObjects = 200;
const maxPieceBytes = 256 * 1024;

/** Whether objects of the kind hold what people keep in them, which may be much. */
const holdsData = (kind: Kind): boolean => kind === 'config' || kind === 'secret' || kind === 'fileVersion';

const ownBytes = <K extends Kind>(kind: K, object: ObjectKinds[K]): ObjectKinds[K] => {
  if (holdsData(kind)) return ownDataBytes(object as ObjectKinds['config']) as ObjectKinds[K];
  if (kind === 'request') return ownRequestBytes(object as ObjectKinds['request']) as ObjectKinds[K];
  return object;
};

/** A rough size: only data of configurations and secrets and the services of a stack make an object large. */
const weightOf = (kind: Kind, object: ObjectKinds[Kind]): number => {
  if (holdsData(kind)) return 256 + (object as ObjectKinds['config']).data.length;
  if (kind === 'stack') return 1_024 * (1 + (object as ObjectKinds['stack']).spec.services.length);
  return 1_024;
};

const piecesOfKind = function* (snapshot: StoreSnapshot, kind: Kind): Generator<StoreSnapshot> {
  const objects: readonly ObjectKinds[Kind][] = objectsOf(snapshot, kind);
  let [from, bytes] = [0, 0];
  for (const [at, object] of objects.entries()) {
    const weight = weightOf(kind, object);
    if (at > from && (at - from === maxPieceObjects || bytes + weight > maxPieceBytes)) {
      yield { ...emptySnapshot, index: snapshot.index, [fieldOf[kind]]: objects.slice(from, at) };
      [from, bytes] = [at, 0];
    }
    bytes += weight;
  }
  if (from < objects.length) yield { ...emptySnapshot, index: snapshot.index, [fieldOf[kind]]: objects.slice(from) };
};

/** A state of the store that stays as it was, in small parts. */
export interface SnapshotPieces {
  /** Of the last entry in it. */
  readonly index: number;
  /** Snapshot messages of the same index, made as they are asked for; none for an empty store. May be read more than once. */
  readonly pieces: Iterable<StoreSnapshot>;
}

/**
 * A snapshot in pieces that are StoreSnapshot messages of their own, so that a large store is encoded and sent without holding the
 * event loop. (Their encodings one after the other are one whole message too: Protocol Buffers encoding guide, "Last One Wins".)
 */
export const piecesOf = (snapshot: StoreSnapshot): SnapshotPieces => ({
  index: snapshot.index,
  pieces: {
    *[Symbol.iterator]() {
      for (const kind of kinds) yield* piecesOfKind(snapshot, kind);
    },
  },
});

/** The store as it is now, in pieces: captured at once, read at leisure while the tables go on changing. */
export const snapshotPieces = (tables: Tables): SnapshotPieces => piecesOf(takeSnapshot(tables));

/** Puts pieces together again: tables with exactly what they hold, in the same order. */
export class SnapshotBuilder {
  readonly #index: number;
  readonly #tables = new Tables();
  #built = false;

  /** @param index the snapshot's: pieces of another one are refused */
  constructor(index: number) {
    this.#index = index;
  }

  /** In the order in which they were made. DATA_LOSS: it belongs to another snapshot. */
  add(piece: StoreSnapshot): void {
    assert(!this.#built, 'a snapshot that was built takes no more pieces');
    if (piece.index !== this.#index) {
      throw new TsoError('DATA_LOSS', `a part of the snapshot at ${piece.index} is among those of the snapshot at ${this.#index}`);
    }
    for (const kind of kinds) this.#fill(kind, piece);
  }

  /** Once. */
  build(): Tables {
    assert(!this.#built, 'a snapshot is built once');
    this.#built = true;
    this.#tables.advanceTo(this.#index);
    return this.#tables;
  }

  /** Services come before their tasks. */
  #own<K extends Kind>(kind: K, object: ObjectKinds[K]): ObjectKinds[K] {
    if (kind !== 'task') return ownBytes(kind, object);
    return withSharedParts(this.#tables, object as ObjectKinds['task']) as ObjectKinds[K];
  }

  #fill<K extends Kind>(kind: K, piece: StoreSnapshot): void {
    const table = this.#tables.writable(kind);
    for (const object of objectsOf(piece, kind)) {
      table.put(this.#own(kind, object));
    }
  }
}

/** New tables with exactly what the snapshot holds, in the same order. */
export const restoreSnapshot = (snapshot: StoreSnapshot): Tables => {
  const builder = new SnapshotBuilder(snapshot.index);
  builder.add(snapshot);
  return builder.build();
};
