import { TsoError } from '@tso/proto';

/** An IPv4 prefix; `base` has its host bits cleared. */
export interface Cidr {
  readonly base: number;
  readonly prefixLength: number;
}

const dottedQuad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The address as an unsigned 32 bit number, or undefined when the text is not four decimal octets. */
export const addressNumber = (text: string): number | undefined => {
  const octets = dottedQuad.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((number, octet) => number * 256 + octet, 0);
};

export const isAddress = (text: string): boolean => addressNumber(text) !== undefined;

/** Dotted quad of an unsigned 32 bit number. */
export const addressText = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');

const maskOf = (prefixLength: number): number => (prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);

/** `10.0.1.0/24`, host bits cleared; a bare address is a /32. undefined when it is neither. */
export const cidrOf = (text: string): Cidr | undefined => {
  const [address = '', length] = text.split('/');
  const number = addressNumber(address);
  const prefixLength = length === undefined ? 32 : /^\d{1,2}$/.test(length) ? Number(length) : 33;
  if (number === undefined || prefixLength > 32) return undefined;
  return { base: (number & maskOf(prefixLength)) >>> 0, prefixLength };
};

/** Like cidrOf; INVALID_ARGUMENT names `what` when the text is no IPv4 prefix. */
export const requireCidr = (text: string, what: string): Cidr => {
  const cidr = cidrOf(text);
  if (cidr === undefined) throw new TsoError('INVALID_ARGUMENT', `${what} "${text}" is not an IPv4 prefix such as 10.0.1.0/24`);
  return cidr;
};

/** Like addressNumber, for text that goes into a command: INVALID_ARGUMENT names `what`. Returns the text. */
export const requireAddress = (text: string, what: string): string => {
  if (!isAddress(text)) throw new TsoError('INVALID_ARGUMENT', `${what} "${text}" is not an IPv4 address`);
  return text;
};

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** The MAC address in lower case; INVALID_ARGUMENT names `what`. */
export const requireMac = (text: string, what: string): string => {
  if (!macPattern.test(text)) throw new TsoError('INVALID_ARGUMENT', `${what} "${text}" is not a MAC address`);
  return text.toLowerCase();
};

export const cidrText = (cidr: Cidr): string => `${addressText(cidr.base)}/${cidr.prefixLength}`;

export const contains = (cidr: Cidr, address: number): boolean => (address & maskOf(cidr.prefixLength)) >>> 0 === cidr.base;

export const overlap = (a: Cidr, b: Cidr): boolean => (a.prefixLength <= b.prefixLength ? contains(a, b.base) : contains(b, a.base));

/** 02:42 and the four octets: computable by everyone who knows the address. INVALID_ARGUMENT for what is no address. */
export const macOf = (address: string): string =>
  [
    '02',
    '42',
    ...requireAddress(address, 'address')
      .split('.')
      .map((octet) => Number(octet).toString(16).padStart(2, '0')),
  ].join(':');

/** How the MAC of every host's own address on a network begins: a task is told from a host by it (see task-rules.ts). */
export const hostMacPrefix = 0x0243;

/** 02:43 and the four octets. INVALID_ARGUMENT for what is no address. */
export const hostMacOf = (address: string): string => macOf(address).replace(/^02:42/, '02:43');
