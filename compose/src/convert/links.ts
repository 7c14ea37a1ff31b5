import type { Link } from '@tso/proto';
import type { ServiceModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';
import { clusterName } from './networks.ts';

const aliasPattern = /^[a-z0-9_](?:[a-z0-9_.-]{0,61}[a-z0-9_])?$/i;

const networksOf = (input: ConvertInput, service: ServiceModel): readonly string[] =>
  service.network_mode === undefined
    ? Object.keys(service.networks ?? { default: null }).map((key) => clusterName(input, key))
    : [`mode ${service.network_mode}`];

interface Parsed {
  readonly target: string;
  readonly alias: string;
}

const parse = (input: ConvertInput, text: string, path: TreePath): Parsed | undefined => {
  const [target = '', alias = target, ...rest] = text.split(':');
  if (aliasPattern.test(alias) && target !== '' && rest.length === 0) return { target, alias };
  tell(input, 'E202', path, `'${text}' is not a link`, 'write SERVICE or SERVICE:ALIAS');
  return undefined;
};

/** A service of another stack, `db.shop`, which a network that both stacks are on leads to; undefined, and told: it cannot be. */
const externalLink = (input: ConvertInput, service: ServiceModel, name: string, text: string, path: TreePath): Link | undefined => {
  const parsed = parse(input, text, path);
  if (parsed === undefined) return undefined;
  const shared = Object.keys(service.networks ?? {}).some((key) => input.model.networks?.[key]?.external === true);
  if (/^[^.]+\.[^.]+$/.test(parsed.target) && shared) return { service: parsed.target, alias: parsed.alias };
  const message = shared
    ? `the external link ${text} leads nowhere: ${parsed.target} is not a service with its stack`
    : `the external link ${text} leads nowhere: service ${name} is on no network of another stack`;
  const hint = 'join a network that both stacks are on (external: true), and write SERVICE.STACK:ALIAS';
  tell(input, 'W400', path, message, hint);
  return undefined;
};

const ownLink = (input: ConvertInput, service: ServiceModel, name: string, text: string, path: TreePath): Link | undefined => {
  const parsed = parse(input, text, path);
  if (parsed === undefined) return undefined;
  const { target, alias } = parsed;
  const own = networksOf(input, service);
  const other = input.model.services[target];
  if (other !== undefined && !networksOf(input, other).some((network) => own.includes(network)))
    tell(input, 'W400', path, `services ${name} and ${target} share no network, so this link leads nowhere`, `join a network of ${target}`);
  return { service: target, alias };
};

/**
 * `links` and `external_links` as names that only this service sees, in the order of its file (E202, E305, W400). That the services of `links`
 * exist has been checked with all other references.
 */
export const toLinks = (input: ConvertInput, service: ServiceModel, name: string): readonly Link[] => {
  const found = new Map<string, Link>();
  const add = (key: 'links' | 'external_links', read: typeof ownLink): void => {
    for (const [index, text] of (service[key] ?? []).entries()) {
      const path = ['services', name, key, index];
      const link = read(input, service, name, text, path);
      if (link === undefined) continue;
      const before = found.get(link.alias.toLowerCase());
      if (before !== undefined && before.service !== link.service) {
        const message = `the alias ${link.alias} is linked to service ${before.service} already`;
        tell(input, 'E305', path, message, 'give one of them another alias');
      }
      found.set(link.alias.toLowerCase(), link);
    }
  };
  add('links', ownLink);
  add('external_links', externalLink);
  return [...found.values()];
};
