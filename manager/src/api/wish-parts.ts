import { emptyMeta, newId, type ObjectChange, type RandomBytes, type Service, type StackSpec } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { Draft } from '../store/transaction.ts';

/** Who wishes, and what new objects are named from. */
export interface WishedBy {
  /** Who asks for it. */
  readonly changedBy: string;
  readonly random: RandomBytes;
}

export const change = (kind: string, name: string, action: string, changes: ObjectChange['changes'] = []): ObjectChange => ({
  kind,
  name,
  action,
  changes,
});

/**
 * Whether it is one of the stack's services that its files name nowhere.
 * @param declared services that the files name though the spec does not have them
 */
export const isOrphanOf = (spec: StackSpec, declared: readonly string[]): ((service: Service) => boolean) => {
  const named = new Set([...spec.services.map(({ name }) => name), ...declared]);
  return ({ stack, removing, spec: { name } }) => stack === spec.name && !removing && !named.has(name);
};

/** A file says nothing of how often tasks were replaced for no other reason: the stack's spec does not either, so that the same file is the same spec. */
const asInFile = (spec: StackSpec): StackSpec =>
  spec.services.every(({ task }) => task.forceUpdate === 0)
    ? spec
    : { ...spec, services: spec.services.map((service) => ({ ...service, task: { ...service.task, forceUpdate: 0 } })) };

/**
 * The stack with another spec, and what it was before, for who expected that; unchanged when it is the same.
 * @param isOther although the spec is the same: what it does not say is another now
 */
export const putStackSpec = (draft: Draft, wished: StackSpec, { changedBy, random }: WishedBy, isOther = false): void => {
  const spec = asInFile(wished);
  const before = draft.stackByName(spec.name);
  if (before !== undefined && sameData(before.spec, spec) && !isOther) return;
  draft.putStack({
    id: before?.id ?? newId(random),
    meta: before?.meta ?? emptyMeta,
    name: spec.name,
    spec,
    ...(before === undefined ? {} : { previousSpec: before.spec }),
    previousVersion: before?.meta.version ?? 0,
    changedBy,
  });
};
