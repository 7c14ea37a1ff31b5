import { type RelayFrame, TsoError } from '@tso/proto';
import { Pipe } from '../api/pipe.ts';
import type { RelayConnection, RelayNode, RelayWish } from '../api/relays.ts';

/** One stream that was opened to a task, as its agent sees it. */
export class OpenedRelay {
  readonly node: RelayNode;
  readonly taskId: string;
  readonly wish: RelayWish;
  readonly toAgent: RelayFrame[] = [];
  cancelled = false;
  ended = false;
  readonly #frames = new Pipe<RelayFrame>(1_000);

  constructor(node: RelayNode, taskId: string, wish: RelayWish) {
    this.node = node;
    this.taskId = taskId;
    this.wish = wish;
  }

  say(...frames: readonly RelayFrame[]): this {
    for (const frame of frames) void this.#frames.write(frame);
    return this;
  }

  /** The agent has said all. */
  close(): this {
    this.#frames.end();
    return this;
  }

  /** As when the agent's connection is lost: what it said before is heard. */
  async lose(): Promise<void> {
    await new Promise(setImmediate);
    this.#frames.end(new TsoError('UNAVAILABLE', 'the connection was lost'));
  }

  get connection(): RelayConnection {
    return {
      frames: this.#frames,
      send: async (frame) => void this.toAgent.push(frame),
      end: () => {
        this.ended = true;
      },
      cancel: () => {
        if (!this.ended) this.cancelled = true;
      },
    };
  }
}

/** Agents that answer as a test says: what is opened is handed to it, in order. */
export class FakeAgents {
  readonly opened: OpenedRelay[] = [];
  /** Why nothing can be opened now. */
  refusal: TsoError | undefined;
  /** Answers a stream as soon as it is opened. */
  onOpen: (relay: OpenedRelay) => void = () => undefined;

  readonly open = async (node: RelayNode, taskId: string, wish: RelayWish): Promise<RelayConnection> => {
    if (this.refusal !== undefined) throw this.refusal;
    const relay = new OpenedRelay(node, taskId, wish);
    this.opened.push(relay);
    this.onOpen(relay);
    return relay.connection;
  };
}
