import { mix, mixBytes } from './chance.ts';
import type { StateChecks } from './check-states.ts';
import { halvesOf, isQuorum, type Seen, type StorageView, type Stored, type StoredLog } from './checks.ts';
import type { ConfState, Entry, Message, NodeId, RaftStatus } from './core-door.ts';
import { holds } from './violation.ts';

const has = (log: StoredLog | undefined, index: number, term: number): boolean => {
  const there = log?.durable.term(index);
  return there === term || there === 'compacted';
};

/** 4, 5, 6, 8, 9, 10, 11: what stands in the logs, and what of it is committed. */
export class LogChecks {
  private readonly entries = new Map<string, { readonly hash: number; readonly previousTerm: number }>();
  private readonly committed = new Map<number, { readonly term: number; readonly inTerm: number }>();
  private committedTo = 1;
  /** Last index that the leader of a term wrote of its own. */
  private readonly ownTo = new Map<number, number>();
  private readonly states: StateChecks;
  private readonly logOf: (id: NodeId) => StoredLog | undefined;
  private readonly lastSeen: (id: NodeId) => RaftStatus | undefined;

  constructor(states: StateChecks, logOf: (id: NodeId) => StoredLog | undefined, lastSeen: (id: NodeId) => RaftStatus | undefined) {
    this.states = states;
    this.logOf = logOf;
    this.lastSeen = lastSeen;
  }

  /** What was committed and durable here is still there. 10 */
  started({ id, log }: Stored, earlier: StorageView): void {
    for (let index = earlier.firstIndex(); index <= Math.min(earlier.lastIndex(), this.committedTo); index += 1) {
      const term = this.committed.get(index)?.term;
      if (term === undefined || earlier.term(index) !== term) continue;
      const now = log.live.term(index);
      holds(
        now === term || now === 'compacted',
        10,
        () => `node ${id} restarts with ${now} at ${index}, where it had term ${term}, committed`,
      );
    }
  }

  /** A leader is the first to commit, and has on its disk at least as written what it sent to the others. 8, 10 */
  committing(node: Seen, before: RaftStatus | undefined): void {
    const { id, status } = node;
    if (status.role !== 'leader') return;
    const { commit, term } = status.hardState;
    for (let index = (before?.hardState.commit ?? 0) + 1; index <= commit; index += 1) {
      const entryTerm = node.log.live.term(index);
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
    const durable = (confState: ConfState): boolean =>
      halvesOf(confState).every((half) => isQuorum(half, (voter) => has(this.logOf(voter), commit, last)));
    holds(
      durable(status.confState) || (before !== undefined && durable(before.confState)),
      10,
      () => `node ${id} commits ${commit} of term ${last}, which no quorum of ${JSON.stringify(status.confState)} has on disk`,
    );
  }

  /** 6 */
  complete(node: Seen): void {
    const { term } = node.status.hardState;
    for (const [index, entry] of this.committed) {
      if (entry.inTerm >= term) continue;
      const own = node.log.live.term(index);
      holds(
        own === entry.term || own === 'compacted',
        6,
        () => `leader ${node.id} of term ${term} has ${own} at ${index}, where term ${entry.term} was committed in term ${entry.inTerm}`,
      );
    }
  }

  private changesFrom(log: StorageView, index: number): readonly number[] {
    const from = Math.max(index, log.firstIndex());
    if (from > log.lastIndex()) return [];
    const entries = log.entries(from, log.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
    return typeof entries === 'string' ? [] : entries.filter(({ type }) => type !== 'EntryNormal').map((entry) => entry.index);
  }

  /** A leader lets one change of members in after the other. 11 */
  oneChange({ id, log, status }: Seen): void {
    const changes = this.changesFrom(log.live, this.states.applied + 1);
    holds(
      changes.length <= 1,
      11,
      () => `leader ${id} of term ${status.hardState.term} has unapplied changes of members at ${changes.join(', ')}`,
    );
  }

  /** A candidate asks the members of the last change, or of the one before: only those share a voter in any two majorities. 11 */
  campaigns({ id, log, status }: Seen): void {
    const changes = this.changesFrom(log.live, status.applied + 1);
    holds(
      changes.length <= 1,
      11,
      () =>
        `node ${id} asks for votes of term ${status.hardState.term} and has not applied the changes of members at ${changes.join(', ')}`,
    );
  }

  /** A change of members takes effect once it is known on disk to be committed, or a crash could bring back members who decide no more. 11 */
  switches({ id, log: { durable } }: Stored, index: number): void {
    holds(
      durable.hardState.commit >= index || this.changesFrom(durable, index + 1).length > 0,
      11,
      () => `node ${id} applies the change of members at ${index}, its disk knows of ${durable.hardState.commit} to be committed`,
    );
  }

  private known(entry: Entry, previousTerm: number, who: () => string): void {
    const name = `${entry.index}/${entry.term}`;
    const hash = mixBytes(mix(entry.type.length, entry.term), entry.data);
    const known = this.entries.get(name);
    if (known === undefined) this.entries.set(name, { hash, previousTerm });
    else
      holds(
        known.hash === hash && known.previousTerm === previousTerm,
        4,
        () => `${who()} another entry ${name} (behind term ${previousTerm}) than there was (behind term ${known.previousTerm})`,
      );
  }

  /** Entries in a message. 4 */
  offered(m: Message): void {
    let previousTerm = m.logTerm;
    for (const entry of m.entries) {
      this.known(entry, previousTerm, () => `leader ${m.from} of term ${m.term} sends`);
      previousTerm = entry.term;
    }
  }

  /** 4, 5, 10 */
  written({ id, log: { live } }: Stored, entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    const seen = this.lastSeen(id);
    let previous = live.term(first.index - 1);
    for (const entry of entries) {
      if (typeof previous === 'number') this.known(entry, previous, () => `node ${id} writes`);
      previous = entry.term;
      if (seen?.role === 'leader' && seen.hardState.term === entry.term) {
        const own = this.ownTo.get(entry.term);
        holds(
          own === undefined || entry.index === own + 1,
          5,
          () => `leader ${id} of term ${entry.term} writes ${entry.index} after ${own}`,
        );
        this.ownTo.set(entry.term, entry.index);
      }
    }
    this.keepsCommitted(id, live, entries);
  }

  /**
   * Nobody drops what is committed, except on the word of a leader of an earlier term than the one it was committed in: who has not heard
   * of the later term was not counted in it, and gets the entry back from its leader (seed 85998). A leader of the later term that lacks
   * the entry is found as such (6), so the entries alone tell of whose word they are.
   */
  private keepsCommitted(id: NodeId, live: StorageView, entries: readonly Entry[]): void {
    const writersTerm = Math.max(...entries.map((entry) => entry.term));
    const from = entries[0]?.index ?? 0;
    for (let index = from; index <= Math.min(live.lastIndex(), this.committedTo); index += 1) {
      const { term, inTerm = 0 } = this.committed.get(index) ?? {};
      if (writersTerm < inTerm) continue;
      const now = entries[index - from]?.term;
      holds(
        term === undefined || live.term(index) !== term || now === term,
        10,
        () =>
          `node ${id} puts ${now === undefined ? 'nothing' : `term ${now}`} in the place of ${index}, which was committed in term ${term}`,
      );
    }
  }

  /** An acknowledgement leaves a node: its disk has what the leader has there. 9 */
  acknowledged({ id, log }: Stored, m: Message, leader: NodeId | undefined): void {
    const { durable } = log;
    const { hardState } = durable;
    holds(hardState.term >= m.term, 9, () => `node ${id} answers in term ${m.term}, its disk says ${hardState.term}`);
    // An answer of an earlier term may be late: since then another leader may have replaced the entries.
    if (hardState.term > m.term || m.index === 0) return;
    holds(durable.lastIndex() >= m.index, 9, () => `node ${id} acknowledges ${m.index}, its disk ends at ${durable.lastIndex()}`);
    const seen = leader === undefined ? undefined : this.lastSeen(leader);
    if (leader === undefined || seen?.role !== 'leader' || seen.hardState.term !== m.term) return;
    const theirs = this.logOf(leader)?.live.term(m.index);
    const own = durable.term(m.index);
    holds(
      typeof theirs !== 'number' || typeof own !== 'number' || theirs === own,
      9,
      () => `node ${id} acknowledges ${m.index} in term ${m.term}: its disk has term ${own} there, the leader's term ${theirs}`,
    );
  }

  /** 4 */
  applied(id: NodeId, entry: Entry): void {
    const committed = this.committed.get(entry.index);
    holds(
      committed === undefined || committed.term === entry.term,
      4,
      () => `node ${id} applies term ${entry.term} at ${entry.index}, where term ${committed?.term} was committed`,
    );
  }
}
