/** Reading /proc/net/{tcp,tcp6,udp,udp6} (proc(5)) and /proc/net/sctp/eps. */

export interface SocketEntry {
  readonly port: number;
  /** The wildcard address, of either family. */
  readonly wildcard: boolean;
  /** IPv4 dotted quad, also of an IPv4-mapped one; empty for another IPv6 address. */
  readonly address: string;
  readonly inode: string;
}

const listenState = '0A';
const unconnectedState = '07';

/** The kernel prints the address as 32 bit words in the host's byte order, which is little-endian on every platform Node runs on here. */
const quadOf = (word: string): string =>
  (word.match(/../g) ?? [])
    .toReversed()
    .map((octet) => Number.parseInt(octet, 16))
    .join('.');

const addressOf = (hex: string): string => {
  if (hex.length === 8) return quadOf(hex);
  return hex.startsWith('0000000000000000FFFF0000') ? quadOf(hex.slice(24)) : '';
};

const entryOf = (line: string): SocketEntry | undefined => {
  const fields = line.trim().split(/\s+/);
  const [hex = '', port = ''] = (fields[1] ?? '').split(':');
  const state = fields[3] ?? '';
  const inode = fields[9] ?? '';
  if (inode === '' || (state !== listenState && state !== unconnectedState)) return undefined;
  return { port: Number.parseInt(port, 16), wildcard: /^0+$/.test(hex), address: addressOf(hex), inode };
};

/** Sockets that hold a port: listening TCP, unconnected UDP. */
export const parseSockets = (text: string): readonly SocketEntry[] =>
  text
    .split('\n')
    .slice(1)
    .map(entryOf)
    .filter((entry) => entry !== undefined);

/** The state of a listening socket there, as the kernel numbers it (net/sctp/proc.c). */
const sctpListening = '10';

/** From /proc/net/sctp/eps: `ENDPT SOCK STY SST HBKT LPORT UID INODE LADDRS`, the primary address marked by a star. */
export const parseSctpEndpoints = (text: string): readonly SocketEntry[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === sctpListening)
    .map((fields) => {
      const address = (fields[8] ?? '').replace('*', '');
      return {
        port: Number(fields[5]),
        wildcard: address === '' || address === '0.0.0.0' || address === '::',
        address: address.includes(':') ? '' : address,
        inode: fields[7] ?? '',
      };
    });

/** The socket that keeps another from having this port at this address (empty: every address), or undefined. */
export const clashingSocket = (entries: readonly SocketEntry[], port: number, hostIp: string): SocketEntry | undefined =>
  entries.find((entry) => entry.port === port && (hostIp === '' || entry.wildcard || entry.address === hostIp));
