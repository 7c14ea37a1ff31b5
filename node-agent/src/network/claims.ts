import { type PortProtocol, PublishMode, shortId } from '@tso/proto';
import { normalHostIp, portKey, protocolNames } from './publish.ts';
import type { PublishedPort } from './types.ts';

/** Who has a published port on this host, among our own. */
export interface Claim {
  readonly key: string;
  readonly protocol: PortProtocol;
  readonly published: number;
  /** Empty: every address. */
  readonly hostIp: string;
  readonly serviceId: string;
  readonly serviceName: string;
  /** Set when the port belongs to one task: mode host. */
  readonly taskId: string;
}

export const claimOf = (published: PublishedPort): Claim => ({
  key: portKey(published),
  protocol: published.port.protocol,
  published: published.port.published,
  hostIp: normalHostIp(published.port.hostIp),
  serviceId: published.serviceId,
  serviceName: published.serviceName,
  taskId: published.port.mode === PublishMode.HOST ? published.taskId : '',
});

const meet = (a: Claim, b: Claim): boolean =>
  a.protocol === b.protocol && a.published === b.published && (a.hostIp === '' || b.hostIp === '' || a.hostIp === b.hostIp);

/** Tasks of one service share an ingress port; a port in host mode belongs to one task. */
const mayShare = (a: Claim, b: Claim): boolean =>
  a.taskId !== '' || b.taskId !== '' ? a.taskId === b.taskId : a.serviceId === b.serviceId;

/** The first claim that keeps another from being made, or undefined. */
export const clashingClaim = (claims: Iterable<Claim>, wanted: Claim): Claim | undefined => {
  for (const claim of claims) if (meet(claim, wanted) && !mayShare(claim, wanted)) return claim;
  return undefined;
};

/** `service shop_web`, or `task 1a2b of service shop_web` in host mode. */
export const claimantName = (claim: Claim): string =>
  claim.taskId === '' ? `service ${claim.serviceName}` : `task ${shortId(claim.taskId)} of service ${claim.serviceName}`;

/** `8080/tcp`, or `127.0.0.1:8080/tcp`. */
export const claimName = (claim: Claim): string =>
  `${claim.hostIp === '' ? '' : `${claim.hostIp}:`}${claim.published}/${protocolNames[claim.protocol]}`;
