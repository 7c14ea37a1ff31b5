import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, TsoError } from '@tso/proto';
import { Ca, Control, type Handlers, RpcServer } from '@tso/proto/rpc';

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => logger,
};

export interface EngineAnswer {
  readonly status?: number;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
}

export interface FakeDaemonOptions {
  readonly control?: Partial<Handlers<typeof Control>>;
  readonly ca?: Partial<Handlers<typeof Ca>>;
  /** Answers the HTTP half; undefined: 404. */
  readonly engine?: (method: string, path: string, body: string) => EngineAnswer | undefined;
}

export interface FakeDaemon {
  readonly dir: string;
  stop(): Promise<void>;
}

const missing = (name: string) => () => {
  throw new TsoError('UNIMPLEMENTED', `the fake has no ${name}`);
};

const textOf = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const engineServer = (answer: NonNullable<FakeDaemonOptions['engine']>) =>
  createHttpServer(async (request, response) => {
    const found = answer(request.method ?? '', request.url ?? '', await textOf(request));
    const body = found?.body ?? { message: `no such page ${request.url}`, code: 'NOT_FOUND', hint: '' };
    response.writeHead(found === undefined ? 404 : (found.status ?? 200));
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });

/** Both languages on one socket, as the daemon has it: HTTP/2 says so in its first bytes (RFC 9113 3.4). */
const switchboard = (rpcSocket: string, httpSocket: string): Server =>
  createServer((incoming) => {
    incoming.on('error', () => incoming.destroy());
    incoming.once('data', (first) => {
      const outgoing = connect(first.toString('latin1').startsWith('PRI ') ? rpcSocket : httpSocket);
      outgoing.on('error', () => incoming.destroy());
      outgoing.write(first);
      incoming.pipe(outgoing).pipe(incoming);
    });
  });

const listen = (server: Server, path: string): Promise<void> => new Promise((resolve) => server.listen(path, resolve));

/** A daemon of the test's own in a fresh run directory. Stop it to remove that. */
export const startFakeDaemon = async (options: FakeDaemonOptions): Promise<FakeDaemon> => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-'));
  const rpcSocket = join(dir, 'rpc.sock');
  const httpSocket = join(dir, 'http.sock');
  const rpc = new RpcServer({ address: `unix:${rpcSocket}`, authenticate: () => ['client'], logger });
  const none = (methods: object) => Object.fromEntries(Object.keys(methods).map((name) => [name, missing(name)]));
  rpc.add(Control, { ...none(Control), ...options.control } as unknown as Handlers<typeof Control>);
  rpc.add(Ca, { ...none(Ca), ...options.ca } as unknown as Handlers<typeof Ca>);
  await rpc.start();
  const http = engineServer(options.engine ?? (() => undefined));
  await listen(http, httpSocket);
  const front = switchboard(rpcSocket, httpSocket);
  await listen(front, join(dir, 'tso.sock'));
  return {
    dir,
    stop: async () => {
      front.close();
      http.closeAllConnections();
      http.close();
      await rpc.stop(0);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
