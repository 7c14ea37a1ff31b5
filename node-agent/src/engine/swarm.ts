import { TsoError } from '@tso/proto';
import type { InitWish } from '../membership/founding.ts';
import type { Membership } from '../membership/identity.ts';
import type { JoinWish } from '../membership/joining.ts';
import type { AddressWish } from '../membership/node-addresses.ts';
import { type Route, readJsonBody, sendJson } from './router.ts';

interface Joined {
  readonly nodeId: string;
  readonly membership: Membership;
}

export interface SwarmRoutesPorts {
  /** Begins a cluster of which this node is the first manager; its node id. */
  readonly init: (wish: InitWish) => Promise<string>;
  readonly join: (wish: JoinWish) => Promise<Joined>;
  readonly leave: (wish: { readonly force: boolean }) => Promise<void>;
  readonly unlock: (key: string) => Promise<void>;
  readonly restore: (body: AsyncIterable<Uint8Array>, wish: { readonly force: boolean } & AddressWish) => Promise<Joined>;
}

type Body = Readonly<Record<string, unknown>>;

/** A field that may be left out. INVALID_ARGUMENT names one that is something else. */
const text = (body: Body, name: string): string | undefined => {
  const value = body[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new TsoError('INVALID_ARGUMENT', `the field ${name} must be a text`);
};

const required = (body: Body, name: string): string => {
  const value = text(body, name);
  if (value !== undefined) return value;
  throw new TsoError('INVALID_ARGUMENT', `the field ${name} is missing`);
};

const integer = (body: Body, name: string): number | undefined => {
  const value = body[name];
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new TsoError('INVALID_ARGUMENT', `the field ${name} must be a whole number`);
};

const addresses = (body: Body) => ({ listenAddr: text(body, 'ListenAddr') ?? '', advertiseAddr: text(body, 'AdvertiseAddr') ?? '' });

const authority = (body: Body): InitWish['authority'] => {
  const [certificate, key] = [text(body, 'CaCertificate'), text(body, 'CaKey')];
  return certificate === undefined && key === undefined ? undefined : { certificate: certificate ?? '', key: key ?? '' };
};

const initWish = (body: Body): InitWish => ({
  ...addresses(body),
  // An empty one is no address pool either, and is refused as such.
  addressPool: body.AddressPool === '' ? '' : text(body, 'AddressPool'),
  subnetSize: integer(body, 'SubnetSize'),
  authority: authority(body),
  forceNewCluster: body.ForceNewCluster === true,
});

const joinedBody = ({ nodeId, membership }: Joined): object => ({
  NodeID: nodeId,
  Role: membership.role,
  ClusterID: membership.clusterId,
});

/** What this node is to a cluster, in the shape of the Docker Engine API. */
export const swarmRoutes = ({ init, join, leave, unlock, restore }: SwarmRoutesPorts): readonly Route[] => [
  {
    method: 'POST',
    path: '/swarm/init',
    handler: async ({ raw }, response) => sendJson(response, 200, await init(initWish(await readJsonBody(raw)))),
  },
  {
    method: 'POST',
    path: '/swarm/join',
    handler: async ({ raw }, response) => {
      const body = await readJsonBody(raw);
      const wish = { ...addresses(body), token: required(body, 'Token'), remoteAddr: required(body, 'RemoteAddr') };
      sendJson(response, 200, joinedBody(await join(wish)));
    },
  },
  {
    method: 'POST',
    path: '/swarm/leave',
    handler: async ({ raw, query }, response) => {
      const body = await readJsonBody(raw);
      await leave({ force: body.Force === true || isYes(query.get('force')) });
      sendJson(response, 200, {});
    },
  },
  {
    method: 'POST',
    path: '/swarm/unlock',
    handler: async ({ raw }, response) => {
      await unlock(required(await readJsonBody(raw), 'UnlockKey'));
      sendJson(response, 200, {});
    },
  },
  {
    method: 'POST',
    path: '/swarm/restore',
    handler: async ({ raw, query }, response) => {
      const said = { listenAddr: query.get('listenAddr') ?? '', advertiseAddr: query.get('advertiseAddr') ?? '' };
      sendJson(response, 200, joinedBody(await restore(raw, { force: isYes(query.get('force')), ...said })));
    },
  },
];

const isYes = (value: string | null): boolean => value === '1' || value === 'true';
