import { list, pathText, record, scalarText, type TreeNode, type TreePath } from '../tree.ts';
import { type Context, type Rewrite, refuse } from './context.ts';

/** A published port in the long form; `published` is a port, a range `a-b`, or absent for any free port. */
export interface LongPort {
  readonly target: number;
  readonly published?: string;
  readonly hostIp?: string;
  readonly protocol: string;
}

type Range = readonly [number, number];

const parseRange = (text: string): Range | undefined => {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  return from <= to && to <= 65535 ? [from, to] : undefined;
};

/** Address and the rest of `[ip:][host:]container`; brackets or several colons mark an IPv6 address. */
const splitAddress = (text: string): { readonly ip: string; readonly ports: readonly string[] } | undefined => {
  const bracketed = /^\[([0-9a-fA-F:.%]+)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { ip: bracketed[1] ?? '', ports: (bracketed[2] ?? '').split(':') };
  const parts = text.split(':');
  if (parts.length <= 2) return { ip: '', ports: parts };
  return { ip: parts.slice(0, -2).join(':'), ports: parts.slice(-2) };
};

const validAddress = (ip: string): boolean =>
  ip === '' ||
  /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%.+)?$/.test(ip) ||
  (/^\d{1,3}(\.\d{1,3}){3}$/.test(ip) && ip.split('.').every((part) => Number(part) <= 255));

/**
 * The ports that the short form `[[ip:][host[-host]]:]container[-container][/protocol]` means, or a reason why it means none.
 * Source: compose-spec 05-services ports, short syntax.
 */
export const parsePort = (spec: string): readonly LongPort[] | string => {
  const slash = spec.indexOf('/');
  const protocol = slash < 0 ? 'tcp' : spec.slice(slash + 1).toLowerCase();
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return `'${protocol}' is not a protocol (tcp, udp or sctp)`;
  const split = splitAddress(slash < 0 ? spec : spec.slice(0, slash));
  const container = split?.ports.at(-1);
  const host = split !== undefined && split.ports.length > 1 ? (split.ports.at(-2) ?? '') : '';
  if (split === undefined || container === undefined || container === '') return `no port specified in '${spec}'`;
  if (/^\d+(:\d+){0,5}$/.test(split.ip)) return `'${spec}' has too many colons`;
  if (!validAddress(split.ip)) return `'${split.ip}' is not an IP address`;
  const targets = parseRange(container);
  if (targets === undefined || targets[0] === 0) return `'${container}' is not a port or a range of ports from 1 to 65535`;
  const published = host === '' ? undefined : parseRange(host);
  if (host !== '' && published === undefined) return `'${host}' is not a port or a range of ports from 0 to 65535`;
  return expand(targets, published, split.ip, protocol, spec);
};

const expand = (targets: Range, published: Range | undefined, ip: string, protocol: string, spec: string): readonly LongPort[] | string => {
  const count = targets[1] - targets[0];
  const hostIp = ip === '' ? {} : { hostIp: ip };
  if (published !== undefined && published[1] - published[0] !== count) {
    // A range for a single port: any free one of them.
    if (count === 0) return [{ target: targets[0], published: `${published[0]}-${published[1]}`, protocol, ...hostIp }];
    return `the two ranges of '${spec}' differ in length`;
  }
  return Array.from({ length: count + 1 }, (_, index) => ({
    target: targets[0] + index,
    ...(published === undefined ? {} : { published: String(published[0] + index) }),
    protocol,
    ...hostIp,
  }));
};

const shortPort = (node: TreeNode, path: TreePath, context: Context): readonly TreeNode[] => {
  if (node.kind !== 'scalar') return [node];
  const parsed = parsePort(scalarText(node));
  if (typeof parsed === 'string') {
    return [refuse(node, path, context, `${pathText(path)}: ${parsed}`, 'write "HOST:CONTAINER", for example "8080:80"')];
  }
  return parsed.map((port) =>
    record({ mode: 'ingress', host_ip: port.hostIp, target: port.target, published: port.published, protocol: port.protocol }, node.at),
  );
};

const longPort = (node: TreeNode, path: TreePath, context: Context): TreeNode => {
  if (node.kind !== 'map') return node;
  const entries = new Map(node.entries);
  let isSound = true;
  const set = (key: string, value: string | number): void => {
    const old = entries.get(key);
    entries.set(key, { key: old?.key ?? node.at, value: { kind: 'scalar', value, at: old?.value.at ?? node.at } });
  };
  const wrong = (part: TreeNode, at: TreePath, message: string, hint?: string): void => {
    if (refuse(part, at, context, message, hint).tag === 'reset') isSound = false;
  };
  const target = entries.get('target')?.value;
  if (target === undefined) wrong(node, path, `${pathText(path)} lacks the key 'target'`, 'add target: the port in the container');
  if (target?.kind === 'scalar') {
    const range = parseRange(scalarText(target));
    if (range === undefined || range[0] === 0 || range[0] !== range[1])
      wrong(target, [...path, 'target'], `${pathText(path)}.target: '${scalarText(target)}' is not a port from 1 to 65535`);
    else set('target', range[0]);
  }
  const published = entries.get('published')?.value;
  if (published?.kind === 'scalar' && published.value !== '') {
    if (parseRange(scalarText(published)) === undefined)
      wrong(published, [...path, 'published'], `${pathText(path)}.published: '${scalarText(published)}' is not a port or a range of ports`);
    else set('published', scalarText(published));
  }
  const address = entries.get('host_ip')?.value;
  if (address?.kind === 'scalar' && !validAddress(String(address.value ?? '')))
    wrong(address, [...path, 'host_ip'], `${pathText(path)}: invalid ip address: ${address.value}`, 'write an address of the host');
  if (!entries.has('mode')) set('mode', 'ingress');
  if (!entries.has('protocol')) set('protocol', 'tcp');
  // A port that cannot be understood is left out, so that nothing later stumbles over it.
  return isSound ? { ...node, entries } : { ...node, entries, tag: 'reset' };
};

/** More are a mistake in a range, and each is a rule on every host. */
const maxPorts = 10_000;

export const toPorts: Rewrite = (node, path, context) => {
  if (node.kind !== 'list') return node;
  const items: TreeNode[] = [];
  for (const [index, item] of node.items.entries()) {
    items.push(...(item.kind === 'map' ? [longPort(item, [...path, index], context)] : shortPort(item, [...path, index], context)));
    if (items.length <= maxPorts) continue;
    return refuse(
      node,
      path,
      context,
      `${pathText(path)} publishes more than ${maxPorts} ports`,
      'publish what is asked from outside; services reach each other without it',
    );
  }
  return { ...list(items, node.at), ...(node.tag === undefined ? {} : { tag: node.tag }) };
};
