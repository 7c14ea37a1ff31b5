import type { RaftHello } from '@tso/proto';
import type { NodeId } from '../../core/index.ts';
import type { Peer } from '../ports.ts';

/**
 * Who is a member and where it can be reached: what the log says, and until that has caught up, what members say of themselves.
 * A member that was added or has moved while this one lagged behind could otherwise never be answered.
 */
export class PeerBook {
  readonly #self: NodeId;
  readonly #maxLearned: number;
  #table: ReadonlyMap<NodeId, Peer> = new Map();
  #removed: ReadonlySet<NodeId> = new Set();
  readonly #learned = new Map<NodeId, Peer>();

  constructor(self: NodeId, maxLearned: number) {
    this.#self = self;
    this.#maxLearned = maxLearned;
  }

  /** What the log says now. It overrules what was learned of a member when it says something new of it. */
  set(peers: readonly Peer[], removed: ReadonlySet<NodeId>): void {
    const table = new Map(peers.filter(({ raftId }) => raftId !== this.#self && !removed.has(raftId)).map((peer) => [peer.raftId, peer]));
    for (const [id, { nodeId, address }] of this.#learned) {
      const before = this.#table.get(id);
      const now = table.get(id);
      const saysNew = now !== undefined && (now.address !== before?.address || now.nodeId !== before.nodeId);
      const confirmed = now?.address === address && now.nodeId === nodeId;
      if (removed.has(id) || saysNew || confirmed || (before !== undefined && now === undefined)) this.#learned.delete(id);
    }
    this.#table = table;
    this.#removed = removed;
  }

  isRemoved(id: NodeId): boolean {
    return this.#removed.has(id);
  }

  /** Members in the log's table. */
  get ids(): Iterable<NodeId> {
    return this.#table.keys();
  }

  peer(id: NodeId): Peer | undefined {
    return this.#learned.get(id) ?? this.#table.get(id);
  }

  /** Keeps what a member that was let in says of itself; true when that is news. */
  learn({ from, fromNode, address }: RaftHello): boolean {
    const known = this.peer(from);
    if (address === '' || (known?.address === address && known.nodeId === fromNode)) return false;
    this.#learned.delete(from);
    this.#learned.set(from, { raftId: from, nodeId: fromNode, address });
    for (const id of this.#learned.keys()) {
      if (this.#learned.size <= this.#maxLearned) break;
      this.#learned.delete(id);
    }
    return true;
  }
}
