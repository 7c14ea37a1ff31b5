import { emptyPort, type PortConfig, PortProtocol, PublishMode } from '@tso/proto';
import { ingressKey } from '../attributes/extensions.ts';
import type { PortModel, ServiceModel } from '../model.ts';
import { pathText, type TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';
import { isOnlyLocal } from './service-extensions.ts';

const protocols: Readonly<Record<string, PortProtocol>> = { tcp: PortProtocol.TCP, udp: PortProtocol.UDP, sctp: PortProtocol.SCTP };

interface Published {
  readonly published: number;
  readonly rangeFrom: number;
  readonly rangeTo: number;
}

/** `8080`, any free one of `8000-8010`, or any free one at all: the short form has refused everything else. */
const publishedOf = (text: string): Published => {
  const [from = 0, to = 0] = text.split('-').map(Number);
  const isRange = to !== 0 && to !== from;
  return { published: isRange ? 0 : from, rangeFrom: isRange ? from : 0, rangeTo: isRange ? to : 0 };
};

/** '' for every address. Ports are published over IPv4. */
const toHostIp = (input: ConvertInput, address: string, path: TreePath): string => {
  if (address === '' || address === '0.0.0.0' || address === '::') return '';
  if (address.includes(':'))
    tell(
      input,
      'E401',
      path,
      `a port at ${address}: publishing over IPv6 is not supported yet`,
      'publish it at an IPv4 address of the host',
    );
  return address;
};

const toPort = (input: ConvertInput, port: PortModel, isServiceLocal: boolean, path: TreePath): PortConfig => {
  const protocol = protocols[port.protocol.toLowerCase()];
  if (protocol === undefined) tell(input, 'E202', path, `'${port.protocol}' is not a protocol (${pathText(path)})`, 'use tcp, udp or sctp');
  if (port.mode !== 'ingress' && port.mode !== 'host')
    tell(input, 'E202', path, `'${port.mode}' is not a publish mode (${pathText(path)})`, 'use ingress or host');
  const isLocal = isOnlyLocal(input, port, path);
  if (isLocal && port.mode === 'host')
    tell(input, 'W400', [...path, ingressKey], `${ingressKey} says nothing of a port with mode: host (${pathText(path)})`, 'remove it');
  return {
    ...emptyPort,
    ...publishedOf(port.published ?? ''),
    target: port.target,
    protocol: protocol ?? PortProtocol.TCP,
    mode: port.mode === 'host' ? PublishMode.HOST : PublishMode.INGRESS,
    hostIp: toHostIp(input, port.host_ip ?? '', path),
    onlyLocal: port.mode !== 'host' && (isServiceLocal || isLocal),
  };
};

/** The ports that a service publishes, in the order of its file. */
export const toPorts = (input: ConvertInput, service: ServiceModel, name: string): readonly PortConfig[] => {
  const path = ['services', name];
  const isServiceLocal = isOnlyLocal(input, service, path);
  const ports = (service.ports ?? []).map((port, index) => toPort(input, port, isServiceLocal, [...path, 'ports', index]));
  if (isServiceLocal && !ports.some((port) => port.onlyLocal))
    tell(input, 'W400', [...path, ingressKey], `${ingressKey} has no effect: service ${name} publishes no ingress port`, 'remove it');
  return ports;
};

interface Taken {
  readonly service: string;
  readonly port: PortModel;
}

/** Two host-mode ports of two services get along on different nodes, which the scheduler sees to. */
const clash = (a: Taken, b: Taken): boolean => {
  if (a.port.published !== b.port.published || a.port.protocol !== b.port.protocol) return false;
  const [x = '', y = ''] = [a, b].map(({ port }) => (port.host_ip === '0.0.0.0' ? '' : port.host_ip));
  if (x !== '' && y !== '' && x !== y) return false;
  return a.service === b.service || a.port.mode !== 'host' || b.port.mode !== 'host';
};

/** Ports that two services, or one service twice, want on every node (E305). */
export const checkPublished = (input: ConvertInput): void => {
  const taken = new Map<string, Taken[]>();
  for (const [service, { ports }] of Object.entries(input.model.services)) {
    for (const [index, port] of (ports ?? []).entries()) {
      const published = port.published ?? '';
      if (published === '' || published === '0' || published.includes('-')) continue;
      const alike = taken.get(`${published}/${port.protocol}`) ?? [];
      const other = alike.find((one) => clash(one, { service, port }));
      if (other !== undefined) {
        const message = `port ${published}/${port.protocol} is published by service ${other.service} already`;
        tell(input, 'E305', ['services', service, 'ports', index], message, 'publish one of them on another port');
      }
      alike.push({ service, port });
      taken.set(`${published}/${port.protocol}`, alike);
    }
  }
};

const mostExposed = 100;

/** `expose` as `5432/tcp`, each once: what links tell of beside published ports. */
export const toExposed = (input: ConvertInput, service: ServiceModel, name: string): readonly string[] => {
  const found = new Set<string>();
  for (const [index, said] of (service.expose ?? []).entries()) {
    const path = ['services', name, 'expose', index];
    const [, first = '', last = first, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/([a-z]+))?$/i.exec(said) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || from === 0 || to > 65_535 || from > to || protocols[protocol.toLowerCase()] === undefined) {
      tell(input, 'E204', path, `'${said}' is not a port to expose`, 'write 5432, 5432/udp or 8000-8010');
      continue;
    }
    for (let port = from; port <= to && found.size < mostExposed; port += 1) found.add(`${port}/${protocol.toLowerCase()}`);
    if (to - from >= mostExposed)
      tell(input, 'W401', path, `links tell of ${mostExposed} exposed ports only, and ${said} are more`, 'expose those that links need');
  }
  return [...found];
};
