import type { Authority, Node, RootRotation } from '@tso/proto';

/*
 * How one root takes the place of another without a moment in which two members do not trust each other:
 *
 *   epoch e      one root. Everybody's certificate comes from it.
 *   epoch e + 1  the new root signs; what it signs carries the new root's certificate as vouched for by the old one. So who trusts the
 *                old root only verifies new certificates too, and who has renewed trusts both. It lasts until every node has renewed.
 *   epoch e + 2  the old root is forgotten. Who renews once more trusts the new one only; who has not yet trusts one root too many, whose
 *                key no longer exists here.
 *
 * A node that is down holds it up, for it would find itself shut out: removing the node ends the wait.
 */

/** A root that signs: PEM of its certificate and of its key, PKCS #8. */
export interface Root {
  readonly certificate: string;
  readonly key: string;
}

/** PEM of the roots that are trusted now, the one that signs first. */
export const trustedRoots = ({ certificate, rotation }: Authority): readonly string[] =>
  rotation === undefined ? [certificate] : [certificate, rotation.oldCertificate];

/** PEM of what goes behind a certificate that is issued now, so that who trusts the old root only can verify it. */
export const issuingChain = ({ rotation }: Authority): readonly string[] => (rotation === undefined ? [] : [rotation.crossSigned]);

/**
 * The new root signs from now on.
 * @param crossSigned the new root's name and key, signed by the root that signs now
 */
export const begunRotation = (authority: Authority, next: Root, crossSigned: string, nowMs: number): Authority => {
  // What the old key had to sign is signed: it is not kept.
  const rotation: RootRotation = { oldCertificate: authority.certificate, oldKey: '', crossSigned, begunAtMs: nowMs };
  return { ...authority, certificate: next.certificate, key: next.key, epoch: authority.epoch + 1, rotation };
};

/** Nodes that do not hold what the present epoch asks for, in the view's order. Nobody is waited for when no root changes. */
export const waitingFor = ({ epoch, rotation }: Authority, nodes: readonly Node[]): readonly Node[] =>
  rotation === undefined ? [] : nodes.filter((node) => !node.removing && node.authorityEpoch < epoch);

/** Whether the old root can be forgotten. */
export const canFinish = (authority: Authority, nodes: readonly Node[]): boolean =>
  authority.rotation !== undefined && waitingFor(authority, nodes).length === 0;

/** One root again. The epoch is raised, so that everybody drops the old one. */
export const finishedRotation = ({ rotation: _, ...authority }: Authority): Authority => ({ ...authority, epoch: authority.epoch + 1 });
