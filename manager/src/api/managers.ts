import { type ManagerReply, type ManagerRequest, TsoError } from '@tso/proto';
import { type CallContext, type Handlers, Managers as ManagersService } from '@tso/proto/rpc';
import { auditBy } from './audit.ts';
import { passedOnHeaders } from './caller.ts';
import { listReply, type MemberWish, memberProblem } from './member-rules.ts';
import type { Members } from './members-port.ts';

type Change = 'promoteManager' | 'demoteManager' | 'removeManager' | 'transferLeadership';

const wishes: Readonly<Record<Change, MemberWish>> = {
  promoteManager: 'promote',
  demoteManager: 'demote',
  removeManager: 'remove',
  transferLeadership: 'transfer',
};

/** Taken out of the group alone, it would be one again as soon as its node hears what it is to be. */
const nodeDecides = (raftId: number, node: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `manager ${raftId} goes by the role of its node: node ${node} is to be a manager`, {
    hint: `Change that: tso node demote ${node}`,
  });

/**
 * What operators ask of the group of managers. What is refused here never reaches the log; the leader has the last word.
 * @param nodeId of the node whose manager takes the requests
 * @param nodeOf the name of a manager's node where nodes have roles that decide who is one; undefined: they have none. Left out for the
 * managers among themselves, who carry the roles out
 */
export const managersHandlers = (
  members: Members,
  nodeId: string,
  nodeOf: (raftId: number) => string | undefined = () => undefined,
): Handlers<typeof ManagersService> => {
  const auditOf = auditBy(nodeId);
  const change = async (method: Change, { raftId }: ManagerRequest, context: CallContext): Promise<ManagerReply> => {
    const wish = wishes[method];
    const problem = memberProblem(await members.list(), wish, raftId);
    if (problem !== undefined) throw problem;
    const node = wish === 'remove' || wish === 'demote' ? nodeOf(raftId) : undefined;
    if (node !== undefined) throw nodeDecides(raftId, node);
    const audit = auditOf(context, ManagersService[method].path, `manager ${raftId}`);
    const { index } = await members[wish](raftId, { audit, headers: passedOnHeaders(context) });
    return { index };
  };
  return {
    listManagers: async () => listReply(await members.list()),
    promoteManager: (request, context) => change('promoteManager', request, context),
    demoteManager: (request, context) => change('demoteManager', request, context),
    removeManager: (request, context) => change('removeManager', request, context),
    transferLeadership: (request, context) => change('transferLeadership', request, context),
  };
};
