import { MemoryStorage } from '../memory-storage.ts';
import { type ConfState, type Entry, emptyConfState, type Message, type MessageType, message, type NodeId, noBytes } from '../messages.ts';
import { defaultRaftOptions, type RaftOptions } from '../options.ts';
import { RaftCore } from '../raft.ts';
import type { ReadState, Ready, StepResult } from '../ready.ts';

/** The ports are open, the others are played by the test: what it says is stepped, what the node says is kept. */
export class Member {
  readonly storage: MemoryStorage;
  readonly core: RaftCore;
  readonly traces: string[] = [];
  /** Everything sent so far. */
  sent: Message[] = [];
  readonly applied: Entry[] = [];
  readonly reads: ReadState[] = [];

  /** Node 1 behind a snapshot of term 1 at index 1 that names the members. */
  constructor(confState: Partial<ConfState>, options: Partial<RaftOptions> = {}, storage = new MemoryStorage()) {
    this.storage = storage;
    const members: ConfState = { ...emptyConfState, ...confState };
    if (storage.lastIndex() === 0) storage.applySnapshot({ index: 1, term: 1, confState: members, data: noBytes });
    this.core = new RaftCore({
      ...defaultRaftOptions,
      id: 1,
      storage,
      random: { number: () => 0 },
      applied: 1,
      trace: (level, text) => this.traces.push(`${level} ${text()}`),
      ...options,
    });
  }

  /** Does what one Ready asks for. */
  one(): Ready {
    const ready = this.core.ready();
    if (ready.hardState) this.storage.hardState = ready.hardState;
    if (ready.snapshot) this.storage.applySnapshot(ready.snapshot);
    this.storage.append(ready.entries);
    this.sent.push(...ready.messages);
    this.reads.push(...ready.readStates);
    for (const entry of ready.committedEntries) {
      if (entry.type !== 'EntryNormal') this.core.applyConfChange(entry);
      this.applied.push(entry);
    }
    this.core.advance(ready);
    return ready;
  }

  /** Handles Readys until there are none. */
  run(): this {
    while (this.core.hasReady()) this.one();
    return this;
  }

  /** Steps a message of the node's own term unless another is given. */
  hear(from: NodeId, type: MessageType, fields: Partial<Omit<Message, 'type' | 'from'>> = {}): StepResult {
    return this.core.step(message(type, { from, to: this.core.id, term: this.core.status().hardState.term, ...fields }));
  }

  /** As `hear`, and handles what follows. */
  take(from: NodeId, type: MessageType, fields: Partial<Omit<Message, 'type' | 'from'>> = {}): this {
    this.hear(from, type, fields);
    return this.run();
  }

  /** Wins an election with the votes of these and commits the first entry of the term with their acknowledgements. */
  lead(...by: readonly NodeId[]): this {
    this.core.campaign();
    this.run();
    if (this.core.status().role === 'pre-candidate')
      for (const id of by) this.take(id, 'MsgPreVoteResp', { term: this.core.status().hardState.term + 1 });
    for (const id of by) this.take(id, 'MsgVoteResp');
    return this.acknowledged(...by).forget();
  }

  /** These have the whole log. */
  acknowledged(...by: readonly NodeId[]): this {
    for (const id of by) this.take(id, 'MsgAppResp', { index: this.core.status().lastIndex });
    return this;
  }

  propose(...commands: readonly string[]): StepResult {
    return this.core.propose(...commands.map((text) => new TextEncoder().encode(text)));
  }

  ticks(count: number): this {
    for (let done = 0; done < count; done += 1) this.core.tick();
    return this.run();
  }

  forget(): this {
    this.sent = [];
    return this;
  }

  /** What was sent of that type, since the last `forget`. */
  of(type: MessageType): readonly Message[] {
    return this.sent.filter((it) => it.type === type);
  }
}

export const reasonOf = (result: StepResult): string => (result.accepted ? 'accepted' : result.reason);
export const whyOf = (result: StepResult): string => (result.accepted ? '' : result.why);
