import {
  confChangeOf,
  defaultRaftOptions,
  describeMessage,
  describeReady,
  type Entry,
  emptyConfState,
  MemoryStorage,
  type Message,
  type NodeId,
  noBytes,
  RaftCore,
  type RaftOptions,
  type Snapshot,
  unlimited,
} from '@tso/manager/raft-core';
import { BadCommand } from './arguments.ts';
import { Failure, type Output } from './output.ts';

export type GroupOptions = Partial<Omit<RaftOptions, 'id' | 'storage' | 'random' | 'trace'>>;

/** As the field's scenarios expect it: no limits, three ticks to an election, everything optional off. */
const scenarioDefaults = {
  ...defaultRaftOptions,
  electionTicks: 3,
  heartbeatTicks: 1,
  maxSizePerMessageBytes: unlimited,
  maxCommittedSizePerReadyBytes: unlimited,
  maxUncommittedSizeBytes: unlimited,
  maxInflightMessages: 2 ** 31 - 1,
  maxInflightBytes: unlimited,
  preVote: false,
  checkQuorum: false,
  stepDownOnRemoval: false,
  guardMembership: false,
  refusedChangeAsEmptyEntry: true,
  mergeMessages: false,
} satisfies GroupOptions;

interface Member {
  readonly core: RaftCore;
  readonly storage: MemoryStorage;
  readonly options: RaftOptions;
}

export interface Recipient {
  readonly id: NodeId;
  readonly drop: boolean;
}

/** No scenario needs more; two nodes that answer each other for ever would. */
const maxRounds = 10_000;

const concatenated = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** Some members in one process, with the network as a list of messages and nothing happening unasked. */
export class Group {
  private readonly members: Member[] = [];
  private messages: Message[] = [];
  private readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  /** Adds nodes with the next ids, all starting from the snapshot, which is empty at index 0. */
  add(count: number, options: GroupOptions, snapshot: Snapshot): void {
    for (let added = 0; added < count; added += 1) {
      const storage = new MemoryStorage();
      if (snapshot.index > 0) storage.applySnapshot(snapshot);
      const whole: RaftOptions = {
        ...scenarioDefaults,
        ...options,
        id: this.members.length + 1,
        storage,
        random: { number: () => 0 },
        trace: (level, text) => this.output.log(level, text),
      };
      this.members.push({ core: new RaftCore(whole), storage, options: whole });
    }
  }

  get ids(): readonly NodeId[] {
    return this.members.map(({ core }) => core.id);
  }

  member(id: NodeId): Member {
    const member = this.members[id - 1];
    if (member === undefined) throw new BadCommand(`there is no node ${id}`);
    return member;
  }

  enqueue(message: Message): void {
    this.messages.push(message);
  }

  /** Does what one Ready of the node asks for. */
  processReady(id: NodeId): void {
    const { core, storage } = this.member(id);
    const ready = core.ready();
    this.output.write(describeReady(ready));
    if (ready.hardState) storage.hardState = ready.hardState;
    if (ready.snapshot) storage.applySnapshot(ready.snapshot);
    else storage.append(ready.entries);
    for (const entry of ready.committedEntries) this.apply(id, entry);
    this.messages.push(...ready.messages);
    core.advance(ready);
  }

  /** The state machine is the commands one behind the other; a snapshot of it is kept for every entry. */
  private apply(id: NodeId, entry: Entry): void {
    const { core, storage } = this.member(id);
    const before = storage.snapshot();
    const change = confChangeOf(entry);
    const confState = change === undefined ? (before?.confState ?? emptyConfState) : core.applyConfChange(entry);
    const data = concatenated(before?.data ?? noBytes, change === undefined ? entry.data : noBytes);
    storage.saveSnapshot({ index: entry.index, term: entry.term, confState, data });
  }

  /** Delivers or drops what is under way to each of them, in order. Returns how many messages that were. */
  deliver(recipients: readonly Recipient[], type: string | undefined): number {
    let handled = 0;
    for (const { id, drop } of recipients) {
      const meant = (message: Message): boolean => message.to === id && (type === undefined || message.type === type);
      const mail = this.messages.filter(meant);
      this.messages = this.messages.filter((message) => !meant(message));
      handled += mail.length;
      for (const message of mail) {
        this.output.write(`${drop ? 'dropped: ' : ''}${describeMessage(message)}\n`);
        if (drop) continue;
        const result = this.member(id).core.step(message);
        if (!result.accepted) this.output.write(`${isCallerError(result.reason) ? result.why : proposalDropped}\n`);
      }
    }
    return handled;
  }

  /** Handles Readys and delivers messages among these nodes until nothing is left to do. */
  stabilize(ids: readonly NodeId[]): void {
    for (let round = 0; round < maxRounds; round += 1) {
      let idle = true;
      for (const id of ids) {
        if (!this.member(id).core.hasReady()) continue;
        idle = false;
        this.output.write(`> ${id} handling Ready\n`);
        this.output.indented(() => this.processReady(id));
      }
      for (const id of ids) {
        if (!this.messages.some(({ to }) => to === id)) continue;
        idle = false;
        this.output.write(`> ${id} receiving messages\n`);
        this.output.indented(() => this.deliver([{ id, drop: false }], undefined));
      }
      if (idle) return;
    }
    throw new Failure(`the nodes ${ids.join(' ')} still answer each other after ${maxRounds} rounds`);
  }
}

/** What the field prints when a proposal is not taken. */
export const proposalDropped = 'raft proposal dropped';

const isCallerError = (reason: string): boolean => reason === 'local-message' || reason === 'unknown-peer';
