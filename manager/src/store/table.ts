import type { Kind, ObjectKinds } from './kinds.ts';
import { indexKeys } from './kinds.ts';

/** That an object was put or removed; `before` is what was there, undefined: nothing. */
export interface TableChange<T> {
  readonly id: string;
  readonly before: T | undefined;
}

/** Reads of the objects of one kind. Lists stay as they were when the table changes. */
export interface TableReader<T> {
  get(id: string): T | undefined;
  all(): readonly T[];
  /** How many there are. */
  readonly size: number;
  /** Those whose key in that index is `key`; an unknown index is a bug. */
  by(index: string, key: string): readonly T[];
  /** Every key under which something is found in that index, each once; of an overlay also some under which nothing is any more. */
  keys(index: string): Iterable<string>;
  /** Another number after each change of the table, or of the objects under that key of an index; 0: nothing there. Of an overlay: its base's, or NaN (which equals nothing) where it has changes of its own. */
  revision(index?: string, key?: string): number;
  /** What was changed since the table had that revision, in its order; undefined: that is not known, or not any more. */
  changesSince(revision: number): readonly TableChange<T>[] | undefined;
}

type Keys<K extends Kind> = readonly (readonly [string, (object: ObjectKinds[K]) => string])[];

const keysOf = <K extends Kind>(kind: K): Keys<K> => Object.entries(indexKeys[kind]) as unknown as Keys<K>;

/** Kinds of which plans ask what has changed; of others nothing that was is kept. */
const followed: readonly Kind[] = ['task', 'service', 'node', 'network', 'volume'];
/** So many changes are known in any case, and one for so many objects. */
const changesKept = 256;
const objectsPerChange = 16;

/** The objects under one key by id. Most names have one object only, and a map for each would weigh more than the object. */
interface Found<T> {
  objects: T | Map<string, T>;
  /** The same as a list, once somebody has asked for it. */
  list: readonly T[] | undefined;
  revision: number;
}

const listOf = <T>(found: Found<T> | undefined): readonly T[] => {
  if (found === undefined) return [];
  found.list ??= found.objects instanceof Map ? [...found.objects.values()] : [found.objects];
  return found.list;
};

/** The objects of one kind with their indexes. */
export class Table<K extends Kind> implements TableReader<ObjectKinds[K]> {
  readonly #byId = new Map<string, ObjectKinds[K]>();
  readonly #keys: Keys<K>;
  readonly #indexes = new Map<string, Map<string, Found<ObjectKinds[K]>>>();
  readonly #isFollowed: boolean;
  #all: readonly ObjectKinds[K][] | undefined;
  #revision = 0;
  /** The latest ones; the first is the one after `#followedFrom`. */
  #changes: TableChange<ObjectKinds[K]>[] = [];
  #followedFrom = 0;

  constructor(kind: K) {
    this.#keys = keysOf(kind);
    this.#isFollowed = followed.includes(kind);
    for (const [name] of this.#keys) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): ObjectKinds[K] | undefined {
    return this.#byId.get(id);
  }

  all(): readonly ObjectKinds[K][] {
    this.#all ??= [...this.#byId.values()];
    return this.#all;
  }

  by(index: string, key: string): readonly ObjectKinds[K][] {
    return listOf(this.#indexes.get(index)?.get(key));
  }

  keys(index: string): Iterable<string> {
    return this.#indexes.get(index)?.keys() ?? [];
  }

  revision(index?: string, key = ''): number {
    return index === undefined ? this.#revision : (this.#indexes.get(index)?.get(key)?.revision ?? 0);
  }

  changesSince(revision: number): readonly TableChange<ObjectKinds[K]>[] | undefined {
    if (!this.#isFollowed || revision < this.#followedFrom || revision > this.#revision) return undefined;
    return this.#changes.slice(revision - this.#followedFrom);
  }

  put(object: ObjectKinds[K]): void {
    const before = this.#byId.get(object.id);
    this.#byId.set(object.id, object);
    this.#note(object.id, before);
    for (const [name, keyOf] of this.#keys) {
      const key = keyOf(object);
      if (before !== undefined && keyOf(before) !== key) this.#forget(name, keyOf(before), object.id);
      this.#file(name, key, object);
    }
  }

  remove(id: string): void {
    const before = this.#byId.get(id);
    if (before === undefined) return;
    this.#byId.delete(id);
    this.#note(id, before);
    for (const [name, keyOf] of this.#keys) this.#forget(name, keyOf(before), id);
  }

  #note(id: string, before: ObjectKinds[K] | undefined): void {
    this.#all = undefined;
    this.#revision += 1;
    if (!this.#isFollowed) return;
    this.#changes.push({ id, before });
    const kept = Math.max(changesKept, Math.ceil(this.size / objectsPerChange));
    if (this.#changes.length <= 2 * kept) return;
    this.#changes = this.#changes.slice(-kept);
    this.#followedFrom = this.#revision - kept;
  }

  #file(name: string, key: string, object: ObjectKinds[K]): void {
    const index = this.#indexes.get(name);
    const found = index?.get(key);
    if (found === undefined) {
      index?.set(key, { objects: object, list: undefined, revision: this.#revision });
      return;
    }
    const { objects } = found;
    if (objects instanceof Map) objects.set(object.id, object);
    else if (objects.id === object.id) found.objects = object;
    else
      found.objects = new Map([
        [objects.id, objects],
        [object.id, object],
      ]);
    found.list = undefined;
    found.revision = this.#revision;
  }

  #forget(name: string, key: string, id: string): void {
    const index = this.#indexes.get(name);
    const found = index?.get(key);
    if (found === undefined) return;
    const { objects } = found;
    if (objects instanceof Map ? objects.delete(id) && objects.size === 0 : objects.id === id) index?.delete(key);
    found.list = undefined;
    found.revision = this.#revision;
  }
}

/** A table over another that is not touched: reads see this one's puts and removals. */
export class OverlayTable<K extends Kind> implements TableReader<ObjectKinds[K]> {
  readonly #base: TableReader<ObjectKinds[K]>;
  readonly #puts: Table<K>;
  /** Every id that this overlay answers for, in the order of the first change; undefined means removed. */
  readonly #changed = new Map<string, ObjectKinds[K] | undefined>();
  readonly #keys: Keys<K>;
  /** Index by index the keys under which something was ever changed here, with what is found there now, once somebody has asked. */
  readonly #touched = new Map<string, Map<string, readonly ObjectKinds[K][] | undefined>>();
  #all: readonly ObjectKinds[K][] | undefined;

  constructor(kind: K, base: TableReader<ObjectKinds[K]>) {
    this.#base = base;
    this.#puts = new Table(kind);
    this.#keys = keysOf(kind);
    for (const [name] of this.#keys) this.#touched.set(name, new Map());
  }

  get(id: string): ObjectKinds[K] | undefined {
    return this.#changed.size > 0 && this.#changed.has(id) ? this.#changed.get(id) : this.#base.get(id);
  }

  get size(): number {
    let size = this.#base.size;
    for (const [id, object] of this.#changed) size += (object === undefined ? 0 : 1) - (this.#base.get(id) === undefined ? 0 : 1);
    return size;
  }

  all(): readonly ObjectKinds[K][] {
    if (this.#changed.size === 0) return this.#base.all();
    this.#all ??= this.#merge(this.#base.all(), this.#puts.all());
    return this.#all;
  }

  by(index: string, key: string): readonly ObjectKinds[K][] {
    const touched = this.#touched.get(index);
    if (touched?.has(key) !== true) return this.#base.by(index, key);
    const known = touched.get(key) ?? this.#merge(this.#base.by(index, key), this.#puts.by(index, key));
    touched.set(key, known);
    return known;
  }

  keys(index: string): Iterable<string> {
    return new Set([...this.#base.keys(index), ...this.#puts.keys(index)]);
  }

  put(object: ObjectKinds[K]): void {
    this.#touch(this.get(object.id));
    this.#touch(object);
    this.#changed.set(object.id, object);
    this.#puts.put(object);
  }

  remove(id: string): void {
    this.#touch(this.get(id));
    this.#puts.remove(id);
    if (this.#base.get(id) === undefined) this.#changed.delete(id);
    else this.#changed.set(id, undefined);
  }

  /** Drops what this overlay says of an object, so that the base shines through. */
  restore(id: string): void {
    this.#touch(this.get(id));
    this.#touch(this.#base.get(id));
    this.#puts.remove(id);
    this.#changed.delete(id);
  }

  revision(index?: string, key = ''): number {
    const isTouched = index === undefined ? this.#changed.size > 0 : this.#touched.get(index)?.has(key) === true;
    return isTouched ? Number.NaN : this.#base.revision(index, key);
  }

  changesSince(revision: number): readonly TableChange<ObjectKinds[K]>[] | undefined {
    return this.#changed.size > 0 ? undefined : this.#base.changesSince(revision);
  }

  changed(): ReadonlyMap<string, ObjectKinds[K] | undefined> {
    return this.#changed;
  }

  #touch(object: ObjectKinds[K] | undefined): void {
    this.#all = undefined;
    if (object !== undefined) for (const [name, keyOf] of this.#keys) this.#touched.get(name)?.set(keyOf(object), undefined);
  }

  #merge(base: readonly ObjectKinds[K][], puts: readonly ObjectKinds[K][]): readonly ObjectKinds[K][] {
    if (this.#changed.size === 0) return base;
    return [...base.filter((object) => !this.#changed.has(object.id)), ...puts];
  }
}
