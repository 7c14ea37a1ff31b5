import type { NetworkSpec, ObjectChange, RandomBytes, StackSpec, VolumeSpec } from '@tso/proto';
import { emptyMeta, newId, newNetwork } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { Draft } from '../store/transaction.ts';
import { stacksElsewhere, staysFor } from './network-users.ts';
import { fieldChanges } from './spec-diff.ts';

const none = (kind: string, name: string): ObjectChange => ({ kind, name, action: 'none', changes: [] });

const applyNetwork = (draft: Draft, stack: string, spec: NetworkSpec, random: RandomBytes): ObjectChange => {
  const existing = draft.networkByName(spec.name);
  if (existing === undefined) {
    draft.putNetwork({ ...newNetwork, id: newId(random), spec, stack });
    return { kind: 'network', name: spec.name, action: 'create', changes: [] };
  }
  // One that is being removed is kept instead: its tasks may still be there, and the same subnet serves the new ones.
  if (!existing.removing && sameData(existing.spec, spec)) return none('network', spec.name);
  draft.putNetwork({ ...existing, spec, removing: false });
  return existing.removing
    ? { kind: 'network', name: spec.name, action: 'create', changes: [] }
    : { kind: 'network', name: spec.name, action: 'update', changes: fieldChanges(existing.spec, spec) };
};

/** Makes what is missing; flags networks of the stack that neither the spec nor a service that stays names, nor another stack. */
export const applyNetworks = (draft: Draft, spec: StackSpec, random: RandomBytes): readonly ObjectChange[] => {
  const changes = spec.networks.filter((network) => !network.external).map((network) => applyNetwork(draft, spec.name, network, random));
  const named = new Set(spec.networks.map((network) => network.name));
  for (const service of draft.servicesOfStack(spec.name)) {
    if (!service.removing) for (const attachment of service.spec.task.networks) named.add(attachment.network);
  }
  for (const network of draft.table('network').by('stack', spec.name)) {
    if (network.removing || named.has(network.spec.name)) continue;
    const users = stacksElsewhere(draft, network.spec.name, spec.name);
    if (users.length > 0) {
      changes.push(staysFor(network.spec.name, users));
      continue;
    }
    draft.putNetwork({ ...network, removing: true });
    changes.push({ kind: 'network', name: network.spec.name, action: 'remove', changes: [] });
  }
  return changes;
};

const applyVolume = (draft: Draft, stack: string, spec: VolumeSpec, random: RandomBytes): ObjectChange => {
  const existing = draft.volumeByName(spec.name);
  if (existing === undefined || existing.removing) {
    draft.putVolume({ id: newId(random), meta: emptyMeta, spec, stack, removing: false });
    return { kind: 'volume', name: spec.name, action: 'create', changes: [] };
  }
  if (sameData(existing.spec, spec)) return none('volume', spec.name);
  draft.putVolume({ ...existing, spec });
  return { kind: 'volume', name: spec.name, action: 'update', changes: fieldChanges(existing.spec, spec) };
};

/** Makes what is missing. Volumes that the spec no longer names are kept: they hold data. */
export const applyVolumes = (draft: Draft, spec: StackSpec, random: RandomBytes): readonly ObjectChange[] =>
  spec.volumes.filter((volume) => !volume.external).map((volume) => applyVolume(draft, spec.name, volume, random));
