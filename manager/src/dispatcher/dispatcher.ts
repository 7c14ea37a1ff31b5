import {
  type AgentHello,
  type AgentMessage,
  type Clock,
  type FetchImageRequest,
  type Heartbeat,
  type Lifecycle,
  type Logger,
  type ManagerAddress,
  type ManagerMessage,
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
import { managerAddresses } from '../rules/manager-addresses.ts';
import type { Change } from '../store/apply.ts';
import { helloProblem, identityProblem, membershipProblem } from './acceptance.ts';
import { Admission } from './admission.ts';
import { AgentSession, type History } from './agent-session.ts';
import { NodeKeeper, type NodeKeeperOptions } from './node-keeper.ts';
import { sessionUpdateOf } from './session-update.ts';
import { Shares } from './shares.ts';
import { StatusWriter } from './status-writer.ts';
import { endsWithin, orAborted } from './until.ts';
import { UsageBook } from './usage-book.ts';

export type DispatcherOptions = NodeKeeperOptions;

export interface DispatcherPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Serves an agent's end of a relay. `from`: the node that its certificate names; undefined on the unix socket. */
  readonly acceptRelay: (frames: AsyncIterable<RelayFrame>, signal: AbortSignal, from?: string) => AsyncIterable<RelayFrame>;
  /** A built image for the node that its certificate names; undefined on the unix socket, where this manager's own node asks. */
  readonly fetchImage: (from: string | undefined, request: FetchImageRequest, signal: AbortSignal) => AsyncIterable<RelayFrame>;
}

const watched: ReadonlySet<Change['kind']> = new Set(['task', 'service', 'network', 'volume', 'node', 'manager', 'authority']);

const stopping = (): TsoError => new TsoError('UNAVAILABLE', 'the manager is stopping');

/**
 * Holds the agents' sessions: tells each node its share of the wish, takes in what it says, notices who is gone. One is made for each
 * leadership, on a proposer that writes in this leadership alone: what is decided here must not be written through another leader.
 */
export class Dispatcher implements Lifecycle {
  /** What tasks take, as agents measure it. */
  readonly usage: UsageBook;
  readonly #options: DispatcherOptions;
  readonly #ports: DispatcherPorts;
  readonly #epoch: string;
  readonly #statuses: StatusWriter;
  readonly #nodes: NodeKeeper;
  readonly #open = new Map<string, AgentSession>();
  /** What each node was told lately, for its next session of this manager's life. */
  readonly #told = new Map<string, History>();
  readonly #shares = new Shares();
  readonly #admission: Admission;
  readonly #ended = new AbortController();
  #nextSession = 1;
  #managers: readonly ManagerAddress[] = [];
  #watching: Promise<void> | undefined;
  #cancelPush: (() => void) | undefined;
  #pushAfterMs: number = windows.assignmentsMs;
  /** Something changed since the push that is under way began. */
  #hasNews = false;
  #endError = stopping();

  constructor(options: DispatcherOptions, ports: DispatcherPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#epoch = newId((count) => ports.random.bytes(count));
    this.usage = new UsageBook(options);
    this.#statuses = new StatusWriter(ports);
    this.#admission = new Admission(limits.admission, ports.clock.monotonic());
    this.#nodes = new NodeKeeper(options, { ...ports, onSilent: (nodeId, why) => this.#silence(nodeId, why) });
  }

  async start(): Promise<void> {
    if (this.#ended.signal.aborted || this.#watching !== undefined) return;
    this.#shares.reset(this.#ports.proposer.view);
    this.#managers = managerAddresses(this.#ports.proposer.view);
    this.#watching = this.#watch();
    this.#nodes.start();
  }

  /** Ends every session without calling its node disconnected, and takes no more: the agents go to the next leader, `why` may name it. */
  endSessions(why: TsoError = stopping()): void {
    if (this.#ended.signal.aborted) return;
    this.#endError = why;
    this.#ended.abort();
    this.#nodes.end();
    this.#cancelPush?.();
    for (const session of this.#open.values()) session.end(why);
  }

  /** What agents have said is still written if that can be done soon: without a majority, or once another leads, it cannot. */
  async stop(): Promise<void> {
    this.endSessions();
    const written = Promise.all([this.#statuses.stop(), this.#nodes.stop(), this.#watching]);
    if (await endsWithin(written, limits.stopMs / 2, this.#ports.clock)) return;
    this.#statuses.discard();
    this.#ports.logger.warn(
      { waitedMs: limits.stopMs / 2 },
      'what agents said last was not written in time: they say it again to the next leader',
    );
  }

  readonly handlers: Handlers<typeof DispatcherService> = {
    session: (messages, context) => this.#session(messages, context),
    relay: (frames, context) => this.#ports.acceptRelay(frames, context.signal, context.identity?.nodeId),
    fetchImage: (request, context) => this.#fetchImage(request, context),
  };

  /** The nodes that have the image answer to whoever leads: with the office ends what comes from them. */
  #fetchImage(request: FetchImageRequest, { identity, signal }: CallContext): AsyncIterable<RelayFrame> {
    if (this.#ended.signal.aborted) throw this.#endError;
    return this.#ports.fetchImage(identity?.nodeId, request, AbortSignal.any([signal, this.#ended.signal]));
  }

  /** Agents that are connected. */
  get sessions(): number {
    return this.#open.size;
  }

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
    const leave = this.#admit(hello, context);
    const session = this.#openSession(hello);
    const onAbort = (): void => session.end();
    context.signal.addEventListener('abort', onAbort, { once: true });
    if (context.signal.aborted) onAbort();
    void this.#read(session, incoming);
    try {
      await orAborted(this.#nodes.connected(hello), this.#ended.signal, () => this.#endError);
      this.#ports.logger.info({ nodeId: session.nodeId, session: session.id, hostname: hello.description.hostname }, 'node connected');
      yield { welcome: this.#welcome() };
      this.#begin(session);
      leave();
      yield* session.messages;
    } finally {
      leave();
      context.signal.removeEventListener('abort', onAbort);
      this.#closeSession(session);
    }
  }

  /** Says when the work for the hello is over. Throws why the agent is not taken in, or not now. */
  #admit(hello: AgentHello, { identity }: CallContext): () => void {
    const { proposer, clock } = this.#ports;
    const { nodeId } = hello;
    const problem = identityProblem(nodeId, identity) ?? helloProblem(hello, identity);
    if (problem !== undefined) throw problem;
    if (this.#ended.signal.aborted) throw this.#endError;
    const refusal = membershipProblem(proposer.view, nodeId, this.#options.nodeId);
    if (refusal !== undefined) throw refusal;
    const verdict = this.#admission.enter(clock.monotonic());
    if (!verdict.admitted) throw tooMany(verdict.retryAfterMs);
    let left = false;
    return () => {
      if (!left) this.#admission.done();
      left = true;
    };
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
    const isReturning = this.#ports.proposer.view.node(nodeId)?.state === NodeState.NODE_DOWN;
    const session = new AgentSession({ id: this.#nextSession++, nodeId, history, haveVersion, isReturning });
    this.#nodes.opened(nodeId, session.id);
    this.#open.set(nodeId, session);
    replaced?.end(new TsoError('CONFLICT', `node ${nodeId} has opened a newer session`));
    return session;
  }

  #closeSession(session: AgentSession): void {
    const { nodeId } = session;
    session.end();
    if (this.#open.get(nodeId) === session) {
      // Of one that was removed nothing is remembered.
      if (this.#isMember(nodeId)) this.#told.set(nodeId, session.history);
      this.#open.delete(nodeId);
    }
    this.#nodes.closed(nodeId, session.id);
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
    if (this.#ended.signal.aborted) return;
    this.#nodes.heard(session.nodeId, session.id);
    if (message.heartbeat !== undefined) this.#beat(session, message.heartbeat);
    if (message.identity !== undefined) this.#nodes.holds(session.nodeId, message.identity);
    if (message.description !== undefined) this.#nodes.describes(session.nodeId, message.description);
    if (message.ack !== undefined) {
      session.acknowledged(message.ack);
      this.#settle(session);
    }
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

  /** Answered with what it is to measure, which the next one says. */
  #beat(session: AgentSession, { sequence, usage }: Heartbeat): void {
    this.usage.take(session.nodeId, session.id, usage, this.#ports.clock.now());
    session.send({ heartbeatAck: { sequence, measure: this.usage.wantedOf(session.nodeId) } });
  }

  async #watch(): Promise<void> {
    const options = { limit: limits.watchedChanges, signal: this.#ended.signal };
    for await (const changes of this.#ports.proposer.subscribe(({ kind }) => watched.has(kind), options)) {
      const { view } = this.#ports.proposer;
      this.#nodes.notice(changes);
      if (changes === 'resync') this.#shares.reset(view);
      else this.#shares.notice(changes, view);
      this.#noticeMembers(changes);
      this.#schedulePush();
    }
  }

  /** What is wanted of the nodes themselves is told at once; who does not belong here any more loses its session. */
  #noticeMembers(changes: readonly Change[] | 'resync'): void {
    const { view } = this.#ports.proposer;
    const concernsAll = changes === 'resync' || changes.some(({ kind }) => kind === 'manager' || kind === 'authority');
    if (concernsAll) this.#managers = managerAddresses(view);
    const touched = concernsAll ? [...this.#open.keys()] : changes.flatMap(({ kind, id }) => (kind === 'node' ? [id] : []));
    for (const nodeId of touched) {
      const problem = membershipProblem(view, nodeId, this.#options.nodeId);
      const session = this.#open.get(nodeId);
      if (!this.#isMember(nodeId)) this.#told.delete(nodeId);
      if (problem !== undefined) session?.end(problem);
      else if (session?.started === true) this.#update(session);
    }
  }

  #isMember(nodeId: string): boolean {
    const { view } = this.#ports.proposer;
    return view.node(nodeId) !== undefined && membershipProblem(view, nodeId, this.#options.nodeId) === undefined;
  }

  #pushTouched(): void {
    const { proposer, clock } = this.#ports;
    const began = clock.monotonic();
    const touched = this.#shares.take(proposer.view);
    const nodeIds = touched === 'all' ? [...this.#open.keys()] : [...touched];
    this.#pushSome(nodeIds.values(), began);
  }

  /** In slices: with thousands of nodes heartbeats and statuses come in between. What changes meanwhile is sent together, a moment later. */
  #pushSome(nodeIds: Iterator<string>, began: number): void {
    const { clock } = this.#ports;
    const sliceBegan = clock.monotonic();
    for (let next = nodeIds.next(); next.done !== true; next = nodeIds.next()) {
      const session = this.#open.get(next.value);
      if (session?.started === true) this.#pushShare(session);
      if (clock.monotonic() - sliceBegan < windows.assignmentSliceMs) continue;
      this.#cancelPush = clock.setTimer(0, () => this.#pushSome(nodeIds, began));
      return;
    }
    const tookMs = clock.monotonic() - began;
    this.#pushAfterMs = Math.min(windows.assignmentsMostMs, Math.max(windows.assignmentsMs, tookMs));
    this.#cancelPush = undefined;
    if (this.#hasNews) this.#schedulePush();
  }

  #schedulePush(): void {
    this.#hasNews = true;
    this.#cancelPush ??= this.#ports.clock.setTimer(this.#pushAfterMs, () => {
      this.#hasNews = false;
      this.#pushTouched();
    });
  }

  /** What a node hears at its session's start. */
  #begin(session: AgentSession): void {
    this.#update(session);
    this.#pushShare(session);
  }

  #update(session: AgentSession): void {
    session.update(sessionUpdateOf(this.#ports.proposer.view, session.nodeId, this.#managers));
  }

  #pushShare(session: AgentSession): void {
    const { view } = this.#ports.proposer;
    session.assign(view.index, this.#shares.of(view, session.nodeId));
    this.#settle(session);
  }

  /** A node that was declared down gets tasks again once it has stopped what it had. */
  #settle(session: AgentSession): void {
    const { nodeId } = session;
    const isReturning = this.#ports.proposer.view.node(nodeId)?.state === NodeState.NODE_DOWN;
    if (isReturning && session.isSettled && this.#open.get(nodeId) === session) this.#nodes.settled(nodeId, session.id);
  }

  #silence(nodeId: string, why: string): void {
    const silent = this.#open.get(nodeId);
    this.#open.delete(nodeId);
    silent?.end(new TsoError('DEADLINE_EXCEEDED', why));
  }
}

const tooMany = (retryAfterMs: number): TsoError =>
  new TsoError('RESOURCE_EXHAUSTED', `more agents come at once than this manager takes in: come back in ${retryAfterMs} ms`, {
    details: { retryAfterMs },
  });
