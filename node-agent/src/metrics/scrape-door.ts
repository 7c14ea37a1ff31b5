import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { formatHostPort, type Lifecycle, type Logger, parseHostPort, sentenceOf, TsoError } from '@tso/proto';
import { identityOf, type TlsMaterial } from '@tso/proto/rpc';

export interface ScrapeDoorOptions {
  /** host:port. */
  readonly address: string;
}

/** Whether this process could do its work; asked by load balancers and by who watches it. */
export interface Health {
  readonly healthy: boolean;
  /** Named parts, each with what is wrong with it, or `ok`. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface ScrapeDoorPorts {
  readonly logger: Logger;
  /** In the exposition format. */
  readonly metrics: () => Promise<string>;
  readonly health: () => Health;
  /** The node's certificate; undefined: it has none yet. */
  readonly tls: () => TlsMaterial | undefined;
}

/** Only programs of this host reach those. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Figures and health for a scraper: by plain HTTP on a loopback address, by mutual TLS with the cluster's certificates on any other, as
 * they tell who runs what.
 */
export class ScrapeDoor implements Lifecycle {
  readonly #options: ScrapeDoorOptions;
  readonly #ports: ScrapeDoorPorts;
  #server: Server | undefined;
  /** Also those that have not said a word yet, which the server does not end by itself. */
  readonly #sockets = new Set<Socket>();
  #shown: TlsMaterial | undefined;

  constructor(options: ScrapeDoorOptions, ports: ScrapeDoorPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Where it listens; after `start` with the port that it got. */
  get address(): string {
    const bound = this.#server?.address() as AddressInfo | null | undefined;
    return bound === undefined || bound === null ? this.#options.address : formatHostPort({ host: bound.address, port: bound.port });
  }

  /** UNAVAILABLE: the address cannot be had. FAILED_PRECONDITION: it is of the network, and this node has no certificate yet. */
  async start(): Promise<void> {
    const { host, port } = parseHostPort(this.#options.address);
    const server = isLoopback(host) ? createHttpServer(this.#answer) : this.#secureServer();
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(new TsoError('UNAVAILABLE', `cannot listen on ${this.#options.address} for scrapers: ${error.message}`, { cause: error }));
      server.once('error', fail);
      server.listen({ host, port }, () => {
        server.off('error', fail);
        resolve();
      });
    });
    server.on('error', (error) => this.#ports.logger.warn({ error: error.message }, 'a scraper could not be answered'));
    this.#server = server;
    this.#ports.logger.info({ address: this.address }, 'figures and health are served');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #secureServer(): Server {
    const tls = this.#ports.tls();
    if (tls === undefined) {
      throw new TsoError(
        'FAILED_PRECONDITION',
        `${this.#options.address} is a network address, and this node has no certificate to show there yet`,
        {
          hint: 'Join a cluster or make one first, or serve figures on 127.0.0.1',
        },
      );
    }
    this.#shown = tls;
    const { ca, cert, key } = tls;
    return createHttpsServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }, this.#answer);
  }

  /** The certificate is renewed long before it ends: whoever connects next sees the newest. */
  #followCertificate(): void {
    const tls = this.#ports.tls();
    if (tls === undefined || tls === this.#shown || !(this.#server instanceof HttpsServer)) return;
    this.#shown = tls;
    this.#server.setSecureContext({ ca: tls.ca, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.3' });
  }

  /** An authority that was given to the cluster may vouch for others too. */
  #isMember({ socket }: IncomingMessage): boolean {
    if (!(socket instanceof TLSSocket)) return true;
    return identityOf(socket.getPeerCertificate().subject)?.cluster === this.#shown?.identity.cluster;
  }

  readonly #answer = (request: IncomingMessage, response: ServerResponse): void => {
    this.#followCertificate();
    if (!this.#isMember(request)) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('This certificate is not one of this cluster.\n');
      return;
    }
    this.#respond(request, response).catch((error: unknown) => {
      this.#ports.logger.error({ error: sentenceOf(error) }, 'figures could not be read');
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${sentenceOf(error)}\n`);
    });
  };

  async #respond({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (url ?? '').split('?')[0];
    if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
    else if (path === '/metrics') sendText(response, await this.#ports.metrics());
    else if (path === '/healthz') sendHealth(response, this.#ports.health());
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('There are /metrics and /healthz here.\n');
  }
}

/** In the exposition format. */
export const sendText = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-type': expositionType }).end(text);
};

/** 200 when healthy, else 503; the body says why. */
export const sendHealth = (response: ServerResponse, { healthy, parts }: Health): void => {
  response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify({ healthy, parts })}\n`);
};
