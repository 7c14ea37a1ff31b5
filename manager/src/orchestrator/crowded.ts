import type { GenericResource, Node, Resources, Service, Task } from '@tso/proto';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { cpusText, sizeText } from '../rules/words.ts';
import type { View } from '../store/view.ts';

/** What tasks have together of a node. */
interface Taken {
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  readonly generic: ReadonlyMap<string, number>;
}

const nothing: Taken = { nanoCpus: 0, memoryBytes: 0, generic: new Map() };

const counted = (generic: Taken['generic'], given: readonly GenericResource[]): Taken['generic'] => {
  if (given.length === 0) return generic;
  const next = new Map(generic);
  for (const { kind, count } of given) next.set(kind, (next.get(kind) ?? 0) + count);
  return next;
};

const withTask = (taken: Taken, { spec, generic }: Task): Taken => ({
  nanoCpus: taken.nanoCpus + spec.reservations.nanoCpus,
  memoryBytes: taken.memoryBytes + spec.reservations.memoryBytes,
  generic: counted(taken.generic, generic),
});

/** How many of a kind a node has, each by its id or as a number. */
const amountOf = (has: readonly GenericResource[], kind: string): number => {
  const own = has.find((each) => each.kind === kind);
  return own === undefined ? 0 : Math.max(own.count, own.ids.length);
};

/** What one more task asks for that the node has not, as the end of a sentence; undefined: it has room for it. */
const shortageOf = ({ resources, generic: has }: Node['description'], before: Taken, task: Task): string | undefined => {
  const { nanoCpus, memoryBytes }: Resources = task.spec.reservations;
  const after = withTask(before, task);
  if (memoryBytes > 0 && resources.memoryBytes > 0 && after.memoryBytes > resources.memoryBytes)
    return `has only ${sizeText(resources.memoryBytes)} of memory for all that is reserved there`;
  if (nanoCpus > 0 && resources.nanoCpus > 0 && after.nanoCpus > resources.nanoCpus)
    return `has only ${cpusText(resources.nanoCpus)} for all that is reserved there`;
  for (const { kind, count, ids } of task.generic) {
    const own = has.find((each) => each.kind === kind);
    const lost = own !== undefined && own.ids.length > 0 ? ids.find((id) => !own.ids.includes(id)) : undefined;
    if (lost !== undefined) return `has no ${kind} ${lost} any more`;
    if (count > 0 && (after.generic.get(kind) ?? 0) > amountOf(has, kind)) return `has only ${amountOf(has, kind)} of ${kind}`;
  }
  return undefined;
};

/** Oldest first; what was made at the same instant in the order of slots. */
const firstComers = (a: Task, b: Task): number => a.meta.createdAtMs - b.meta.createdAtMs || a.slot - b.slot || (a.id < b.id ? -1 : 1);

/** Whether the task takes something of its node that may run out. */
export const reserves = ({ spec: { reservations }, generic }: Task): boolean =>
  reservations.nanoCpus > 0 || reservations.memoryBytes > 0 || generic.length > 0;

/**
 * The tasks that a node has no room for any more, as it got smaller or they reserve more than before, each with what it lacks: the newest
 * ones, so that those that were there first stay.
 */
export const crowdedOut = (view: View, node: Node): ReadonlyMap<string, string> => {
  const out = new Map<string, string>();
  const held = view.tasksOfNode(node.id).filter((task) => isOccupant(task) && isLive(task) && isAssigned(task));
  let taken = nothing;
  for (const task of held.toSorted(firstComers)) {
    const lack = shortageOf(node.description, taken, task);
    if (lack === undefined) taken = withTask(taken, task);
    else out.set(task.id, lack);
  }
  return out;
};

/** Ids of tasks that are too many on their nodes since fewer of the service may be on one: the newest ones of each node. */
export const beyondMost = (view: View, { id, spec, specVersion }: Service): ReadonlySet<string> => {
  const most = spec.task.placement.maxReplicasPerNode;
  const beyond = new Set<string>();
  if (most === 0) return beyond;
  const tasks = view.tasksOfService(id).filter((task) => isOccupant(task) && isLive(task) && isAssigned(task));
  const movedFrom = new Set(tasks.map(({ replaces }) => replaces));
  const onNode = new Map<string, number>();
  for (const task of tasks.toSorted(firstComers)) {
    if (task.specVersion !== specVersion || movedFrom.has(task.id)) continue;
    const count = (onNode.get(task.nodeId) ?? 0) + 1;
    onNode.set(task.nodeId, count);
    if (count > most) beyond.add(task.id);
  }
  return beyond;
};
