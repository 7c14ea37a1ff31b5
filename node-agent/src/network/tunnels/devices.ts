import { readFile, writeFile } from 'node:fs/promises';
import { findProgram, runCommand } from '../../host-command.ts';
import { ipBatch } from '../ip.ts';
import { routeProtocol } from '../names.ts';
import { parseSockets } from '../sockets.ts';
import {
  linkLines,
  newLinkLines,
  type ObservedLink,
  type ObservedTunnel,
  type ObservedWay,
  parseLinks,
  parseMtu,
  parseTunnel,
  parseWays,
  peerArguments,
} from './changes.ts';
import type { WishedDevice } from './plan.ts';

/** Why this node can have no tunnels, as the beginning of a sentence; undefined: it can. The kernel loads what it has by itself (ip-link(8)). */
export const withoutTunnels = async (): Promise<string | undefined> => {
  try {
    await runCommand('unshare', ['--net', 'ip', 'link', 'add', 'name', 'probe', 'type', 'wireguard']);
  } catch {
    // The only question asked is whether there is such a thing.
    return "this node's kernel has no WireGuard";
  }
  return findProgram('wg') === undefined ? 'this node lacks the program wg (Debian package wireguard-tools)' : undefined;
};

const ipJson = async (...args: readonly string[]): Promise<string> => (await runCommand('ip', ['-json', ...args])).stdout;

/** All devices of kind wireguard. */
export const observeLinks = async (): Promise<readonly ObservedLink[]> => parseLinks(await ipJson('address', 'show', 'type', 'wireguard'));

/** Routes of our protocol number that go by a device. */
export const observeWays = async (): Promise<readonly ObservedWay[]> =>
  parseWays(await ipJson('route', 'show', 'proto', String(routeProtocol)));

export const observeTunnel = async (name: string): Promise<ObservedTunnel> =>
  parseTunnel((await runCommand('wg', ['show', name, 'dump'])).stdout);

/** MTU of the device that has this address; 1500 without one. */
export const mtuAt = async (address: string): Promise<number> =>
  address === '' ? 1500 : parseMtu(await ipJson('address', 'show', 'to', address));

/** UDP ports in use in the host's namespace. */
export const udpPorts = async (): Promise<ReadonlySet<number>> => {
  const texts = await Promise.all(['/proc/net/udp', '/proc/net/udp6'].map((path) => readFile(path, 'utf8').catch(() => '')));
  return new Set(texts.flatMap(parseSockets).map(({ port }) => port));
};

/** Answers to one peer may come by the device of another generation than it is sent to by: 2, loose (RFC 3704), which wins over a strict one for all. */
const looseReversePath = '2';
const reversePathOf = (device: string): string => `/proc/sys/net/ipv4/conf/${device}/rp_filter`;

const allowBothWays = async (device: string): Promise<void> => {
  const path = reversePathOf(device);
  if ((await readFile(path, 'utf8')).trim() !== looseReversePath) await writeFile(path, looseReversePath);
};

/** Peers named in one command: its arguments have to fit into what the kernel takes. */
const peersAtOnce = 100;

const setPeers = async (name: string, peers: readonly (readonly string[])[]): Promise<void> => {
  for (let from = 0; from < peers.length; from += peersAtOnce) {
    await runCommand('wg', ['set', name, ...peers.slice(from, from + peersAtOnce).flat()]);
  }
};

/** What a device is to be beside its peers. */
export interface DeviceSettings {
  readonly address: string;
  readonly mtu: number;
  readonly publicKey: string;
  readonly privateKeyPath: string;
  readonly keepaliveS: number;
}

/** Another program has the port that a tunnel wants. */
export const isPortTaken = (error: unknown): boolean => error instanceof Error && /address (already )?in use/i.test(error.message);

/** Makes a device that is not there. Nothing of it is left when it cannot be; see `isPortTaken`. */
export const makeDevice = async (device: WishedDevice, settings: DeviceSettings): Promise<void> => {
  const { name, port, peers } = device;
  const { address, mtu, privateKeyPath, keepaliveS } = settings;
  await ipBatch(newLinkLines(name, address, mtu));
  try {
    await allowBothWays(name);
    await runCommand('wg', ['set', name, 'listen-port', String(port), 'private-key', privateKeyPath]);
    await ipBatch([`link set dev ${name} up`]);
    await setPeers(name, peerArguments(peers, [], keepaliveS));
  } catch (error) {
    await removeDevices([name]);
    throw error;
  }
};

/** Brings a device that is there to what it is to be. What was wrong with it, beside its peers, which come and go. */
export const mendDevice = async (
  device: WishedDevice,
  settings: DeviceSettings,
  { link, tunnel }: { readonly link: ObservedLink; readonly tunnel: ObservedTunnel },
): Promise<readonly string[]> => {
  const { name, port } = device;
  const { address, mtu, publicKey, privateKeyPath, keepaliveS } = settings;
  const wrong: string[] = [];
  const lines = linkLines(link, address, mtu);
  if (lines.length > 0) wrong.push(`address or MTU of ${name}`);
  await ipBatch(lines);
  await allowBothWays(name);
  if (tunnel.publicKey !== publicKey || tunnel.port !== port) {
    wrong.push(`key or port of ${name}`);
    await runCommand('wg', ['set', name, 'listen-port', String(port), 'private-key', privateKeyPath]);
  }
  if (!link.up) {
    wrong.push(`${name} was down`);
    await ipBatch([`link set dev ${name} up`]);
  }
  await setPeers(name, peerArguments(device.peers, tunnel.peers, keepaliveS));
  return wrong;
};

export const removeDevices = (names: readonly string[]): Promise<void> => ipBatch(names.map((name) => `link delete dev ${name}`));
