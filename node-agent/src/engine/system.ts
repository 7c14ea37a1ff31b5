import { version } from '@tso/proto';
import { type Route, sendJson } from './router.ts';

export interface SystemRoutesPorts {
  /** What `tso info` shows of this host. */
  readonly describe: () => Promise<object>;
}

/** The host itself, in the shape of the Docker Engine API. */
export const systemRoutes = ({ describe }: SystemRoutesPorts): readonly Route[] => [
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
];
