import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '@tso/proto';
import { resolverAddress } from './task-rules.ts';

export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

const isServer = (text: string): boolean => parseIpv4(text) !== undefined || /^[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?$/i.test(text);

const mappedPrefix = 0xffffn;
const firstOctet = (address: number): number => Math.floor(address / 2 ** 24);

/** The address that is sent to: without the link it is on, an IPv4 one that is written as IPv6 (RFC 4291, 2.5.5.2) as IPv4. Empty: it is none. */
export const plainAddress = (text: string): string => {
  const [address = ''] = text.split('%');
  const six = parseIpv6(address);
  if (six === undefined) return parseIpv4(address) === undefined ? '' : address;
  return six >> 32n === mappedPrefix ? formatIpv4(Number(six & 0xffff_ffffn)) : formatIpv6(six);
};

/** Whether an address, as `plainAddress` gives it, means whoever uses it itself: what has no host says so too. */
export const isLoopback = (address: string): boolean => {
  const four = parseIpv4(address);
  return four === undefined ? address === '::1' || address === '::' : firstOctet(four) === 127 || firstOctet(four) === 0;
};

/** resolv.conf(5): the last `search` or `domain` counts; without a server it is the host itself. */
export const parseResolvConf = (text: string): ResolvConf => {
  const servers: string[] = [];
  const options: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [keyword = '', ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined && isServer(values[0])) servers.push(values[0]);
    if (keyword === 'search') search = values;
    if (keyword === 'domain') search = values.slice(0, 1);
    if (keyword === 'options') options.push(...values);
  }
  return { servers: servers.length === 0 ? ['127.0.0.1'] : servers, search, options };
};

/** How many dots a name must have to be asked for as it is first; undefined: not said. */
export const ndotsOf = (options: readonly string[]): number | undefined => {
  const said = options.findLast((option) => /^ndots:\d+$/.test(option));
  return said === undefined ? undefined : Number(said.slice('ndots:'.length));
};

/** The file's text; nothing that could start another line gets in. */
export const formatResolvConf = ({ servers, search, options }: ResolvConf): string => {
  const clean = (words: readonly string[]): string =>
    words
      .map((word) => word.replaceAll(/\s+/g, ''))
      .filter((word) => word !== '')
      .join(' ');
  return [
    ...servers.map((server) => `nameserver ${clean([server])}`),
    ...(clean(search) === '' ? [] : [`search ${clean(search)}`]),
    ...(clean(options) === '' ? [] : [`options ${clean(options)}`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

/** A single dot, as the engine has it, says: search nowhere. */
const searchOf = (wished: readonly string[], host: readonly string[]): readonly string[] =>
  wished.length === 1 && wished[0] === '.' ? [] : wished.length > 0 ? wished : host;

/**
 * What a task with a namespace and networks of its own gets: our resolver, which asks `wished.servers` or the host's for names that are not ours.
 * The host's options concern the host's servers; a name is asked for as it is before it is completed, unless the wish says otherwise.
 */
export const taskResolvConf = (host: ResolvConf, wished: ResolvConf | undefined): string => {
  const options = wished?.options ?? [];
  return formatResolvConf({
    servers: [resolverAddress],
    search: searchOf(wished?.search ?? [], host.search),
    options: ndotsOf(options) === undefined ? [...options, 'ndots:0'] : options,
  });
};

/** What a task in the host's namespace gets. */
export const hostModeResolvConf = (hostText: string, wished: ResolvConf | undefined): string => {
  if (wished === undefined || (wished.servers.length === 0 && wished.search.length === 0 && wished.options.length === 0)) return hostText;
  const host = parseResolvConf(hostText);
  return formatResolvConf({
    servers: wished.servers.length > 0 ? wished.servers : host.servers,
    search: searchOf(wished.search, host.search),
    options: wished.options.length > 0 ? wished.options : host.options,
  });
};
