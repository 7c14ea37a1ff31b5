import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forwarding6, keepsAdvertisements, type NeighbourLimits, raisedNeighbourLimits, type Sysctl } from './sysctls.ts';

/** Of the agent's own namespace: the kernel shows each process the tree of its own. */
const tree = '/proc/sys/net';
/** Reading one takes some ten microseconds: so many hold the event loop for 2 ms. */
const atOnce = 200;

const settingAt = (path: string): string | undefined => {
  try {
    return readFileSync(join(tree, path), 'utf8').trim();
  } catch {
    // The kernel has no such setting (IPv6 is off), or the device is gone again: there is nothing to set.
    return undefined;
  }
};

/** Which of these are otherwise; those that the kernel does not have are passed over. */
export const differingSysctls = async (sysctls: readonly Sysctl[]): Promise<readonly Sysctl[]> => {
  const found: Sysctl[] = [];
  for (let from = 0; from < sysctls.length; from += atOnce) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const sysctl of sysctls.slice(from, from + atOnce)) {
      const value = settingAt(sysctl.path);
      if (value !== undefined && value !== sysctl.value) found.push(sysctl);
    }
  }
  return found;
};

/** Sets those that are otherwise, and returns them. */
export const applySysctls = async (sysctls: readonly Sysctl[]): Promise<readonly Sysctl[]> => {
  const changes = await differingSysctls(sysctls);
  for (const { path, value } of changes) await writeFile(join(tree, path), value);
  return changes;
};

/** Whether the kernel has IPv6 at all (`ipv6.disable=1` takes it away). */
export const hasIpv6 = (): boolean => settingAt(forwarding6.path) !== undefined;

/**
 * Lets the host pass IPv6 packets on; before that, devices that listen to router advertisements are told to go on listening. Returns what was set,
 * empty when the host forwards already.
 */
export const enableForwarding6 = async (): Promise<readonly Sysctl[]> => {
  const present = settingAt(forwarding6.path);
  if (present === undefined || present === forwarding6.value) return [];
  const devices = (await readdir(join(tree, 'ipv6/conf'))).filter((name) => name !== 'all');
  const listening = devices.filter((device) => settingAt(`ipv6/conf/${device}/accept_ra`) === '1');
  const kept = listening.map(keepsAdvertisements);
  return applySysctls([...kept, forwarding6]);
};

/** Of one family, or undefined where the kernel does not show them (a network namespace that is not the first). */
const readLimits = async (family: 'ipv4' | 'ipv6'): Promise<NeighbourLimits | undefined> => {
  const numbers = [1, 2, 3].map((level) => Number(settingAt(`${family}/neigh/default/gc_thresh${level}`) ?? Number.NaN));
  const [thresh1 = Number.NaN, thresh2 = Number.NaN, thresh3 = Number.NaN] = numbers;
  return numbers.some(Number.isNaN) ? undefined : { thresh1, thresh2, thresh3 };
};

/** Raises the limits of the neighbour tables where that many entries need it; returns what was set. */
export const raiseNeighbourLimits = async (entries: number): Promise<readonly Sysctl[]> => {
  const raised: Sysctl[] = [];
  for (const family of ['ipv4', 'ipv6'] as const) {
    const limits = await readLimits(family);
    const wished = limits === undefined ? undefined : raisedNeighbourLimits(entries, limits);
    if (wished === undefined) continue;
    // The highest first: each must be above the ones before.
    const lines = ([3, 2, 1] as const).map((level) => ({
      path: `${family}/neigh/default/gc_thresh${level}`,
      value: String(wished[`thresh${level}`]),
    }));
    raised.push(...(await applySysctls(lines)));
  }
  return raised;
};

/** Tables of iptables-legacy (ip6tables-legacy) in this namespace, such as `filter`; empty where there are none. */
export const legacyTables = async (family: 'ip' | 'ip6'): Promise<readonly string[]> => {
  try {
    return (await readFile(`/proc/net/${family}_tables_names`, 'utf8')).split('\n').filter((name) => name !== '');
  } catch {
    // The kernel has none, or never loaded it: nobody uses them.
    return [];
  }
};
