import { assert } from '@tso/proto';
import { confChangeOf } from '../conf-change.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { awaitsDurability, type ConfState, type Entry, emptyConfState, type Message, type NodeId, noBytes } from '../messages.ts';
import { defaultRaftOptions, type RaftOptions } from '../options.ts';
import { RaftCore } from '../raft.ts';
import type { Ready } from '../ready.ts';

/** Uniform numbers in [0, 1) that follow from the seed (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export type CrashPoint = 'before storing' | 'before sending' | undefined;

interface Member {
  core: RaftCore;
  readonly storage: MemoryStorage;
  /** Votes that were stored, by term. */
  readonly votes: Map<number, NodeId>;
  term: number;
  /** Readys that are being handled, one at a time unless the core allows more: the disk is slow, and messages arrive meanwhile. */
  pending: Ready[];
  /** Stored and not yet applied. */
  applying: Ready[];
}

const sameEntry = (a: Entry, b: Entry): boolean =>
  a.term === b.term && a.type === b.type && a.data.length === b.data.length && a.data.every((byte, at) => byte === b.data[at]);

/**
 * Cores in one process with a network and disks that may misbehave, and the safety properties of the paper's figure 3 checked
 * at every step. The caller decides what happens when; broken properties are assertions.
 */
export class Cluster {
  private readonly members = new Map<NodeId, Member>();
  private readonly options: Partial<RaftOptions>;
  private readonly random: () => number;
  private readonly voters: readonly NodeId[];
  network: Message[] = [];
  readonly leaders = new Map<number, NodeId>();
  private readonly complete = new Set<number>();
  /** What was committed anywhere, by index: it must never change. */
  readonly committed = new Map<number, Entry>();

  constructor(size: number, voters: readonly NodeId[], options: Partial<RaftOptions>, random: () => number) {
    this.options = options;
    this.random = random;
    this.voters = voters;
    for (let id = 1; id <= size; id += 1) this.add(id);
  }

  private add(id: NodeId): void {
    const storage = new MemoryStorage();
    const confState: ConfState = { ...emptyConfState, voters: this.voters };
    // All start from one snapshot, so that the first configuration needs no entry of its own.
    storage.applySnapshot({ index: 1, term: 0, confState, data: noBytes });
    this.members.set(id, { core: this.boot(id, storage), storage, votes: new Map(), term: 0, pending: [], applying: [] });
  }

  private boot(id: NodeId, storage: MemoryStorage): RaftCore {
    return new RaftCore({
      ...defaultRaftOptions,
      electionTicks: 10,
      heartbeatTicks: 2,
      ...this.options,
      id,
      storage,
      random: { number: this.random },
      applied: storage.snapshot()?.index ?? 0,
    });
  }

  get ids(): readonly NodeId[] {
    return [...this.members.keys()];
  }

  member(id: NodeId): Member {
    const member = this.members.get(id);
    assert(member !== undefined, `node ${id} must be there`);
    return member;
  }

  core(id: NodeId): RaftCore {
    return this.member(id).core;
  }

  /** Loses what was not stored; the node comes back with the rest. */
  restart(id: NodeId): void {
    const member = this.member(id);
    member.core = this.boot(id, member.storage);
    member.pending = [];
    member.applying = [];
  }

  /** Takes a Ready out and sends what need not be durable first, as the real owner does it. */
  beginReady(id: NodeId): void {
    const member = this.member(id);
    const limit = this.options.asyncStorage === true ? 5 : 1;
    if (member.pending.length >= limit || !member.core.hasReady()) return;
    const ready = member.core.ready();
    member.pending.push(ready);
    this.network.push(...ready.messages.filter(({ type }) => !awaitsDurability(type)));
  }

  /** Stores, sends and applies what was begun first, perhaps dying on the way. */
  finishReady(id: NodeId, crash?: CrashPoint): void {
    const member = this.member(id);
    const { core, storage } = member;
    const ready = member.pending.shift();
    if (ready === undefined) return;
    if (crash === 'before storing') {
      this.restart(id);
      return;
    }
    if (ready.hardState) storage.hardState = ready.hardState;
    if (ready.snapshot) storage.applySnapshot(ready.snapshot);
    storage.append(ready.entries);
    this.checkStored(id);
    this.checkComplete(id);
    if (crash === 'before sending') {
      this.restart(id);
      return;
    }
    const promises = ready.messages.filter(({ type }) => awaitsDurability(type));
    this.network.push(...promises.filter(({ to }) => to !== id));
    if (this.options.asyncStorage === true) {
      for (const promise of promises.filter(({ to }) => to === id)) core.step(promise);
      core.stored(ready);
      member.applying.push(ready);
    } else {
      for (const entry of ready.committedEntries) this.apply(id, entry);
      core.advance(ready);
    }
    this.checkLeader(id);
  }

  /** Where the state machine works beside the disk: applies what was stored first. */
  applyNext(id: NodeId): void {
    const { core, applying } = this.member(id);
    const ready = applying.shift();
    if (ready === undefined) return;
    for (const entry of ready.committedEntries) this.apply(id, entry);
    core.applied(ready);
  }

  private apply(id: NodeId, entry: Entry): void {
    const { core, storage } = this.member(id);
    const known = this.committed.get(entry.index);
    assert(
      known === undefined || sameEntry(known, entry),
      `index ${entry.index} was committed as term ${known?.term} and as term ${entry.term}`,
    );
    this.committed.set(entry.index, entry);
    const before = storage.snapshot();
    assert(before !== undefined && before.index === entry.index - 1, `node ${id} applies ${entry.index} behind ${before?.index}`);
    const confState = confChangeOf(entry) === undefined ? before.confState : core.applyConfChange(entry);
    storage.saveSnapshot({ index: entry.index, term: entry.term, confState, data: noBytes });
  }

  /** A stored vote is never given to another (paper 5.2), and the stored term never goes back (paper 5.1). */
  private checkStored(id: NodeId): void {
    const member = this.member(id);
    const { term, vote } = member.storage.hardState;
    assert(term >= member.term, `node ${id} went back from term ${member.term} to ${term}`);
    member.term = term;
    const before = member.votes.get(term) ?? 0;
    assert(before === 0 || before === vote, `node ${id} voted for ${before} and ${vote} at term ${term}`);
    member.votes.set(term, vote);
  }

  /** One leader in a term (paper 5.2). */
  private checkLeader(id: NodeId): void {
    const { role, hardState } = this.core(id).status();
    if (role !== 'leader') return;
    const known = this.leaders.get(hardState.term);
    assert(known === undefined || known === id, `term ${hardState.term} has leaders ${known} and ${id}`);
    this.leaders.set(hardState.term, id);
  }

  /** A leader has all that was committed in earlier terms (leader completeness, paper 5.4); looked at once its log is stored. */
  private checkComplete(id: NodeId): void {
    const { core, storage } = this.member(id);
    const { role, hardState, lastIndex } = core.status();
    if (role !== 'leader' || this.complete.has(hardState.term) || storage.lastIndex() < lastIndex) return;
    this.complete.add(hardState.term);
    for (const [index, entry] of this.committed) {
      if (index < storage.firstIndex() || entry.term >= hardState.term) continue;
      assert(
        storage.term(index) === entry.term,
        `leader ${id} of term ${hardState.term} lacks the committed entry ${index} of term ${entry.term}`,
      );
    }
  }

  /** Where two logs have the same index and term, they are the same up to there (paper 5.3). */
  checkLogs(): void {
    for (const a of this.members.values()) for (const b of this.members.values()) if (a !== b) checkMatching(a.storage, b.storage);
  }

  deliver(message: Message): void {
    this.member(message.to).core.step(message);
    this.checkLeader(message.to);
  }

  /** Everything works from here on; runs until nothing more happens or the rounds are over. */
  settle(rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      for (const id of this.ids) this.core(id).tick();
      for (let turn = 0; turn < 20; turn += 1) {
        for (const id of this.ids) {
          this.beginReady(id);
          this.finishReady(id);
          this.applyNext(id);
        }
        const mail = this.network;
        this.network = [];
        if (mail.length === 0) break;
        for (const message of mail) {
          this.deliver(message);
          if (message.type === 'MsgSnap') this.core(message.from).reportSnapshot(message.to, 'finished');
        }
      }
    }
  }
}

const checkMatching = (a: MemoryStorage, b: MemoryStorage): void => {
  const low = Math.max(a.firstIndex(), b.firstIndex());
  let matched = false;
  for (let index = Math.min(a.lastIndex(), b.lastIndex()); index >= low; index -= 1) {
    const same = a.term(index) === b.term(index);
    assert(same || !matched, `two logs agree behind index ${index} but not there`);
    matched = same;
  }
};
