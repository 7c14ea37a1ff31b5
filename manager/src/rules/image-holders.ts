import { type Node, NodeState, type Task, TaskState } from '@tso/proto';
import type { View } from '../store/view.ts';

const names = (task: Task, digest: string): boolean => task.spec.container.builtDigest === digest;

/** Whether that image, which the cluster built, is for this node: a task of it that is to run, or still does, names it. */
export const mayFetchImage = (view: View, nodeId: string, digest: string): boolean =>
  view.tasksOfNode(nodeId).some((task) => names(task, digest) && task.status.state < TaskState.COMPLETE);

export interface HoldersWish {
  /** Who wants it. */
  readonly except: string;
  /** Nodes that took it in. */
  readonly loadedOn: ReadonlySet<string>;
  /** How many images a node gives away now. */
  readonly busy: (nodeId: string) => number;
  /** Nodes that gave it before and in vain, since it is asked for again; the latest last. */
  readonly gave: readonly string[];
}

/** From where a task's image is surely on its node: it was prepared with it. A rejected one may have failed for the image. */
const isPrepared = ({ status: { state } }: Task): boolean => state >= TaskState.READY && state !== TaskState.REJECTED;

/** Whether that image is there, and what it is to be: a task of the node was prepared with it and has not ended. */
export const hasPrepared = (view: View, nodeId: string, digest: string): boolean =>
  view.tasksOfNode(nodeId).some((task) => names(task, digest) && isPrepared(task) && task.status.state < TaskState.COMPLETE);

/** Nodes with a task that was prepared with it, be it over. */
const preparedOn = (view: View, digest: string): ReadonlySet<string> =>
  new Set(view.tasks().flatMap((task) => (names(task, digest) && isPrepared(task) ? [task.nodeId] : [])));

/**
 * The nodes to ask for an image that the cluster built, each once, the likeliest first: where it was loaded, where a task was made of it,
 * then all others that are there, since images outlive tasks and stay known after a change of leaders. Among equals those come first that
 * give the fewest away just now. Who gave it in vain comes after all others: one bad copy must not keep it from anybody.
 */
export const imageHolders = (view: View, digest: string, { except, loadedOn, busy, gave }: HoldersWish): readonly Node[] => {
  const prepared = preparedOn(view, digest);
  const rank = ({ id }: Node): number => (loadedOn.has(id) || prepared.has(id) ? 0 : 1);
  return view
    .nodes()
    .filter(({ id, state }) => id !== except && state === NodeState.NODE_READY)
    .toSorted((a, b) => gave.indexOf(a.id) - gave.indexOf(b.id) || rank(a) - rank(b) || busy(a.id) - busy(b.id) || (a.id < b.id ? -1 : 1));
};

/** The nodes that an image can be put on, the best first: those that may have it already, then `own`, then by hostname. */
export const imageTakers = (view: View, digest: string, own: string): readonly Node[] => {
  const has = digest === '' ? new Set<string>() : preparedOn(view, digest);
  const rank = ({ id }: Node): number => (has.has(id) ? 0 : id === own ? 1 : 2);
  const hostname = (node: Node): string => node.description.hostname;
  return view
    .nodes()
    .filter(({ state }) => state === NodeState.NODE_READY)
    .toSorted((a, b) => rank(a) - rank(b) || (hostname(a) < hostname(b) ? -1 : hostname(a) > hostname(b) ? 1 : a.id < b.id ? -1 : 1));
};
