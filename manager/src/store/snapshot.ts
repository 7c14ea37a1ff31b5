import type { StoreSnapshot } from '@tso/proto';
import type { Kind, ObjectKinds } from './kinds.ts';
import { Tables } from './tables.ts';

/** The whole store as one message. It shares the (immutable) objects, so taking it is quick. */
export const takeSnapshot = (tables: Tables): StoreSnapshot => ({
  index: tables.index,
  clusters: tables.table('cluster').all(),
  nodes: tables.nodes(),
  stacks: tables.stacks(),
  services: tables.services(),
  tasks: tables.tasks(),
  networks: tables.networks(),
  volumes: tables.volumes(),
});

const fill = <K extends Kind>(tables: Tables, kind: K, objects: readonly ObjectKinds[K][]): void => {
  const table = tables.writable(kind);
  for (const object of objects) table.put(object);
};

/** New tables with exactly what the snapshot holds, in the same order. */
export const restoreSnapshot = (snapshot: StoreSnapshot): Tables => {
  const tables = new Tables();
  fill(tables, 'cluster', snapshot.clusters);
  fill(tables, 'node', snapshot.nodes);
  fill(tables, 'stack', snapshot.stacks);
  fill(tables, 'service', snapshot.services);
  fill(tables, 'task', snapshot.tasks);
  fill(tables, 'network', snapshot.networks);
  fill(tables, 'volume', snapshot.volumes);
  tables.advanceTo(snapshot.index);
  return tables;
};
