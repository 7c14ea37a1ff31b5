import {
  type AgentHello,
  type Clock,
  type IdentityHeld,
  type Logger,
  type Node,
  type NodeDescription,
  NodeState,
  newNode,
  sentenceOf,
} from '@tso/proto';
import type { Proposer } from '../replication/proposer.ts';
import { descriptionProblem, withUsableTunnel } from '../rules/node-claims.ts';
import type { Change } from '../store/apply.ts';
import type { View } from '../store/view.ts';
import { membershipProblem } from './acceptance.ts';
import { roleOf } from './node-role.ts';
import { downText, hasSuperseded, returningText, silentText, stateAfter } from './node-states.ts';
import { type NodeChange, NodeWriter } from './node-writer.ts';
import { Sessions } from './sessions.ts';

export interface NodeKeeperOptions {
  /** Id of the node this manager runs on. */
  readonly nodeId: string;
  readonly heartbeatMs: number;
  readonly missedHeartbeats: number;
  /** How long nodes that this leader found in the store may take to come. */
  readonly graceMs: number;
}

export interface NodeKeeperPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nothing was heard of the node for too long: its session, if it still has one, is to end. */
  readonly onSilent: (nodeId: string, why: string) => void;
}

/** Writes into the store what becomes of the nodes: that they are there, disconnected or down. */
export class NodeKeeper {
  readonly #options: NodeKeeperOptions;
  readonly #ports: NodeKeeperPorts;
  readonly #sessions: Sessions;
  readonly #writer: NodeWriter;
  readonly #writing = new Set<Promise<void>>();
  #cancelTick: () => void = () => undefined;
  #ended = false;

  constructor(options: NodeKeeperOptions, ports: NodeKeeperPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#sessions = new Sessions({ ...options, tickMs: this.#tickMs }, ports.clock.monotonic());
    this.#writer = new NodeWriter(ports);
  }

  get #tickMs(): number {
    return Math.max(1, Math.floor(this.#options.heartbeatMs / 2));
  }

  get #limitMs(): number {
    return this.#options.heartbeatMs * this.#options.missedHeartbeats;
  }

  get #now(): number {
    return this.#ports.clock.monotonic();
  }

  start(): void {
    this.#expectAll();
    this.#tick();
  }

  /** Nobody is missed any more. */
  end(): void {
    this.#ended = true;
    this.#cancelTick();
  }

  /** Resolves when nothing is being written any more, and nothing will be. */
  async stop(): Promise<void> {
    this.end();
    this.#writer.stop();
    await Promise.all(this.#writing);
  }

  /** The session it takes the place of, if any. */
  opened(nodeId: string, session: number): number | undefined {
    return this.#sessions.opened(nodeId, session, this.#now);
  }

  heard(nodeId: string, session: number): void {
    this.#sessions.heard(nodeId, session, this.#now);
  }

  /**
   * Resolves once the store says that the node is there, as it describes itself. One that was declared down stays so until it is
   * `settled`. PERMISSION_DENIED: it was removed meanwhile.
   */
  connected(hello: AgentHello): Promise<void> {
    return this.#writer.change(hello.nodeId, (node, view) => this.#described(hello, node, view));
  }

  /** Nothing runs on a node that was declared down but what it was told since: it is ready again, once the planner has replaced the rest. */
  settled(nodeId: string, session: number): void {
    const change: NodeChange = (node, view) =>
      node?.state === NodeState.NODE_DOWN && this.#sessions.isCurrent(nodeId, session) && !hasSuperseded(view, nodeId)
        ? { ...node, state: NodeState.NODE_READY, stateMessage: '' }
        : undefined;
    this.#background(this.#writer.change(nodeId, change), `that node ${nodeId} is ready again`, () => undefined);
  }

  /** Which certificate the node has, as far as the cluster must know to end a change of its root. */
  holds(nodeId: string, { authorityEpoch }: IdentityHeld): void {
    if (this.#ports.proposer.view.node(nodeId)?.authorityEpoch === authorityEpoch) return;
    const change = this.#writer.change(nodeId, (node) => node && { ...node, authorityEpoch });
    this.#background(change, `the certificate of node ${nodeId}`, () => undefined);
  }

  /** What the node is has changed while its session stands. What the others could not use is refused, and the node keeps what it said before. */
  describes(nodeId: string, description: NodeDescription): void {
    const problem = descriptionProblem(description);
    if (problem !== undefined) {
      this.#ports.logger.warn({ nodeId }, `node ${nodeId} describes itself anew in a way that is refused: ${problem}`);
      return;
    }
    const change = this.#writer.change(
      nodeId,
      (node, view) => node && { ...node, description: withUsableTunnel(nodeId, description, view) },
    );
    this.#background(change, `what node ${nodeId} is now`, () => undefined);
  }

  /** The end of a session. Nothing when a newer one took over, or when this manager ends them all. */
  closed(nodeId: string, session: number): void {
    if (!this.#sessions.closed(nodeId, session) || this.#ended) return;
    this.#ports.logger.info({ nodeId, session }, 'node disconnected');
    this.#setState(nodeId, NodeState.NODE_DISCONNECTED, silentText(this.#limitMs));
  }

  /** Nodes that this manager did not know when it began to lead must be missed like the others; removed ones are missed no more. */
  notice(changes: readonly Change[] | 'resync'): void {
    if (changes === 'resync') {
      this.#expectAll();
      return;
    }
    for (const change of changes) {
      if (change.kind !== 'node') continue;
      if (change.after === undefined) this.#sessions.forget(change.id);
      else this.#expect(change.after);
    }
  }

  #described({ nodeId, description, address, identity }: AgentHello, known: Node | undefined, view: View): Node {
    const problem = membershipProblem(view, nodeId, this.#options.nodeId);
    if (problem !== undefined) throw problem;
    const role = known?.role ?? roleOf(view, nodeId, this.#options.nodeId);
    const node = known ?? { ...newNode, id: nodeId, role, wantedRole: role };
    const seen = { ...node, description: withUsableTunnel(nodeId, description, view), address, authorityEpoch: identity.authorityEpoch };
    if (node.state === NodeState.NODE_DOWN) return { ...seen, stateMessage: returningText };
    return { ...seen, state: NodeState.NODE_READY, stateMessage: '' };
  }

  #expectAll(): void {
    for (const node of this.#ports.proposer.view.nodes()) this.#expect(node);
  }

  #expect(node: Node): void {
    if (node.state !== NodeState.NODE_DOWN) this.#sessions.expect(node.id, this.#now);
  }

  #tick(): void {
    if (this.#ended) return;
    for (const nodeId of this.#sessions.tick(this.#now)) {
      this.#ports.onSilent(nodeId, `node ${nodeId} missed ${this.#options.missedHeartbeats} heartbeats`);
      this.#ports.logger.warn({ nodeId }, 'node is down');
      this.#setState(nodeId, NodeState.NODE_DOWN, downText(this.#limitMs));
    }
    this.#cancelTick = this.#ports.clock.setTimer(this.#tickMs, () => this.#tick());
  }

  /** Unless it came back meanwhile. */
  #setState(nodeId: string, state: NodeState, stateMessage: string): void {
    const change = this.#writer.change(nodeId, (node) =>
      node === undefined || this.#sessions.isConnected(nodeId)
        ? undefined
        : stateAfter(node, { state, stateMessage }, downText(this.#limitMs)),
    );
    this.#background(change, `that node ${nodeId} is ${state === NodeState.NODE_DOWN ? 'down' : 'disconnected'}`, () => {
      // Missed once more, it is written then.
      this.#sessions.expect(nodeId, this.#now);
    });
  }

  #background(work: Promise<void>, what: string, onFailure: () => void): void {
    const tracked = work
      .catch((error: unknown) => {
        if (this.#ended) return;
        this.#ports.logger.error({}, `${what} could not be written: ${sentenceOf(error)}`);
        onFailure();
      })
      .finally(() => this.#writing.delete(tracked));
    this.#writing.add(tracked);
  }
}
