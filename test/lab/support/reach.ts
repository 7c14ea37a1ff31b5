import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seen } from '../hosts/probe.ts';
import { nft } from '../hosts/wires.ts';
import { succeed } from './command.ts';
import type { LabHost } from './lab-host.ts';

/** Where something leads from a place, as addresses: the kernel's rules there, and the names that are answered there. */
export interface Leads {
  readonly place: string;
  readonly addresses: ReadonlySet<string>;
}

/** Sorted. Those that UDP flows are kept from lead nowhere. */
const addressesIn = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .replace(/^\tset gone \{\n[\s\S]*?\n\t\}$/m, '')
      .match(/\b\d+\.\d+\.\d+\.\d+\b/g)
      ?.toSorted() ?? [],
  );

/** What the maps of virtual addresses hold in each of these containers. */
export const mapsIn = (containers: readonly Seen[]): Promise<readonly Leads[]> =>
  Promise.all(
    containers.map(async ({ host, pid }) => ({
      place: `map on ${host}`,
      addresses: addressesIn(await succeed('nsenter', ['--target', String(pid), '--net', '--', nft, 'list', 'table', 'ip', 'tso'])),
    })),
  );

/** The addresses that a name has in each of these containers, asked as its programs do; none: it is not known. */
export const namesIn = (containers: readonly Seen[], name: string): Promise<readonly Leads[]> =>
  Promise.all(
    containers.map(async ({ host, pid }) => {
      const enter = ['--target', String(pid), '--net', '--mount', '--uts', '--'];
      const ask = ['/bin/sh', '-c', `/usr/bin/getent ahostsv4 ${name} || test $? = 2`];
      return { place: `${name} on ${host}`, addresses: addressesIn(await succeed('nsenter', [...enter, ...ask])) };
    }),
  );

/** What the rules of published ports lead to on each of these hosts. */
export const portsOn = (hosts: readonly LabHost[]): Promise<readonly Leads[]> =>
  Promise.all(
    hosts.map(async ({ name, pin }) => ({
      place: `ports on ${name}`,
      addresses: addressesIn(await succeed('nsenter', [`--net=${join(pin, 'net')}`, '--', nft, 'list', 'ruleset'])),
    })),
  );

/** What the agents of these hosts say that they put right, since nobody else is to have changed it: lines of their logs. */
export const mendedOn = async (hosts: readonly LabHost[]): Promise<readonly string[]> => {
  const logs = await Promise.all(hosts.map(({ folder }) => readFile(join(folder, 'tsod.log'), 'utf8')));
  return logs.flatMap((log) => log.split('\n').filter((line) => /put right what was changed|changed again and again/.test(line)));
};
