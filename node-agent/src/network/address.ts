import { type Cidr, macOf, parseCidr, parseIpv4, TsoError } from '@tso/proto';

export const isAddress = (text: string): boolean => parseIpv4(text) !== undefined;

/** Like parseCidr; INVALID_ARGUMENT names `what` when the text is no IPv4 prefix. */
export const requireCidr = (text: string, what: string): Cidr => {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new TsoError('INVALID_ARGUMENT', `${what} "${text}" is not an IPv4 prefix such as 10.0.1.0/24`);
  return cidr;
};

/** For text that goes into a command: INVALID_ARGUMENT names `what`. Returns the text. */
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

/** 02:42 and the four octets: computable by everyone who knows the address. INVALID_ARGUMENT for what is no address. */
export const macOfAddress = (address: string): string => macOf(parseIpv4(requireAddress(address, 'address')) ?? 0);

/** How the MAC of every host's own address on a network begins: a task is told from a host by it (see task-rules.ts). */
export const hostMacPrefix = 0x0243;

/** 02:43 and the four octets. INVALID_ARGUMENT for what is no address. */
export const hostMacOf = (address: string): string => macOfAddress(address).replace(/^02:42/, '02:43');
