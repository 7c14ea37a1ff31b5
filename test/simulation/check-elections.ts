import { halvesOf, isQuorum, type Seen, type StorageView, type Stored } from './checks.ts';
import type { HardState, Message, NodeId } from './core-door.ts';
import { holds } from './violation.ts';

/** 1, 2, 3, 13: who votes for whom, and who leads. */
export class ElectionChecks {
  readonly leaders = new Map<number, NodeId>();
  private readonly votes = new Map<string, NodeId>();

  started(
    { id, status: { hardState: now } }: { readonly id: NodeId; readonly status: { readonly hardState: HardState } },
    { hardState: then }: StorageView,
  ): void {
    holds(now.term >= then.term, 3, () => `node ${id} restarts in term ${now.term}, its disk said ${then.term}`);
    holds(
      now.term > then.term || then.vote === 0 || now.vote === then.vote,
      2,
      () => `node ${id} restarts with a vote for ${now.vote}, its disk said ${then.vote}`,
    );
    holds(now.commit >= then.commit, 3, () => `node ${id} restarts with commit ${now.commit}, its disk said ${then.commit}`);
    this.vote(id, now);
  }

  /** A vote that is durable, or given. */
  vote(id: NodeId, { term, vote }: Pick<HardState, 'term' | 'vote'>): void {
    if (vote === 0) return;
    const name = `${id}/${term}`;
    const known = this.votes.get(name);
    if (known === vote) return;
    holds(known === undefined, 2, () => `node ${id} votes for ${known} and for ${vote} in term ${term}`);
    this.votes.set(name, vote);
  }

  voted({ id, log }: Stored, m: Message): void {
    const { hardState } = log.durable;
    holds(hardState.term >= m.term, 9, () => `node ${id} votes in term ${m.term}, its disk says ${hardState.term}`);
    this.vote(id, { term: m.term, vote: m.to });
    holds(
      hardState.term > m.term || hardState.vote === m.to,
      9,
      () => `node ${id} votes for ${m.to} in term ${m.term}, its disk says ${hardState.vote}`,
    );
  }

  /** True when the node was not known to lead the term. */
  leads({ id, status, removed }: Seen): boolean {
    const { term } = status.hardState;
    const other = this.leaders.get(term);
    holds(other === undefined || other === id, 1, () => `nodes ${other} and ${id} both lead term ${term}`);
    holds(!removed, 13, () => `node ${id} leads term ${term} and was removed`);
    if (other !== undefined) return false;
    this.leaders.set(term, id);
    holds(status.isVoter, 11, () => `node ${id} leads term ${term} and is no voter of ${JSON.stringify(status.confState)}`);
    for (const half of halvesOf(status.confState))
      holds(
        isQuorum(half, (voter) => this.votes.get(`${voter}/${term}`) === id),
        2,
        () => `node ${id} leads term ${term} without the durable votes of a quorum of ${half.join(', ')}`,
      );
    return true;
  }
}
