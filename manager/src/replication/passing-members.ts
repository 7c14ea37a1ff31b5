import { type ListManagersReply, type ManagerRequest, TsoError } from '@tso/proto';
import type { Managers, RpcClient } from '@tso/proto/rpc';
import type { AskedBy, MemberChanged, MemberList, Members } from '../api/members-port.ts';
import type { NodeId } from '../raft/core/index.ts';
import { type FailedOutcome, outcomeOf } from '../raft/io/outcome.ts';
import { passedOn } from './leader-door.ts';

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
      'refused',
      (local) => local.list(),
      async (client) => listOf(await client.listManagers({})),
    );
    return { ...list, self: this.#ports.self };
  }

  promote(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    return this.#change('promote', 'promoteManager', { raftId }, asked);
  }
  demote(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    return this.#change('demote', 'demoteManager', { raftId }, asked);
  }
  remove(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    return this.#change('remove', 'removeManager', { raftId }, asked);
  }
  transfer(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    return this.#change('transfer', 'transferLeadership', { raftId }, asked);
  }

  #change(
    here: 'promote' | 'demote' | 'remove' | 'transfer',
    there: 'promoteManager' | 'demoteManager' | 'removeManager' | 'transferLeadership',
    request: ManagerRequest,
    asked: AskedBy | undefined,
  ): Promise<MemberChanged> {
    const options = asked === undefined ? {} : { headers: asked.headers };
    return this.#attempt(
      'unknown',
      (local) => local[here](request.raftId, asked),
      (client) => client[there](request, options),
    );
  }

  /** @param lost what is known of it when the leader's answer was lost */
  async #attempt<T>(
    lost: FailedOutcome,
    here: (local: Members) => Promise<T>,
    there: (client: RpcClient<typeof Managers>) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const leader = await this.#ports.leader();
      try {
        return leader === 'here' ? await here(this.#ports.local) : await passedOn(there(leader.managers), lost);
      } catch (error) {
        // Refused because it does not lead, or has just handed over, or cannot be reached: the next leader decides.
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
