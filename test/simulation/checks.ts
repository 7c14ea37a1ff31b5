import { ElectionChecks } from './check-elections.ts';
import { LimitChecks, type Limits } from './check-limits.ts';
import { LogChecks } from './check-logs.ts';
import { StateChecks } from './check-states.ts';
import type { ConfState, Entry, HardState, MemoryStorage, Message, NodeId, RaftStatus, Snapshot } from './core-door.ts';
import { holds } from './violation.ts';

export type StorageView = Pick<MemoryStorage, 'hardState' | 'firstIndex' | 'lastIndex' | 'term' | 'entries'>;

export interface StoredLog {
  /** What the running node sees. */
  readonly live: StorageView;
  /** What a crash now would surely leave. */
  readonly durable: StorageView;
}

/** What the checks see of a node: the core from outside, the disk, and whether it was let go. */
export interface Seen {
  readonly id: NodeId;
  readonly log: StoredLog;
  readonly status: RaftStatus;
  readonly removed: boolean;
}

export type Stored = Pick<Seen, 'id' | 'log'>;

export const isQuorum = (voters: readonly NodeId[], holdsIt: (id: NodeId) => boolean): boolean =>
  voters.length === 0 || voters.filter(holdsIt).length > voters.length / 2;

/** Both halves of a joint configuration, the second one empty outside of it. */
export const halvesOf = ({ voters, votersOutgoing }: ConfState): readonly (readonly NodeId[])[] => [voters, votersOutgoing];

/** What must hold after every step (the numbers are those of violation.ts), from what all nodes did so far. */
export class Checks {
  /** Highest index of a write that a client was told of. */
  acknowledged = 0;
  /** As each running node was last seen. */
  private readonly before = new Map<NodeId, RaftStatus>();
  private readonly elections: ElectionChecks;
  private readonly logs: LogChecks;
  private readonly states: StateChecks;
  private readonly limits: LimitChecks;

  constructor(limits: Limits, logOf: (id: NodeId) => StoredLog | undefined) {
    this.elections = new ElectionChecks();
    this.states = new StateChecks();
    this.logs = new LogChecks(this.states, logOf, (id) => this.before.get(id));
    this.limits = new LimitChecks(limits);
  }

  /** Terms that had a leader. */
  get elected(): number {
    return this.elections.leaders.size;
  }

  /** Highest index that any node has applied. */
  get applied(): number {
    return this.states.applied;
  }

  /** A node begins a life with what its disk holds; `earlier` is what was durable before. 2, 3, 10 */
  started(node: Seen, applied: number, earlier: StorageView): void {
    const { status, id } = node;
    this.elections.started(node, earlier);
    this.logs.started(node, earlier);
    holds(status.applied === applied, 3, () => `node ${id} restarts with applied ${status.applied}, its snapshot is of ${applied}`);
    this.before.set(id, status);
  }

  /** What a disk holds when a node comes back, before anything runs on it. 2, 3, 10 */
  recovered({ id, log }: Stored, hardState: HardState, earlier: StorageView): void {
    this.elections.started({ id, status: { hardState } }, earlier);
    this.logs.started({ id, log }, earlier);
  }

  stopped(id: NodeId): void {
    this.before.delete(id);
  }

  /** After anything that happened to a node. 1, 2, 3, 5, 6, 8, 10, 11, 13, 15 */
  observe(node: Seen): void {
    const { id, status } = node;
    const before = this.before.get(id);
    this.before.set(id, status);
    if (before !== undefined) forward(before, status);
    if (status.hardState.commit > (before?.hardState.commit ?? 0)) this.logs.committing(node, before);
    if (status.role === 'candidate' && before?.role !== 'candidate') this.logs.campaigns(node);
    if (status.role !== 'leader') return;
    if (this.elections.leads(node)) this.logs.complete(node);
    this.limits.bounded(status);
    this.logs.oneChange(node);
  }

  /** Entries that are about to be written to a disk. 4, 5, 10 */
  written(node: Stored, entries: readonly Entry[]): void {
    this.logs.written(node, entries);
  }

  /** What was written is durable. 2 */
  synced({ id, log }: Stored): void {
    this.elections.vote(id, log.durable.hardState);
  }

  /** A message leaves a node. 2, 4, 9, 15 */
  sent(node: Stored, m: Message): void {
    if (m.type === 'MsgApp') {
      this.limits.message(m);
      this.logs.offered(m);
    } else if (!m.reject && m.type === 'MsgVoteResp') this.elections.voted(node, m);
    else if (!m.reject && m.type === 'MsgAppResp') this.logs.acknowledged(node, m, this.elections.leaders.get(m.term));
  }

  /** 4, 7 */
  appliedEntry(id: NodeId, entry: Entry, appliedBefore: number, hash: number): void {
    this.logs.applied(id, entry);
    this.appliedIndex(id, entry.index, appliedBefore, hash);
  }

  /** 7 */
  appliedIndex(id: NodeId, index: number, appliedBefore: number, hash: number): void {
    this.states.appliedIndex(id, index, appliedBefore, hash);
  }

  /** The members after the change at `index`, applied now; true when no other node was there before. 7, 11 */
  configured({ id, log }: Stored, index: number, confState: ConfState): boolean {
    this.logs.switches({ id, log }, index);
    return this.states.configured(id, index, confState);
  }

  /** 12 */
  snapshotMade(id: NodeId, snapshot: Pick<Snapshot, 'index'>, applied: number): void {
    holds(snapshot.index <= applied, 12, () => `node ${id} makes a snapshot of ${snapshot.index}, applied is ${applied}`);
  }

  /** 12 */
  snapshotRestored(
    id: NodeId,
    snapshot: Pick<Snapshot, 'index' | 'confState'>,
    machine: { readonly index: number; readonly hash: number },
  ): void {
    this.states.restored(id, snapshot, machine);
  }
}

const forward = ({ id, hardState: old, applied, role, lastIndex }: RaftStatus, now: RaftStatus): void => {
  const { hardState } = now;
  holds(hardState.term >= old.term, 3, () => `node ${id} goes from term ${old.term} to ${hardState.term}`);
  holds(hardState.commit >= old.commit, 3, () => `node ${id} goes from commit ${old.commit} to ${hardState.commit}`);
  holds(now.applied >= applied, 3, () => `node ${id} goes from applied ${applied} to ${now.applied}`);
  const sameTerm = hardState.term === old.term;
  holds(!sameTerm || old.vote === 0 || hardState.vote === old.vote, 2, () => `node ${id} changes its vote in term ${old.term}`);
  const leads = sameTerm && role === 'leader' && now.role === 'leader';
  holds(!leads || now.lastIndex >= lastIndex, 5, () => `leader ${id} cuts its log from ${lastIndex} to ${now.lastIndex}`);
};
