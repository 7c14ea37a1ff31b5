import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A program of this host that listens on 127.0.0.1. @param port 0: any that is free */
export const listen = async (port = 0): Promise<Server> => {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export const close = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = await listen();
  const port = portOf(server);
  await close(server);
  return port;
};
