import {
  type FieldChange,
  type Node,
  NodeAvailability,
  NodeRole,
  NodeState,
  type NodeWish,
  type ObjectChange,
  TsoError,
  type UpdateNodeRequest,
} from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { labelsProblem, withLabels } from './label-rules.ts';
import { memberProblem } from './member-rules.ts';
import type { MemberList } from './members-port.ts';
import { nodeLabel } from './node-ref.ts';
import { fieldChanges } from './spec-diff.ts';

const availabilityNames: Readonly<Record<NodeAvailability, string>> = {
  [NodeAvailability.ACTIVE]: 'active',
  [NodeAvailability.PAUSE]: 'pause',
  [NodeAvailability.DRAIN]: 'drain',
};
const roleNames: Readonly<Record<NodeRole, string>> = { [NodeRole.WORKER]: 'worker', [NodeRole.MANAGER]: 'manager' };
const stateTexts: Readonly<Record<NodeState, string>> = {
  [NodeState.NODE_UNKNOWN]: 'has never been connected',
  [NodeState.NODE_READY]: 'is connected',
  [NodeState.NODE_DOWN]: 'is down',
  [NodeState.NODE_DISCONNECTED]: 'is not connected just now',
};

const unfit = (message: string, hint: string): TsoError => new TsoError('FAILED_PRECONDITION', message, { hint });

export const wishOf = ({ availability, labels, wantedRole }: Node): NodeWish => ({ availability, labels, wantedRole });

const inWords = ({ availability, labels, wantedRole }: NodeWish) => ({
  availability: availabilityNames[availability],
  role: roleNames[wantedRole],
  labels,
});

/** What two wishes differ in, by the words of the command line. */
export const wishChanges = (before: NodeWish, after: NodeWish): readonly FieldChange[] => fieldChanges(inWords(before), inWords(after));

const changeText = ({ path, from, to }: FieldChange): string => {
  if (from === '') return `${path} ${to}`;
  return to === '' ? `no ${path} (it was ${from})` : `${path} ${to} (it was ${from})`;
};

/**
 * The refusal of a change that was made for what the node was at that version, when somebody asked for something else since; it shows
 * what. What the cluster saw or did meanwhile is no conflict.
 */
export const versionProblem = (node: Node, expected: number | undefined): TsoError | undefined => {
  const { version } = node.meta;
  if (expected === undefined || expected === version) return undefined;
  if (expected > node.previousVersion && expected < version) return undefined;
  const name = nodeLabel(node);
  const changes = node.previous === undefined ? [] : wishChanges(node.previous, wishOf(node));
  const who = node.changedBy === '' ? 'somebody' : node.changedBy;
  const what = changes.length === 0 ? '' : `: ${who} asked for ${changes.map(changeText).join(', ')}`;
  return new TsoError('CONFLICT', `node ${name} is at version ${version}, and was changed since version ${expected}${what}`, {
    hint: 'Look at it again (tso node inspect) and repeat the change',
    details: { expected, actual: version, changedBy: node.changedBy, changes },
  });
};

/**
 * A node that is to leave the group of managers is called a manager until it is out of it, also one that just came in: who is to be no
 * manager and is not called one is cut off at once, and the group may need its vote to let it go.
 */
export const asLongAsInGroup = (view: View, node: Node): Node =>
  view.managers().some(({ nodeId, removed }) => nodeId === node.id && !removed) ? { ...node, role: NodeRole.MANAGER } : node;

/** The node with the wish of the request; the same object when nothing is another. */
export const withWish = (node: Node, request: UpdateNodeRequest, changedBy: string): Node => {
  const before = wishOf(node);
  const after: NodeWish = {
    availability: request.availability ?? node.availability,
    labels: withLabels(node.labels, request.labelsSet, request.labelsRemove),
    wantedRole: request.role ?? node.wantedRole,
  };
  if (sameData(before, after)) return node;
  return { ...node, ...after, previous: before, previousVersion: node.meta.version, changedBy };
};

export const objectChange = (before: Node, after: Node): ObjectChange => ({
  kind: 'node',
  name: nodeLabel(before),
  action: before === after ? 'none' : 'update',
  changes: wishChanges(wishOf(before), wishOf(after)),
});

/** The group without those that are to leave it already. */
const withoutLeaving = (view: View, list: MemberList, except: Node): MemberList => {
  const leaving = new Set(
    view
      .nodes()
      .filter((node) => node.id !== except.id && (node.removing || node.wantedRole === NodeRole.WORKER))
      .map(({ id }) => id),
  );
  return { ...list, members: list.members.filter(({ manager }) => !leaving.has(manager.nodeId)) };
};

const about = (message: string, problem: TsoError): TsoError =>
  new TsoError(problem.code, `${message}: ${problem.message}`, {
    details: problem.details,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });

/** Why the node's manager cannot leave the group, or undefined; also while it has none. Those that are to leave already count as gone. */
const leaveProblem = (view: View, node: Node, list: MemberList, what: string): TsoError | undefined => {
  const there = withoutLeaving(view, list, node);
  const own = there.members.find(({ manager }) => manager.nodeId === node.id && !manager.removed);
  if (own === undefined) return undefined;
  if (own.voter && there.members.filter(({ voter }) => voter).length === 1)
    return unfit(`node ${nodeLabel(node)} is the last manager, it cannot be ${what}`, 'Promote another node first (tso node promote)');
  const problem = memberProblem(there, 'remove', own.manager.raftId);
  return problem && about(`node ${nodeLabel(node)} cannot be ${what}`, problem);
};

/** A manager that is on its way out of the group is gone for good: its node begins anew, as a worker, and may come in again then. */
const isJustLeaving = (node: Node, list: MemberList): boolean =>
  node.role === NodeRole.MANAGER &&
  node.wantedRole === NodeRole.WORKER &&
  !list.members.some(({ manager }) => manager.nodeId === node.id && !manager.removed);

const promoteProblem = (node: Node, list: MemberList): TsoError | undefined => {
  const name = nodeLabel(node);
  if (isJustLeaving(node, list)) return unfit(`the manager of node ${name} is just leaving the group`, 'Try again in a moment');
  if (node.state === NodeState.NODE_READY) return undefined;
  return unfit(`node ${name} ${stateTexts[node.state]}: it cannot be made a manager`, 'Bring it back first, or promote another one');
};

const roleProblem = (view: View, node: Node, role: NodeRole, list: MemberList): TsoError | undefined => {
  if (view.authority() === undefined) {
    return unfit(
      'the certificates of this cluster come from elsewhere, and they say which role a node has',
      'Give the node a certificate of the other role',
    );
  }
  return role === NodeRole.MANAGER ? promoteProblem(node, list) : leaveProblem(view, node, list, 'demoted');
};

const isLeavingProblem = (node: Node): TsoError | undefined =>
  node.removing ? unfit(`node ${nodeLabel(node)} is being removed`, 'Have it join again once it is gone') : undefined;

/**
 * Why the node is not changed as asked, or undefined. INVALID_ARGUMENT: a label. CONFLICT: somebody changed it since the version that
 * was expected. FAILED_PRECONDITION: not as things are.
 * @param list undefined when the role does not change
 */
export const updateProblem = (view: View, node: Node, request: UpdateNodeRequest, list: MemberList | undefined): TsoError | undefined =>
  isLeavingProblem(node) ??
  versionProblem(node, request.expectedVersion) ??
  labelsProblem(node.labels, request.labelsSet, request.labelsRemove) ??
  (request.role === undefined || list === undefined ? undefined : roleProblem(view, node, request.role, list));

const isManager = (node: Node, list: MemberList): boolean =>
  node.role === NodeRole.MANAGER || list.members.some(({ manager }) => manager.nodeId === node.id && !manager.removed);

/** Why the node is not taken out of the cluster, or undefined: it is in use, or the managers left could not decide, which no force helps. */
export const removeProblem = (view: View, node: Node, force: boolean, list: MemberList): TsoError | undefined => {
  if (node.removing) return undefined;
  const name = nodeLabel(node);
  if (!force && isManager(node, list))
    return unfit(`node ${name} is a manager`, `Demote it first (tso node demote ${name}), or remove it with --force`);
  const isGone = node.state === NodeState.NODE_DOWN || node.state === NodeState.NODE_UNKNOWN;
  if (!force && !isGone) {
    const hint = `Have it leave there (tso leave), or remove it with --force: what runs on it is then stopped and started elsewhere`;
    return unfit(`node ${name} ${stateTexts[node.state]}`, hint);
  }
  return leaveProblem(view, node, list, 'removed');
};
