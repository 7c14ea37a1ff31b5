import type {
  Authority,
  Cluster,
  Config,
  FileVersion,
  Manager,
  Network,
  Node,
  Request,
  Secret,
  Service,
  Stack,
  StoreAction,
  Task,
  Volume,
} from '@tso/proto';
import { sameData } from './equal.ts';
import type { Kind, ObjectKinds } from './kinds.ts';
import { kinds, putAction, removeAction } from './kinds.ts';
import type { TableReader } from './table.ts';
import { OverlayTable } from './table.ts';
import type { View } from './view.ts';
import { TableView } from './view.ts';

type AllOverlays = { readonly [K in Kind]: OverlayTable<K> };

/**
 * A transaction in the making over a view that it does not touch: it reads its own writes. A put of what is already there
 * is no change, so that a plan of an unchanged world is empty.
 */
export class Draft extends TableView {
  readonly #base: View;
  readonly #overlays: AllOverlays;
  #revision = 0;

  constructor(base: View) {
    super();
    this.#base = base;
    this.#overlays = {
      cluster: new OverlayTable('cluster', base.table('cluster')),
      node: new OverlayTable('node', base.table('node')),
      stack: new OverlayTable('stack', base.table('stack')),
      service: new OverlayTable('service', base.table('service')),
      task: new OverlayTable('task', base.table('task')),
      network: new OverlayTable('network', base.table('network')),
      volume: new OverlayTable('volume', base.table('volume')),
      manager: new OverlayTable('manager', base.table('manager')),
      config: new OverlayTable('config', base.table('config')),
      authority: new OverlayTable('authority', base.table('authority')),
      request: new OverlayTable('request', base.table('request')),
      secret: new OverlayTable('secret', base.table('secret')),
      fileVersion: new OverlayTable('fileVersion', base.table('fileVersion')),
    };
  }

  get index(): number {
    return this.#base.index;
  }

  table<K extends Kind>(kind: K): TableReader<ObjectKinds[K]> {
    return this.#overlays[kind];
  }

  /** What it was begun on, below all drafts that it lies over. */
  get store(): View {
    return this.#base instanceof Draft ? this.#base.store : this.#base;
  }

  /** What it has otherwise than the store, by id: each object as it is there and as it is here; undefined: it is not there, or not here. */
  turns<K extends Kind>(kind: K): ReadonlyMap<string, readonly [ObjectKinds[K] | undefined, ObjectKinds[K] | undefined]> {
    const below = this.#base instanceof Draft ? this.#base.turns(kind).keys() : [];
    const table = this.store.table(kind);
    return new Map([...below, ...this.#overlays[kind].changed().keys()].map((id) => [id, [table.get(id), this.#overlays[kind].get(id)]]));
  }

  /** Raised by each change that was one: two equal readings mean that nothing was changed between them. */
  get revision(): number {
    return this.#revision;
  }

  put<K extends Kind>(kind: K, object: ObjectKinds[K]): void {
    const overlay = this.#overlays[kind];
    if (sameData(overlay.get(object.id), object)) return;
    this.#revision += 1;
    const base = this.#base.table(kind).get(object.id);
    if (base !== undefined && sameData(base, object)) overlay.restore(object.id);
    else overlay.put(object);
  }

  putCluster(cluster: Cluster): void {
    this.put('cluster', cluster);
  }
  putNode(node: Node): void {
    this.put('node', node);
  }
  putStack(stack: Stack): void {
    this.put('stack', stack);
  }
  putService(service: Service): void {
    this.put('service', service);
  }
  putTask(task: Task): void {
    this.put('task', task);
  }
  putNetwork(network: Network): void {
    this.put('network', network);
  }
  putVolume(volume: Volume): void {
    this.put('volume', volume);
  }
  putManager(manager: Manager): void {
    this.put('manager', manager);
  }
  putConfig(config: Config): void {
    this.put('config', config);
  }

  putAuthority(authority: Authority): void {
    this.put('authority', authority);
  }
  putRequest(request: Request): void {
    this.put('request', request);
  }
  putSecret(secret: Secret): void {
    this.put('secret', secret);
  }
  putFileVersion(version: FileVersion): void {
    this.put('fileVersion', version);
  }

  /** Removing what is not there is no change. */
  remove(kind: Kind, id: string): void {
    if (this.#overlays[kind].get(id) === undefined) return;
    this.#revision += 1;
    this.#overlays[kind].remove(id);
  }

  get isEmpty(): boolean {
    return kinds.every((kind) => this.#overlays[kind].changed().size === 0);
  }

  /** At most one action for an object, kind by kind, in the order of first change. */
  actions(): StoreAction[] {
    return kinds.flatMap((kind) => this.#actionsOf(kind));
  }

  #actionsOf<K extends Kind>(kind: K): StoreAction[] {
    const put = putAction[kind] as (object: ObjectKinds[K]) => StoreAction;
    const actions: StoreAction[] = [];
    for (const [id, object] of this.#overlays[kind].changed()) actions.push(object === undefined ? removeAction(kind, id) : put(object));
    return actions;
  }
}
