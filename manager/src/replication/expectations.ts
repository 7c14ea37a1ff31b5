import type { Expectation, StoreAction } from '@tso/proto';
import { kindOf } from '../store/kinds.ts';
import type { View } from '../store/view.ts';

const targetOf = (action: StoreAction): readonly [string, string] | undefined => {
  if (action.remove) return [action.remove.kind, action.remove.id];
  if (action.putCluster) return ['cluster', action.putCluster.id];
  if (action.putNode) return ['node', action.putNode.id];
  if (action.putStack) return ['stack', action.putStack.id];
  if (action.putService) return ['service', action.putService.id];
  if (action.putTask) return ['task', action.putTask.id];
  if (action.putNetwork) return ['network', action.putNetwork.id];
  if (action.putVolume) return ['volume', action.putVolume.id];
  if (action.putManager) return ['manager', action.putManager.id];
  if (action.putConfig) return ['config', action.putConfig.id];
  if (action.putAuthority) return ['authority', action.putAuthority.id];
  if (action.putRequest) return ['request', action.putRequest.id];
  if (action.putSecret) return ['secret', action.putSecret.id];
  if (action.putFileVersion) return ['fileVersion', action.putFileVersion.id];
  return undefined;
};

/** That each object the actions change is still as the view shows it (version 0: not there). For read, decide, propose. */
export const expectationsOf = (view: View, actions: readonly StoreAction[]): readonly Expectation[] =>
  actions.flatMap((action) => {
    const target = targetOf(action);
    if (target === undefined) return [];
    const [kind, id] = target;
    return [{ kind, id, version: view.table(kindOf(kind)).get(id)?.meta.version ?? 0 }];
  });
