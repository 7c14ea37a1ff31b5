import { formatHostPort, memberPort, TsoError } from '@tso/proto';
import { isAddress } from '../network/address.ts';
import { jsonObjects, objectsField, stringField } from '../network/json.ts';

export interface HostPort {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

const refuse = (what: string, text: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `${what} "${text}" is not an address such as 10.0.0.1:${memberPort}`);

const hostPattern = /^[0-9A-Za-z]([0-9A-Za-z._-]*[0-9A-Za-z])?$/;
/** All of its eight groups, or a gap. */
const isIpv6 = (text: string): boolean =>
  /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/.test(text) && (text.includes('::') || text.split(':').length >= 7);

/** `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address. INVALID_ARGUMENT names `what`. */
export const parseHostPort = (text: string, what: string): HostPort => {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const bare = isIpv6(text);
  const [, host = '', digits] = bracketed ?? (bare ? [text, text] : (/^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []));
  const port = digits === undefined ? undefined : Number(digits);
  const isHost = bracketed !== null ? isIpv6(host) : bare || hostPattern.test(host);
  if (!isHost || (port !== undefined && (port < 1 || port > 65_535))) throw refuse(what, text);
  return { host, port };
};

/** The text with a port: its own, or the default one. INVALID_ARGUMENT names `what`. */
export const withPort = (text: string, what: string): string => {
  const { host, port } = parseHostPort(text, what);
  return formatHostPort({ host, port: port ?? memberPort });
};

/** The part before the port; empty for empty. */
export const hostOf = (address: string): string => (address === '' ? '' : parseHostPort(address, 'the address').host);

/** An address of this host, and the device that has it. */
export interface OwnAddress {
  readonly address: string;
  readonly device: string;
}

/** The source address that the kernel would use, from `ip -json route get`; undefined when it says none. */
export const sourceOf = (routeGetJson: string): string | undefined => {
  const source = jsonObjects(routeGetJson)
    .map((route) => stringField(route, 'prefsrc'))
    .find(isAddress);
  return source;
};

/** Devices that a daemon of ours, or another engine, makes for containers: nobody else can reach what they have. */
const madeForContainers = /^(tso|docker|br-|veth|virbr|cni|podman|lxc)/;

/** The IPv4 addresses of this host that others may reach, from `ip -json address show`, in the kernel's order. */
export const ownAddresses = (addressJson: string): readonly OwnAddress[] =>
  jsonObjects(addressJson).flatMap((link) => {
    const device = stringField(link, 'ifname');
    if (madeForContainers.test(device)) return [];
    return objectsField(link, 'addr_info')
      .filter((info) => stringField(info, 'family') === 'inet' && stringField(info, 'scope') === 'global')
      .map((info) => ({ address: stringField(info, 'local'), device }))
      .filter(({ address }) => isAddress(address) && !address.startsWith('127.'));
  });

/** What this host can be known by: the source of its default route, or its only address. */
export type Choice =
  | { readonly kind: 'chosen'; readonly address: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly addresses: readonly OwnAddress[] };

export const chooseAddress = (source: string | undefined, own: readonly OwnAddress[]): Choice => {
  if (source !== undefined) return { kind: 'chosen', address: source };
  const [first] = own;
  if (first === undefined) return { kind: 'none' };
  return new Set(own.map(({ address }) => address)).size === 1
    ? { kind: 'chosen', address: first.address }
    : { kind: 'ambiguous', addresses: own };
};

/** The choice among several addresses is the operator's. */
export const ambiguous = (addresses: readonly OwnAddress[]): TsoError => {
  const flag = `--advertise-addr ${addresses[0]?.address ?? 'ADDRESS'}`;
  const named = addresses.map(({ address, device }) => `${address} on ${device}`).join(', ');
  return new TsoError(
    'FAILED_PRECONDITION',
    `this host has several addresses (${named}) and no default route that would choose among them`,
    {
      hint: `Say which one other nodes reach it at: tso init ${flag}, or tso restore ${flag} FILE for a backup`,
      details: { addresses: addresses.map(({ address }) => address) },
    },
  );
};

/** Where a node's manager listens, and what the others are told; both empty: nowhere. */
export interface NodeAddresses {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
}

const requireReachable = (host: string, text: string): string => {
  if (isAddress(host) && host !== '0.0.0.0') return host;
  throw new TsoError('INVALID_ARGUMENT', `the advertised address "${text}" is not an IPv4 address that other nodes could reach`, {
    hint: 'Give an address of this host, such as 10.0.0.1',
  });
};

/** Checked, with a port each: the advertised one listens where the door does unless it says otherwise. INVALID_ARGUMENT names which is wrong. */
export const nodeAddresses = (listen: string, advertise: string): NodeAddresses => {
  const heard = parseHostPort(listen, 'the listen address');
  const port = heard.port ?? memberPort;
  const told = parseHostPort(advertise, 'the advertised address');
  return {
    listenAddr: formatHostPort({ host: heard.host, port }),
    advertiseAddr: formatHostPort({ host: requireReachable(told.host, advertise), port: told.port ?? port }),
  };
};
