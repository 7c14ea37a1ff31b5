import {
  type AgentHello,
  type AgentMessage,
  type Clock,
  emptyMeta,
  type Lifecycle,
  type Logger,
  type ManagerMessage,
  type Node,
  NodeAvailability,
  NodeRole,
  NodeState,
  newId,
  present,
  type Random,
  type RelayFrame,
  type RelayRequest,
  sentenceOf,
  TsoError,
} from '@tso/proto';
import type { CallContext, Dispatcher as DispatcherService, Handlers } from '@tso/proto/rpc';
import { limits, windows } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import type { Change } from '../store/apply.ts';
import { AgentSession, type History } from './agent-session.ts';
import { type Networks, networkAssignments, nodeShare } from './assignments.ts';
import { type DoomedVolumes, doomedOf, withChanges } from './doomed-volumes.ts';
import { NodeWriter } from './node-writer.ts';
import { Sessions } from './sessions.ts';
import { StatusWriter } from './status-writer.ts';

export interface DispatcherOptions {
  /** Id of the node this manager runs on. */
  readonly nodeId: string;
  readonly heartbeatMs: number;
  readonly missedHeartbeats: number;
  /** How long known nodes may take to come after a start of the manager. */
  readonly graceMs: number;
}

export interface DispatcherPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Serves an agent's end of a relay. */
  readonly acceptRelay: (frames: AsyncIterable<RelayFrame>, signal: AbortSignal) => AsyncIterable<RelayFrame>;
}

/** Holds the agents' sessions: tells each node its share of the wish, takes in what it says, notices who is gone. */
export class Dispatcher implements Lifecycle {
  readonly #options: DispatcherOptions;
  readonly #ports: DispatcherPorts;
  readonly #epoch: string;
  readonly #sessions: Sessions;
  readonly #statuses: StatusWriter;
  readonly #nodes: NodeWriter;
  readonly #open = new Map<string, AgentSession>();
  /** What each node was told lately, for its next session of this manager's life. */
  readonly #told = new Map<string, History>();
  readonly #ended = new AbortController();
  readonly #work = new Set<Promise<void>>();
  #nextSession = 1;
  #networks: Networks = new Map();
  #doomed: DoomedVolumes = new Set();
  #cancelPush: (() => void) | undefined;
  #cancelTick: () => void = () => undefined;

  constructor(options: DispatcherOptions, ports: DispatcherPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#epoch = newId((count) => ports.random.bytes(count));
    this.#sessions = new Sessions({ ...options, tickMs: this.#tickMs }, ports.clock.monotonic());
    this.#statuses = new StatusWriter(ports);
    this.#nodes = new NodeWriter(ports);
  }

  get #tickMs(): number {
    return Math.max(1, Math.floor(this.#options.heartbeatMs / 2));
  }

  async start(): Promise<void> {
    const { proposer, clock } = this.#ports;
    this.#doomed = doomedOf(proposer.view);
    for (const node of proposer.view.nodes()) if (node.state !== NodeState.NODE_DOWN) this.#sessions.expect(node.id, clock.monotonic());
    this.#background(this.#watch());
    this.#tick();
  }

  /** Ends every session without calling its node disconnected: they will come to the next manager. */
  endSessions(): void {
    this.#ended.abort();
    for (const session of this.#open.values()) session.end(new TsoError('UNAVAILABLE', 'the manager is stopping'));
  }

  async stop(): Promise<void> {
    this.endSessions();
    this.#cancelTick();
    this.#cancelPush?.();
    await this.#statuses.stop();
    await Promise.all(this.#work);
  }

  readonly handlers: Handlers<typeof DispatcherService> = {
    session: (messages, context) => this.#session(messages, context),
    relay: (frames, context) => this.#ports.acceptRelay(frames, context.signal),
  };

  /** Asks a node's agent to call back for a relay; false when it is not connected. */
  requestRelay(nodeId: string, relay: RelayRequest): boolean {
    return this.#open.get(nodeId)?.send({ relay }) ?? false;
  }

  /** Tells a node's agent that nobody wants a relay any more. */
  cancelRelay(nodeId: string, relayId: string): void {
    this.#open.get(nodeId)?.send({ relayCancel: { relayId } });
  }

  async *#session(messages: AsyncIterable<AgentMessage>, context: CallContext): AsyncIterable<ManagerMessage> {
    const incoming = messages[Symbol.asyncIterator]();
    const first = await incoming.next();
    if (first.done === true) return;
    const hello = first.value.hello;
    if (hello === undefined || hello.nodeId === '') throw new TsoError('INVALID_ARGUMENT', 'a session begins with hello and its node id');
    if (this.#ended.signal.aborted) throw new TsoError('UNAVAILABLE', 'the manager is stopping');
    const session = this.#openSession(hello);
    const onAbort = (): void => session.end();
    context.signal.addEventListener('abort', onAbort, { once: true });
    if (context.signal.aborted) onAbort();
    void this.#read(session, incoming);
    try {
      await this.#nodes.change(session.nodeId, (node) => this.#nodeOf(hello, node));
      this.#ports.logger.info({ nodeId: session.nodeId, session: session.id, hostname: hello.description.hostname }, 'node connected');
      yield { welcome: this.#welcome() };
      this.#push(session);
      yield* session.messages;
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      this.#closeSession(session);
    }
  }

  #welcome(): NonNullable<ManagerMessage['welcome']> {
    const cluster = present(this.#ports.proposer.view.cluster(), 'the cluster object');
    return {
      epoch: this.#epoch,
      heartbeatMs: this.#options.heartbeatMs,
      clusterId: cluster.id,
      addressPool: cluster.addressPool,
      vxlanPort: cluster.vxlanPort,
    };
  }

  #openSession(hello: AgentHello): AgentSession {
    const { nodeId } = hello;
    const replaced = this.#open.get(nodeId);
    const history = replaced?.history ?? this.#told.get(nodeId) ?? [];
    const haveVersion = hello.sessionEpoch === this.#epoch ? hello.haveVersion : 0;
    const session = new AgentSession(this.#nextSession++, nodeId, history, haveVersion);
    this.#sessions.opened(nodeId, session.id, this.#ports.clock.monotonic());
    this.#open.set(nodeId, session);
    replaced?.end(new TsoError('CONFLICT', `node ${nodeId} has opened a newer session`));
    return session;
  }

  #nodeOf({ nodeId, description, address }: AgentHello, known: Node | undefined): Node {
    const role = nodeId === this.#options.nodeId ? NodeRole.MANAGER : NodeRole.WORKER;
    const node = known ?? { id: nodeId, meta: emptyMeta, role, availability: NodeAvailability.ACTIVE, labels: {} };
    return { ...node, description, address, state: NodeState.NODE_READY, stateMessage: '' };
  }

  #closeSession(session: AgentSession): void {
    const { nodeId } = session;
    session.end();
    if (this.#open.get(nodeId) === session) {
      this.#told.set(nodeId, session.history);
      this.#open.delete(nodeId);
    }
    if (!this.#sessions.closed(nodeId, session.id) || this.#ended.signal.aborted) return;
    this.#ports.logger.info({ nodeId, session: session.id }, 'node disconnected');
    const limitMs = this.#options.heartbeatMs * this.#options.missedHeartbeats;
    this.#setState(nodeId, NodeState.NODE_DISCONNECTED, `its agent is not connected; the node counts as down after ${limitMs} ms`);
  }

  async #read(session: AgentSession, incoming: AsyncIterator<AgentMessage>): Promise<void> {
    try {
      for (let next = await incoming.next(); next.done !== true; next = await incoming.next()) this.#receive(session, next.value);
      session.end();
    } catch (error) {
      this.#ports.logger.debug({ nodeId: session.nodeId, session: session.id }, `an agent's session broke: ${sentenceOf(error)}`);
      session.end(error instanceof TsoError ? error : new TsoError('UNAVAILABLE', 'the session broke', { cause: error }));
    }
  }

  #receive(session: AgentSession, message: AgentMessage): void {
    this.#sessions.heard(session.nodeId, session.id, this.#ports.clock.monotonic());
    if (message.heartbeat !== undefined) session.send({ heartbeatAck: { sequence: message.heartbeat.sequence } });
    if (message.statuses !== undefined) {
      const { updates, sequence } = message.statuses;
      const acknowledge = async (): Promise<void> => {
        await this.#statuses.report(session.nodeId, updates);
        session.send({ statusAck: { sequence } });
      };
      // Not acknowledged, the agent says it again in its next session.
      acknowledge().catch((error: unknown) =>
        session.end(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error })),
      );
    }
  }

  async #watch(): Promise<void> {
    const relevant = ({ kind }: Change): boolean => kind === 'task' || kind === 'network' || kind === 'volume' || kind === 'node';
    const options = { limit: limits.watchedChanges, signal: this.#ended.signal };
    for await (const changes of this.#ports.proposer.subscribe(relevant, options)) {
      this.#doomed =
        changes === 'resync' ? new Set([...this.#doomed, ...doomedOf(this.#ports.proposer.view)]) : withChanges(this.#doomed, changes);
      this.#cancelPush ??= this.#ports.clock.setTimer(windows.assignmentsMs, () => {
        this.#cancelPush = undefined;
        this.#pushAll();
      });
    }
  }

  #pushAll(): void {
    this.#networks = networkAssignments(this.#ports.proposer.view, this.#networks);
    for (const session of this.#open.values()) this.#pushShare(session);
  }

  /** To one node, at its session's start. */
  #push(session: AgentSession): void {
    this.#networks = networkAssignments(this.#ports.proposer.view, this.#networks);
    this.#pushShare(session, true);
  }

  #pushShare(session: AgentSession, first = false): void {
    if (!first && !session.started) return;
    const { view } = this.#ports.proposer;
    session.assign(view.index, nodeShare(view, session.nodeId, this.#networks, this.#doomed));
  }

  #tick(): void {
    for (const nodeId of this.#sessions.tick(this.#ports.clock.monotonic())) {
      const silent = this.#open.get(nodeId);
      this.#open.delete(nodeId);
      silent?.end(new TsoError('DEADLINE_EXCEEDED', `node ${nodeId} missed ${this.#options.missedHeartbeats} heartbeats`));
      this.#ports.logger.warn({ nodeId }, 'node is down');
      this.#setState(
        nodeId,
        NodeState.NODE_DOWN,
        `nothing was heard of it for ${this.#options.heartbeatMs * this.#options.missedHeartbeats} ms`,
      );
    }
    this.#cancelTick = this.#ports.clock.setTimer(this.#tickMs, () => this.#tick());
  }

  /** Unless it came back meanwhile. */
  #setState(nodeId: string, state: NodeState, stateMessage: string): void {
    const change = this.#nodes.change(nodeId, (node) =>
      node === undefined || node.state === state || this.#open.has(nodeId) ? undefined : { ...node, state, stateMessage },
    );
    this.#background(
      change.catch((error: unknown) => {
        this.#ports.logger.error({ nodeId, state }, `a node's state could not be written: ${sentenceOf(error)}`);
      }),
    );
  }

  /** Work that `stop` waits for. It must not reject, or the process ends. */
  #background(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}
