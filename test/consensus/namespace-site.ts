import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestAuthority, testAuthority } from '../../proto/src/rpc/testing/certificates.ts';
import { command, succeed } from '../lab/support/command.ts';
import { nft } from '../lab/support/network-lab.ts';
import type { Site } from './cluster.ts';
import { managerSubject, tlsFlags } from './loopback-site.ts';
import type { Flags } from './manager-process.ts';

const peerPort = 4242;

interface Host {
  readonly nodeId: string;
  readonly address: string;
  readonly pin: string;
  /** Addresses whose packets it does not get. */
  readonly deaf: Set<string>;
}

/**
 * A network namespace for each manager and a bridge between them, in namespaces made for it: links are cut by dropping what comes
 * in from one address, one way or both, in silence as on a broken network. Needs root. Peers speak mutual TLS.
 */
export class NamespaceSite implements Site {
  readonly #folder: string;
  readonly #authority: TestAuthority;
  readonly #hosts = new Map<string, Host>();

  private constructor(folder: string, authority: TestAuthority) {
    this.#folder = folder;
    this.#authority = authority;
  }

  /** @param nodeIds of all managers that may ever live here */
  static async create(nodeIds: readonly string[]): Promise<NamespaceSite> {
    const site = new NamespaceSite(await mkdtemp(join(tmpdir(), 'tso-links-')), await testAuthority());
    try {
      await site.#make(nodeIds);
    } catch (error) {
      await site.destroy();
      throw error;
    }
    return site;
  }

  peerListen(nodeId: string): string {
    return `${this.#host(nodeId).address}:${peerPort}`;
  }

  async flags(nodeId: string, folder: string): Promise<Flags> {
    return tlsFlags(await this.#authority.issue(join(folder, 'tls'), managerSubject(nodeId)));
  }

  enter(nodeId: string): readonly string[] {
    return ['nsenter', `--net=${this.#host(nodeId).pin}`, '--'];
  }

  /** From now on nothing that `from` sends reaches `to`. */
  async cutOneWay(from: string, to: string): Promise<void> {
    const host = this.#host(to);
    host.deaf.add(this.#host(from).address);
    await this.#filter(host);
  }

  /** Two groups that do not reach each other any more; within each all is well. */
  async cut(ones: readonly string[], others: readonly string[]): Promise<void> {
    for (const one of ones) {
      for (const other of others) {
        await this.cutOneWay(one, other);
        await this.cutOneWay(other, one);
      }
    }
  }

  /** Everybody reaches everybody again. */
  async heal(): Promise<void> {
    for (const host of this.#hosts.values()) {
      if (host.deaf.size === 0) continue;
      host.deaf.clear();
      await this.#filter(host);
    }
  }

  async destroy(): Promise<void> {
    for (const pin of [...[...this.#hosts.values()].map((host) => host.pin), this.#bridge]) await command('umount', [pin]);
    await command('umount', [this.#folder]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #bridge(): string {
    return join(this.#folder, 'bridge');
  }

  async #make(nodeIds: readonly string[]): Promise<void> {
    // A namespace can only be kept by a file below a mount that does not propagate.
    await succeed('mount', ['--bind', this.#folder, this.#folder]);
    await succeed('mount', ['--make-private', this.#folder]);
    await this.#namespace(this.#bridge);
    await inside(this.#bridge, 'ip', ['link', 'add', 'switch', 'type', 'bridge']);
    await inside(this.#bridge, 'ip', ['link', 'set', 'switch', 'up']);
    for (const [index, nodeId] of nodeIds.entries()) await this.#makeHost(nodeId, index);
  }

  async #makeHost(nodeId: string, index: number): Promise<void> {
    const host: Host = { nodeId, address: `10.78.0.${index + 1}`, pin: join(this.#folder, nodeId), deaf: new Set() };
    await this.#namespace(host.pin);
    this.#hosts.set(nodeId, host);
    const port = `port${index}`;
    await inside(host.pin, 'ip', ['link', 'set', 'lo', 'up']);
    await inside(host.pin, 'ip', ['link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', this.#bridge]);
    await inside(host.pin, 'ip', ['address', 'add', `${host.address}/24`, 'dev', 'eth0']);
    await inside(host.pin, 'ip', ['link', 'set', 'eth0', 'up']);
    await inside(this.#bridge, 'ip', ['link', 'set', port, 'master', 'switch', 'up']);
  }

  async #namespace(pin: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(pin, '');
    await succeed('unshare', [`--net=${pin}`, 'true']);
  }

  async #filter({ pin, deaf }: Host): Promise<void> {
    const rules = [...deaf].map((address) => `ip saddr ${address} drop;`).join(' ');
    const chain = `chain in { type filter hook input priority 0; policy accept; ${rules} }\n`;
    await inside(pin, nft, ['-f', '-'], `add table ip cuts\ndelete table ip cuts\ntable ip cuts {\n${chain}}\n`);
  }

  #host(nodeId: string): Host {
    const host = this.#hosts.get(nodeId);
    if (host === undefined) throw new Error(`there is no place for ${nodeId}`);
    return host;
  }
}

const inside = (pin: string, program: string, args: readonly string[], input?: string): Promise<string> =>
  succeed('nsenter', [`--net=${pin}`, '--', program, ...args], input === undefined ? {} : { input });
