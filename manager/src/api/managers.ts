import type { ManagerReply, ManagerRequest } from '@tso/proto';
import type { Handlers, Managers as ManagersService } from '@tso/proto/rpc';
import { listReply, type MemberWish, memberProblem } from './member-rules.ts';
import type { Members } from './members-port.ts';

/** What operators ask of the group of managers. What is refused here never reaches the log; the leader has the last word. */
export const managersHandlers = (members: Members): Handlers<typeof ManagersService> => {
  const change = async (wish: MemberWish, { raftId }: ManagerRequest): Promise<ManagerReply> => {
    const problem = memberProblem(await members.list(), wish, raftId);
    if (problem !== undefined) throw problem;
    const { index } = await members[wish](raftId);
    return { index };
  };
  return {
    listManagers: async () => listReply(await members.list()),
    promoteManager: (request) => change('promote', request),
    demoteManager: (request) => change('demote', request),
    removeManager: (request) => change('remove', request),
    transferLeadership: (request) => change('transfer', request),
  };
};
