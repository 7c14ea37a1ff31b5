import { PortProtocol } from '@tso/proto';
import { findProgram, runCommand } from '../host-command.ts';
import type { PublishedPort } from './types.ts';

const udpBackends = (ports: readonly PublishedPort[]): ReadonlySet<string> =>
  new Set(ports.filter((one) => one.serving && one.port.protocol === PortProtocol.UDP).map((one) => one.address));

/** Addresses that were backends of a UDP port and are none any more. */
export const lostUdpBackends = (before: readonly PublishedPort[], after: readonly PublishedPort[]): readonly string[] => {
  const rest = udpBackends(after);
  return [...udpBackends(before)].filter((address) => !rest.has(address));
};

/**
 * Forgets translations of UDP flows to these addresses: a client that goes on sending from one port would otherwise reach nobody until it pauses for
 * half a minute. Needs the program conntrack; without it the pause is what ends them. nftables itself cannot remove an entry.
 */
export const forgetUdpFlows = async (addresses: readonly string[]): Promise<void> => {
  if (addresses.length === 0 || findProgram('conntrack') === undefined) return;
  for (const address of addresses) {
    try {
      await runCommand('conntrack', ['--delete', '--proto', 'udp', '--reply-src', address]);
    } catch {
      // It exits with 1 when there was no such flow.
    }
  }
};
