import { emptyMeta } from '@tso/proto';
import { makeKeyAndCsr, type NewIdentity } from '@tso/proto/pki';
import { makeRoot } from '../../manager/src/ca/authority.ts';
import { issue, type Subject } from '../../manager/src/ca/issuer.ts';
import type { Root } from '../../manager/src/ca/rotation.ts';
import { random } from './site.ts';

export const dayMs = 86_400_000;

const bytes = (count: number): Uint8Array => random.bytes(count);

/** A root that a test has the key of. */
export const anyRoot = (name = 'example', nowMs = Date.now()): Promise<Root> => makeRoot(name, bytes, nowMs);

/** A certificate that whoever has the root's key can make, at whatever instant; what it trusts is that root. */
export const certificateOf = async (
  root: Root,
  { name, role, clusterId }: Subject,
  { atMs = Date.now(), lifeMs = dayMs }: { readonly atMs?: number; readonly lifeMs?: number } = {},
): Promise<NewIdentity> => {
  const authority = {
    ...{ id: '', meta: emptyMeta, epoch: 1, workerSecret: '', managerSecret: '', certificateLifeMs: 0, revoked: [], unlockKey: '' },
    ...root,
  };
  const { key, csr } = await makeKeyAndCsr();
  const issued = await issue(authority, { csr, subject: { name, role, clusterId }, lifeMs }, bytes, atMs);
  return { ...issued, key, clusterId, role, authorityEpoch: 1 };
};
