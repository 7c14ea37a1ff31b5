import { type ListManagersReply, type ManagerRequest, TsoError } from '@tso/proto';
import type { Managers, RpcClient } from '@tso/proto/rpc';
import type { MemberChanged, MemberList, Members } from '../api/members-port.ts';
import type { NodeId } from '../raft/core/index.ts';
import { outcomeOf } from '../raft/io/outcome.ts';

export interface PassingMembersPorts {
  readonly self: NodeId;
  readonly local: Members;
  /** Where the leader is: here, at a peer's door, or unknown. Resolves when one is known, at most after a while. */
  readonly leader: () => Promise<'here' | { readonly managers: RpcClient<typeof Managers> }>;
}

/** Leaders that may change under one request. */
const maxAttempts = 3;

/** The group of managers from any of them: what this one cannot do itself, as it does not lead, it passes on to the leader. */
export class PassingMembers implements Members {
  readonly #ports: PassingMembersPorts;

  constructor(ports: PassingMembersPorts) {
    this.#ports = ports;
  }

  async list(): Promise<MemberList> {
    const list = await this.#attempt(
      (local) => local.list(),
      async (client) => listOf(await client.listManagers({})),
    );
    return { ...list, self: this.#ports.self };
  }

  promote(raftId: NodeId): Promise<MemberChanged> {
    return this.#change('promote', 'promoteManager', { raftId });
  }
  demote(raftId: NodeId): Promise<MemberChanged> {
    return this.#change('demote', 'demoteManager', { raftId });
  }
  remove(raftId: NodeId): Promise<MemberChanged> {
    return this.#change('remove', 'removeManager', { raftId });
  }
  transfer(raftId: NodeId): Promise<MemberChanged> {
    return this.#change('transfer', 'transferLeadership', { raftId });
  }

  #change(
    here: 'promote' | 'demote' | 'remove' | 'transfer',
    there: 'promoteManager' | 'demoteManager' | 'removeManager' | 'transferLeadership',
    request: ManagerRequest,
  ): Promise<MemberChanged> {
    return this.#attempt(
      (local) => local[here](request.raftId),
      (client) => client[there](request),
    );
  }

  async #attempt<T>(here: (local: Members) => Promise<T>, there: (client: RpcClient<typeof Managers>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const leader = await this.#ports.leader();
      try {
        return leader === 'here' ? await here(this.#ports.local) : await there(leader.managers);
      } catch (error) {
        // Refused because it does not lead, or has just handed over: the next leader decides.
        const moved = error instanceof TsoError && error.code === 'UNAVAILABLE' && outcomeOf(error) === 'refused';
        if (!moved || attempt === maxAttempts) throw error;
      }
    }
  }
}

const listOf = ({ managers, leader, term, committed, answeredBy }: ListManagersReply): MemberList => ({
  members: managers.map(({ manager, voter, leader: leads, reachable, match }) => ({ manager, voter, leader: leads, reachable, match })),
  leader,
  term,
  committed,
  self: answeredBy,
});
