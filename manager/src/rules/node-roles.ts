import { type Manager, type Node, NodeRole, NodeState } from '@tso/proto';
import type { View } from '../store/view.ts';

/** What brings a node nearer to what it is to be. */
export type RoleStep =
  /** Its manager leaves the group. Again for one that is to leave already: it may not be out yet. */
  | { readonly kind: 'take-out'; readonly nodeId: string; readonly raftId: number }
  | { readonly kind: 'write'; readonly nodeId: string; readonly node: Node }
  /** Nothing of it is left: the store forgets it. */
  | { readonly kind: 'forget'; readonly nodeId: string };

/** Raft ids of the managers that have a vote. */
export type Voters = ReadonlySet<number>;

const managersOf = (view: View, node: Node): readonly Manager[] => view.managers().filter(({ nodeId }) => nodeId === node.id);

/** Whether its manager is to leave the group. */
const isToLeave = (node: Node): boolean => node.removing || node.wantedRole === NodeRole.WORKER;

/** Where certificates come from elsewhere, nobody can be given another role: it is what runs there. */
const followStep = (node: Node, managers: readonly Manager[]): RoleStep | undefined => {
  const role = managers.some(({ removed }) => !removed) ? NodeRole.MANAGER : NodeRole.WORKER;
  return node.role === role && node.wantedRole === role
    ? undefined
    : { kind: 'write', nodeId: node.id, node: { ...node, role, wantedRole: role } };
};

const leaveStep = (node: Node, managers: readonly Manager[], voters: Voters): RoleStep | undefined => {
  const staying = managers.find(({ removed }) => !removed) ?? managers.find(({ raftId }) => voters.has(raftId));
  if (staying !== undefined) return { kind: 'take-out', nodeId: node.id, raftId: staying.raftId };
  if (node.role === NodeRole.MANAGER) return { kind: 'write', nodeId: node.id, node: { ...node, role: NodeRole.WORKER } };
  // A node that still answers may still run what it has; once it is down its tasks are given up by the planner.
  return node.removing && node.state === NodeState.NODE_DOWN ? { kind: 'forget', nodeId: node.id } : undefined;
};

const comeStep = (node: Node, managers: readonly Manager[], voters: Voters): RoleStep | undefined =>
  node.role !== NodeRole.MANAGER && managers.some(({ raftId, removed }) => !removed && voters.has(raftId))
    ? { kind: 'write', nodeId: node.id, node: { ...node, role: NodeRole.MANAGER } }
    : undefined;

/** The next step for each node that is not what it is to be, as far as one can be taken now. */
export const roleSteps = (view: View, voters: Voters): readonly RoleStep[] => {
  const isOurs = view.authority() !== undefined;
  return view.nodes().flatMap((node) => {
    const managers = managersOf(view, node);
    if (!isOurs && !node.removing) return followStep(node, managers) ?? [];
    return (isToLeave(node) ? leaveStep(node, managers, voters) : comeStep(node, managers, voters)) ?? [];
  });
};

/** Whether a step may be due: without asking who has a vote, which takes a word with the other managers. */
export const mayHaveRoleSteps = (view: View): boolean => {
  const isOurs = view.authority() !== undefined;
  const live = new Set(view.managers().flatMap(({ nodeId, removed }) => (removed ? [] : [nodeId])));
  return view.nodes().some((node) => {
    if (node.removing) return true;
    const isManager = node.role === NodeRole.MANAGER;
    if (!isOurs) return isManager !== live.has(node.id) || node.wantedRole !== node.role;
    return isToLeave(node) ? isManager || live.has(node.id) : !isManager && live.has(node.id);
  });
};
