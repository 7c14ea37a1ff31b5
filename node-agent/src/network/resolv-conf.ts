import { isAddress } from './address.ts';
import { resolverAddress } from './task-rules.ts';

export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

const isServer = (text: string): boolean => isAddress(text) || /^[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?$/i.test(text);

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

/** What a task with a namespace and networks of its own gets: our resolver, which asks `wished.servers` or the host's for names that are not ours. */
export const taskResolvConf = (host: ResolvConf, wished: ResolvConf | undefined): string =>
  formatResolvConf({
    servers: [resolverAddress],
    search: wished !== undefined && wished.search.length > 0 ? wished.search : host.search,
    options: wished !== undefined && wished.options.length > 0 ? wished.options : ['ndots:0'],
  });

/** What a task in the host's namespace gets. */
export const hostModeResolvConf = (hostText: string, wished: ResolvConf | undefined): string => {
  if (wished === undefined || (wished.servers.length === 0 && wished.search.length === 0 && wished.options.length === 0)) return hostText;
  const host = parseResolvConf(hostText);
  return formatResolvConf({
    servers: wished.servers.length > 0 ? wished.servers : host.servers,
    search: wished.search.length > 0 ? wished.search : host.search,
    options: wished.options.length > 0 ? wished.options : host.options,
  });
};
