import { BlockList, isIP, isIPv4 } from 'node:net';
import { TsoError } from '@tso/proto';

/** `localhost:5000` → `localhost`, `[::1]:5000` → `::1`. */
const hostName = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');

/** Decides which registries are spoken to without TLS: this machine itself (localhost, 127.0.0.0/8, ::1) and those the operator named. */
export class PlainHosts {
  readonly #names = new Set<string>();
  readonly #addresses = new BlockList();

  /** `listed`: hosts, hosts with a port, addresses, or ranges such as 10.1.0.0/16. INVALID_ARGUMENT for a wrong range. */
  constructor(listed: readonly string[]) {
    this.#addresses.addSubnet('127.0.0.0', 8, 'ipv4');
    this.#addresses.addAddress('::1', 'ipv6');
    for (const entry of listed) this.#add(entry);
  }

  #add(entry: string): void {
    const [address = '', bits] = entry.split('/');
    if (bits === undefined) {
      this.#names.add(entry.toLowerCase());
      return;
    }
    const most = isIPv4(address) ? 32 : 128;
    if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
      throw new TsoError('INVALID_ARGUMENT', `insecure registry ${JSON.stringify(entry)} is neither a host nor an address range`, {
        hint: 'Such as registry.lan:5000 or 10.1.0.0/16',
      });
    }
    this.#addresses.addSubnet(address, Number(bits), family(address));
  }

  has(host: string): boolean {
    const name = hostName(host).toLowerCase();
    if (name === 'localhost' || this.#names.has(host.toLowerCase()) || this.#names.has(name)) return true;
    return isIP(name) !== 0 && this.#addresses.check(name, family(name));
  }
}

/** Docker Hub answers under another name than the one its images carry. */
export const registryOrigin = (host: string, plain: PlainHosts): string => {
  if (host === 'docker.io') return 'https://registry-1.docker.io';
  return `${plain.has(host) ? 'http' : 'https'}://${host}`;
};
