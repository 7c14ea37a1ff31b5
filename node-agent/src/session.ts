import {
  type AgentMessage,
  type AssignmentSet,
  type Clock,
  type Lifecycle,
  type Logger,
  type ManagerMessage,
  type ManagerWelcome,
  type NodeDescription,
  NodeRole,
  type Random,
  sentenceOf,
  type TaskStatus,
  TsoError,
} from '@tso/proto';
import { Dispatcher, type Duplex, type RpcChannel, type RpcClient } from '@tso/proto/rpc';
import { limits } from './limits.ts';
import type { Relays } from './relay/relays.ts';
import { SessionPulse } from './session-pulse.ts';
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
  readonly relays: Pick<Relays, 'open' | 'cancel'>;
  readonly onWelcome: (welcome: ManagerWelcome) => Promise<void>;
  /** Resolves once the assignments are durable here. */
  readonly onAssignments: (set: AssignmentSet) => Promise<void>;
  /** Where every task of this host stands. */
  readonly statuses: () => readonly (readonly [taskId: string, status: TaskStatus])[];
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
  #loop: Promise<void> | undefined;
  #stopped = false;
  #endPause: () => void = () => undefined;
  /** The manager that `#version` is a number of. */
  #epoch = '';
  #version = 0;
  /** The one under way, welcomed or not. */
  #attempt: Stream | undefined;
  #stream: Stream | undefined;
  #flushing = false;

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#loop ??= this.#keepConnected();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause();
    this.#attempt?.cancel();
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
    while (!this.#stopped) {
      const startedAt = this.#ports.clock.monotonic();
      const why = await this.#connectOnce();
      if (this.#stopped) return;
      const lasted = this.#ports.clock.monotonic() - startedAt;
      // Once for an outage: while it lasts each attempt fails alike.
      if (why.wasWelcome) this.#ports.logger.warn({ reason: why.reason }, 'the session with the manager ended; comes back');
      else this.#ports.logger.debug({ reason: why.reason }, 'no session with the manager yet');
      pauseMs = lasted > limits.reconnectMaxMs ? limits.reconnectMinMs : Math.min(pauseMs * 2, limits.reconnectMaxMs);
      await this.#pause(pauseMs * (0.5 + this.#ports.random.number() / 2));
    }
  }

  /** One session from its hello to its end, and why it ended. */
  async #connectOnce(): Promise<{ readonly wasWelcome: boolean; readonly reason: string }> {
    const channel = this.#ports.connect();
    const dispatcher = channel.client(Dispatcher);
    const stream = dispatcher.session();
    const pulse = new SessionPulse(stream, this.#ports);
    let wasWelcome = false;
    this.#attempt = stream;
    try {
      const { nodeId, address, description } = this.#options;
      await stream.send({
        hello: {
          nodeId,
          address,
          description,
          haveVersion: this.#version,
          sessionEpoch: this.#epoch,
          identity: { authorityEpoch: 0, role: NodeRole.WORKER },
        },
      });
      pulse.listen();
      for await (const message of stream) {
        pulse.heard();
        if (message.welcome !== undefined) {
          wasWelcome = true;
          pulse.beat(message.welcome.heartbeatMs);
          await this.#begin(message.welcome, stream);
        } else {
          await this.#receive(message, stream, dispatcher);
        }
        pulse.listen();
      }
      return { wasWelcome, reason: 'the manager ended it' };
    } catch (error) {
      return { wasWelcome, reason: sentenceOf(error) };
    } finally {
      pulse.stop();
      this.#stream = undefined;
      this.#attempt = undefined;
      stream.cancel();
      channel.close();
    }
  }

  async #begin(welcome: ManagerWelcome, stream: Stream): Promise<void> {
    await this.#ports.onWelcome(welcome);
    if (welcome.epoch !== this.#epoch) {
      // Another life of the manager, perhaps with an older disk: it may not even know what its predecessor acknowledged.
      for (const [taskId, status] of this.#ports.statuses()) this.#outbox.put(taskId, status);
      this.#version = 0;
      this.#epoch = welcome.epoch;
    }
    this.#stream = stream;
    this.#outbox.sayAllAgain();
    this.#flush();
    this.#ports.logger.info({ clusterId: welcome.clusterId }, 'session with the manager');
  }

  async #receive(message: ManagerMessage, stream: Stream, dispatcher: RpcClient<typeof Dispatcher>): Promise<void> {
    if (message.assignments !== undefined) {
      const { version, baseVersion } = message.assignments;
      if (baseVersion !== 0 && baseVersion !== this.#version) {
        const held = this.#version;
        this.#version = 0;
        throw new TsoError('FAILED_PRECONDITION', `the manager builds on version ${baseVersion}, held is ${held}: asks for the whole`);
      }
      await this.#ports.onAssignments(message.assignments);
      this.#version = version;
      await stream.send({ ack: { version, settled: false } });
    } else if (message.relay !== undefined) {
      this.#ports.relays.open(message.relay, dispatcher);
    } else if (message.relayCancel !== undefined) {
      this.#ports.relays.cancel(message.relayCancel.relayId);
    } else if (message.statusAck !== undefined) {
      this.#outbox.acknowledge(message.statusAck.sequence);
    }
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
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.clock.setTimer(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
    this.#endPause = () => undefined;
  }
}
