import type { Kind, ObjectKinds } from './kinds.ts';
import { indexKeys } from './kinds.ts';

/** Reads of the objects of one kind. Lists are copies: they stay as they were when the table changes. */
export interface TableReader<T> {
  get(id: string): T | undefined;
  all(): readonly T[];
  /** How many there are. Of an overlay they are counted. */
  readonly size: number;
  /** Those whose key in that index is `key`; an unknown index is a bug. */
  by(index: string, key: string): readonly T[];
  /** Another number after each change of the table, or of the objects under that key of an index; 0: nothing there. Of an overlay: its base's, or NaN (which equals nothing) where it has changes of its own. */
  revision(index?: string, key?: string): number;
}

const keysOf = <K extends Kind>(kind: K): readonly (readonly [string, (object: ObjectKinds[K]) => string])[] =>
  Object.entries(indexKeys[kind]) as unknown as readonly (readonly [string, (object: ObjectKinds[K]) => string])[];

/** The objects under one key by id. Most names have one object only, and a map for each would weigh more than the object. */
type Found<T> = T | Map<string, T>;

/** The objects of one kind with their indexes. */
export class Table<K extends Kind> implements TableReader<ObjectKinds[K]> {
  readonly #byId = new Map<string, ObjectKinds[K]>();
  readonly #keys: readonly (readonly [string, (object: ObjectKinds[K]) => string])[];
  readonly #indexes = new Map<string, Map<string, Found<ObjectKinds[K]>>>();
  #revision = 0;
  /** Index by index, as long as there is something under the key. */
  readonly #revisions = new Map<string, Map<string, number>>();

  constructor(kind: K) {
    this.#keys = keysOf(kind);
    for (const [name] of this.#keys) {
      this.#indexes.set(name, new Map());
      this.#revisions.set(name, new Map());
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): ObjectKinds[K] | undefined {
    return this.#byId.get(id);
  }

  all(): readonly ObjectKinds[K][] {
    return [...this.#byId.values()];
  }

  by(index: string, key: string): readonly ObjectKinds[K][] {
    const found = this.#indexes.get(index)?.get(key);
    if (found === undefined) return [];
    return found instanceof Map ? [...found.values()] : [found];
  }

  revision(index?: string, key = ''): number {
    return index === undefined ? this.#revision : (this.#revisions.get(index)?.get(key) ?? 0);
  }

  put(object: ObjectKinds[K]): void {
    const before = this.#byId.get(object.id);
    this.#byId.set(object.id, object);
    this.#revision += 1;
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
    this.#revision += 1;
    for (const [name, keyOf] of this.#keys) this.#forget(name, keyOf(before), id);
  }

  #file(name: string, key: string, object: ObjectKinds[K]): void {
    this.#revisions.get(name)?.set(key, this.#revision);
    const index = this.#indexes.get(name);
    const found = index?.get(key);
    if (found instanceof Map) found.set(object.id, object);
    else if (found === undefined || found.id === object.id) index?.set(key, object);
    else
      index?.set(
        key,
        new Map([
          [found.id, found],
          [object.id, object],
        ]),
      );
  }

  #forget(name: string, key: string, id: string): void {
    const index = this.#indexes.get(name);
    const found = index?.get(key);
    if (found instanceof Map) {
      found.delete(id);
      if (found.size === 0) index?.delete(key);
    } else if (found?.id === id) index?.delete(key);
    const revisions = this.#revisions.get(name);
    if (index?.has(key)) revisions?.set(key, this.#revision);
    else revisions?.delete(key);
  }
}

/** A table over another that is not touched: reads see this one's puts and removals. */
export class OverlayTable<K extends Kind> implements TableReader<ObjectKinds[K]> {
  readonly #base: TableReader<ObjectKinds[K]>;
  readonly #puts: Table<K>;
  /** Every id that this overlay answers for, in the order of the first change; undefined means removed. */
  readonly #changed = new Map<string, ObjectKinds[K] | undefined>();
  readonly #keys: readonly (readonly [string, (object: ObjectKinds[K]) => string])[];
  /** Index by index the keys under which something was ever changed here. */
  readonly #touched = new Map<string, Set<string>>();

  constructor(kind: K, base: TableReader<ObjectKinds[K]>) {
    this.#base = base;
    this.#puts = new Table(kind);
    this.#keys = keysOf(kind);
    for (const [name] of this.#keys) this.#touched.set(name, new Set());
  }

  get(id: string): ObjectKinds[K] | undefined {
    return this.#changed.has(id) ? this.#changed.get(id) : this.#base.get(id);
  }

  get size(): number {
    return this.#changed.size === 0 ? this.#base.size : this.all().length;
  }

  all(): readonly ObjectKinds[K][] {
    return this.#merge(this.#base.all(), this.#puts.all());
  }

  by(index: string, key: string): readonly ObjectKinds[K][] {
    return this.#merge(this.#base.by(index, key), this.#puts.by(index, key));
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
    this.#puts.remove(id);
    this.#changed.delete(id);
  }

  revision(index?: string, key = ''): number {
    const isTouched = index === undefined ? this.#changed.size > 0 : this.#touched.get(index)?.has(key) === true;
    return isTouched ? Number.NaN : this.#base.revision(index, key);
  }

  changed(): ReadonlyMap<string, ObjectKinds[K] | undefined> {
    return this.#changed;
  }

  #touch(object: ObjectKinds[K] | undefined): void {
    if (object !== undefined) for (const [name, keyOf] of this.#keys) this.#touched.get(name)?.add(keyOf(object));
  }

  #merge(base: readonly ObjectKinds[K][], puts: readonly ObjectKinds[K][]): readonly ObjectKinds[K][] {
    if (this.#changed.size === 0) return base;
    return [...base.filter((object) => !this.#changed.has(object.id)), ...puts];
  }
}
