import { mix, mixBytes } from './chance.ts';
import type { ConfState, Entry, HardState, Message, NodeId, RaftStatus, Snapshot } from './core-door.ts';
import type { SimulatedDisk } from './disk.ts';
import { holds } from './violation.ts';

/** What the checks see of a node: the core from outside, the disk, and how far the state machine is. */
export interface Seen {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  readonly status: RaftStatus;
  /** It applied its own removal, in this life or an earlier one. */
  readonly removed: boolean;
}

export interface Limits {
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  readonly maxMessageBytes: number;
  readonly maxUncommittedBytes: number;
  readonly largestCommandBytes: number;
}

const has = (disk: SimulatedDisk, index: number, term: number): boolean => {
  const there = disk.durable.term(index);
  return there === term || there === 'compacted';
};

const isQuorum = (voters: readonly NodeId[], holdsIt: (id: NodeId) => boolean): boolean =>
  voters.length === 0 || voters.filter(holdsIt).length > voters.length / 2;

/** What must hold after every step (the numbers are those of violation.ts), from what all nodes did so far. */
export class Checks {
  /** Highest index that any node has applied. */
  applied = 0;
  /** Highest index of a write that a client was told of. */
  acknowledged = 0;
  private readonly leaders = new Map<number, NodeId>();
  private readonly votes = new Map<string, NodeId>();
  private readonly entries = new Map<string, { readonly hash: number; readonly previousTerm: number }>();
  private readonly committed = new Map<number, { readonly term: number; readonly inTerm: number }>();
  private committedTo = 1;
  private readonly hashes = new Map<number, number>();
  private readonly before = new Map<NodeId, RaftStatus>();
  private readonly limits: Limits;
  private readonly diskOf: (id: NodeId) => SimulatedDisk | undefined;

  constructor(limits: Limits, diskOf: (id: NodeId) => SimulatedDisk | undefined) {
    this.limits = limits;
    this.diskOf = diskOf;
  }

  /** A node begins a life with what its disk holds. 3 */
  started(node: Seen, applied: number): void {
    const { hardState } = node.disk.durable;
    const { status, id } = node;
    holds(
      status.hardState.term >= hardState.term,
      3,
      () => `node ${id} restarts in term ${status.hardState.term}, its disk says ${hardState.term}`,
    );
    holds(
      status.hardState.term > hardState.term || status.hardState.vote === hardState.vote,
      2,
      () => `node ${id} forgot its vote for ${hardState.vote}`,
    );
    holds(
      status.hardState.commit >= hardState.commit,
      3,
      () => `node ${id} restarts with commit ${status.hardState.commit}, its disk says ${hardState.commit}`,
    );
    holds(status.applied === applied, 3, () => `node ${id} restarts with applied ${status.applied}, its snapshot is of ${applied}`);
    this.before.set(id, status);
  }

  stopped(id: NodeId): void {
    this.before.delete(id);
  }

  /** After anything that happened to a node. 1, 3, 5, 6, 8, 10, 11, 13, 15 */
  observe(node: Seen): void {
    const { id, status } = node;
    const before = this.before.get(id);
    this.before.set(id, status);
    if (before !== undefined) this.forward(before, status);
    if (status.hardState.commit > (before?.hardState.commit ?? 0)) this.committing(node, before);
    if (status.role !== 'leader') return;
    const { term } = status.hardState;
    const other = this.leaders.get(term);
    holds(other === undefined || other === id, 1, () => `nodes ${other} and ${id} both lead term ${term}`);
    holds(!node.removed, 13, () => `node ${id} leads term ${term} and was removed`);
    if (other === undefined) {
      this.leaders.set(term, id);
      this.complete(node);
    }
    this.bounded(status);
    this.oneChange(node);
  }

  private forward({ id, hardState: old, applied, role, lastIndex }: RaftStatus, now: RaftStatus): void {
    const { hardState } = now;
    holds(hardState.term >= old.term, 3, () => `node ${id} goes from term ${old.term} to ${hardState.term}`);
    holds(hardState.commit >= old.commit, 3, () => `node ${id} goes from commit ${old.commit} to ${hardState.commit}`);
    holds(now.applied >= applied, 3, () => `node ${id} goes from applied ${applied} to ${now.applied}`);
    const sameTerm = hardState.term === old.term;
    holds(!sameTerm || old.vote === 0 || hardState.vote === old.vote, 2, () => `node ${id} changes its vote in term ${old.term}`);
    const leads = sameTerm && role === 'leader' && now.role === 'leader';
    holds(!leads || now.lastIndex >= lastIndex, 5, () => `leader ${id} cuts its log from ${lastIndex} to ${now.lastIndex}`);
  }

  /** A leader is the first to commit, and has on its disk at least as written what it sent to the others. */
  private committing(node: Seen, before: RaftStatus | undefined): void {
    const { id, status } = node;
    if (status.role !== 'leader') return;
    const { commit, term } = status.hardState;
    for (let index = (before?.hardState.commit ?? 0) + 1; index <= commit; index += 1) {
      const entryTerm = node.disk.live.term(index);
      if (typeof entryTerm !== 'number') continue;
      const known = this.committed.get(index);
      holds(
        known === undefined || known.term === entryTerm,
        4,
        () => `node ${id} commits term ${entryTerm} at ${index}, where term ${known?.term} was committed`,
      );
      if (known === undefined) this.committed.set(index, { term: entryTerm, inTerm: term });
    }
    if (commit <= this.committedTo) return;
    this.committedTo = commit;
    const last = this.committed.get(commit)?.term;
    if (last === undefined) return;
    if (before?.role === 'leader' && before.hardState.term === term)
      holds(last === term, 8, () => `leader ${id} of term ${term} commits ${commit}, an entry of term ${last}, by counting`);
    const durable = ({ voters, votersOutgoing }: ConfState): boolean =>
      [voters, votersOutgoing].every((half) =>
        isQuorum(half, (voter) => {
          const disk = this.diskOf(voter);
          return disk !== undefined && has(disk, commit, last);
        }),
      );
    holds(
      durable(status.confState) || (before !== undefined && durable(before.confState)),
      10,
      () => `node ${id} commits ${commit} of term ${last}, which no quorum of ${JSON.stringify(status.confState)} has on disk`,
    );
  }

  private complete(node: Seen): void {
    const { term } = node.status.hardState;
    for (const [index, entry] of this.committed) {
      if (entry.inTerm >= term) continue;
      const own = node.disk.live.term(index);
      holds(
        own === entry.term || own === 'compacted',
        6,
        () => `leader ${node.id} of term ${term} has ${own} at ${index}, where term ${entry.term} was committed in term ${entry.inTerm}`,
      );
    }
  }

  private bounded({ id, progress, uncommittedBytes }: RaftStatus): void {
    const { maxInflightMessages, maxInflightBytes, maxMessageBytes, maxUncommittedBytes, largestCommandBytes } = this.limits;
    for (const it of progress) {
      const bytes = maxInflightBytes + Math.max(maxMessageBytes, largestCommandBytes);
      holds(
        it.inflightMessages <= maxInflightMessages && it.inflightBytes <= bytes,
        15,
        () => `leader ${id} has ${it.text} (${it.inflightBytes} bytes) in flight`,
      );
    }
    holds(
      uncommittedBytes <= maxUncommittedBytes + largestCommandBytes,
      15,
      () => `leader ${id} holds ${uncommittedBytes} uncommitted bytes`,
    );
  }

  private oneChange({ id, disk, status }: Seen): void {
    const from = Math.max(this.applied + 1, disk.live.firstIndex());
    if (from > disk.live.lastIndex()) return;
    const entries = disk.live.entries(from, disk.live.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
    if (typeof entries === 'string') return;
    const changes = entries.filter((entry) => entry.type !== 'EntryNormal').map((entry) => entry.index);
    holds(
      changes.length <= 1,
      11,
      () => `leader ${id} of term ${status.hardState.term} has unapplied changes of members at ${changes.join(', ')}`,
    );
  }

  /** Entries as they are written to a disk. 4 */
  written({ id, disk }: Pick<Seen, 'id' | 'disk'>, entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    let previous = disk.live.term(first.index - 1);
    for (const entry of entries) {
      if (typeof previous === 'number') {
        const name = `${entry.index}/${entry.term}`;
        const hash = mixBytes(mix(entry.type.length, entry.term), entry.data);
        const known = this.entries.get(name);
        const previousTerm = previous;
        if (known === undefined) this.entries.set(name, { hash, previousTerm });
        else
          holds(
            known.hash === hash && known.previousTerm === previousTerm,
            4,
            () =>
              `node ${id} writes another entry ${name} (behind term ${previousTerm}) than there was (behind term ${known.previousTerm})`,
          );
      }
      previous = entry.term;
    }
  }

  /** 2 */
  synced({ id, disk }: Pick<Seen, 'id' | 'disk'>): void {
    this.vote(id, disk.durable.hardState);
  }

  private vote(id: NodeId, { term, vote }: Pick<HardState, 'term' | 'vote'>): void {
    if (vote === 0) return;
    const known = this.votes.get(`${id}/${term}`);
    holds(known === undefined || known === vote, 2, () => `node ${id} votes for ${known} and for ${vote} in term ${term}`);
    this.votes.set(`${id}/${term}`, vote);
  }

  /** A message leaves a node. 2, 9 */
  sent({ id, disk }: Pick<Seen, 'id' | 'disk'>, m: Message): void {
    if (m.reject || (m.type !== 'MsgVoteResp' && m.type !== 'MsgAppResp')) return;
    const { hardState } = disk.durable;
    holds(hardState.term >= m.term, 9, () => `node ${id} answers in term ${m.term}, its disk says ${hardState.term}`);
    if (m.type === 'MsgAppResp') {
      // An answer of an earlier term may be late: since then another leader may have replaced the entries.
      holds(
        hardState.term > m.term || disk.durable.lastIndex() >= m.index,
        9,
        () => `node ${id} acknowledges ${m.index}, its disk ends at ${disk.durable.lastIndex()}`,
      );
      return;
    }
    this.vote(id, { term: m.term, vote: m.to });
    holds(
      hardState.term > m.term || hardState.vote === m.to,
      9,
      () => `node ${id} votes for ${m.to} in term ${m.term}, its disk says ${hardState.vote}`,
    );
  }

  /** 7 */
  appliedEntry(id: NodeId, entry: Entry, appliedBefore: number, hash: number): void {
    holds(entry.index === appliedBefore + 1, 7, () => `node ${id} applies ${entry.index} after ${appliedBefore}`);
    const committed = this.committed.get(entry.index);
    holds(
      committed === undefined || committed.term === entry.term,
      4,
      () => `node ${id} applies term ${entry.term} at ${entry.index}, where term ${committed?.term} was committed`,
    );
    this.sameHash(id, entry.index, hash, 7);
    this.applied = Math.max(this.applied, entry.index);
  }

  private sameHash(id: NodeId, index: number, hash: number, invariant: 7 | 12): void {
    const known = this.hashes.get(index);
    holds(known === undefined || known === hash, invariant, () => `node ${id} has state ${hash} at ${index}, elsewhere it is ${known}`);
    this.hashes.set(index, hash);
  }

  /** 12 */
  snapshotMade(id: NodeId, snapshot: Snapshot, applied: number): void {
    holds(snapshot.index <= applied, 12, () => `node ${id} makes a snapshot of ${snapshot.index}, applied is ${applied}`);
  }

  /** 12 */
  snapshotRestored(id: NodeId, snapshot: Snapshot, machine: { readonly index: number; readonly hash: number }): void {
    holds(
      machine.index === snapshot.index,
      12,
      () => `node ${id} restores the state of ${machine.index} from a snapshot of ${snapshot.index}`,
    );
    this.sameHash(id, snapshot.index, machine.hash, 12);
  }
}
