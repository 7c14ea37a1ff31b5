import { autoscaleKey } from '../attributes/extensions.ts';
import { meantHint } from '../diagnostics.ts';
import type { NetworkModel, ServiceModel } from '../model.ts';
import { type ConvertInput, tell } from './context.ts';
import { checkOwner, followed, isByContainer, isGlobal, isShared, ownerOf } from './namespace-owner.ts';

/** Which network namespace a service's containers live in: one of their own, the host's, none to speak of, or another container's. */

/** Networks that Docker has made already; here they are ways to be connected, not objects. */
export type Predefined = 'host' | 'none' | 'bridge';

/** Which of these a network of the file stands for; undefined: it is one like any other. */
export const predefinedOf = (network: NetworkModel | null | undefined, key: string): Predefined | undefined => {
  if (network?.external === true) {
    const name = network.name ?? key;
    return name === 'host' || name === 'none' || name === 'bridge' ? name : undefined;
  }
  if (network?.driver === 'host') return 'host';
  return network?.driver === 'none' || network?.driver === 'null' ? 'none' : undefined;
};

/** The network of the file that is `bridge` to Docker: each node has its own. */
export const bridgeName = (input: ConvertInput): string => `${input.model.name}_bridge`;

const joined = (service: ServiceModel): readonly string[] => Object.keys(service.networks ?? {});

/** host or none, when that is what the networks of a service come down to. */
const fromNetworks = (input: ConvertInput, service: ServiceModel, name: string): string => {
  const kinds = joined(service).map((key) => ({ key, kind: predefinedOf(input.model.networks?.[key], key) }));
  const found = kinds.find(({ kind }) => kind === 'host' || kind === 'none');
  if (found === undefined) return '';
  if (kinds.length > 1) {
    const message = `service ${name} joins ${found.key}, which is the network ${found.kind}: no other one can be joined beside it`;
    tell(input, 'E303', ['services', name, 'networks', found.key], message, 'join only that one, or leave it out');
  }
  return found.kind ?? '';
};

export interface NetworkMode {
  /** '' (networks), host, none, or service:NAME, which then has a network of its own. */
  readonly mode: string;
  /** On the bridge of each node instead of networks of the stack. */
  readonly isBridge: boolean;
  /** Whose containers it shares the network of. */
  readonly owner?: string;
}

const own: NetworkMode = { mode: '', isBridge: false };

/** What a service comes to, without a word about what is wrong on the way: each service says that of itself. Undefined: they go in a circle. */
const resolved = (input: ConvertInput, name: string): NetworkMode | undefined =>
  followed<NetworkMode>(
    input.found.network_mode,
    name,
    (at) => {
      const said = input.model.services[at]?.network_mode ?? '';
      if (said === 'host' || said === 'none') return { end: { ...own, mode: said } };
      if (said === 'bridge' || said === 'default') return { end: { ...own, isBridge: true } };
      if (!isShared(said)) return { end: { ...own, mode: fromNetworks(input, input.model.services[at] ?? {}, at) } };
      const owner = ownerOf(input, said, at, 'network_mode');
      return owner === undefined ? { end: own } : { owner };
    },
    (beyond, owner) => (beyond.mode === '' ? { ...own, mode: `service:${owner}`, owner } : { ...beyond, owner }),
  );

/** What Docker refuses with each of these too: it would be said of a namespace that is not the service's own. */
const exclusive = {
  host: ['ports', 'links'],
  none: ['ports', 'links'],
  shared: ['ports', 'links', 'expose', 'hostname', 'dns', 'dns_search', 'dns_opt', 'extra_hosts', 'mac_address'],
} as const;

const checkExclusive = (input: ConvertInput, service: ServiceModel, name: string, { mode, owner }: NetworkMode): void => {
  if (mode === '') return;
  const keys = owner === undefined ? exclusive[mode === 'host' ? 'host' : 'none'] : exclusive.shared;
  const said = service.network_mode === undefined ? `the network ${mode}` : `network_mode: ${service.network_mode}`;
  for (const key of keys) {
    const value = service[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const what = key === 'ports' ? 'so ports cannot be published' : `which leaves ${key} without effect`;
    const hint = owner === undefined || key === 'mac_address' ? `remove ${key} or network_mode` : `say ${key} at service ${owner}`;
    tell(input, 'E303', ['services', name, key], `service ${name} has ${said}, ${what}`, hint);
  }
};

/** What network_mode and predefined networks mean for a service (E302, E303, E401, W401). */
export const toNetworkMode = (input: ConvertInput, service: ServiceModel, name: string): NetworkMode => {
  const path = ['services', name, 'network_mode'];
  const said = service.network_mode ?? '';
  if (said !== '' && !/^(host|none|bridge|default|(service|container):.+)$/.test(said)) {
    const hint = meantHint(said, ['host', 'none', 'bridge']) ?? 'use host, none, service:NAME, or join networks under networks:';
    tell(input, 'E401', path, `network_mode: ${said} is not supported yet`, hint);
    return own;
  }
  const found = resolved(input, name);
  if (found === undefined) {
    const message = `service ${name} shares a network that it would itself have to provide`;
    if (isByContainer(said)) tell(input, 'E302', path, message, 'give one of them networks');
    return own;
  }
  if (found.isBridge && found.owner === undefined) {
    const message = `network_mode: ${said} joins a network that each node has for itself: service ${name} reaches tasks of the same node only`;
    tell(input, 'W401', path, message, "remove network_mode to join the stack's default network, which spans the nodes");
  }
  checkExclusive(input, service, name, found);
  if (found.owner !== undefined) checkOwner(input, service, name, found.owner, 'network_mode');
  return found.owner === undefined ? found : { ...found, isBridge: false };
};

/** The most tasks that its load may lead it to; undefined: it says no such number, or `toAutoscale` tells what is wrong with it. */
export const mostByLoad = (service: ServiceModel): number | undefined => {
  const said = service.deploy?.[autoscaleKey];
  const max = typeof said === 'object' && said !== null && 'max' in said ? Number(said.max) : Number.NaN;
  return Number.isInteger(max) ? max : undefined;
};

/** The mode of jobs and services, as far as addresses care: how many tasks there may be at once. */
export const mayHaveSeveral = (service: ServiceModel): boolean =>
  isGlobal(service) || (mostByLoad(service) ?? service.deploy?.replicas ?? service.scale ?? 1) > 1;
