import { isTerminal, isWishedRunning, NodeAvailability, NodeRole, NodeState, type NodeView, TaskState, type TaskView } from '@tso/proto';
import { nodeStateNames } from './names.ts';
import type { Progress, ProgressRow } from './progress.ts';
import type { Mark } from './screen.ts';
import { oneLine, slotKey, stateDetail, stateWord, taskName } from './task-text.ts';

/** A node that something is waited for: by its id, under the name that a person knows it by. */
export interface FollowedNode {
  readonly id: string;
  readonly name: string;
}

export type NodeGoal = 'promoted' | 'demoted' | 'removed';

/** Why a node does not do what it is told: it cannot hear. Empty when it can. */
const deafness = ({ node }: NodeView): string => {
  if (node.state === NodeState.NODE_READY) return '';
  const why = node.stateMessage === '' ? '' : ` (${oneLine(node.stateMessage)})`;
  return `the node is ${nodeStateNames[node.state]}${why}: this goes on once it is back`;
};

interface Step {
  readonly state: string;
  readonly detail?: string;
  readonly mark: Mark;
  /** It will not get there: someone changed what it is wished to become. */
  readonly lost?: string;
}

const promotion = (view: NodeView | undefined): Step => {
  if (view === undefined) return { state: 'gone', mark: 'bad', lost: 'it was removed from the cluster meanwhile' };
  const { node, raftId, voter, reachability } = view;
  if (node.removing) return { state: 'being removed', mark: 'bad', lost: 'it is being removed from the cluster' };
  if (node.wantedRole !== NodeRole.MANAGER) return { state: 'worker', mark: 'bad', lost: 'somebody demoted it meanwhile' };
  const detail = deafness(view);
  const mark: Mark = detail === '' ? 'busy' : 'wait';
  if (raftId === 0) return { state: 'starting its manager', detail, mark };
  if (!voter) {
    const silent = reachability === 'unreachable' ? 'its manager does not answer the others' : '';
    return { state: 'catching up', detail: detail || silent, mark: silent === '' ? mark : 'wait' };
  }
  return node.role === NodeRole.MANAGER ? { state: 'manager', mark: 'ok' } : { state: 'votes', mark: 'busy' };
};

const demotion = (view: NodeView | undefined): Step => {
  if (view === undefined) return { state: 'gone', mark: 'ok' };
  const { node, leader, raftId } = view;
  if (node.wantedRole !== NodeRole.WORKER) return { state: 'manager', mark: 'bad', lost: 'somebody promoted it meanwhile' };
  if (leader) return { state: 'handing leadership over', mark: 'busy' };
  if (raftId !== 0) return { state: 'leaving the managers', mark: 'busy' };
  return node.role === NodeRole.WORKER ? { state: 'worker', mark: 'ok' } : { state: 'stopping its manager', mark: 'busy' };
};

const removal = (view: NodeView | undefined): Step => {
  if (view === undefined) return { state: 'removed', mark: 'ok' };
  if (view.leader) return { state: 'handing leadership over', mark: 'busy' };
  return view.raftId === 0 ? { state: 'being removed', mark: 'busy' } : { state: 'leaving the managers', mark: 'busy' };
};

const steps: Readonly<Record<NodeGoal, (view: NodeView | undefined) => Step>> = {
  promoted: promotion,
  demoted: demotion,
  removed: removal,
};
const titles: Readonly<Record<NodeGoal, string>> = {
  promoted: 'nodes that become managers',
  demoted: 'managers that become workers',
  removed: 'nodes that leave the cluster',
};

/** How far these nodes are on the way to the goal. */
export const nodeProgress = (goal: NodeGoal, nodes: readonly FollowedNode[], views: readonly NodeView[]): Progress => {
  const seen = nodes.map(({ id, name }) => ({ id, name, step: steps[goal](views.find((view) => view.node.id === id)) }));
  const rows = seen.map(
    ({ id, name, step }): ProgressRow => ({ key: id, name, state: step.state, detail: step.detail ?? '', mark: step.mark }),
  );
  const title = `${titles[goal]}: ${rows.filter((row) => row.mark === 'ok').length} of ${rows.length}`;
  const lost = seen.find(({ step }) => step.lost !== undefined);
  if (lost !== undefined) {
    const message = `node ${lost.name} will not be ${goal}: ${lost.step.lost}`;
    return { title, rows, outcome: { kind: 'failed', message, hint: 'See what is wished now: tso node ls' } };
  }
  return { title, rows, outcome: { kind: rows.every((row) => row.mark === 'ok') ? 'done' : 'waiting' } };
};

const reached: Readonly<Record<NodeGoal, string>> = { promoted: 'manager', demoted: 'worker', removed: 'removed' };

/** What is to be said once the nodes are known to be there, though the cluster cannot be asked about them any more. */
export const goalReached = (goal: NodeGoal, nodes: readonly FollowedNode[]): Progress => ({
  title: `${titles[goal]}: ${nodes.length} of ${nodes.length}`,
  rows: nodes.map(({ id, name }) => ({ key: id, name, state: reached[goal], detail: '', mark: 'ok' })),
  outcome: { kind: 'done' },
});

/** What drains: the nodes, and what ran on them when it began. */
export interface Drain {
  readonly nodes: readonly FollowedNode[];
  /** Of replicated services: each has to run elsewhere before its slot counts as moved. Others end with the node's turn. */
  readonly slots: readonly { readonly key: string; readonly name: string }[];
}

const isOn = (nodes: readonly FollowedNode[], { task }: TaskView): boolean => nodes.some((node) => node.id === task.nodeId);

/** What has to move when these nodes are drained, from all tasks that have not ended. */
export const beginDrain = (nodes: readonly FollowedNode[], tasks: readonly TaskView[]): Drain => {
  const moving = tasks.filter((view) => isOn(nodes, view) && view.task.slot > 0 && isWishedRunning(view.task.desiredState));
  const slots = new Map(moving.map(({ task }) => [placeOf(task), { key: placeOf(task), name: `${task.stack}/${taskName(task)}` }]));
  return { nodes, slots: [...slots.values()] };
};

const placeOf = (task: TaskView['task']): string => `${task.stack}/${slotKey(task)}`;

/** A task that is still there. A node that does not answer cannot say that it has ended. */
const leftRow = ({ task, node }: TaskView, views: readonly NodeView[]): ProgressRow => {
  const view = views.find((one) => one.node.id === task.nodeId);
  const deaf = view === undefined ? '' : deafness(view);
  const detail = `still on ${oneLine(node) || task.nodeId}${deaf === '' ? '' : `; ${deaf}`}`;
  return { key: task.id, name: `${task.stack}/${taskName(task)}`, state: stateWord(task), detail, mark: deaf === '' ? 'busy' : 'wait' };
};

const slotRow = (slot: Drain['slots'][number], tasks: readonly TaskView[]): ProgressRow => {
  const place = { key: slot.key, name: slot.name };
  const here = tasks.filter(
    ({ task }) => placeOf(task) === slot.key && isWishedRunning(task.desiredState) && !isTerminal(task.status.state),
  );
  const view = here.find(({ task }) => task.status.state === TaskState.RUNNING) ?? here[0];
  // Scaled down, taken down or done meanwhile: nothing is left to move.
  if (view === undefined) return { ...place, state: 'gone', detail: '', mark: 'ok' };
  if (view.task.status.state === TaskState.RUNNING)
    return { ...place, state: 'running', detail: `on ${oneLine(view.node) || view.task.nodeId}`, mark: 'ok' };
  return { ...place, state: stateWord(view.task), detail: stateDetail(view.task), mark: view.task.nodeId === '' ? 'wait' : 'busy' };
};

/** How far a drain is, from all tasks that have not ended and the nodes as they are now. */
export const drainProgress = (drain: Drain, views: readonly NodeView[], tasks: readonly TaskView[]): Progress => {
  const left = tasks.filter((view) => isOn(drain.nodes, view) && !isTerminal(view.task.status.state));
  const leaving = new Set(left.map(({ task }) => placeOf(task)));
  const slots = drain.slots.filter(({ key }) => !leaving.has(key)).map((slot) => slotRow(slot, tasks));
  const rows = [...left.map((view) => leftRow(view, views)), ...slots];
  const title = `draining ${drain.nodes.map(({ name }) => name).join(', ')}: ${left.length} tasks left, ${slots.filter((row) => row.mark === 'ok').length} of ${drain.slots.length} run elsewhere`;
  const undone = drain.nodes.find(({ id }) => {
    const view = views.find(({ node }) => node.id === id);
    return view !== undefined && view.node.availability !== NodeAvailability.DRAIN;
  });
  if (undone !== undefined) {
    const message = `node ${undone.name} is not drained: somebody made it available again meanwhile`;
    return { title, rows, outcome: { kind: 'failed', message, hint: 'See what is wished now: tso node ls' } };
  }
  return { title, rows, outcome: { kind: rows.every((row) => row.mark === 'ok') ? 'done' : 'waiting' } };
};
