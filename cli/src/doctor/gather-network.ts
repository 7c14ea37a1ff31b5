import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { programFolders } from '../find-program.ts';
import type { HostFacts } from './facts.ts';
import { type DeviceFacts, type NetworkFacts, type RouteFacts, ruleKinds } from './network-facts.ts';

const commandTimeoutMs = 5_000;

const run = (path: string, args: readonly string[], input = '') =>
  spawnSync(path, args, { input, encoding: 'utf8', timeout: commandTimeoutMs, env: { PATH: programFolders.join(':'), LC_ALL: 'C' } });

const objects = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter((one): one is Readonly<Record<string, unknown>> => typeof one === 'object' && one !== null) : [];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What a program prints as JSON; undefined: it is not there, failed, or printed something else. */
const jsonOf = (path: string | undefined, args: readonly string[]): unknown => {
  if (path === undefined) return undefined;
  const { status, stdout } = run(path, args);
  if (status !== 0) return undefined;
  try {
    return JSON.parse(stdout === '' ? '[]' : stdout);
  } catch {
    // An old program that knows no JSON: nothing is known.
    return undefined;
  }
};

const devicesOf = (ip: string | undefined): readonly DeviceFacts[] =>
  objects(jsonOf(ip, ['-json', '-4', 'address', 'show'])).map((link) => ({
    name: text(link.ifname),
    mtu: typeof link.mtu === 'number' ? link.mtu : 0,
    addresses: objects(link.addr_info).map((address) => text(address.local)),
  }));

const routesOf = (ip: string | undefined): readonly RouteFacts[] =>
  objects(jsonOf(ip, ['-json', '-4', 'route', 'show'])).map((route) => ({
    destination: text(route.dst),
    device: text(route.dev),
    protocol: text(route.protocol),
  }));

/** A table of ours is `tso` or `tso-TAG`. */
const isOurs = (table: string): boolean => table === 'tso' || table.startsWith('tso-');

const forwardDrops = (nft: string | undefined, uid: number): readonly string[] | undefined => {
  if (uid !== 0) return undefined;
  const found = jsonOf(nft, ['-json', 'list', 'chains']);
  if (typeof found !== 'object' || found === null || !('nftables' in found)) return undefined;
  return objects(found.nftables)
    .flatMap((entry) => objects([entry.chain]))
    .filter((chain) => chain.hook === 'forward' && chain.policy === 'drop' && !isOurs(text(chain.table)))
    .map((chain) => `${text(chain.family)} ${text(chain.table)}/${text(chain.name)}`);
};

/** Looks at the network of this host. Changes nothing that outlives it: what is tried is tried in a namespace that ends with the command. */
export const gatherNetwork = ({ ip, nft, unshare }: HostFacts['programs'], uid: number): NetworkFacts => {
  const takes = (rules: string): boolean | undefined =>
    uid !== 0 || unshare === undefined || nft === undefined ? undefined : run(unshare, ['--net', nft, '-f', '-'], rules).status === 0;
  const ipv6 = '/proc/sys/net/ipv6/conf/all/disable_ipv6';
  return {
    rules: Object.fromEntries(Object.entries(ruleKinds).map(([kind, { text: rules }]) => [kind, takes(rules)])),
    wireguard:
      uid !== 0 || unshare === undefined || ip === undefined
        ? undefined
        : run(unshare, ['--net', ip, 'link', 'add', 'tsodoctor', 'type', 'wireguard']).status === 0,
    ipv6Disabled: existsSync(ipv6) ? readFileSync(ipv6, 'utf8').trim() : undefined,
    conntrack: existsSync('/proc/sys/net/netfilter/nf_conntrack_max'),
    sctpConntrack: existsSync('/proc/sys/net/netfilter/nf_conntrack_sctp_timeout_established'),
    forwardDrops: forwardDrops(nft, uid),
    devices: devicesOf(ip),
    routes: routesOf(ip),
  };
};
