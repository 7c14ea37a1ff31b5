import type { Authority, Clock, Random } from '@tso/proto';
import { makeKeyAndCsr, type NewIdentity } from '@tso/proto/pki';
import { makeAuthority } from './authority.ts';
import { issue } from './issuer.ts';
import type { Root } from './rotation.ts';

export interface BootstrapOptions {
  readonly clusterId: string;
  /** Of the first manager's node. */
  readonly nodeId: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Pick<Random, 'bytes'>;
}

/** A certificate of its authority for the first manager: once more when the one before was never written. */
export const issueFirst = async (authority: Authority, { clusterId, nodeId, clock, random }: BootstrapOptions): Promise<NewIdentity> => {
  const { key, csr } = await makeKeyAndCsr();
  const subject = { name: nodeId, role: 'manager', clusterId } as const;
  const bytes = (count: number): Uint8Array => random.bytes(count);
  const issued = await issue(authority, { csr, subject, lifeMs: authority.certificateLifeMs }, bytes, clock.now());
  return { ...issued, key, role: 'manager', clusterId, authorityEpoch: authority.epoch };
};

/**
 * What a cluster is founded with: its authority, to be put into the store and kept safe until it is there, and the identity of its first
 * manager. INVALID_ARGUMENT: the given root cannot serve (`checkedRoot`).
 */
export const makeBootstrap = async (
  options: BootstrapOptions & { readonly given?: Root },
): Promise<{ readonly clusterId: string; readonly authority: Authority; readonly identity: NewIdentity }> => {
  const { clusterId, clock, random, given } = options;
  const authority = await makeAuthority(clusterId, (count) => random.bytes(count), clock.now(), given);
  return { clusterId, authority, identity: await issueFirst(authority, options) };
};
