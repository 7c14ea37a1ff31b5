import type { Link } from '@tso/proto';
import type { ServiceModel } from '../model.ts';
import { type ConvertInput, tell } from './context.ts';
import { clusterName } from './networks.ts';

const aliasPattern = /^[a-z0-9_](?:[a-z0-9_.-]{0,61}[a-z0-9_])?$/i;

const networksOf = (input: ConvertInput, service: ServiceModel): readonly string[] =>
  service.network_mode === undefined
    ? Object.keys(service.networks ?? { default: null }).map((key) => clusterName(input, key))
    : [`mode ${service.network_mode}`];

/** `links` as names that only this service sees, in the order of its file (E202, E305, W400). That the services exist has been checked. */
export const toLinks = (input: ConvertInput, service: ServiceModel, name: string): readonly Link[] => {
  const links = new Map<string, Link>();
  const own = networksOf(input, service);
  for (const [index, text] of (service.links ?? []).entries()) {
    const path = ['services', name, 'links', index];
    const [target = '', alias = target, ...rest] = text.split(':');
    if (!aliasPattern.test(alias) || rest.length > 0) {
      tell(input, 'E202', path, `'${text}' is not a link`, 'write SERVICE or SERVICE:ALIAS');
      continue;
    }
    const before = links.get(alias.toLowerCase());
    if (before !== undefined && before.service !== target)
      tell(input, 'E305', path, `the alias ${alias} is linked to service ${before.service} already`, 'give one of them another alias');
    const other = input.model.services[target];
    if (other !== undefined && !networksOf(input, other).some((network) => own.includes(network)))
      tell(
        input,
        'W400',
        path,
        `services ${name} and ${target} share no network, so this link leads nowhere`,
        `join a network of ${target}`,
      );
    links.set(alias.toLowerCase(), { service: target, alias });
  }
  return [...links.values()];
};

/** Told per link, since what to do instead depends on it. */
export const checkExternalLinks = (input: ConvertInput, service: ServiceModel, name: string): void => {
  for (const [index, text] of (service.external_links ?? []).entries()) {
    const [target = ''] = text.split(':');
    const path = ['services', name, 'external_links', index];
    const message = `the external link ${text} has no effect: containers of other projects are not linked to by name`;
    const hint = `join a network that both stacks are on (external: true) and call the service by its name with its stack's: ${target}.STACK`;
    tell(input, 'W400', path, message, hint);
  }
};
