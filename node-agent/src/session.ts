import {
  type AgentMessage,
  type AssignmentSet,
  type Clock,
  type Lifecycle,
  type Logger,
  type ManagerMessage,
  type ManagerWelcome,
  type NodeDescription,
  type Random,
  sentenceOf,
  type TaskStatus,
} from '@tso/proto';
import { Dispatcher, type Duplex, type RpcChannel, type RpcClient } from '@tso/proto/rpc';
import { limits } from './limits.ts';
import type { Relays } from './relay/relays.ts';
import { StatusOutbox } from './status-outbox.ts';

export interface SessionOptions {
  readonly nodeId: string;
  readonly address: string;
  readonly description: NodeDescription;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A connection to whichever manager is to be tried next. */
  readonly connect: () => RpcChannel;
  readonly relays: Relays;
  readonly onWelcome: (welcome: ManagerWelcome) => Promise<void>;
  readonly onAssignments: (set: AssignmentSet) => Promise<void>;
}

type Stream = Duplex<AgentMessage, ManagerMessage>;

/**
 * The agent's one stream to the manager. When it breaks, the containers go on; the agent comes back with the last version
 * it holds, and the statuses that were not acknowledged are said again.
 */
export class Session implements Lifecycle {
  readonly #options: SessionOptions;
  readonly #ports: SessionPorts;
  readonly #outbox = new StatusOutbox();
  readonly #abort = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #epoch = '';
  #version = 0;
  #stream: Stream | undefined;
  #flushing = false;

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#loop = this.#keepConnected();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#stream?.cancel();
    await this.#loop;
  }

  /** Whether a manager is listening now. */
  get isConnected(): boolean {
    return this.#stream !== undefined;
  }

  /** Carries the newest status of a task; an older one that was not sent yet is dropped. */
  report(taskId: string, status: TaskStatus): void {
    this.#outbox.put(taskId, status);
    this.#flush();
  }

  async #keepConnected(): Promise<void> {
    let pauseMs: number = limits.reconnectMinMs;
    while (!this.#abort.signal.aborted) {
      const startedAt = this.#ports.clock.monotonic();
      try {
        await this.#connectOnce();
      } catch (error) {
        this.#ports.logger.debug({ error: sentenceOf(error) }, 'the session to the manager ended');
      }
      const lasted = this.#ports.clock.monotonic() - startedAt;
      pauseMs = lasted > limits.reconnectMaxMs ? limits.reconnectMinMs : Math.min(pauseMs * 2, limits.reconnectMaxMs);
      await this.#pause(pauseMs * (0.5 + this.#ports.random.number() / 2));
    }
  }

  async #connectOnce(): Promise<void> {
    const channel = this.#ports.connect();
    const dispatcher = channel.client(Dispatcher);
    const stream = dispatcher.session({ signal: this.#abort.signal });
    let stopHeartbeat: () => void = () => undefined;
    try {
      const { nodeId, address, description } = this.#options;
      await stream.send({ hello: { nodeId, address, description, haveVersion: this.#version, sessionEpoch: this.#epoch } });
      for await (const message of stream) {
        if (message.welcome !== undefined) {
          stopHeartbeat = await this.#begin(message.welcome, stream);
        } else {
          await this.#receive(message, stream, dispatcher);
        }
      }
    } finally {
      stopHeartbeat();
      this.#stream = undefined;
      stream.cancel();
      channel.close();
    }
  }

  async #begin(welcome: ManagerWelcome, stream: Stream): Promise<() => void> {
    if (welcome.epoch !== this.#epoch) this.#version = 0;
    this.#epoch = welcome.epoch;
    await this.#ports.onWelcome(welcome);
    this.#stream = stream;
    this.#outbox.sayAllAgain();
    this.#flush();
    this.#ports.logger.info({ clusterId: welcome.clusterId }, 'session with the manager');
    return this.#heartbeat(welcome.heartbeatMs, stream);
  }

  async #receive(message: ManagerMessage, stream: Stream, dispatcher: RpcClient<typeof Dispatcher>): Promise<void> {
    if (message.assignments !== undefined) {
      await this.#ports.onAssignments(message.assignments);
      this.#version = message.assignments.version;
      await stream.send({ ack: { version: this.#version } });
    } else if (message.relay !== undefined) {
      this.#ports.relays.open(message.relay, dispatcher);
    } else if (message.statusAck !== undefined) {
      this.#outbox.acknowledge(message.statusAck.sequence);
    }
  }

  #heartbeat(intervalMs: number, stream: Stream): () => void {
    let sequence = 0;
    let cancel: () => void = () => undefined;
    const beat = () => {
      sequence += 1;
      stream
        .send({ heartbeat: { sequence } })
        .catch((error: unknown) => this.#ports.logger.debug({ error: sentenceOf(error) }, 'no heartbeat was sent'));
      cancel = this.#ports.clock.setTimer(intervalMs, beat);
    };
    cancel = this.#ports.clock.setTimer(intervalMs, beat);
    return () => cancel();
  }

  /** Sends what waits, a batch at a time; what comes meanwhile goes with the next one. */
  #flush(): void {
    const stream = this.#stream;
    if (stream === undefined || this.#flushing) return;
    const report = this.#outbox.nextReport(limits.statusBatch);
    if (report === undefined) return;
    this.#flushing = true;
    stream
      .send({ statuses: report })
      .catch((error: unknown) => this.#ports.logger.debug({ error: sentenceOf(error) }, 'statuses wait for the next session'))
      .finally(() => {
        this.#flushing = false;
        this.#flush();
      });
  }

  async #pause(ms: number): Promise<void> {
    if (this.#abort.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.clock.setTimer(ms, resolve);
      this.#abort.signal.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }
}
