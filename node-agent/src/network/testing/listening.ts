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

/** Ports that were free a moment ago, none twice. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, () => listen()));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
};

export const freePort = async (): Promise<number> => {
  const [port = 0] = await freePorts(1);
  return port;
};
