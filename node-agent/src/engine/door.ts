import { chmod, rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Lifecycle, type Logger, TsoError } from '@tso/proto';

/** How an HTTP/2 connection with prior knowledge begins (RFC 9113, 3.4): what gRPC speaks. */
const http2Preface = Buffer.from('PRI ');

export interface DoorOptions {
  readonly path: string;
  /** Where gRPC goes: the manager's own socket. */
  readonly managerSocket: string;
}

/**
 * The node's one socket, which speaks two languages: HTTP/1.1 is this host's engine API, answered here; gRPC is the
 * cluster's, carried byte by byte to the manager. The first four bytes tell.
 */
export class Door implements Lifecycle {
  readonly #options: DoorOptions;
  readonly #http: HttpServer;
  readonly #logger: Logger;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(options: DoorOptions, ports: { readonly http: HttpServer; readonly logger: Logger }) {
    this.#options = options;
    this.#http = ports.http;
    this.#logger = ports.logger;
    this.#server = createServer((socket) => this.#enter(socket));
  }

  /** Only root may open the socket. CONFLICT: another daemon answers there. */
  async start(): Promise<void> {
    const { path } = this.#options;
    if (await isAnswered(path))
      throw new TsoError('CONFLICT', `another tso daemon answers on ${path}`, {
        hint: 'Stop it, or choose another --run-dir and --data-dir',
      });
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    this.#logger.info({ socket: path }, 'listens');
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #enter(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A client that goes away in the middle is no event of ours.
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => this.#route(socket));
  }

  #route(socket: Socket): void {
    const head = socket.read() as Buffer | null;
    if (head === null) return;
    socket.unshift(head);
    if (head.subarray(0, http2Preface.length).equals(http2Preface.subarray(0, head.length))) this.#carry(socket);
    else this.#http.emit('connection', socket);
  }

  #carry(socket: Socket): void {
    const upstream = connect(this.#options.managerSocket);
    this.#sockets.add(upstream);
    upstream.on('close', () => {
      this.#sockets.delete(upstream);
      socket.destroy();
    });
    // No manager: the client sees a closed connection and says so itself.
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  }
}

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
