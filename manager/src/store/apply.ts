import type { Config, Meta, Service, StoreAction, Task, Transaction } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { Kind, ObjectKinds } from './kinds.ts';
import { kindOf } from './kinds.ts';
import { ownDataBytes, ownRequestBytes } from './own-bytes.ts';
import { withSharedParts } from './shared-parts.ts';
import type { Tables } from './tables.ts';

/** What one transaction did to one object: `before` is absent for a new one, `after` for one that was removed. */
export type Change = {
  readonly [K in Kind]: { readonly kind: K; readonly id: string; readonly before?: ObjectKinds[K]; readonly after?: ObjectKinds[K] };
}[Kind];

/** The first expectation that did not hold; version 0: the object does not exist. */
export interface Conflict {
  readonly kind: string;
  readonly id: string;
  readonly expected: number;
  readonly actual: number;
}

export type ApplyResult = { readonly ok: true; readonly changes: Change[] } | { readonly ok: false; readonly conflict: Conflict };

type Step = (tables: Tables) => Change | undefined;

const stamp = (before: Meta | undefined, index: number, atMs: number): Meta => ({
  version: index,
  createdAtMs: before?.createdAtMs ?? atMs,
  updatedAtMs: atMs,
});

const put =
  <K extends Kind>(kind: K, object: ObjectKinds[K], index: number, atMs: number): Step =>
  (tables) => {
    const table = tables.writable(kind);
    const before = table.get(object.id);
    const after: ObjectKinds[K] = { ...object, meta: stamp(before?.meta, index, atMs) };
    table.put(after);
    return { kind, id: object.id, ...(before === undefined ? {} : { before }), after } as unknown as Change;
  };

const remove =
  (kind: Kind, id: string): Step =>
  (tables) => {
    const before = tables.table(kind).get(id);
    if (before === undefined) return undefined;
    tables.writable(kind).remove(id);
    return { kind, id, before } as Change;
  };

/** The task with the instant at which its state or health became what it is. */
const withStateAtMs = (task: Task, before: Task | undefined, atMs: number): Task => {
  const isSame = before?.status.state === task.status.state && before.status.health === task.status.health;
  return { ...task, stateAtMs: isSame ? (before.stateAtMs ?? before.meta.updatedAtMs) : atMs };
};

const putTask =
  (task: Task, index: number, atMs: number): Step =>
  (tables) =>
    put('task', withStateAtMs(withSharedParts(tables, task), tables.task(task.id), atMs), index, atMs)(tables);

/** A config that is written by hand is written blindly: who wrote it does not know that a stack made it, and does not take it away from that. */
const putConfig =
  (config: Config, index: number, atMs: number): Step =>
  (tables) => {
    const owner = config.stack === '' ? tables.configByName(config.name)?.stack : config.stack;
    return put('config', ownDataBytes({ ...config, stack: owner ?? '' }), index, atMs)(tables);
  };

/** A service put with spec version 0 asks for the index of the entry that carries it: the proposer cannot know it yet. */
const withSpecVersion = (service: Service, index: number): Service =>
  service.specVersion === 0 ? { ...service, specVersion: index } : service;

const stepOf = (action: StoreAction, index: number, atMs: number): Step => {
  if (action.putCluster) return put('cluster', action.putCluster, index, atMs);
  if (action.putNode) return put('node', action.putNode, index, atMs);
  if (action.putStack) return put('stack', action.putStack, index, atMs);
  if (action.putService) return put('service', withSpecVersion(action.putService, index), index, atMs);
  if (action.putTask) return putTask(action.putTask, index, atMs);
  if (action.putNetwork) return put('network', action.putNetwork, index, atMs);
  if (action.putVolume) return put('volume', action.putVolume, index, atMs);
  if (action.putManager) return put('manager', action.putManager, index, atMs);
  if (action.putConfig) return putConfig(action.putConfig, index, atMs);
  if (action.putAuthority) return put('authority', action.putAuthority, index, atMs);
  if (action.putRequest) return put('request', ownRequestBytes(action.putRequest), index, atMs);
  if (action.putSecret) return put('secret', ownDataBytes(action.putSecret), index, atMs);
  if (action.putFileVersion) return put('fileVersion', ownDataBytes(action.putFileVersion), index, atMs);
  if (action.remove) return remove(kindOf(action.remove.kind), action.remove.id);
  throw emptyAction();
};

const emptyAction = (): TsoError => new TsoError('INVALID_ARGUMENT', 'an action of the transaction changes nothing');

/**
 * What applying would refuse must not get into the log: a replay would stumble over it for ever. Throws INVALID_ARGUMENT for an unknown
 * kind or an action that changes nothing; what it lets pass, `applyTransaction` takes.
 */
export const checkApplicable = ({ expect, actions }: Transaction): void => {
  for (const { kind } of expect) kindOf(kind);
  for (const action of actions) {
    if (action.remove !== undefined) kindOf(action.remove.kind);
    else if (Object.values(action).every((value) => value === undefined)) throw emptyAction();
  }
};

const conflictOf = (tables: Tables, transaction: Transaction): Conflict | undefined => {
  for (const { kind, id, version } of transaction.expect) {
    const actual = tables.table(kindOf(kind)).get(id)?.meta.version ?? 0;
    if (actual !== version) return { kind, id, expected: version, actual };
  }
  return undefined;
};

/**
 * Brings one committed transaction into the tables, whole or (on a conflict) not at all; either way the tables are then at `index`.
 * The same entries in the same order give the same tables on every manager.
 * INVALID_ARGUMENT: an unknown kind or an empty action; nothing was changed then.
 */
export const applyTransaction = (tables: Tables, index: number, transaction: Transaction): ApplyResult => {
  const conflict = conflictOf(tables, transaction);
  const steps = conflict === undefined ? transaction.actions.map((action) => stepOf(action, index, transaction.atMs)) : [];
  tables.advanceTo(index);
  if (conflict !== undefined) return { ok: false, conflict };
  return { ok: true, changes: steps.map((step) => step(tables)).filter((change) => change !== undefined) };
};
