import {
  type Clock,
  NodeRole,
  NodeState,
  type RemoveNodeReply,
  type RemoveNodeRequest,
  type StoreAction,
  type UpdateNodeReply,
  type UpdateNodeRequest,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import { withRevoked } from '../ca/revocations.ts';
import type { Proposer } from '../replication/proposer.ts';
import { removeAction } from '../store/kinds.ts';
import type { View } from '../store/view.ts';
import { callerOf } from './caller.ts';
import type { MemberList, Members } from './members-port.ts';
import { nodeOf } from './node-ref.ts';
import { asLongAsInGroup, objectChange, removeProblem, updateProblem, withWish } from './node-rules.ts';
import { listNodes, nodeView } from './node-view.ts';
import { inTurn } from './wish-order.ts';
import type { Writes } from './writes.ts';

export interface NodesPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly members: Pick<Members, 'list'>;
  readonly writes: Writes;
}

type NodeHandlers = Pick<Handlers<typeof ControlService>, 'listNodes' | 'getNode' | 'updateNode' | 'removeNode'>;

/** A wish about who manages is decided one after the other: two at once could together leave nobody. */
const update = (ports: NodesPorts, request: UpdateNodeRequest, context: CallContext): Promise<UpdateNodeReply> =>
  ports.writes.once({ context, method: 'updateNode', request, target: `node ${request.node}` }, async () => {
    const wanted = nodeOf(ports.proposer.view, request.node);
    const list = request.role === undefined || request.role === wanted.wantedRole ? undefined : await ports.members.list();
    // What was asked took a moment, in which the whole store may have been replaced.
    const { view } = ports.proposer;
    const node = nodeOf(view, wanted.id);
    const problem = updateProblem(view, node, request, list);
    if (problem !== undefined) throw problem;
    const wished = withWish(node, request, callerOf(context).actor);
    const after = wished !== node && wished.wantedRole === NodeRole.WORKER ? asLongAsInGroup(view, wished) : wished;
    const changes = [objectChange(node, after)];
    const action = { putNode: after };
    return {
      actions: after === node ? [] : list === undefined ? [action] : inTurn(view, [action]),
      reply: { changes, node: after },
    };
  });

/**
 * Its certificate is refused from then on. One that is down, and has no manager, is forgotten at once; of the others the leader takes
 * the manager out of the group first, and forgets the node once it is down.
 */
const removalActions = (view: View, nodeId: string, list: MemberList, changedBy: string, nowMs: number): readonly StoreAction[] => {
  const node = nodeOf(view, nodeId);
  if (node.removing) return [];
  const authority = view.authority();
  const revocation = authority === undefined ? [] : [{ putAuthority: withRevoked(authority, node.id, 'node', nowMs) }];
  const hasManager =
    node.role === NodeRole.MANAGER || list.members.some(({ manager, voter }) => manager.nodeId === node.id && (voter || !manager.removed));
  if (!hasManager && node.state === NodeState.NODE_DOWN) return [removeAction('node', node.id), ...revocation];
  return [{ putNode: { ...asLongAsInGroup(view, node), removing: true, changedBy } }, ...revocation];
};

const remove = (ports: NodesPorts, request: RemoveNodeRequest, context: CallContext): Promise<RemoveNodeReply> =>
  ports.writes.once({ context, method: 'removeNode', request, target: `node ${request.node}` }, async () => {
    const { id } = nodeOf(ports.proposer.view, request.node);
    const list = await ports.members.list();
    const { view } = ports.proposer;
    const problem = removeProblem(view, nodeOf(view, id), request.force, list);
    if (problem !== undefined) throw problem;
    const actions = removalActions(view, id, list, callerOf(context).actor, ports.clock.now());
    return { actions: actions.length === 0 ? [] : inTurn(view, actions), reply: { nodeId: id } };
  });

/** Nodes: what they are, what is wished of them, and their end. */
export const nodeHandlers = (ports: NodesPorts): NodeHandlers => {
  const read = async <T>(answer: (view: View, list: MemberList) => T): Promise<T> => {
    const list = await ports.members.list();
    await ports.proposer.fresh();
    return answer(ports.proposer.view, list);
  };
  return {
    listNodes: () => read(listNodes),
    getNode: (request) => read((view, list) => nodeView(view, nodeOf(view, request.node), list)),
    updateNode: async (request, context) => {
      const reply = await update(ports, request, context);
      // As it is in the store, with its version there.
      return { ...reply, node: ports.proposer.view.node(reply.node.id) ?? reply.node };
    },
    removeNode: (request, context) => remove(ports, request, context),
  };
};
