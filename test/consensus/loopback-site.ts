import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TlsFiles } from '@tso/proto/rpc';
import { type TestAuthority, testAuthority } from '../../proto/src/rpc/testing/certificates.ts';
import type { Site } from './cluster.ts';
import type { Flags } from './manager-process.ts';

/** What the certificates of a site say the cluster is called. */
export const siteCluster = 'lab';

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
  return port;
};

/** All on the loopback interface, with mutual TLS between them as between machines: needs no rights. */
export class LoopbackSite implements Site {
  readonly authority: TestAuthority;
  readonly #ports: Map<string, number>;

  private constructor(authority: TestAuthority, ports: Map<string, number>) {
    this.authority = authority;
    this.#ports = ports;
  }

  /** @param nodeIds of all managers that may ever live here */
  static async create(nodeIds: readonly string[]): Promise<LoopbackSite> {
    const ports = new Map<string, number>();
    for (const nodeId of nodeIds) ports.set(nodeId, await freePort());
    return new LoopbackSite(await testAuthority(), ports);
  }

  peerListen(nodeId: string): string {
    return `127.0.0.1:${this.#ports.get(nodeId)}`;
  }

  async flags(nodeId: string, folder: string): Promise<Flags> {
    return tlsFlags(await this.authority.issue(join(folder, 'tls'), managerSubject(nodeId)));
  }

  enter(): readonly string[] {
    return [];
  }

  async destroy(): Promise<void> {
    // The certificates lie in the managers' folders.
  }
}

export const managerSubject = (nodeId: string): string => `CN=${nodeId}, OU=manager, O=${siteCluster}`;

export const tlsFlags = ({ ca, cert, key }: TlsFiles): Flags => ({ 'tls-ca': ca, 'tls-cert': cert, 'tls-key': key });
