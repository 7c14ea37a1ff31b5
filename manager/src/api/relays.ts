import { type Clock, type Logger, newId, type Random, type RelayFrame, type RelayRequest, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { Pipe } from './pipe.ts';

/** The manager's end of a stream to one task or node, through its agent's own connection. */
export interface RelayConnection {
  /** From the agent, until it ends its side; throws when the relay breaks. */
  readonly frames: AsyncIterable<RelayFrame>;
  /** Resolves once there is room for more. UNAVAILABLE: the agent is gone. */
  send(frame: RelayFrame): Promise<void>;
  /** All is said: ends the agent's call in good order. Idempotent. */
  end(): void;
  /** Breaks the agent's call off: it stops what it does for this relay. Nothing after `end`. */
  cancel(): void;
}

/** Where the task is. */
export interface RelayNode {
  readonly id: string;
  readonly hostname: string;
}

/** What is asked of an agent. */
export type RelayWish = Pick<RelayRequest, 'logs' | 'exec' | 'stats' | 'top' | 'copyOut' | 'copyIn' | 'imageOut' | 'imageIn' | 'signal'>;

export interface RelayPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Puts the request on the node's session; false when the node has none. */
  readonly request: (nodeId: string, request: RelayRequest) => boolean;
  /** Says on the node's session that nobody wants the relay any more; nothing when it has none. */
  readonly cancel: (nodeId: string, relayId: string) => void;
}

interface Waiting {
  /** The node that was asked. */
  readonly nodeId: string;
  readonly accept: (frames: AsyncIterator<RelayFrame>, toAgent: Pipe<RelayFrame>) => void;
}

/** Brings together who wants to talk to a task and the call that its agent makes for it. */
export class Relays {
  readonly #ports: RelayPorts;
  readonly #waiting = new Map<string, Waiting>();
  readonly #open = new Set<Pipe<RelayFrame>>();
  #stopped = false;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
  }

  /** UNAVAILABLE: the node is not connected, or did not call back in time. CANCELLED: the signal. */
  async open(node: RelayNode, taskId: string, wish: RelayWish, signal: AbortSignal): Promise<RelayConnection> {
    if (this.#stopped) throw new TsoError('UNAVAILABLE', 'the manager is stopping');
    if (this.#open.size + this.#waiting.size >= limits.relays) {
      throw new TsoError('RESOURCE_EXHAUSTED', `${limits.relays} streams to tasks are open already`, {
        hint: 'End some of them (logs -f, exec) first',
      });
    }
    const relayId = newId((count) => this.#ports.random.bytes(count));
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(relayId);
      };
      const fail = (error: TsoError): void => {
        settle();
        reject(error);
      };
      const onAbort = (): void => fail(new TsoError('CANCELLED', 'the caller went away'));
      const cancelTimer = this.#ports.clock.setTimer(limits.relayAnswerMs, () =>
        fail(new TsoError('UNAVAILABLE', `the agent of node ${node.hostname} did not answer within ${limits.relayAnswerMs / 1000} s`)),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(relayId, {
        nodeId: node.id,
        accept: (frames, toAgent) => {
          settle();
          resolve(connection(frames, toAgent, () => this.#ports.cancel(node.id, relayId)));
        },
      });
      if (signal.aborted) onAbort();
      else if (!this.#ports.request(node.id, { relayId, taskId, ...wish })) {
        fail(new TsoError('UNAVAILABLE', `node ${node.hostname} is not connected`, { hint: 'See tso node ls' }));
      }
    });
  }

  /**
   * Serves the agent's call: what it yields goes to the agent. INVALID_ARGUMENT: no `open` first. NOT_FOUND: nobody waits for that id any
   * more. PERMISSION_DENIED: another node was asked.
   * @param from the node that the caller's certificate names; undefined on the unix socket, where the caller is this machine's root
   */
  async *accept(requests: AsyncIterable<RelayFrame>, signal: AbortSignal, from?: string): AsyncIterable<RelayFrame> {
    const frames = requests[Symbol.asyncIterator]();
    const first = await frames.next();
    const relayId = first.done === true ? undefined : first.value.open;
    if (relayId === undefined) throw new TsoError('INVALID_ARGUMENT', 'the first frame of a relay must be `open` with its id');
    const waiting = this.#waiting.get(relayId);
    if (waiting === undefined) throw new TsoError('NOT_FOUND', `nobody waits for relay ${relayId} any more`);
    if (from !== undefined && from !== waiting.nodeId)
      throw new TsoError('PERMISSION_DENIED', `node ${from} answers for a stream that another node was asked for`);
    const toAgent = new Pipe<RelayFrame>(limits.relayFrames);
    const onAbort = (): void => toAgent.end(new TsoError('UNAVAILABLE', 'the agent ended the stream'));
    signal.addEventListener('abort', onAbort, { once: true });
    this.#open.add(toAgent);
    try {
      waiting.accept(frames, toAgent);
      yield* toAgent;
    } finally {
      this.#open.delete(toAgent);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends every relay. */
  stop(): void {
    this.#stopped = true;
    for (const pipe of this.#open) pipe.end(new TsoError('UNAVAILABLE', 'the manager is stopping'));
  }
}

const connection = (frames: AsyncIterator<RelayFrame>, toAgent: Pipe<RelayFrame>, tellAgent: () => void): RelayConnection => {
  let isOver = false;
  return {
    frames: { [Symbol.asyncIterator]: () => frames },
    send: (frame) => toAgent.write(frame),
    end: () => {
      isOver = true;
      toAgent.end();
    },
    cancel: () => {
      if (isOver) return;
      isOver = true;
      toAgent.end(new TsoError('CANCELLED', 'the caller went away'));
      // Said apart too: the call itself cannot end while frames wait in it for an agent whose process does not read.
      tellAgent();
    },
  };
};
