import type { Node, TunnelPeer } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** Other ends of a node's tunnels, by node id. */
export type Peers = ReadonlyMap<string, TunnelPeer>;

export const noPeers: Peers = new Map();

/** Undefined: nobody can have a tunnel to it (its kernel has no WireGuard, or it was given no address yet). */
const peerOf = (node: Node | undefined): TunnelPeer | undefined => {
  if (node === undefined || node.tunnelAddress === '' || node.description.wireguardKey === '' || node.address === '') return undefined;
  const { wireguardKey, wireguardPort, wireguardGeneration } = node.description;
  return {
    nodeId: node.id,
    tunnelAddress: node.tunnelAddress,
    endpoint: node.address,
    port: wireguardPort,
    publicKey: wireguardKey,
    generation: wireguardGeneration,
  };
};

/** Whether a change of the node is none for those with a tunnel to it. */
export const isTunnelAlike = (a: Node | undefined, b: Node | undefined): boolean => sameData(peerOf(a), peerOf(b));

/** The tunnels of each node. What did not change stays the same object, so that comparing is quick. */
export class TunnelPeers {
  readonly #peers = new Map<string, { readonly node: Node; readonly peer: TunnelPeer }>();
  readonly #ofNode = new Map<string, Peers>();

  /** @param others nodes that the node shares an encrypted network with */
  of(view: View, nodeId: string, others: ReadonlySet<string>): Peers {
    if (others.size === 0) {
      this.#ofNode.delete(nodeId);
      return noPeers;
    }
    const peers = new Map<string, TunnelPeer>();
    for (const id of [...others].sort()) {
      const peer = this.#peer(view, id);
      if (peer !== undefined) peers.set(id, peer);
    }
    const before = this.#ofNode.get(nodeId);
    if (before !== undefined && before.size === peers.size && [...peers].every(([id, peer]) => before.get(id) === peer)) return before;
    this.#ofNode.set(nodeId, peers);
    return peers;
  }

  #peer(view: View, nodeId: string): TunnelPeer | undefined {
    const known = this.#peers.get(nodeId);
    const node = view.node(nodeId);
    if (known !== undefined && known.node === node) return known.peer;
    const now = peerOf(node);
    if (node === undefined || now === undefined) {
      this.#peers.delete(nodeId);
      return undefined;
    }
    const peer = known !== undefined && sameData(known.peer, now) ? known.peer : now;
    this.#peers.set(nodeId, { node, peer });
    return peer;
  }
}
