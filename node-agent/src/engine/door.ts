import { chmod, rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Lifecycle, type Logger, TsoError } from '@tso/proto';

/** How an HTTP/2 connection with prior knowledge begins (RFC 9113, 3.4): what gRPC speaks. */
const http2Preface = Buffer.from('PRI ');

export interface DoorOptions {
  readonly path: string;
  /** Where gRPC goes: the manager's own socket. */
  readonly managerSocket: string;
}

export interface DoorPorts {
  readonly http: HttpServer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether a manager that does not answer is only being started: its callers then wait a little. */
  readonly isManagerExpected: () => boolean;
}

/** How long a call waits for a manager that is being started, and how often it is tried. */
const managerPatienceMs = 5_000;
const managerRetryMs = 25;

/**
 * The node's one socket, which speaks two languages: HTTP/1.1 is this host's engine API, answered here; gRPC is the
 * cluster's, carried byte by byte to the manager. The first four bytes tell.
 */
export class Door implements Lifecycle {
  readonly #options: DoorOptions;
  readonly #http: HttpServer;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #isManagerExpected: () => boolean;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #opened = Promise.withResolvers<void>();

  constructor(options: DoorOptions, ports: DoorPorts) {
    this.#options = options;
    this.#http = ports.http;
    this.#clock = ports.clock;
    this.#isManagerExpected = ports.isManagerExpected;
    this.#logger = ports.logger;
    this.#server = createServer((socket) => this.#enter(socket));
  }

  /** Callers may come from now on; they wait until open(). Only root may. CONFLICT: another daemon answers there. */
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

  /** Everything behind the door is ready: who waited is let in. */
  open(): void {
    this.#opened.resolve();
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
    socket.once('readable', () => void this.#opened.promise.then(() => this.#route(socket)));
  }

  #route(socket: Socket): void {
    const head = socket.read() as Buffer | null;
    if (head === null) return;
    socket.unshift(head);
    if (head.subarray(0, http2Preface.length).equals(http2Preface.subarray(0, head.length))) this.#carry(socket);
    else this.#http.emit('connection', socket);
  }

  #carry(socket: Socket, triedUntil = this.#clock.monotonic() + managerPatienceMs): void {
    if (socket.destroyed) return;
    const upstream = connect(this.#options.managerSocket);
    this.#sockets.add(upstream);
    const abandon = () => upstream.destroy();
    socket.once('close', abandon);
    let connected = false;
    upstream.once('connect', () => {
      connected = true;
      upstream.once('close', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('close', () => this.#sockets.delete(upstream));
    upstream.on('error', () => {
      socket.off('close', abandon);
      // No manager for good: the client sees a closed connection and says so itself.
      if (connected || !this.#isManagerExpected() || this.#clock.monotonic() >= triedUntil) socket.destroy();
      else this.#clock.setTimer(managerRetryMs, () => this.#carry(socket, triedUntil));
    });
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
