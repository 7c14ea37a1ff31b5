import { type Authority, type JoinToken, NodeRole, newId, type RandomBytes } from '@tso/proto';

/** What stands behind the digest in a join token: 129 bits that nobody guesses. */
export const newSecret = (random: RandomBytes): string => newId(random);

/** The secret that makes its owner a node of that role. */
export const secretOf = (authority: Authority, role: NodeRole): string =>
  role === NodeRole.MANAGER ? authority.managerSecret : authority.workerSecret;

/** The same authority with another secret for that role: tokens with the one before are refused from then on. */
export const withSecret = (authority: Authority, role: NodeRole, secret: string): Authority =>
  role === NodeRole.MANAGER ? { ...authority, managerSecret: secret } : { ...authority, workerSecret: secret };

/** @param digest of the certificate of the root that signs (`certificateDigest`); during a rotation that of the new one */
export const tokensOf = (authority: Authority, digest: string): { readonly worker: JoinToken; readonly manager: JoinToken } => ({
  worker: { digest, secret: authority.workerSecret },
  manager: { digest, secret: authority.managerSecret },
});
