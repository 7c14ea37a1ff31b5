import {
  awaitsDurability,
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
  type Ready,
  type Snapshot,
  unlimited,
} from '@tso/manager/raft-core';
import { BadCommand } from './arguments.ts';
import { Failure, type Output } from './output.ts';
import { type Answer, appendWork, applyWork, describeWork, type Work } from './storage-threads.ts';

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

/** The threads of a node whose storage works beside it (`async-storage-writes=true`). */
export type Thread = 'append' | 'apply';

interface Member {
  readonly core: RaftCore;
  readonly storage: MemoryStorage;
  readonly options: RaftOptions;
  readonly work: Readonly<Record<Thread, Work[]>>;
}

export interface Recipient {
  readonly id: NodeId;
  readonly drop: boolean;
}

/** Something under way to a node. What a node has for itself, or its threads for it, is never lost. */
interface Mail {
  readonly to: NodeId;
  readonly type: string;
  readonly text: string;
  readonly isLocal: boolean;
  readonly arrive: () => void;
}

/** No scenario needs more; two nodes that answer each other for ever would. */
const maxRounds = 10_000;

const concatenated = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

const started = (options: RaftOptions, storage: MemoryStorage): Member => ({
  core: new RaftCore(options),
  storage,
  options,
  work: { append: [], apply: [] },
});

/** Some members in one process, with the network as a list of messages and nothing happening unasked. */
export class Group {
  private readonly members: Member[] = [];
  private mail: Mail[] = [];
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
      this.members.push(started(whole, storage));
    }
  }

  /** Ends the node at once and starts it from what its disk and its state machine hold. */
  restart(id: NodeId): void {
    const { options, storage } = this.member(id);
    this.mail = this.mail.filter(({ to, isLocal }) => to !== id || !isLocal);
    this.members[id - 1] = started({ ...options, applied: storage.snapshot()?.index ?? 0 }, storage);
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
    const { from, to, type } = message;
    const arrive = (): void => {
      const result = this.member(to).core.step(message);
      if (!result.accepted) this.output.write(`${isCallerError(result.reason) ? result.why : proposalDropped}\n`);
    };
    this.mail.push({ to, type, text: describeMessage(message), isLocal: from === to, arrive });
  }

  /** Does what one Ready of the node asks for, or leaves it to the node's threads. */
  processReady(id: NodeId): void {
    const { core, options, work } = this.member(id);
    const ready = core.ready();
    if (options.asyncStorage) {
      const later = { append: appendWork(id, ready), apply: applyWork(id, ready) };
      const tasks = [later.append, later.apply].filter((it) => it !== undefined);
      const now = { ...ready, messages: ready.messages.filter(({ type }) => !awaitsDurability(type)) };
      this.output.write(describeReady(now, tasks.map(describeWork)));
      for (const message of now.messages) this.enqueue(message);
      if (later.append) work.append.push(later.append);
      if (later.apply) work.apply.push(later.apply);
      return;
    }
    this.output.write(describeReady(ready));
    this.store(id, ready);
    for (const entry of ready.committedEntries) this.apply(id, entry);
    for (const message of ready.messages) this.enqueue(message);
    core.advance(ready);
  }

  /** Does the next piece of work of that thread. */
  processThread(id: NodeId, thread: Thread): void {
    const { work } = this.member(id);
    const next = work[thread].shift();
    if (next === undefined) {
      this.output.write(`no ${thread} work to perform`);
      return;
    }
    this.output.write(`Processing:\n${next.text}\n`);
    if (thread === 'append') this.store(id, next.ready);
    else for (const entry of next.ready.committedEntries) this.apply(id, entry);
    this.output.write(`Responses:\n${next.answers.map(({ text }) => `${text}\n`).join('')}`);
    for (const answer of next.answers) this.answered(id, thread, next.ready, answer);
  }

  private answered(id: NodeId, thread: Thread, ready: Ready, { text, message }: Answer): void {
    if (message !== undefined) {
      this.enqueue(message);
      return;
    }
    const { core } = this.member(id);
    const arrive = (): void => (thread === 'append' ? core.stored(ready) : core.applied(ready));
    this.mail.push({ to: id, type: thread === 'append' ? 'MsgStorageAppendResp' : 'MsgStorageApplyResp', text, isLocal: true, arrive });
  }

  private store(id: NodeId, ready: Ready): void {
    const { storage } = this.member(id);
    if (ready.hardState) storage.hardState = ready.hardState;
    if (ready.snapshot) storage.applySnapshot(ready.snapshot);
    storage.append(ready.entries);
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
      const meant = (mail: Mail): boolean => mail.to === id && (type === undefined || mail.type === type) && !(drop && mail.isLocal);
      const due = this.mail.filter(meant);
      this.mail = this.mail.filter((mail) => !meant(mail));
      handled += due.length;
      for (const { text, arrive } of due) {
        this.output.write(`${drop ? 'dropped: ' : ''}${text}\n`);
        if (!drop) arrive();
      }
    }
    return handled;
  }

  /** Handles Readys, delivers messages among these nodes and lets their threads work until nothing is left to do. */
  stabilize(ids: readonly NodeId[]): void {
    for (let round = 0; round < maxRounds; round += 1) {
      const busy = [
        this.each(
          ids,
          'handling Ready',
          (id) => this.member(id).core.hasReady(),
          (id) => this.processReady(id),
        ),
        this.each(
          ids,
          'receiving messages',
          (id) => this.mail.some(({ to }) => to === id),
          (id) => this.deliver([{ id, drop: false }], undefined),
        ),
        this.each(
          ids,
          'processing append thread',
          (id) => this.member(id).work.append.length > 0,
          (id) => this.finish(id, 'append'),
        ),
        this.each(
          ids,
          'processing apply thread',
          (id) => this.member(id).work.apply.length > 0,
          (id) => this.finish(id, 'apply'),
        ),
      ];
      if (!busy.includes(true)) return;
    }
    throw new Failure(`the nodes ${ids.join(' ')} still answer each other after ${maxRounds} rounds`);
  }

  private finish(id: NodeId, thread: Thread): void {
    while (this.member(id).work[thread].length > 0) this.processThread(id, thread);
  }

  private each(ids: readonly NodeId[], what: string, isDue: (id: NodeId) => boolean, run: (id: NodeId) => void): boolean {
    let ran = false;
    for (const id of ids) {
      if (!isDue(id)) continue;
      ran = true;
      this.output.write(`> ${id} ${what}\n`);
      this.output.indented(() => run(id));
    }
    return ran;
  }
}

/** What the field prints when a proposal is not taken. */
export const proposalDropped = 'raft proposal dropped';

const isCallerError = (reason: string): boolean => reason === 'local-message' || reason === 'unknown-peer';
