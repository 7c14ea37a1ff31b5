import { chmod, chown, rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Clock, type Lifecycle, type Logger, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';

/** How an HTTP/2 connection with prior knowledge begins (RFC 9113, 3.4): what gRPC speaks. */
const http2Preface = Buffer.from('PRI ');

export interface DoorOptions {
  readonly path: string;
  /** Where gRPC goes: the manager's own socket. */
  readonly managerSocket: string;
  /** Id of the group whose members may do here what root may; undefined: nobody else may. */
  readonly group?: number | undefined;
}

/** Nothing about the owner changes. */
const sameOwner = -1;

export interface DoorPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Answers HTTP/1.1; handed its connections, it listens nowhere itself. */
  readonly http: HttpServer;
  /** Listens. */
  readonly server: Server;
  /** Whether a manager that does not answer is only being started: its callers then wait a little. */
  readonly isManagerExpected: () => boolean;
}

/**
 * The node's one socket, which speaks two languages: HTTP/1.1 is this host's engine API, answered here; gRPC is the
 * cluster's, carried byte by byte to the manager. The first four bytes tell.
 */
export class Door implements Lifecycle {
  readonly #options: DoorOptions;
  readonly #ports: DoorPorts;
  readonly #sockets = new Set<Socket>();
  readonly #opened = Promise.withResolvers<void>();

  constructor(options: DoorOptions, ports: DoorPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Callers may come from now on; they wait until open(). Only root may, and the group. CONFLICT: another daemon answers there. */
  async start(): Promise<void> {
    const { path } = this.#options;
    const { server, logger } = this.#ports;
    if (await isAnswered(path))
      throw new TsoError('CONFLICT', `another tso daemon answers on ${path}`, {
        hint: 'Stop it, or choose another --run-dir and --data-dir',
      });
    await rm(path, { force: true });
    server.on('connection', (socket) => this.#enter(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // A connection that cannot be taken (no file descriptors left) is that client's misfortune, not the daemon's end.
    server.on('error', (error) => logger.warn({ error: error.message }, 'a connection could not be accepted'));
    await this.#admit();
    logger.info({ socket: path }, 'listens');
  }

  async #admit(): Promise<void> {
    const { path, group } = this.#options;
    if (group === undefined) return chmod(path, 0o600);
    await chown(path, sameOwner, group);
    await chmod(path, 0o660);
    // It may be walked through, not listed: all else in there has modes of its own.
    await chown(dirname(path), sameOwner, group);
    await chmod(dirname(path), 0o710);
  }

  /** Everything behind the door is ready: who waited is let in. */
  open(): void {
    this.#opened.resolve();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#ports.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #enter(socket: Socket): void {
    this.#sockets.add(socket);
    const cancel = this.#ports.clock.setTimer(limits.doorSilenceMs, () => socket.destroy());
    socket.on('close', () => {
      cancel();
      this.#sockets.delete(socket);
    });
    // A client that goes away in the middle is no event of ours.
    socket.on('error', () => socket.destroy());
    this.#greet(socket, cancel);
  }

  /** Reads until the language is clear, which a client may say byte by byte. */
  #greet(socket: Socket, clear: () => void, before: Buffer = Buffer.alloc(0)): void {
    socket.once('readable', () => {
      const piece = socket.read() as Buffer | null;
      const head = piece === null ? before : Buffer.concat([before, piece]);
      const begins = head.subarray(0, http2Preface.length).equals(http2Preface.subarray(0, head.length));
      if (begins && head.length < http2Preface.length) {
        if (!socket.readableEnded) this.#greet(socket, clear, head);
        return;
      }
      clear();
      socket.unshift(head);
      void this.#opened.promise.then(() => {
        if (begins) this.#carry(socket, this.#ports.clock.monotonic() + limits.managerPatienceMs);
        else this.#ports.http.emit('connection', socket);
      });
    });
  }

  #carry(socket: Socket, triedUntil: number): void {
    if (socket.destroyed) return;
    const { clock, isManagerExpected } = this.#ports;
    const upstream = connect(this.#options.managerSocket);
    this.#sockets.add(upstream);
    const abandon = (): void => void upstream.destroy();
    let connected = false;
    socket.once('close', abandon);
    upstream.once('connect', () => {
      connected = true;
      upstream.once('close', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('close', () => this.#sockets.delete(upstream));
    upstream.on('error', () => {
      socket.off('close', abandon);
      // No manager for good: the client sees a closed connection and says so itself.
      if (connected || !isManagerExpected() || clock.monotonic() >= triedUntil) socket.destroy();
      else clock.setTimer(limits.managerRetryMs, () => this.#carry(socket, triedUntil));
    });
  }
}

/** Whether someone listens there. A listener too busy to take one more connection (EAGAIN) is one as well. */
const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED'));
  });
