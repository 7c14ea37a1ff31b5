import { assert } from '@tso/proto';
import type { Kind, ObjectKinds } from './kinds.ts';
import type { TableReader } from './table.ts';
import { Table } from './table.ts';
import { TableView } from './view.ts';

type AllTables = { readonly [K in Kind]: Table<K> };

/** The replicated state of the cluster in memory. One writer: `applyTransaction` (and `restoreSnapshot` while it is being built). */
export class Tables extends TableView {
  #index = 0;
  readonly #tables: AllTables = {
    cluster: new Table('cluster'),
    node: new Table('node'),
    stack: new Table('stack'),
    service: new Table('service'),
    task: new Table('task'),
    network: new Table('network'),
    volume: new Table('volume'),
    manager: new Table('manager'),
    config: new Table('config'),
    authority: new Table('authority'),
    request: new Table('request'),
    secret: new Table('secret'),
    fileVersion: new Table('fileVersion'),
  };

  get index(): number {
    return this.#index;
  }

  table<K extends Kind>(kind: K): TableReader<ObjectKinds[K]> {
    return this.writable(kind);
  }

  /** For the writer only. */
  writable<K extends Kind>(kind: K): Table<K> {
    return this.#tables[kind];
  }

  /** For the writer only: everything up to that log index is in. */
  advanceTo(index: number): void {
    assert(index >= this.#index, `the store at ${this.#index} must not go back to ${index}`);
    this.#index = index;
  }
}
