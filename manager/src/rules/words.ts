import type { Network, PortConfig, Task } from '@tso/proto';
import { PortProtocol } from '@tso/proto';
import { isByNode } from './jobs.ts';
import { isIngress } from './network-kinds.ts';

/** Small pieces of the sentences that people read. */

const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 536870912 -> '512 MiB'; at most one decimal. */
export const sizeText = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value * 10) / 10} ${sizeUnits[unit]}`;
};

/** 1500000000 -> '1.5 CPUs'. */
export const cpusText = (nanoCpus: number): string => `${Math.round(nanoCpus / 1e7) / 100} CPU${nanoCpus === 1e9 ? '' : 's'}`;

/** 90000 -> '1.5 min', 5000 -> '5 s', 200 -> '200 ms'. */
export const durationText = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  return `${Math.round(ms / 6_000) / 10} min`;
};

const protocolNames: Readonly<Record<PortProtocol, string>> = {
  [PortProtocol.TCP]: 'tcp',
  [PortProtocol.UDP]: 'udp',
  [PortProtocol.SCTP]: 'sctp',
};

/** '8080/tcp' */
export const portText = (port: Pick<PortConfig, 'published' | 'protocol'>): string => `${port.published}/${protocolNames[port.protocol]}`;

/** 'web.2'; one whose place is a node has no number. */
export const taskName = (task: Pick<Task, 'serviceName' | 'slot' | 'mode'>): string =>
  isByNode(task.mode) ? task.serviceName : `${task.serviceName}.${task.slot}`;

/** What helps who asks for an address that another has. */
export const anotherAddress = 'Choose another one; an ip_range for the network keeps addresses outside it for those who ask for them';

/** What helps a network that no subnet was free for. */
export const subnetAdvice = (network: Network): string =>
  isIngress(network) ? 'remove other networks' : 'remove other networks, or make it anew with a subnet of its own (subnet:, --subnet)';
