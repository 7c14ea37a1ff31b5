import {
  type AgentMessage,
  type AssignmentSet,
  type FetchImageRequest,
  type IdentityHeld,
  type Lifecycle,
  type Logger,
  type ManagerMessage,
  type ManagerWelcome,
  type NodeDescription,
  type RelayFrame,
  type SessionUpdate,
  sentenceOf,
  type TaskStatus,
  TsoError,
} from '@tso/proto';
import { Dispatcher, type Duplex, type RpcClient } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import type { Relays } from '../relay/relays.ts';
import type { UsageMeter } from '../usage-meter.ts';
import type { Outcome, Target } from './connect-plan.ts';
import type { ManagerConnection } from './manager-connection.ts';
import { ManagerSearch, type ManagerSearchPorts } from './manager-search.ts';
import { type Ended, SessionPulse } from './session-pulse.ts';
import { StatusOutbox } from './status-outbox.ts';

export interface SessionOptions {
  readonly nodeId: string;
  /** Where the networks of other hosts reach this one; empty on a single host. */
  readonly address: string;
  /** The manager to begin with; empty: any. */
  readonly begin: string;
}

export interface SessionPorts extends ManagerSearchPorts {
  readonly logger: Logger;
  readonly relays: Pick<Relays, 'open' | 'cancel'>;
  readonly meter: Pick<UsageMeter, 'measure' | 'take'>;
  /** What this node is and has now. */
  readonly describe: () => Promise<NodeDescription>;
  /** What this node's certificate is. */
  readonly identity: () => IdentityHeld;
  readonly onWelcome: (welcome: ManagerWelcome) => Promise<void>;
  /** What the cluster wants of this node; resolves once that is durable here. */
  readonly onUpdate: (update: SessionUpdate) => Promise<void>;
  /** An attempt was refused, or failed; what it means for this node is decided there. */
  readonly onFailure: (error: unknown) => void;
  /** Resolves once the assignments are durable here. */
  readonly onAssignments: (set: AssignmentSet) => Promise<void>;
  /** Resolves once nothing runs here that the assignments do not name; undefined: it is so already. */
  readonly settling: () => Promise<void> | undefined;
  /** Where every task of this host stands. */
  readonly statuses: () => readonly (readonly [taskId: string, status: TaskStatus])[];
}

type Stream = Duplex<AgentMessage, ManagerMessage>;

/**
 * The agent's one stream to the leading manager. When it breaks, the containers go on; the agent finds a manager again, comes back with the
 * last version it holds, and says the statuses again that were not acknowledged.
 */
export class Session implements Lifecycle {
  readonly #options: SessionOptions;
  readonly #ports: SessionPorts;
  readonly #outbox = new StatusOutbox();
  readonly #welcomed = Promise.withResolvers<void>();
  readonly #search: ManagerSearch;
  #loop: Promise<void> | undefined;
  #stopped = false;
  /** The manager that `#version` is a number of. */
  #epoch = '';
  #version = 0;
  /** The one under way, welcomed or not. */
  #attempt: Stream | undefined;
  #stream: Stream | undefined;
  #dispatcher: RpcClient<typeof Dispatcher> | undefined;
  #flushing = false;
  /** The node is not any more what it was last said to be. */
  #isDescriptionOld = false;

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#search = new ManagerSearch(options, ports);
    // Whoever waits hears of it; nobody has to.
    this.#welcomed.promise.catch(() => undefined);
  }

  async start(): Promise<void> {
    this.#loop ??= this.#keepConnected();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#search.stop();
    this.#welcomed.reject(new TsoError('CANCELLED', 'this node stopped looking for a manager'));
    this.#attempt?.cancel();
    await this.#loop;
  }

  /** Whether a manager is listening now. */
  get isConnected(): boolean {
    return this.#stream !== undefined;
  }

  /** Resolves with the first welcome. CANCELLED: it was stopped before. */
  get welcomed(): Promise<void> {
    return this.#welcomed.promise;
  }

  /** Carries the newest status of a task; an older one that was not sent yet is dropped. */
  report(taskId: string, status: TaskStatus): void {
    this.#outbox.put(taskId, status);
    this.#flush();
  }

  /** Tells that there is another certificate. The next session says it by itself. */
  tellIdentity(): void {
    this.#say({ identity: this.#ports.identity() });
  }

  /** Tells what this node is now. The next session says it by itself. */
  tellDescription(): void {
    this.#isDescriptionOld = true;
    this.#flushDescription();
  }

  /** A built image from another node, by way of the manager that this node has a session with. UNAVAILABLE: with none just now. */
  fetchImage(request: FetchImageRequest, signal: AbortSignal): AsyncIterable<RelayFrame> {
    if (this.#stream === undefined || this.#dispatcher === undefined)
      throw new TsoError('UNAVAILABLE', 'this node has no session with a manager just now', { hint: 'See tso info' });
    return this.#dispatcher.fetchImage(request, { signal });
  }

  /** See `ManagerSearch.hurry`. */
  hurry(): void {
    this.#search.hurry();
  }

  async #keepConnected(): Promise<void> {
    while (!this.#stopped) {
      const target = this.#search.next();
      const { connection, ended } = await this.#attemptAt(target);
      const outcome = this.#search.ended(target, connection, ended);
      if (this.#stopped) break;
      this.#note(target, outcome, ended.error);
      await this.#search.pause(outcome);
    }
    this.#search.close();
  }

  /** Once for an outage: while it lasts each attempt fails alike. */
  #note(target: Target | undefined, outcome: Outcome, error: unknown): void {
    const fields = { reason: sentenceOf(error), manager: target?.kind === 'address' ? target.address : target?.kind };
    if (outcome.kind === 'lost' || outcome.kind === 'lost-to' || outcome.kind === 'given-up') {
      this.#ports.logger.warn(fields, 'the session with the manager ended; comes back');
    } else this.#ports.logger.debug(fields, 'no session with the manager yet');
    if (outcome.kind !== 'redirected' && outcome.kind !== 'admission') this.#ports.onFailure(error);
  }

  /** One attempt, and why it or the session that it became ended. */
  async #attemptAt(target: Target | undefined): Promise<{ readonly connection?: ManagerConnection; readonly ended: Ended }> {
    if (target === undefined) return { ended: nobody };
    let connection: ManagerConnection;
    try {
      connection = this.#search.connection(target);
    } catch (error) {
      return { ended: { ...nobody, error } };
    }
    return { connection, ended: await this.#converse(connection) };
  }

  /** One session from its hello to its end. */
  async #converse(connection: ManagerConnection): Promise<Ended> {
    let wasWelcome = false;
    let isOurs = false;
    const dispatcher = connection.channel.client(Dispatcher);
    const stream = dispatcher.session();
    const { clock, logger, meter } = this.#ports;
    const pulse = new SessionPulse(stream, { clock, logger, usage: () => meter.take() });
    this.#attempt = stream;
    this.#dispatcher = dispatcher;
    try {
      pulse.listen();
      connection.onStage((stage) => pulse.reached(stage));
      await stream.send({ hello: await this.#hello() });
      for await (const message of stream) {
        pulse.heard();
        if (message.welcome !== undefined) {
          wasWelcome = true;
          pulse.beat(message.welcome.heartbeatMs);
        }
        isOurs = true;
        await this.#receive(message, stream, dispatcher);
        isOurs = false;
        pulse.listen();
      }
      return { wasWelcome, isOurs, ...pulse.ended(new TsoError('UNAVAILABLE', 'the manager ended it')) };
    } catch (error) {
      return { wasWelcome, isOurs, ...pulse.ended(error) };
    } finally {
      pulse.stop();
      this.#stream = undefined;
      this.#dispatcher = undefined;
      this.#attempt = undefined;
      stream.cancel();
    }
  }

  async #hello(): Promise<NonNullable<AgentMessage['hello']>> {
    const { nodeId, address } = this.#options;
    this.#isDescriptionOld = false;
    const description = await this.#ports.describe();
    return { nodeId, address, description, haveVersion: this.#version, sessionEpoch: this.#epoch, identity: this.#ports.identity() };
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
    this.#flushDescription();
    this.#welcomed.resolve();
    this.#ports.logger.info({ clusterId: welcome.clusterId }, 'session with the manager');
  }

  /** Rejects when this node cannot do what it is told to. */
  async #receive(message: ManagerMessage, stream: Stream, dispatcher: RpcClient<typeof Dispatcher>): Promise<void> {
    if (message.welcome !== undefined) {
      await this.#begin(message.welcome, stream);
    } else if (message.assignments !== undefined) {
      await this.#take(message.assignments, stream);
    } else if (message.relay !== undefined) {
      this.#ports.relays.open(message.relay, dispatcher);
    } else if (message.relayCancel !== undefined) {
      this.#ports.relays.cancel(message.relayCancel.relayId);
    } else if (message.heartbeatAck !== undefined) {
      this.#ports.meter.measure(message.heartbeatAck.measure);
    } else if (message.statusAck !== undefined) {
      this.#outbox.acknowledge(message.statusAck.sequence);
    } else if (message.update !== undefined) {
      await this.#ports.onUpdate(message.update);
    }
  }

  async #take(set: AssignmentSet, stream: Stream): Promise<void> {
    const { version, baseVersion } = set;
    if (baseVersion !== 0 && baseVersion !== this.#version) {
      const held = this.#version;
      this.#version = 0;
      throw new TsoError('FAILED_PRECONDITION', `the manager builds on version ${baseVersion}, held is ${held}: asks for the whole`);
    }
    // What is carried out in part only is no version that anybody could build on.
    this.#version = 0;
    await this.#ports.onAssignments(set);
    this.#version = version;
    const settling = this.#ports.settling();
    this.#say({ ack: { version, settled: settling === undefined } });
    // A later version, or the next session, says it for itself.
    void settling?.then(() => {
      if (this.#stream === stream && this.#version === version) this.#say({ ack: { version, settled: true } });
    });
  }

  #say(message: AgentMessage): void {
    this.#stream
      ?.send(message)
      .catch((error: unknown) =>
        this.#ports.logger.debug({ error: sentenceOf(error) }, 'the manager was not told: the session just ended'),
      );
  }

  #flushDescription(): void {
    if (this.#stream === undefined || !this.#isDescriptionOld) return;
    this.#isDescriptionOld = false;
    this.#ports.describe().then(
      (description) => this.#say({ description }),
      (error: unknown) => this.#ports.logger.error({ error: sentenceOf(error) }, 'what this node is now could not be told'),
    );
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
}

const nobody: Ended = { wasWelcome: false, isOurs: false, error: new TsoError('UNAVAILABLE', 'no manager is known'), isSilent: false };
