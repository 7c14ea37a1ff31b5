import { type IngressPort, type PortProtocol, shortId } from '@tso/proto';
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

const placeOf = (published: Pick<PublishedPort, 'port'>): Pick<Claim, 'key' | 'protocol' | 'published' | 'hostIp'> => ({
  key: portKey(published),
  protocol: published.port.protocol,
  published: published.port.published,
  hostIp: normalHostIp(published.port.hostIp),
});

/** The claim of a task on a port in host mode. */
export const claimOf = (published: PublishedPort): Claim => ({
  ...placeOf(published),
  serviceId: published.serviceId,
  serviceName: published.serviceName,
  taskId: published.taskId,
});

/** The claim of a service on a port that every node answers on. */
export const ingressClaim = (ingress: IngressPort): Claim => ({
  ...placeOf(ingress),
  serviceId: ingress.serviceId,
  serviceName: `${ingress.stack}_${ingress.serviceName}`,
  taskId: '',
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
