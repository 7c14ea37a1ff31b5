import { assert } from '@tso/proto';
import { type ConfChange, confChangeOf, encodeConfChange, isConfChange } from './conf-change.ts';
import { applyConfChange, switchTo } from './configuration.ts';
import { describeConfiguration } from './membership.ts';
import { mergeMessages } from './merge-messages.ts';
import {
  type ConfState,
  type Entry,
  emptyHardState,
  type HardState,
  isLocal,
  isResponse,
  type Message,
  message,
  type NodeId,
  nobody,
  sameHardState,
} from './messages.ts';
import { becomeFollower, type Node, name, progressOf, startNode } from './node.ts';
import { checkedOptions, type RaftOptions } from './options.ts';
import { voterIds } from './quorum.ts';
import type { Ready, SoftState, StepResult } from './ready.ts';
import { type RaftStatus, statusOf } from './status.ts';
import { leaveJointUnasked, step, tick } from './step.ts';
import { entriesSize, payloadSize } from './storage.ts';
import { malformed } from './validate.ts';

/** The Ready that is out, and what the node promises itself once it is stored. */
interface Outstanding {
  readonly ready: Ready;
  readonly toSelf: readonly Message[];
}

const separated = (messages: readonly Message[], self: NodeId): readonly [readonly Message[], readonly Message[]] => [
  messages.filter(({ to }) => to === self),
  messages.filter(({ to }) => to !== self),
];

/**
 * One member of a Raft group as a pure state machine: calls come in, a Ready comes out, `advance` says that it was done. It
 * never waits, reads no clock and draws chance only from the given source, so a run follows from its calls alone.
 */
export class RaftCore {
  private readonly node: Node;
  private softState: SoftState;
  private hardState: HardState;
  private outstanding: Outstanding | undefined = undefined;

  constructor(options: RaftOptions) {
    this.node = startNode(checkedOptions(options));
    const { node } = this;
    switchTo(node, node.membership);
    becomeFollower(node, node.term, nobody);
    const { log } = node;
    options.trace?.(
      'info',
      () =>
        `newRaft ${name(node.id)} [peers: [${voterIds(node.membership.configuration.voters).map(name).join(',')}], term: ${node.term}, ` +
        `commit: ${log.committed}, applied: ${log.applied}, lastindex: ${log.lastIndex()}, lastterm: ${log.lastTerm()}]`,
    );
    this.softState = this.currentSoftState();
    this.hardState = this.currentHardState();
  }

  get id(): NodeId {
    return this.node.id;
  }

  /**
   * Takes a message from another member. Local ones, answers of strangers and what makes no sense are refused without effect.
   * `log-lost` is grave: the leader knows more of this node's log than is there, so what it once acknowledged is gone, and it must
   * come back under a new id.
   */
  step(m: Message): StepResult {
    if (isLocal(m.type)) return { accepted: false, reason: 'local-message', why: 'raft: cannot step raft local message' };
    if (isResponse(m.type) && progressOf(this.node, m.from) === undefined) {
      return { accepted: false, reason: 'unknown-peer', why: 'raft: cannot step as peer not found' };
    }
    const wrong = malformed(m, this.node.id);
    if (wrong !== undefined) return { accepted: false, reason: 'malformed', why: `a ${m.type} of node ${m.from} makes no sense: ${wrong}` };
    return step(this.node, m);
  }

  tick(): void {
    tick(this.node);
  }

  /** Proposes commands, to be committed together or not at all; a follower passes them on to its leader. */
  propose(...commands: readonly Uint8Array[]): StepResult {
    return this.proposeEntries(commands.map((data) => ({ type: 'EntryNormal', data })));
  }

  /** Proposes a change of members; `legacy` marks it as the older kind of entry, which carries one step. */
  proposeConfChange(change: ConfChange, legacy = false): StepResult {
    assert(!legacy || change.steps.length === 1, 'the older kind of change carries one step');
    return this.proposeEntries([{ type: legacy ? 'EntryConfChange' : 'EntryConfChangeV2', data: encodeConfChange(change) }]);
  }

  private proposeEntries(drafts: readonly Pick<Entry, 'type' | 'data'>[]): StepResult {
    const entries = drafts.map((draft): Entry => ({ ...draft, term: 0, index: 0 }));
    return step(this.node, message('MsgProp', { from: this.node.id, entries }));
  }

  /** Takes a committed change of members over; the owner calls it for every such entry that it applies, and keeps the result. */
  applyConfChange(entry: Pick<Entry, 'type' | 'data'>): ConfState {
    const change = confChangeOf(entry);
    assert(change !== undefined, 'the entry is no change of members');
    return applyConfChange(this.node, change);
  }

  /** Asks for an index as of now; it comes back with this context in `Ready.readStates`, or not at all: ask again after a while. */
  readIndex(context: string): StepResult {
    return step(this.node, message('MsgReadIndex', { from: this.node.id, context }));
  }

  /** Asks the leader to hand over to that voter. */
  transferLeadership(to: NodeId): void {
    step(this.node, message('MsgTransferLeader', { from: to }));
  }

  /** Begins an election now. */
  campaign(): void {
    step(this.node, message('MsgHup', { from: this.node.id }));
  }

  /** Stays a follower, but helps to elect another leader although it hears this one. */
  forgetLeader(): void {
    step(this.node, message('MsgForgetLeader', { from: this.node.id }));
  }

  /** The last message to that follower was not delivered: go on carefully. */
  reportUnreachable(id: NodeId): void {
    step(this.node, message('MsgUnreachable', { from: id }));
  }

  /** Whether a snapshot arrived; must be called for each MsgSnap, or the follower waits for ever. */
  reportSnapshot(id: NodeId, outcome: 'finished' | 'failed'): void {
    step(this.node, message('MsgSnapStatus', { from: id, reject: outcome === 'failed' }));
  }

  /** The leader's connection was refused or reset: its process is gone. Not for silence, which ticks measure. */
  reportLeaderUnreachable(leader: NodeId): void {
    step(this.node, message('MsgLeaderUnreachable', { from: leader }));
  }

  /** Sets the election timeout until it is drawn anew, for scenarios that need a certain one. */
  overrideElectionTimeout(ticks: number): void {
    this.node.electionTimeoutTicks = ticks;
  }

  status(): RaftStatus {
    return statusOf(this.node);
  }

  /** The members in the field's form, for people. */
  describeConfiguration(): string {
    return describeConfiguration(this.node.membership.configuration);
  }

  hasReady(): boolean {
    const { node } = this;
    const hard = this.currentHardState();
    return (
      this.softStateChanged() ||
      (!sameHardState(hard, this.hardState) && !sameHardState(hard, emptyHardState)) ||
      node.log.unstable.nextSnapshot() !== undefined ||
      node.outbox.length > 0 ||
      node.outboxWhenDurable.length > 0 ||
      node.log.unstable.hasNextEntries ||
      node.log.hasNextCommitted ||
      node.readStates.length > 0
    );
  }

  /** What is to be done now; see Ready. Nothing more comes out until `advance`, unless several may be out (`asyncStorage`). */
  ready(): Ready {
    assert(this.outstanding === undefined, 'a Ready is out already: advance first');
    const { node } = this;
    const { asyncStorage } = node.options;
    const [toSelf, whenDurable] = asyncStorage ? [[], node.outboxWhenDurable] : separated(node.outboxWhenDurable, node.id);
    const hard = this.currentHardState();
    const entries = node.log.unstable.nextEntries();
    const committedEntries = node.log.nextCommitted();
    const ready: Ready = {
      term: node.term,
      last: node.log.unstable.entries.length > 0 ? node.log.last() : undefined,
      softState: this.softStateChanged() ? this.currentSoftState() : undefined,
      hardState: sameHardState(hard, this.hardState) ? undefined : hard,
      readStates: node.readStates,
      entries,
      snapshot: node.log.unstable.nextSnapshot(),
      committedEntries,
      messages: this.shortened([...node.outbox, ...whenDurable]),
      // Who forgot that a change of members was committed might need the votes of those that it let go (simulation, seed 1277).
      mustSync:
        entries.length > 0 ||
        hard.term !== this.hardState.term ||
        hard.vote !== this.hardState.vote ||
        (node.options.guardMembership && committedEntries.some(({ type }) => isConfChange(type))),
    };
    if (!asyncStorage) this.outstanding = { ready, toSelf: this.shortened(toSelf) };
    this.softState = ready.softState ?? this.softState;
    this.hardState = ready.hardState ?? this.hardState;
    node.readStates = [];
    node.outbox = [];
    node.outboxWhenDurable = [];
    node.log.unstable.markHandedOut();
    node.log.handOutCommitted(ready.committedEntries);
    return ready;
  }

  /** The Ready was stored, sent and applied. Messages may have been stepped since it was given out. */
  advance(ready: Ready): void {
    const done = this.outstanding;
    assert(done !== undefined && done.ready === ready, 'advance takes the Ready that is out');
    this.outstanding = undefined;
    for (const m of done.toSelf) step(this.node, m);
    this.stored(ready);
    this.applied(ready);
  }

  /**
   * With `asyncStorage`: the Ready, and every one before it, is durable, and a snapshot in it is applied. The messages that waited for
   * that may leave, those to the node itself by `step`.
   */
  stored(done: Ready): void {
    const { node } = this;
    const { snapshot } = done;
    // In a later term other entries may have taken these places; what is stored of them is acknowledged with a later Ready.
    if (done.last !== undefined && done.term === node.term) node.log.stored(done.last);
    else if (done.last !== undefined) {
      node.options.trace?.(
        'info',
        () =>
          `${name(node.id)} [term: ${node.term}] ignored entry appends from a MsgStorageAppendResp message with lower term ` +
          `[term: ${done.term}]`,
      );
    }
    if (snapshot === undefined) return;
    node.log.unstable.snapshotStored(snapshot.index);
    this.appliedTo(snapshot.index, 0);
  }

  /** With `asyncStorage`: what the Ready, and every one before it, had to apply is applied. */
  applied({ committedEntries }: Ready): void {
    const { node } = this;
    const last = committedEntries.at(-1);
    if (last === undefined) return;
    this.appliedTo(last.index, entriesSize(committedEntries));
    node.uncommittedBytes = Math.max(0, node.uncommittedBytes - payloadSize(committedEntries));
  }

  private shortened(messages: readonly Message[]): readonly Message[] {
    const { mergeMessages: wanted, maxSizePerMessageBytes } = this.node.options;
    return wanted ? mergeMessages(messages, maxSizePerMessageBytes) : messages;
  }

  private appliedTo(index: number, bytes: number): void {
    this.node.log.appliedTo(Math.max(index, this.node.log.applied), bytes);
    leaveJointUnasked(this.node);
  }

  private currentSoftState(): SoftState {
    return { lead: this.node.lead, role: this.node.role };
  }

  private softStateChanged(): boolean {
    return this.softState.lead !== this.node.lead || this.softState.role !== this.node.role;
  }

  private currentHardState(): HardState {
    return { term: this.node.term, vote: this.node.vote, commit: this.node.log.committed };
  }
}
