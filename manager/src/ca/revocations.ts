import type { Authority, Revocation } from '@tso/proto';

const dayMs = 86_400_000;

/** A client's certificate lives no longer: a revocation is kept for as long, since who has which certificate is not. */
export const maxClientLifeMs = 5 * 365 * dayMs;

/** A node's: a longer one would leave its removal as the only thing that ever ends it, and removals are kept for as long. */
export const maxNodeLifeMs = 366 * dayMs;
/** Nodes renew from half of it on, so that half of it is what a cluster may be without managers. */
export const minNodeLifeMs = 3_600_000;
export const defaultNodeLifeMs = 90 * dayMs;
export const defaultClientLifeMs = 365 * dayMs;
/** Certificates begin that much before they are made, for clocks that differ. */
export const backdateMs = dayMs;

/** What a revocation is of: certificates of an operator, or of a node, in whichever role. */
export type RevokedRole = 'client' | 'node';

/** Without those that no certificate outlives. */
export const withoutPast = (revoked: readonly Revocation[], nowMs: number): readonly Revocation[] =>
  revoked.filter(({ untilMs }) => untilMs > nowMs);

/** Whether certificates with that name are refused. */
export const isRevoked = ({ revoked }: Pick<Authority, 'revoked'>, name: string, role: RevokedRole, nowMs: number): boolean =>
  revoked.some((it) => it.name === name && it.role === role && it.untilMs > nowMs);

/** Those of that name are refused from then on, for as long as one may be valid. What is past is forgotten. */
export const withRevoked = (authority: Authority, name: string, role: RevokedRole, nowMs: number): Authority => {
  const untilMs = nowMs + backdateMs + (role === 'client' ? maxClientLifeMs : maxNodeLifeMs);
  const others = withoutPast(authority.revoked, nowMs).filter((it) => it.name !== name || it.role !== role);
  return { ...authority, revoked: [...others, { name, role, untilMs, atMs: nowMs }] };
};
