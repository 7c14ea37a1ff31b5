import { type AssignmentAck, type AssignmentSet, type ManagerMessage, type SessionUpdate, TsoError } from '@tso/proto';
import { ChannelQueue } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { emptyShare, isEmptyDifference, type NodeShare, shareDifference } from './assignments.ts';
import { sameUpdate } from './session-update.ts';

/** What a node was told last, and which version that made. */
export interface Told {
  readonly version: number;
  readonly share: NodeShare;
}

/** What a node was told lately, oldest first: it may have missed the last ones when its stream broke. */
export type History = readonly Told[];
const historyLength = 8;

/** What is known of an agent when it opens its session. */
export interface SessionStart {
  readonly id: number;
  readonly nodeId: string;
  /** What it was told before by this leader. */
  readonly history: History;
  /** What it holds of that; unless it is in the history, the first set is the whole. */
  readonly haveVersion: number;
  /** Its node was declared down: it is to hear the whole, and to stop what is not in it. */
  readonly isReturning: boolean;
}

/** The sending side of one agent's stream. */
export class AgentSession {
  readonly id: number;
  readonly nodeId: string;
  readonly #queue = new ChannelQueue<ManagerMessage>(limits.sessionQueue);
  #history: History;
  #told: Told;
  #whole: boolean;
  #first = true;
  #update: SessionUpdate | undefined;
  /** The last version of which the agent says that nothing else runs there. */
  #settled = 0;

  constructor({ id, nodeId, history, haveVersion, isReturning }: SessionStart) {
    const held = isReturning ? undefined : history.find(({ version }) => version === haveVersion);
    this.id = id;
    this.nodeId = nodeId;
    this.#history = history;
    this.#told = held ?? { version: haveVersion, share: emptyShare };
    this.#whole = held === undefined;
  }

  get messages(): AsyncIterable<ManagerMessage> {
    return this.#queue;
  }

  /** Whether the node was told its share once; before that changes are no news to it. */
  get started(): boolean {
    return !this.#first;
  }

  get history(): History {
    return this.#history;
  }

  /** Whether nothing runs there but what the node was told last. */
  get isSettled(): boolean {
    return this.started && this.#settled >= this.#told.version;
  }

  /** An agent that does not read loses its session: it comes back and asks for the whole. False then. */
  send(message: ManagerMessage): boolean {
    const sent = this.#queue.push(message);
    if (!sent) this.end(new TsoError('RESOURCE_EXHAUSTED', `node ${this.nodeId} does not read what the manager sends`));
    return sent;
  }

  /** Tells the node its share when that is news; the first time always, so that it knows where it stands. */
  assign(index: number, share: NodeShare): void {
    const content = shareDifference(this.#told.share, share);
    if (!this.#first && isEmptyDifference(content, this.#told.share)) return;
    // Never a number that was given to another share before.
    const version = Math.max(index, (this.#history.at(-1)?.version ?? 0) + 1);
    const assignments: AssignmentSet = { version, baseVersion: this.#whole ? 0 : this.#told.version, ...content };
    this.#first = false;
    this.#whole = false;
    this.#told = { version, share };
    this.#history = [...this.#history, this.#told].slice(-historyLength);
    this.send({ assignments });
  }

  acknowledged({ version, settled }: AssignmentAck): void {
    if (settled) this.#settled = Math.max(this.#settled, version);
  }

  /** Tells the node what is wanted of it when that is news. */
  update(update: SessionUpdate): void {
    if (sameUpdate(this.#update, update)) return;
    this.#update = update;
    this.send({ update });
  }

  end(error?: TsoError): void {
    this.#queue.end(error);
  }
}
