import { version } from '@tso/proto';
import { type Route, readJsonBody, sendJson } from './router.ts';

export interface SystemRoutesPorts {
  /** What `tso info` shows of this host. */
  readonly describe: () => Promise<object>;
  /** Starts a cluster of which this node is the first manager; its node id. */
  readonly init: (wish: { readonly addressPool: string | undefined; readonly forceNewCluster: boolean }) => Promise<string>;
}

/** The host itself, in the shape of the Docker Engine API. */
export const systemRoutes = ({ describe, init }: SystemRoutesPorts): readonly Route[] => [
  {
    method: 'GET',
    path: '/_ping',
    handler: async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end('OK');
    },
  },
  {
    method: 'GET',
    path: '/version',
    handler: async (_, response) =>
      sendJson(response, 200, {
        Version: version,
        Os: 'linux',
        Arch: process.arch,
        NodeVersion: process.version,
        Platform: { Name: 'tso' },
      }),
  },
  { method: 'GET', path: '/info', handler: async (_, response) => sendJson(response, 200, await describe()) },
  {
    method: 'POST',
    path: '/swarm/init',
    handler: async ({ raw }, response) => {
      const body = await readJsonBody(raw);
      const pool = body.AddressPool;
      sendJson(
        response,
        200,
        await init({ addressPool: typeof pool === 'string' ? pool : undefined, forceNewCluster: body.ForceNewCluster === true }),
      );
    },
  },
];
