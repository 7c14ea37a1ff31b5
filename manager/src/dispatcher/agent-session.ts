import { type AssignmentSet, type ManagerMessage, TsoError } from '@tso/proto';
import { ChannelQueue } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { isEmptyDifference, type NodeShare, shareDifference } from './assignments.ts';

/** What a node was told last, and which version that made. */
export interface Told {
  readonly version: number;
  readonly share: NodeShare;
}

/** The sending side of one agent's stream. */
export class AgentSession {
  readonly id: number;
  readonly nodeId: string;
  readonly #queue = new ChannelQueue<ManagerMessage>(limits.sessionQueue);
  #told: Told;
  #whole: boolean;
  #first = true;

  /** @param told what the agent holds already; the first set is a difference to it unless `whole` */
  constructor(id: number, nodeId: string, told: Told, whole: boolean) {
    this.id = id;
    this.nodeId = nodeId;
    this.#told = told;
    this.#whole = whole;
  }

  get messages(): AsyncIterable<ManagerMessage> {
    return this.#queue;
  }

  /** Whether the node was told its share once; before that changes are no news to it. */
  get started(): boolean {
    return !this.#first;
  }

  get told(): Told {
    return this.#told;
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
    if (!this.#first && isEmptyDifference(content)) return;
    const version = Math.max(index, this.#told.version + 1);
    const assignments: AssignmentSet = { version, baseVersion: this.#whole ? 0 : this.#told.version, ...content };
    this.#first = false;
    this.#whole = false;
    this.#told = { version, share };
    this.send({ assignments });
  }

  end(error?: TsoError): void {
    this.#queue.end(error);
  }
}
