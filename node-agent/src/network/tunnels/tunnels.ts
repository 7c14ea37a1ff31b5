import { type Clock, type Lifecycle, type Logger, sentenceOf, TsoError } from '@tso/proto';
import { isAddress } from '../address.ts';
import { ipBatch } from '../ip.ts';
import { tunnelOverheadBytes } from '../mtu.ts';
import type { TunnelKey, Tunnels } from '../types.ts';
import { type ObservedLink, type ObservedTunnel, type ObservedWay, peersInKernel, wayLines } from './changes.ts';
import {
  type DeviceSettings,
  isPortTaken,
  makeDevice,
  mendDevice,
  mtuAt,
  observeLinks,
  observeTunnel,
  observeWays,
  removeDevices,
  udpPorts,
  withoutTunnels,
} from './devices.ts';
import { TunnelKeys } from './keys.ts';
import {
  chosenGenerations,
  firstTunnelPort,
  generationOf,
  generationWanted,
  handshakeKey,
  type KnownPeer,
  lookAgainMs,
  type OwnKey,
  type Quiet,
  quietSince,
  rememberPeers,
  retiredGenerations,
  type TunnelTimes,
  tunnelPort,
  tunnelPorts,
  type WishedDevice,
  wishedDevices,
} from './plan.ts';

export interface TunnelDevicesOptions extends TunnelTimes {
  /** Where the keys are: a folder of the run directory. */
  readonly dir: string;
  /** `HostNames.tag`. */
  readonly tag: string;
}

export interface TunnelDevicesPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** `key()` is another from now on. */
  readonly onKey: () => void;
  /** `addresses` are others from now on; resolves once nothing can reach them but by a tunnel. */
  readonly onAddresses: () => Promise<void>;
}

/** What the kernel has of ours. */
interface Seen {
  readonly links: readonly ObservedLink[];
  readonly ways: readonly ObservedWay[];
  /** By generation: those whose device is there. */
  readonly tunnels: ReadonlyMap<number, ObservedTunnel>;
}

/**
 * The encrypted ways to other nodes: a WireGuard device for each key of this node that is in use, of which there are two while one follows the
 * other. Changes are made one after the other; wishes that wait meanwhile become one.
 */
export class TunnelDevices implements Lifecycle {
  readonly #options: TunnelDevicesOptions;
  readonly #ports: TunnelDevicesPorts;
  readonly #keys: TunnelKeys;
  #wish: Tunnels = { address: '', peers: [] };
  /** False until the first wish: what a predecessor made stays untouched, since containers go on by it. */
  #isWished = false;
  /** undefined: a predecessor's are still to be read from the kernel. */
  #peers: readonly KnownPeer[] | undefined;
  #leftOut: readonly string[] = [];
  #nodeAddress = '';
  #mtu = 0;
  /** Why this node can have none; undefined: it can. */
  #refusal: string | undefined;
  #isAble = false;
  #quiet: ReadonlyMap<number, Quiet> = new Map();
  /** Ports that others were found to have. */
  readonly #takenPorts = new Set<number>();
  /** What was in place after the last pass: what is missing then was taken by somebody else. */
  #placed: ReadonlySet<string> = new Set();
  /** The key that was asked for, or told, last. */
  #told: OwnKey | undefined;
  #failure = '';
  /** The addresses that the rules were last made for. */
  #guarded = '';
  /** Whether a peer is still sent to by an older generation than both ends have. */
  #isMoving = false;
  #stopped = false;
  #cancelLook: () => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #nextPass: Promise<readonly string[]> | undefined;

  constructor(options: TunnelDevicesOptions, ports: TunnelDevicesPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#keys = new TunnelKeys(options.dir);
  }

  /** Takes up the keys of a predecessor, and finds out whether there can be tunnels here. */
  async start(): Promise<void> {
    await Promise.all([this.#keys.start(), this.#canTunnel()]);
  }

  /** The devices stay for the containers that go on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    await this.#turn;
  }

  /** This node's own address inside tunnels; empty: none. */
  get address(): string {
    return this.#wish.address;
  }

  /** All addresses inside tunnels: this node's own first, the others' by node id. */
  get addresses(): readonly string[] {
    const { address, peers } = this.#wish;
    return address === ''
      ? []
      : [address, ...new Set(peers.map((peer) => peer.tunnelAddress).filter((one) => one !== address && isAddress(one)))];
  }

  /** What is not as wished and cannot be mended, a sentence each. */
  get troubles(): readonly string[] {
    return [...(this.#failure === '' ? [] : [this.#failure]), ...this.#leftOut.map((text) => `left out of the tunnels: ${text}`)];
  }

  /** Why an encrypted network cannot be here, or undefined: FAILED_PRECONDITION with a sentence that names it. */
  refusalFor(network: string): TsoError | undefined {
    if (this.#refusal === undefined) return undefined;
    return new TsoError('FAILED_PRECONDITION', `${this.#refusal}, which encrypted network ${network} needs`, {
      hint: 'Install wireguard-tools and a kernel with the module wireguard (Linux 5.6 on has it), or run these tasks on other nodes',
    });
  }

  /** What others need to reach this node; without waiting for work under way. undefined: it can have no tunnels, see `troubles`. */
  async key(): Promise<TunnelKey | undefined> {
    try {
      const key = (this.#isAble ? this.#keys.newest : undefined) ?? (await this.#exclusive(() => this.#firstKey()));
      if (key === undefined) return undefined;
      this.#told = key;
      const { generation, publicKey, port } = key;
      return { generation, publicKey, port };
    } catch (error) {
      this.#failure = `no key for tunnels could be made on this host: ${sentenceOf(error)}`;
      this.#ports.logger.error({ error: sentenceOf(error) }, 'no key for tunnels could be made');
      return undefined;
    }
  }

  async #firstKey(): Promise<OwnKey | undefined> {
    if (!(await this.#canTunnel())) return undefined;
    return this.#keys.newest ?? (await this.#makeKey(1));
  }

  /** Where this node is outside tunnels: their MTU follows from that device's. */
  async configure(nodeAddress: string): Promise<void> {
    if (this.#nodeAddress === nodeAddress) return;
    this.#nodeAddress = nodeAddress;
    await this.#pass();
  }

  /** The whole wish. FAILED_PRECONDITION: this node can have no tunnels. */
  async set(wish: Tunnels): Promise<void> {
    this.#wish = wish;
    this.#isWished = true;
    await this.#pass();
    if (this.#refusal !== undefined && wish.address !== '') {
      throw new TsoError('FAILED_PRECONDITION', `${this.#refusal}, which encrypted networks need`);
    }
  }

  async #canTunnel(): Promise<boolean> {
    if (!this.#isAble) {
      this.#refusal = await withoutTunnels();
      this.#isAble = this.#refusal === undefined;
    }
    return this.#isAble;
  }

  async #makeKey(generation: number): Promise<OwnKey> {
    return this.#keys.make(generation, await this.#freePort(generation), this.#ports.clock.now());
  }

  async #freePort(generation: number): Promise<number> {
    const taken = new Set([...(await udpPorts()), ...this.#takenPorts, ...this.#keys.all.map(({ port }) => port)]);
    const port = tunnelPort(generation, taken);
    if (port !== undefined) return port;
    throw new TsoError('CONFLICT', `the UDP ports ${firstTunnelPort} to ${firstTunnelPort + tunnelPorts - 1} of this host are in use`, {
      hint: 'Free one of them for the tunnels of encrypted networks',
    });
  }

  #pass(): Promise<readonly string[]> {
    this.#nextPass ??= this.#exclusive(() => {
      this.#nextPass = undefined;
      return this.#tryPass();
    });
    return this.#nextPass;
  }

  async #tryPass(): Promise<readonly string[]> {
    this.#cancelLook();
    try {
      const missing = await this.#follow();
      this.#failure = '';
      return missing;
    } catch (error) {
      this.#failure = `tunnels cannot be set up on this host: ${sentenceOf(error)}`;
      throw error;
    } finally {
      this.#lookLater();
    }
  }

  /** One pass: keys, devices, by which each peer is sent to, and what is of no use any more. */
  async #follow(): Promise<readonly string[]> {
    if (!this.#isWished) return [];
    await this.#guard();
    if (this.#wish.address === '') return this.#removeAll();
    if (!(await this.#canTunnel())) return [];
    this.#mtu = (await mtuAt(this.#nodeAddress)) - tunnelOverheadBytes;
    const before = await this.#look();
    this.#peers ??= peersInKernel(before.tunnels);
    this.#remember();
    await this.#advance();
    const mended = await this.#setDevices(before);
    const after = await this.#look();
    const wished = await this.#setWays(after);
    this.#tellKey();
    const missing = [...this.#placed].filter((what) => wished.has(what) && !this.#has(before, what));
    this.#placed = wished;
    await this.#retire(after);
    return [...missing, ...mended];
  }

  /** Before there is a device: what is for these addresses leaves by a tunnel or not at all. */
  async #guard(): Promise<void> {
    const addresses = this.addresses.join(' ');
    if (addresses === this.#guarded) return;
    await this.#ports.onAddresses();
    this.#guarded = addresses;
  }

  async #removeAll(): Promise<readonly string[]> {
    this.#peers = [];
    this.#leftOut = [];
    this.#placed = new Set();
    if (this.#keys.all.length === 0) return [];
    await removeDevices((await observeLinks()).map(({ name }) => name).filter((name) => this.#generationOf(name) !== undefined));
    await this.#keys.drop(this.#keys.all.slice(0, -1).map(({ generation }) => generation));
    return [];
  }

  #remember(): void {
    const own = { address: this.#wish.address, generations: this.#generations };
    const { peers, leftOut } = rememberPeers(this.#peers ?? [], this.#wish.peers, own);
    if (leftOut.length > 0 && leftOut.join() !== this.#leftOut.join()) {
      this.#ports.logger.warn({ leftOut }, 'nodes are left out of the tunnels');
    }
    this.#peers = peers;
    this.#leftOut = leftOut;
  }

  /** A new key when this node is behind the others, or its own is old. */
  async #advance(): Promise<void> {
    const newest = this.#keys.newest ?? (await this.#makeKey(1));
    const { rotationMs } = this.#options;
    const wanted = generationWanted(newest, this.#peers ?? [], { now: this.#ports.clock.now(), rotationMs });
    if (wanted === newest.generation) return;
    await this.#makeKey(wanted);
    this.#ports.logger.info({ generation: wanted }, 'a new key for tunnels');
  }

  get #generations(): ReadonlySet<number> {
    return new Set(this.#keys.all.map(({ generation }) => generation));
  }

  #generationOf(device: string): number | undefined {
    return generationOf(this.#options.tag, device);
  }

  async #look(): Promise<Seen> {
    const [links, ways] = await Promise.all([observeLinks(), observeWays()]);
    const tunnels = new Map<number, ObservedTunnel>();
    for (const { name } of links) {
      const generation = this.#generationOf(name);
      if (generation !== undefined) tunnels.set(generation, await observeTunnel(name));
    }
    return { links, ways, tunnels };
  }

  /** By which generation each peer is to be sent to, by its address. */
  #chosen({ ways, tunnels }: Seen): ReadonlyMap<string, number> {
    const current = ways.map(({ address, device }) => [address, this.#generationOf(device) ?? 0] as const);
    const standing = [...tunnels].flatMap(([generation, { peers }]) =>
      peers.filter(({ handshakeAtS }) => handshakeAtS > 0).map(({ publicKey }) => handshakeKey(generation, publicKey)),
    );
    return chosenGenerations(this.#peers ?? [], this.#generations, new Map(current), new Set(standing));
  }

  #wished(chosen: ReadonlyMap<string, number>): readonly WishedDevice[] {
    return wishedDevices(this.#options.tag, this.#keys.all, this.#peers ?? [], chosen);
  }

  /** What of those that were there was not as it should be. */
  async #setDevices(seen: Seen): Promise<readonly string[]> {
    const mended: string[] = [];
    const wished = this.#wished(this.#chosen(seen));
    const names = new Set(wished.map(({ name }) => name));
    const ours = seen.links.filter(({ name }) => this.#generationOf(name) !== undefined);
    await removeDevices(ours.map(({ name }) => name).filter((name) => !names.has(name)));
    for (const device of wished) {
      const link = ours.find(({ name }) => name === device.name);
      const tunnel = seen.tunnels.get(device.generation);
      if (link === undefined || tunnel === undefined) await this.#makeDevice(device);
      else mended.push(...(await mendDevice(device, this.#settings(device), { link, tunnel })));
    }
    return mended;
  }

  #settings({ generation }: WishedDevice): DeviceSettings {
    const publicKey = this.#keys.all.find((key) => key.generation === generation)?.publicKey ?? '';
    const privateKeyPath = this.#keys.privateKeyPath(generation);
    return { address: this.#wish.address, mtu: this.#mtu, publicKey, privateKeyPath, keepaliveS: this.#options.keepaliveS };
  }

  /** On another port when somebody took that one meanwhile. */
  async #makeDevice(device: WishedDevice): Promise<void> {
    try {
      await makeDevice(device, this.#settings(device));
    } catch (error) {
      if (!isPortTaken(error)) throw error;
      this.#takenPorts.add(device.port);
      const port = await this.#freePort(device.generation);
      this.#ports.logger.warn({ taken: device.port, port }, 'the UDP port of a tunnel is in use: it listens at another');
      await this.#keys.move(device.generation, port);
      await this.#makeDevice({ ...device, port });
    }
  }

  /** Returns what is in place then: names of devices, and `address device` of the ways. */
  async #setWays(seen: Seen): Promise<ReadonlySet<string>> {
    const chosen = this.#chosen(seen);
    const wished = this.#wished(chosen);
    const lines = wayLines(wished, chosen, this.#wish.address, seen.ways, (device) => this.#generationOf(device) !== undefined);
    await ipBatch(lines);
    this.#isMoving = (this.#peers ?? []).some(({ address, told }) => this.#generations.has(told) && (chosen.get(address) ?? told) < told);
    const names = new Map(wished.map(({ generation, name }) => [generation, name]));
    const ways = [...chosen].map(([address, generation]) => `way to ${address} by ${names.get(generation)}`);
    return new Set([...wished.map(({ name }) => `device ${name}`), ...ways]);
  }

  #has({ links, ways }: Seen, what: string): boolean {
    return (
      links.some(({ name }) => what === `device ${name}`) || ways.some(({ address, device }) => what === `way to ${address} by ${device}`)
    );
  }

  /** Only once its device stands: who hears of it begins to talk. Nobody is told who never asked. */
  #tellKey(): void {
    const { newest } = this.#keys;
    if (this.#told === undefined || newest === undefined) return;
    if (this.#told.publicKey === newest.publicKey && this.#told.port === newest.port) return;
    this.#told = newest;
    this.#ports.onKey();
  }

  async #retire(seen: Seen): Promise<void> {
    const now = this.#ports.clock.now();
    const received = new Map(
      [...seen.tunnels].map(([generation, { peers }]) => [generation, peers.reduce((sum, one) => sum + one.receivedBytes, 0)]),
    );
    this.#quiet = quietSince(this.#quiet, received, new Set(this.#chosen(seen).values()), now);
    const retired = retiredGenerations(this.#keys.all, this.#quiet, { now, graceMs: this.#options.graceMs });
    if (retired.length === 0) return;
    await removeDevices(seen.links.map(({ name }) => name).filter((name) => retired.includes(this.#generationOf(name) ?? 0)));
    await this.#keys.drop(retired);
    this.#remember();
    this.#ports.logger.info({ generations: retired }, 'old keys for tunnels are gone');
  }

  #lookLater(): void {
    if (this.#stopped || this.#wish.address === '' || !this.#isAble) return;
    const wait = this.#failure === '' ? lookAgainMs(this.#keys.all, this.#isMoving, this.#options) : this.#options.graceMs;
    this.#cancelLook = this.#ports.clock.setTimer(wait, () => {
      this.#lookAfter().catch((error: unknown) =>
        this.#ports.logger.error({ error: sentenceOf(error) }, 'tunnels could not be looked after'),
      );
    });
  }

  /** What somebody took or changed meanwhile is mended. */
  async #lookAfter(): Promise<void> {
    const mended = await this.#pass();
    if (mended.length > 0) this.#ports.logger.warn({ mended }, 'tunnels were not as they should be, and are again');
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
