import { parseIpv4, sentenceOf, TsoError, type TunnelPeer } from '@tso/proto';
import { requireAddress } from '../address.ts';

/** Generations count rotations; five digits of base 36 end a device's name. One in 12 hours would take 80,000 years to get here. */
export const maxGeneration = 36 ** 5 - 1;

/**
 * The first UDP port that tunnels listen at; below what kernels hand out by themselves (32768 on). Odd generations take the one after it, so
 * that two stand side by side, and a port in use is passed over by two: 24789 to 24804 in all.
 */
export const firstTunnelPort = 24_789;
export const tunnelPorts = 16;

/** More never stand side by side: who is that far behind has been away for more than a day. */
export const keptGenerations = 4;

/** A key pair of this node, without the private half. */
export interface OwnKey {
  /** Counts from 1; the same number on both ends of a tunnel: each generation is a mesh of its own. */
  readonly generation: number;
  readonly publicKey: string;
  readonly port: number;
  readonly madeAtMs: number;
}

/** A public key of another node, and where it is listened for. */
export interface PeerKey {
  readonly generation: number;
  readonly publicKey: string;
  readonly endpoint: string;
  readonly port: number;
}

/** Another node inside the tunnels. */
export interface KnownPeer {
  /** Empty: read from the kernel, which knows addresses only. */
  readonly nodeId: string;
  readonly address: string;
  /** The newest that it told. */
  readonly told: number;
  /** Newest first. */
  readonly keys: readonly PeerKey[];
}

export interface Peers {
  /** Sorted by node id. */
  readonly peers: readonly KnownPeer[];
  /** Those that cannot be used as they are, a sentence each. */
  readonly leftOut: readonly string[];
}

/** One peer on the device of one generation. */
export interface WishedPeer {
  readonly publicKey: string;
  /** The only source address that is taken from it, and the only destination that goes to it. */
  readonly address: string;
  readonly endpoint: string;
  readonly port: number;
  /** Whether this node keeps the tunnel up from its side: as long as it does the other end hears of it and keeps its device. */
  readonly keepalive: boolean;
}

/** The device of one generation. */
export interface WishedDevice {
  readonly name: string;
  readonly generation: number;
  readonly port: number;
  /** Sorted by address. */
  readonly peers: readonly WishedPeer[];
}

/** The name of a generation's device; `tag` is that of the daemon (`HostNames.tag`). */
export const tunnelDevice = (tag: string, generation: number): string => `tsow${tag}${generation.toString(36)}`;

/** nftables wildcard that matches every tunnel device of this daemon. */
export const tunnelPattern = (tag: string): string => `tsow${tag}*`;

/** The generation of a device that this daemon made, or undefined. */
export const generationOf = (tag: string, device: string): number | undefined => {
  const digits = /^tsow([0-9a-z]{6})([1-9a-z][0-9a-z]{0,4})$/.exec(device);
  return digits?.[1] === tag ? Number.parseInt(digits[2] ?? '', 36) : undefined;
};

/** 32 bytes in base64; the last character carries four bits. */
const keyPattern = /^[0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]=$/;

const keyOf = (peer: TunnelPeer): PeerKey => {
  const { publicKey, generation, port } = peer;
  if (!keyPattern.test(publicKey)) throw new TsoError('INVALID_ARGUMENT', 'its key is not one of WireGuard');
  if (!Number.isInteger(generation) || generation < 1 || generation > maxGeneration) {
    throw new TsoError('INVALID_ARGUMENT', `its generation ${generation} is not in 1 to ${maxGeneration}`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TsoError('INVALID_ARGUMENT', `its port ${port} is not one`);
  return { generation, publicKey, port, endpoint: requireAddress(peer.endpoint, 'its address') };
};

/**
 * What is known of the others once they told this. Of a peer that told a newer generation the older ones stay that this node has too: it goes
 * on sending by them until the new one stands. One that told an older generation than before has lost what it had since: that is forgotten.
 * A key belongs to the peer that had it first: WireGuard has each key once on a device, so another that tells it too would take its place.
 */
export const rememberPeers = (
  known: readonly KnownPeer[],
  told: readonly TunnelPeer[],
  own: { readonly address: string; readonly generations: ReadonlySet<number> },
): Peers => {
  const before = new Map(known.map((peer) => [peer.address, peer]));
  const here = new Set(told.map(({ tunnelAddress }) => tunnelAddress));
  const stayed = known.filter(({ address }) => here.has(address));
  const holders = new Map(stayed.flatMap(({ address, keys }) => keys.map(({ publicKey }) => [publicKey, address] as const)));
  const peers: KnownPeer[] = [];
  const leftOut: string[] = [];
  const taken = new Set([own.address]);
  for (const peer of told.toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1))) {
    try {
      const key = keyOf(peer);
      const address = requireAddress(peer.tunnelAddress, 'its address inside tunnels');
      if (taken.has(address)) throw new TsoError('CONFLICT', `its address inside tunnels ${address} is another node's`);
      if ((holders.get(key.publicKey) ?? address) !== address) throw new TsoError('CONFLICT', "its key is another node's");
      holders.set(key.publicKey, address);
      taken.add(address);
      const last = before.get(address);
      const isSame = last?.nodeId === peer.nodeId || last?.nodeId === '';
      const older = (isSame ? last.keys : []).filter(({ generation }) => generation < key.generation && own.generations.has(generation));
      peers.push({ nodeId: peer.nodeId, address, told: key.generation, keys: [key, ...older] });
    } catch (error) {
      leftOut.push(`node ${peer.nodeId}: ${sentenceOf(error)}`);
    }
  }
  return { peers, leftOut };
};

/** How often a node follows the others at most: in all that time none can drive it further than the manager lets it run ahead. */
const followsInRotation = 48;

/**
 * The generation that this node is to have: the newest that any of its peers has, since two nodes talk within one generation; and one more when
 * its own is older than that and all peers have come to it, so that nobody has to keep three. Its first key is given up at once for that of
 * those it meets, a later one no sooner than a fraction of the time between rotations after it was made: peers keep the older ones meanwhile.
 */
export const generationWanted = (
  newest: OwnKey,
  peers: readonly KnownPeer[],
  { now, rotationMs }: { readonly now: number; readonly rotationMs: number },
): number => {
  const ahead = Math.max(newest.generation, ...peers.map(({ told }) => told));
  // A clock that was set back makes a key old too.
  const ageMs = Math.abs(now - newest.madeAtMs);
  const mayFollow = newest.generation === 1 || ageMs >= rotationMs / followsInRotation;
  if (ahead > newest.generation) return mayFollow ? ahead : newest.generation;
  const isDue = ageMs >= rotationMs;
  const isShared = peers.length > 0 && peers.every(({ told }) => told === newest.generation);
  return isDue && isShared && newest.generation < maxGeneration ? newest.generation + 1 : newest.generation;
};

/** Where one peer is: `generation/public key`, as handshakes are told. */
export const handshakeKey = (generation: number, publicKey: string): string => `${generation}/${publicKey}`;

/**
 * By which generation each peer is sent to, by its address: the newest that both ends have and that was seen to stand; until then the one in use;
 * without one the newest of both, whose handshake comes with the first packet. A peer with no generation in common has none.
 * @param current what the routes of the kernel say
 * @param standing `handshakeKey` of those that had a handshake
 */
export const chosenGenerations = (
  peers: readonly KnownPeer[],
  generations: ReadonlySet<number>,
  current: ReadonlyMap<string, number>,
  standing: ReadonlySet<string>,
): ReadonlyMap<string, number> => {
  const chosen = new Map<string, number>();
  for (const { address, keys } of peers) {
    const common = keys.filter(({ generation }) => generations.has(generation));
    const used = common.find(({ generation }) => generation === current.get(address));
    const stands = common.find(({ generation, publicKey }) => standing.has(handshakeKey(generation, publicKey)));
    const best = stands !== undefined && stands.generation >= (used?.generation ?? 0) ? stands : (used ?? common[0]);
    if (best !== undefined) chosen.set(address, best.generation);
  }
  return chosen;
};

const byAddress = (a: { readonly address: string }, b: { readonly address: string }): number =>
  (parseIpv4(a.address) ?? 0) - (parseIpv4(b.address) ?? 0);

/** The devices for these keys, oldest first: each with the peers that have a key of its generation. */
export const wishedDevices = (
  tag: string,
  own: readonly OwnKey[],
  peers: readonly KnownPeer[],
  chosen: ReadonlyMap<string, number>,
): readonly WishedDevice[] =>
  own
    .map(({ generation, port }) => ({
      name: tunnelDevice(tag, generation),
      generation,
      port,
      peers: peers
        .flatMap(({ address, keys }) =>
          keys
            .filter((key) => key.generation === generation)
            .map(({ publicKey, endpoint, port: at }) => ({
              publicKey,
              address,
              endpoint,
              port: at,
              keepalive: generation >= (chosen.get(address) ?? 0),
            })),
        )
        .toSorted(byAddress),
    }))
    .toSorted((a, b) => a.generation - b.generation);

/** When nothing was left to hear by a generation: its received bytes, and since when they are the same and nobody is sent to by it. */
export interface Quiet {
  readonly receivedBytes: number;
  readonly sinceMs: number;
}

/** How long each generation has been of no use to anybody, by number. */
export const quietSince = (
  before: ReadonlyMap<number, Quiet>,
  received: ReadonlyMap<number, number>,
  used: ReadonlySet<number>,
  now: number,
): ReadonlyMap<number, Quiet> =>
  new Map(
    [...received].map(([generation, receivedBytes]) => {
      const last = before.get(generation);
      const isQuiet = last !== undefined && last.receivedBytes === receivedBytes && !used.has(generation) && last.sinceMs <= now;
      return [generation, isQuiet ? last : { receivedBytes, sinceMs: now }];
    }),
  );

/**
 * Generations whose devices can go: older than the newest, and for the grace neither sent by nor heard from. Beyond the most that are kept the
 * oldest go too, whoever still uses them.
 */
export const retiredGenerations = (
  own: readonly OwnKey[],
  quiet: ReadonlyMap<number, Quiet>,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): readonly number[] => {
  const sorted = own.map(({ generation }) => generation).toSorted((a, b) => b - a);
  return sorted
    .slice(1)
    .filter((generation, index) => index + 1 >= keptGenerations || now - (quiet.get(generation)?.sinceMs ?? now) >= graceMs);
};

/** The port for a generation's device: of its parity, not one of ours, none that was found taken. undefined: there is none left. */
export const tunnelPort = (generation: number, taken: ReadonlySet<number>): number | undefined => {
  for (let port = firstTunnelPort + (generation % 2); port < firstTunnelPort + tunnelPorts; port += 2) if (!taken.has(port)) return port;
  return undefined;
};

/** How tunnels are kept. */
export interface TunnelTimes {
  /** How old a key may become. */
  readonly rotationMs: number;
  /** How long an old device stays once nothing is heard by it: longer than the pause between two keepalives. */
  readonly graceMs: number;
  /** How often a tunnel that carries nothing is kept up. */
  readonly keepaliveS: number;
}

/** Keepalives as WireGuard advises (wg(8)), 25 s, and a grace of a minute; both shorter for keys that are renewed more than every few minutes. */
export const tunnelTimesOf = (rotationMs: number): TunnelTimes => {
  const graceMs = Math.min(60_000, Math.ceil(rotationMs / 4));
  return { rotationMs, graceMs, keepaliveS: Math.max(1, Math.min(25, Math.floor(graceMs / 2_000))) };
};

/** How often is looked whether a newer generation stands, */
const movingLookMs = 500;
/** and otherwise, at most: whether an older one is still heard by, a rotation is due, or something is missing. */
const restingLookMs = 5_000;

/** When to look again. @param isMoving a peer is still sent to by an older generation than both ends have */
export const lookAgainMs = (own: readonly OwnKey[], isMoving: boolean, { rotationMs, graceMs }: TunnelTimes): number => {
  if (isMoving) return movingLookMs;
  return Math.min(restingLookMs, (own.length > 1 ? graceMs : rotationMs) / 2);
};
