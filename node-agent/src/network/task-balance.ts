import { EndpointMode, type NetworkAssignment, parseIpv4, parseIpv6 } from '@tso/proto';
import { fnv1a } from './names.ts';
import { drawnTargets } from './publish.ts';
import { isFileId } from './task-plan.ts';

/** A service on a network as all its clients see it. Addresses sorted; empty without a serving task. */
export interface BalancedService {
  readonly vip: string;
  /** Empty: none. */
  readonly vip6: string;
  readonly backends: readonly string[];
  readonly backends6: readonly string[];
  readonly affinity: boolean;
}

/** Name of the nftables chain to the service: of one network. */
export type BalancedNetwork = ReadonlyMap<string, BalancedService>;

/** What one client's namespace has of a service: with affinity a single target, else all that serve. */
export interface Balance {
  readonly vip: string;
  readonly vip6: string;
  readonly targets: readonly string[];
  readonly targets6: readonly string[];
}

/** Name of the chain to what it does: of one namespace, all its networks. */
export type Balances = ReadonlyMap<string, Balance>;

const isText = (number: number | bigint | undefined): boolean => number !== undefined;
const v4 = (address: string): boolean => isText(parseIpv4(address));
const v6 = (address: string): boolean => isText(parseIpv6(address));

/** The services with a virtual address on a network. An address that is none is left out: what goes into a rule is checked here. */
export const balancedNetwork = (network: NetworkAssignment): BalancedNetwork => {
  const services = network.services.filter(
    ({ mode, vip, serviceId }) => mode === EndpointMode.VIP && v4(vip) && isFileId(serviceId) && !network.ingress,
  );
  const found = new Map(services.map(({ serviceId }) => [serviceId, { backends: [] as string[], backends6: [] as string[] }]));
  for (const { serviceId, serving, address, address6 } of network.endpoints) {
    const service = serving ? found.get(serviceId) : undefined;
    if (service === undefined) continue;
    if (v4(address)) service.backends.push(address);
    if (v6(address6)) service.backends6.push(address6);
  }
  return new Map(
    services.map(({ serviceId, vip, vip6, affinity }) => {
      const { backends = [], backends6 = [] } = found.get(serviceId) ?? {};
      const service = { vip, vip6: v6(vip6) ? vip6 : '', backends: backends.sort(), backends6: backends6.sort(), affinity };
      return [`s_${network.vni.toString(36)}_${serviceId}`, service];
    }),
  );
};

/** Whether two states of a service give the same rules to every client. */
export const sameService = (a: BalancedService | undefined, b: BalancedService | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.vip === b.vip &&
    a.vip6 === b.vip6 &&
    a.affinity === b.affinity &&
    a.backends.join() === b.backends.join() &&
    a.backends6.join() === b.backends6.join());

/** Spreads what FNV-1a leaves close together for texts that differ in their last letters (the finalizer of MurmurHash3). */
const spread = (hash: number): number => {
  let value = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
};

/**
 * The backend of a client that is to stay with one: the one it had while that serves, else the one with the highest hash of both (rendezvous
 * hashing), so that clients spread and only those of a lost backend move. In a client's own namespace all connections have its one address: what
 * `jhash ip saddr` would draw is a constant there, and drawing it here lets it outlive a change of how many serve.
 */
const drawn = (client: string, backends: readonly string[], before: readonly string[]): readonly string[] => {
  const [had] = before;
  if (before.length === 1 && had !== undefined && backends.includes(had)) return before;
  let best: string | undefined;
  let highest = -1;
  for (const backend of backends) {
    const weight = spread(fnv1a(`${client} ${backend}`));
    if (weight <= highest) continue;
    best = backend;
    highest = weight;
  }
  return best === undefined ? [] : [best];
};

/** @param before what the namespace has of the service now */
export const balanceFor = (
  client: { readonly address: string; readonly address6: string },
  service: BalancedService,
  before: Balance | undefined,
): Balance => {
  const { vip, vip6, backends, backends6, affinity } = service;
  const has6 = client.address6 !== '';
  if (!affinity) return { vip, vip6: has6 ? vip6 : '', targets: backends, targets6: has6 ? backends6 : [] };
  return {
    vip,
    vip6: has6 ? vip6 : '',
    targets: drawn(client.address, backends, before?.targets ?? []),
    targets6: has6 ? drawn(client.address6, backends6, before?.targets6 ?? []) : [],
  };
};

/** One family's part of a balance. */
interface Part {
  readonly vip: string;
  readonly targets: readonly string[];
}

type FamilyName = 'ip' | 'ip6';

const partOf = (family: FamilyName, balance: Balance | undefined): Part =>
  balance === undefined
    ? { vip: '', targets: [] }
    : family === 'ip'
      ? { vip: balance.vip, targets: balance.targets }
      : { vip: balance.vip6, targets: balance.targets6 };

const statements = (targets: readonly string[]): readonly string[] => {
  const draw = `numgen random mod ${targets.length} map { ${targets.map((target, index) => `${index} : ${target}`).join(', ')} }`;
  return drawnTargets(draw, targets[0], targets.length).map((target) => `dnat to ${target}`);
};

/** What goes into a table when it is made: elements of `vips`, of `virtual`, and the chains. */
export interface BalanceText {
  readonly vips: readonly string[];
  readonly virtual: readonly string[];
  readonly chains: readonly string[];
}

export const balanceText = (family: FamilyName, balances: Balances): BalanceText => {
  const parts = [...balances].map(([chain, balance]) => ({ chain, ...partOf(family, balance) })).filter(({ vip }) => vip !== '');
  return {
    vips: parts.map(({ chain, vip }) => `${vip} : goto ${chain}`),
    virtual: parts.map(({ vip }) => vip),
    chains: parts.flatMap(({ chain, targets }) => [`  chain ${chain} {`, ...statements(targets).map((rule) => `    ${rule}`), '  }']),
  };
};

const removal = (table: string, chain: string, vip: string): readonly string[] => [
  `delete element ${table} vips { ${vip} }`,
  `delete element ${table} virtual { ${vip} }`,
  `flush chain ${table} ${chain}`,
  `delete chain ${table} ${chain}`,
];

const addition = (table: string, chain: string, { vip, targets }: Part): readonly string[] => [
  `add chain ${table} ${chain}`,
  ...statements(targets).map((rule) => `add rule ${table} ${chain} ${rule}`),
  `add element ${table} vips { ${vip} : goto ${chain} }`,
  `add element ${table} virtual { ${vip} }`,
];

/** Deleting what is not there is an error, adding what is there is not: so each is added first. */
const goneLines = (table: string, before: readonly string[], after: readonly string[]): readonly string[] => {
  const lost = before.filter((target) => !after.includes(target));
  const back = after.filter((target) => !before.includes(target));
  return [
    ...[...back, ...lost].flatMap((target) => [`add element ${table} gone { ${target} }`, `delete element ${table} gone { ${target} }`]),
    ...lost.map((target) => `add element ${table} gone { ${target} }`),
  ];
};

const partChanges = (
  family: FamilyName,
  chain: string,
  before: Part,
  after: Part,
): { readonly first: readonly string[]; readonly next: readonly string[] } => {
  const table = `${family} tso`;
  const gone = goneLines(table, before.targets, after.targets);
  if (before.vip !== after.vip) {
    return {
      first: before.vip === '' ? [] : removal(table, chain, before.vip),
      next: [...(after.vip === '' ? [] : addition(table, chain, after)), ...gone],
    };
  }
  if (before.vip === '' || before.targets.join() === after.targets.join()) return { first: [], next: [] };
  const rules = statements(after.targets).map((rule) => `add rule ${table} ${chain} ${rule}`);
  return { first: [], next: [`flush chain ${table} ${chain}`, ...rules, ...gone] };
};

/**
 * What leads from one state of the maps to the next, for `nft -f`: one transaction, which touches the services that differ. Empty when none does.
 * Removals come first: an address may go from one service to another.
 */
export const balanceChanges = (before: Balances, after: Balances): string => {
  const first: string[] = [];
  const next: string[] = [];
  for (const chain of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(chain);
    const is = after.get(chain);
    if (was === is) continue;
    for (const family of ['ip', 'ip6'] as const) {
      const changes = partChanges(family, chain, partOf(family, was), partOf(family, is));
      first.push(...changes.first);
      next.push(...changes.next);
    }
  }
  return first.length + next.length === 0 ? '' : `${[...first, ...next].join('\n')}\n`;
};
