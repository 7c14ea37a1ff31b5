import type { Authority, AuthorityView, Node } from '@tso/proto';
import { trustedRoots, waitingFor } from './rotation.ts';

/** What may be told of the authority: no key and no secret. */
export const authorityView = (
  authority: Authority,
  nodes: readonly Node[],
  root: { readonly digest: string; readonly notAfterMs: number },
): AuthorityView => ({
  certificates: trustedRoots(authority).join(''),
  digest: root.digest,
  epoch: authority.epoch,
  rotating: authority.rotation !== undefined,
  waitingFor: waitingFor(authority, nodes).map(({ id, description }) => description.hostname || id),
  notAfterMs: root.notAfterMs,
  certificateLifeMs: authority.certificateLifeMs,
});
