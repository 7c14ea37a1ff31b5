/** Who is connected, and when each was last heard. Time is handed in; milliseconds that never go back. */

export interface LivenessOptions {
  readonly heartbeatMs: number;
  readonly missedHeartbeats: number;
  /** How long a node that the store knows may take to come after the manager's start. */
  readonly graceMs: number;
  /** How often `tick` is called. */
  readonly tickMs: number;
}

interface NodeLiveness {
  /** Undefined: not connected. */
  readonly session: number | undefined;
  readonly deadlineMs: number;
}

export class Sessions {
  readonly #options: LivenessOptions;
  readonly #nodes = new Map<string, NodeLiveness>();
  #lastTickMs: number;

  constructor(options: LivenessOptions, nowMs: number) {
    this.#options = options;
    this.#lastTickMs = nowMs;
  }

  get #limitMs(): number {
    return this.#options.heartbeatMs * this.#options.missedHeartbeats;
  }

  /** A node of the store that is not connected: it has the grace time to come. Nothing for one that is known here. */
  expect(nodeId: string, nowMs: number): void {
    if (!this.#nodes.has(nodeId))
      this.#nodes.set(nodeId, { session: undefined, deadlineMs: nowMs + Math.max(this.#options.graceMs, this.#limitMs) });
  }

  /** The session it takes the place of, if any. */
  opened(nodeId: string, session: number, nowMs: number): number | undefined {
    const replaced = this.#nodes.get(nodeId)?.session;
    this.#nodes.set(nodeId, { session, deadlineMs: nowMs + this.#limitMs });
    return replaced;
  }

  heard(nodeId: string, session: number, nowMs: number): void {
    if (this.isCurrent(nodeId, session)) this.#nodes.set(nodeId, { session, deadlineMs: nowMs + this.#limitMs });
  }

  isConnected(nodeId: string): boolean {
    return this.#nodes.get(nodeId)?.session !== undefined;
  }

  isCurrent(nodeId: string, session: number): boolean {
    return this.#nodes.get(nodeId)?.session === session;
  }

  /** Whether the node is disconnected by that: not when a newer session took over. Its deadline goes on. */
  closed(nodeId: string, session: number): boolean {
    const node = this.#nodes.get(nodeId);
    if (node === undefined || node.session !== session) return false;
    this.#nodes.set(nodeId, { ...node, session: undefined });
    return true;
  }

  forget(nodeId: string): void {
    this.#nodes.delete(nodeId);
  }

  /**
   * The nodes whose limit passed since the last tick; each is named once. A tick that comes late was held up together with the
   * heartbeats that wait to be read, so everyone's limit moves by the delay: a paused manager declares nobody down.
   */
  tick(nowMs: number): readonly string[] {
    const lateMs = nowMs - this.#lastTickMs - this.#options.tickMs;
    this.#lastTickMs = nowMs;
    if (lateMs > this.#options.tickMs) {
      for (const [id, node] of this.#nodes) this.#nodes.set(id, { ...node, deadlineMs: node.deadlineMs + lateMs });
    }
    const down = [...this.#nodes].filter(([, node]) => node.deadlineMs <= nowMs).map(([id]) => id);
    for (const id of down) this.#nodes.delete(id);
    return down;
  }
}
