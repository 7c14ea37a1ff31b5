import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestAuthority, testAuthority } from '../../proto/src/rpc/testing/certificates.ts';
import { sweep } from '../lab/hosts/sweep.ts';
import { makeNetworkNamespace, makePrivate, Wires } from '../lab/hosts/wires.ts';
import type { Site } from './cluster.ts';
import { managerSubject, tlsFlags } from './loopback-site.ts';
import type { Flags } from './manager-process.ts';

const peerPort = 4242;

/** A network namespace for each manager and a switch between them, whose links can be cut. Needs root. Peers speak mutual TLS. */
export class NamespaceSite implements Site {
  readonly #folder: string;
  readonly #authority: TestAuthority;
  readonly #wires: Wires;

  private constructor(folder: string, authority: TestAuthority, wires: Wires) {
    this.#folder = folder;
    this.#authority = authority;
    this.#wires = wires;
  }

  /** @param nodeIds of all managers that may ever live here */
  static async create(nodeIds: readonly string[]): Promise<NamespaceSite> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-links-'));
    try {
      await makePrivate(folder);
      const site = new NamespaceSite(folder, await testAuthority(), await Wires.create(folder));
      for (const nodeId of nodeIds) await site.#makeHost(nodeId);
      return site;
    } catch (error) {
      await sweep({ folder });
      throw error;
    }
  }

  peerListen(nodeId: string): string {
    return `${this.#wires.addressOf(nodeId)}:${peerPort}`;
  }

  async flags(nodeId: string, folder: string): Promise<Flags> {
    return tlsFlags(await this.#authority.issue(join(folder, 'tls'), managerSubject(nodeId)));
  }

  enter(nodeId: string): readonly string[] {
    return ['nsenter', `--net=${this.#pin(nodeId)}`, '--'];
  }

  /** From now on nothing that `from` sends reaches `to`. */
  cutOneWay(from: string, to: string): Promise<void> {
    return this.#wires.cutOneWay(from, to);
  }

  /** Two groups that do not reach each other any more; within each all is well. */
  cut(ones: readonly string[], others: readonly string[]): Promise<void> {
    return this.#wires.cut(ones, others);
  }

  /** Everybody reaches everybody again. */
  heal(): Promise<void> {
    return this.#wires.heal();
  }

  async destroy(): Promise<void> {
    await sweep({ folder: this.#folder });
  }

  #pin(nodeId: string): string {
    return join(this.#folder, 'hosts', nodeId);
  }

  async #makeHost(nodeId: string): Promise<void> {
    this.#wires.reserve(nodeId);
    await makeNetworkNamespace(this.#pin(nodeId));
    await this.#wires.connect(nodeId, this.#pin(nodeId));
  }
}
