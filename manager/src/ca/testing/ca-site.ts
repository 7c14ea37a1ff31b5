import { createHash, X509Certificate } from 'node:crypto';
import { type Authority, type Cluster, emptyMeta, type Manager, type Node, newId, newNode } from '@tso/proto';
import type { Ca, CallContext, Handlers } from '@tso/proto/rpc';
import { ManualClock } from '../../testing/manual-clock.ts';
import { realRandom, silentLogger } from '../../testing/ports.ts';
import { LaggingMember, SharedLog } from '../../testing/shared-log.ts';
import { makeAuthority } from '../authority.ts';
import { caHandlers } from '../ca-api.ts';

export const randomBytes = (count: number): Uint8Array => realRandom.bytes(count);

/** An id as nodes choose them. */
export const anyId = (): string => newId(randomBytes);

/** SHA-256 of the public key in a certificate, hex. */
export const keyDigestOf = (certificate: string): string =>
  createHash('sha256')
    .update(new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex');

export const clusterId = 'c'.repeat(25);

const cluster: Cluster = { id: clusterId, meta: emptyMeta, addressPool: '10.128.0.0/9', subnetPrefix: 24, firstVni: 4096, vxlanPort: 4789 };

export const asClient: CallContext = {
  peer: 'unix:',
  roles: ['client', 'worker', 'manager', 'joiner'],
  identity: undefined,
  signal: new AbortController().signal,
  header: (name) => (name === 'tso-actor' ? 'alice' : undefined),
};

export const asJoiner: CallContext = { ...asClient, peer: '192.0.2.9:50000', roles: ['joiner'], header: () => undefined };

export const asNode = (nodeId: string, role: 'worker' | 'manager' = 'worker'): CallContext => ({
  ...asJoiner,
  roles: [role],
  identity: { nodeId, role, cluster: clusterId },
});

/** A cluster's log, and what its managers answer on it. */
export class CaSite {
  readonly log = new SharedLog();
  readonly clock = new ManualClock();
  readonly member: LaggingMember;
  readonly ca: Handlers<typeof Ca>;

  private constructor() {
    this.member = new LaggingMember(this.log);
    this.ca = this.manager(this.member);
  }

  static async make(change: Partial<Authority> = {}): Promise<CaSite> {
    const site = new CaSite();
    site.clock.advance(Date.now());
    const authority = await makeAuthority(clusterId, randomBytes, site.clock.now());
    const manager: Manager = {
      id: '1',
      meta: emptyMeta,
      raftId: 1,
      nodeId: 'm1',
      address: '192.0.2.1:2478',
      wantsVote: true,
      removed: false,
    };
    site.write([{ putCluster: cluster }, { putAuthority: { ...authority, ...change } }, { putManager: manager }]);
    return site;
  }

  /** Another manager at the same log, or the first one. */
  manager(proposer = new LaggingMember(this.log)): Handlers<typeof Ca> {
    return caHandlers({ nodeId: 'm1' }, { proposer, clock: this.clock, random: realRandom, logger: silentLogger });
  }

  write(actions: Parameters<SharedLog['append']>[0]['actions']): void {
    this.log.append({ actions, expect: [], atMs: this.clock.now(), origin: 'test' });
  }

  putNode(id: string, change: Partial<Node> = {}): void {
    this.write([{ putNode: { ...newNode, id, ...change } }]);
  }

  get authority(): Authority {
    const authority = this.log.tables.authority();
    if (authority === undefined) throw new Error('there is no authority');
    return authority;
  }

  node(id: string): Node | undefined {
    return this.log.tables.node(id);
  }
}
