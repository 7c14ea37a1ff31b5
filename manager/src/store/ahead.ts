import type { Meta, Service, StoreAction, Task } from '@tso/proto';
import { kindOf } from './kinds.ts';
import type { Draft } from './transaction.ts';

/**
 * Brings the actions of a transaction into a draft as applying it would bring them into the tables, with the version and instant that it would
 * have: what a plan reads of a change that is not made.
 * @param atMs epoch milliseconds
 */
export const putAhead = (draft: Draft, actions: readonly StoreAction[], atMs: number): void => {
  const version = draft.index + 1;
  const meta = (before: { readonly meta: Meta } | undefined): Meta => ({
    version,
    createdAtMs: before?.meta.createdAtMs ?? atMs,
    updatedAtMs: atMs,
  });
  for (const action of actions) {
    if (action.putService) draft.putService(serviceAhead(action.putService, version, meta(draft.service(action.putService.id))));
    else if (action.putTask) draft.putTask(taskAhead(action.putTask, draft.task(action.putTask.id), meta(draft.task(action.putTask.id))));
    else if (action.putStack) draft.putStack({ ...action.putStack, meta: meta(draft.stack(action.putStack.id)) });
    else if (action.putNode) draft.putNode({ ...action.putNode, meta: meta(draft.node(action.putNode.id)) });
    else if (action.putNetwork) draft.putNetwork({ ...action.putNetwork, meta: meta(draft.network(action.putNetwork.id)) });
    else if (action.putVolume) draft.putVolume({ ...action.putVolume, meta: meta(draft.volume(action.putVolume.id)) });
    else if (action.putConfig) draft.putConfig({ ...action.putConfig, meta: meta(draft.config(action.putConfig.id)) });
    else if (action.putSecret) draft.putSecret({ ...action.putSecret, meta: meta(draft.secretByName(action.putSecret.name)) });
    else if (action.putFileVersion)
      draft.putFileVersion({ ...action.putFileVersion, meta: meta(draft.fileVersion(action.putFileVersion.id)) });
    else if (action.putCluster) draft.putCluster({ ...action.putCluster, meta: meta(draft.cluster()) });
    else if (action.remove) draft.remove(kindOf(action.remove.kind), action.remove.id);
  }
};

const serviceAhead = (service: Service, version: number, meta: Meta): Service => ({
  ...service,
  meta,
  specVersion: service.specVersion === 0 ? version : service.specVersion,
});

const taskAhead = (task: Task, before: Task | undefined, meta: Meta): Task => {
  const isSame = before?.status.state === task.status.state && before.status.health === task.status.health;
  return { ...task, meta, stateAtMs: isSame ? (before.stateAtMs ?? before.meta.updatedAtMs) : meta.updatedAtMs };
};
