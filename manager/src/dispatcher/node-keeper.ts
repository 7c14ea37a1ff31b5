import { type AgentHello, type Clock, type Logger, type Node, NodeState, newNode, sentenceOf } from '@tso/proto';
import type { Proposer } from '../replication/proposer.ts';
import type { Change } from '../store/apply.ts';
import { roleOf } from './node-role.ts';
import { NodeWriter } from './node-writer.ts';
import { Sessions } from './sessions.ts';

export interface NodeKeeperOptions {
  /** Id of the node this manager runs on. */
  readonly nodeId: string;
  readonly heartbeatMs: number;
  readonly missedHeartbeats: number;
  /** How long known nodes may take to come after a start of the manager. */
  readonly graceMs: number;
}

export interface NodeKeeperPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nothing was heard of the node for too long: its session, if it still has one, is to end. */
  readonly onSilent: (nodeId: string, why: string) => void;
}

/** Writes into the store what becomes of the nodes: that they are there, disconnected or down, and whether a manager runs there. */
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

  /** Resolves once the store says that the node is there, as it describes itself. */
  connected(hello: AgentHello): Promise<void> {
    return this.#writer.change(hello.nodeId, (node) => this.#described(hello, node));
  }

  /** The end of a session. Nothing when a newer one took over, or when this manager ends them all. */
  closed(nodeId: string, session: number): void {
    if (!this.#sessions.closed(nodeId, session) || this.#ended) return;
    this.#ports.logger.info({ nodeId, session }, 'node disconnected');
    this.#setState(nodeId, NodeState.NODE_DISCONNECTED, `its agent is not connected; the node counts as down after ${this.#limitMs} ms`);
  }

  /** Nodes that this manager did not know when it began to lead must be missed like the others; where a manager runs is a node's role. */
  notice(changes: readonly Change[] | 'resync'): void {
    if (changes === 'resync') {
      this.#expectAll();
      return;
    }
    for (const change of changes) {
      if (change.kind === 'node' && change.after !== undefined) this.#expect(change.after);
      const manager = change.kind === 'manager' ? (change.after ?? change.before) : undefined;
      if (manager !== undefined) this.#setRole(manager.nodeId);
    }
  }

  #described({ nodeId, description, address }: AgentHello, known: Node | undefined): Node {
    const node = known ?? { ...newNode, id: nodeId };
    return { ...node, role: this.#roleOf(nodeId), description, address, state: NodeState.NODE_READY, stateMessage: '' };
  }

  #roleOf(nodeId: string): Node['role'] {
    return roleOf(this.#ports.proposer.view, nodeId, this.#options.nodeId);
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
      this.#setState(nodeId, NodeState.NODE_DOWN, `nothing was heard of it for ${this.#limitMs} ms`);
    }
    this.#cancelTick = this.#ports.clock.setTimer(this.#tickMs, () => this.#tick());
  }

  /** Unless it came back meanwhile. */
  #setState(nodeId: string, state: NodeState, stateMessage: string): void {
    const change = this.#writer.change(nodeId, (node) =>
      node === undefined || node.state === state || this.#sessions.isConnected(nodeId) ? undefined : { ...node, state, stateMessage },
    );
    this.#background(change, `that node ${nodeId} is ${state === NodeState.NODE_DOWN ? 'down' : 'disconnected'}`, () => {
      // Missed once more, it is written then.
      this.#sessions.expect(nodeId, this.#now);
    });
  }

  #setRole(nodeId: string): void {
    const change = this.#writer.change(nodeId, (node) => node && { ...node, role: this.#roleOf(nodeId) });
    this.#background(change, `the role of node ${nodeId}`, () => undefined);
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
