import { type PortConfig, PortProtocol, type ServiceSpec } from '@tso/proto';
import { type Attributes, FlagProblem, fieldsOf, last, put, type ServiceFlag, scalar, without, withTask } from './flag.ts';

const protocolName = (protocol: PortProtocol): string =>
  protocol === PortProtocol.UDP ? 'udp' : protocol === PortProtocol.SCTP ? 'sctp' : 'tcp';

const portText = ({ published, target, protocol }: PortConfig): string =>
  `${published === 0 ? '' : `${published}:`}${target}/${protocolName(protocol)}`;

const portKey = ({ published, rangeFrom, rangeTo, target, protocol, mode, hostIp }: PortConfig): string =>
  JSON.stringify([published, rangeFrom, rangeTo, target, protocol, mode, hostIp]);

/** `8080:80/tcp`, or `published=8080,target=80,mode=host`. */
const portAttributes = (flag: string, text: string): Attributes => {
  if (!text.includes('=')) return { ports: [text] };
  const keys = ['published', 'target', 'protocol', 'mode', 'host_ip'];
  const fields = fieldsOf(flag, text).map(([key, value]) => {
    if (!keys.includes(key)) throw new FlagProblem(`--${flag} ${text}: ${key} is not known`, `There are ${keys.join(', ')}.`);
    return [key, key === 'target' ? scalar(value) : value] as const;
  });
  return { ports: [Object.fromEntries(fields)] };
};

/** `80`, `80/udp` or `8080:80`, as docker reads it: of the container's port. */
const meansPort = (port: PortConfig, word: string): boolean => {
  const [, published, target, protocol] = /^(?:(\d+):)?(\d+)(?:\/(\w+))?$/.exec(word) ?? [];
  if (target === undefined) return false;
  return (
    port.target === Number(target) &&
    (published === undefined || port.published === Number(published)) &&
    protocolName(port.protocol) === (protocol ?? 'tcp')
  );
};

const networkKeys: Readonly<Record<string, string>> = {
  ip: 'ipv4_address',
  ip6: 'ipv6_address',
  'mac-address': 'mac_address',
  'gw-priority': 'gw_priority',
};

/** `visits_back`, or `name=visits_back,alias=db,ip=10.0.0.7`. */
const attachment = (flag: string, text: string): { readonly name: string; readonly attributes: Attributes } => {
  const fields = text.includes('=') ? fieldsOf(flag, text) : [['name', text] as const];
  const name = fields.find(([key]) => key === 'name')?.[1] ?? '';
  if (name === '') throw new FlagProblem(`--${flag} ${text}: there is no name`, 'Write name=NETWORK,alias=NAME.');
  const aliases = fields.filter(([key]) => key === 'alias').map(([, value]) => value);
  const linkLocal = fields.filter(([key]) => key === 'link-local-ip').map(([, value]) => value);
  const others = fields
    .filter(([key]) => !['name', 'alias', 'link-local-ip'].includes(key))
    .map(([key, value]) => {
      const attribute = Object.hasOwn(networkKeys, key) ? networkKeys[key] : undefined;
      if (attribute === undefined) {
        const known = ['name', 'alias', 'link-local-ip', ...Object.keys(networkKeys)].join(', ');
        throw new FlagProblem(`--${flag} ${text}: ${key} is not known`, `There are ${known}.`);
      }
      return [attribute, key === 'gw-priority' ? scalar(value) : value] as const;
    });
  return {
    name,
    attributes: {
      ...(aliases.length > 0 ? { aliases } : {}),
      ...(linkLocal.length > 0 ? { link_local_ips: linkLocal } : {}),
      ...Object.fromEntries(others),
    },
  };
};

const publishing: readonly ServiceFlag[] = [
  {
    name: 'publish-rm',
    value: '<port>',
    text: 'publish a port of the container no more: 80, 80/udp or 8080:80',
    repeatable: true,
    apply: (spec, values): ServiceSpec => ({ ...spec, ports: without('publish-rm', spec.ports, values, meansPort, portText) }),
  },
  {
    name: 'publish-add',
    value: '<port>',
    text: 'publish a port: 8080:80, or published=8080,target=80,mode=host',
    repeatable: true,
    apply: (spec, values, { parse }): ServiceSpec => {
      const made = values.flatMap((one) => parse('publish-add', one, portAttributes('publish-add', one)).ports);
      return { ...spec, ports: put(spec.ports, made, portKey) };
    },
  },
];

const attachments: readonly ServiceFlag[] = [
  {
    name: 'network-rm',
    value: '<network>',
    text: 'leave a network',
    repeatable: true,
    apply: (spec, values, { fullName }) => {
      const isMeant = ({ network }: { readonly network: string }, word: string): boolean =>
        network === word || network === fullName('network', word);
      return withTask(spec, { networks: without('network-rm', spec.task.networks, values, isMeant, ({ network }) => network) });
    },
  },
  {
    name: 'network-add',
    value: '<network>',
    text: 'join a network: its name, or name=back,alias=db,ip=10.0.0.7',
    repeatable: true,
    apply: (spec, values, { parse, fullName }) => {
      const made = values.flatMap((one) => {
        const { name, attributes } = attachment('network-add', one);
        const top = { networks: { it: { external: true, name: fullName('network', name) } } };
        return parse('network-add', one, { networks: { it: attributes } }, top).task.networks;
      });
      return withTask(spec, { networks: put(spec.task.networks, made, ({ network }) => network) });
    },
  },
];

/** How a service is reached, and whom it reaches. */
export const networkFlags: readonly ServiceFlag[] = [
  ...publishing,
  ...attachments,
  {
    name: 'endpoint-mode',
    value: '<mode>',
    text: 'what its name leads to: one address, balanced, or those of its tasks',
    choices: ['vip', 'dnsrr'],
    apply: (spec, values, { parse }): ServiceSpec => {
      const { endpointMode } = parse('endpoint-mode', last(values), { deploy: { endpoint_mode: last(values) } });
      return { ...spec, endpointMode };
    },
  },
];
