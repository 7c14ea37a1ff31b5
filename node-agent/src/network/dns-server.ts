import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { type Logger, sentenceOf, TsoError } from '@tso/proto';
import type { DnsCounts } from './dns-counts.ts';
import { framed, MessageReader } from './dns-framing.ts';
import {
  type DnsQuery,
  encodeAnswer,
  encodeBadQuery,
  encodeFailure,
  maxTcpBytes,
  type PreparedAnswer,
  parseQuery,
  responseCodes,
} from './dns-message.ts';
import type { NameScope } from './dns-scope.ts';
import { byHolder, findHolder } from './holder.ts';

/** Who asks, as far as answering needs it. */
export interface Asker {
  readonly taskId: string;
  readonly scope: NameScope;
}

export type DnsTransport = 'udp' | 'tcp';

export interface DnsServerPorts {
  readonly logger: Logger;
  readonly counts: DnsCounts;
  /** By source address; undefined: no task of ours, refused. */
  readonly askerOf: (address: string) => Asker | undefined;
  /** For a name that is not ours: a whole message of somebody else, or an answer of ours; undefined: nobody answered. */
  readonly askElsewhere: (
    asker: Asker,
    message: Uint8Array,
    query: DnsQuery,
    transport: DnsTransport,
  ) => Promise<Uint8Array | PreparedAnswer | undefined>;
}

const standardPort = 53;
const idleConnectionMs = 10_000;
const maxConnections = 256;
/** Of one address, so that one task cannot take all. */
const maxConnectionsEach = 32;
/** No honest question is longer. */
const maxQueryBytes = 4_096;
/** What a client may leave unread before it is let go. */
const maxUnreadBytes = 1_048_576;

/** Questions that wait while the agent is busy with something else. The kernel gives what net.core.rmem_max allows, twice its default at least. */
const recvBufferSize = 1_048_576;

/** The source of a question is an address already: looking it up, even only to find that, would cost a turn of the event loop each time. */
const asItIs = (address: string, _options: unknown, callback: (error: null, address: string, family: number) => void): void =>
  callback(null, address, 4);

const listenUdp = (address: string, port: number): Promise<UdpSocket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', reusePort: true, recvBufferSize, lookup: asItIs });
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

const listenTcp = (address: string, port: number, serve: (socket: Socket) => void): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(serve);
    server.maxConnections = maxConnections;
    server.once('error', reject);
    server.listen({ host: address, port, reusePort: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });

const bindFailure = async (address: string, port: number, transport: DnsTransport, error: unknown): Promise<TsoError> => {
  const holder = await findHolder(transport, port, address);
  return new TsoError(
    'FAILED_PRECONDITION',
    `names cannot be answered on ${address}: port ${port}/${transport} is taken${byHolder(holder)}`,
    {
      hint: 'Let that program listen on its own addresses instead of all of them',
      details: { address, transport, ...(holder === undefined ? {} : { program: holder.name, pid: holder.pid }) },
      cause: error,
    },
  );
};

const isMessage = (answer: Uint8Array | PreparedAnswer): answer is Uint8Array => answer instanceof Uint8Array;

/** Answers DNS on one address, by UDP and TCP. A name of ours is answered within the turn of the event loop that it came in. */
export class DnsServer {
  readonly #address: string;
  readonly #port: number;
  readonly #ports: DnsServerPorts;
  readonly #connections = new Map<Socket, string>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #turn = 0;

  constructor(options: { readonly address: string /** @default 53 */; readonly port?: number }, ports: DnsServerPorts) {
    this.#address = options.address;
    this.#port = options.port ?? standardPort;
    this.#ports = ports;
  }

  /** FAILED_PRECONDITION names who has the port. */
  async start(): Promise<void> {
    this.#udp ??= await listenUdp(this.#address, this.#port).catch(async (error: unknown) => {
      throw await bindFailure(this.#address, this.#port, 'udp', error);
    });
    const { logger } = this.#ports;
    this.#udp.on('message', (message, client) => this.#answerUdp(message, client));
    this.#udp.on('error', (error) => logger.warn({ address: this.#address, error: error.message }, 'a DNS socket failed'));
    try {
      // With port 0, which only tests use, both have the one that UDP was given.
      this.#tcp ??= await listenTcp(this.#address, this.#udp.address().port, (socket) => this.#serve(socket));
    } catch (error) {
      await this.stop();
      throw await bindFailure(this.#address, this.#port, 'tcp', error);
    }
    this.#tcp.on('error', (error) => logger.warn({ address: this.#address, error: error.message }, 'a DNS listener failed'));
  }

  /** Where it listens; undefined before it does. */
  get port(): number | undefined {
    return this.#udp?.address().port;
  }

  async stop(): Promise<void> {
    this.#udp?.close();
    this.#udp = undefined;
    const tcp = this.#tcp;
    this.#tcp = undefined;
    for (const connection of this.#connections.keys()) connection.destroy();
    if (tcp !== undefined) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }

  #answerUdp(message: Uint8Array, client: RemoteInfo): void {
    // Nothing can be sent to port 0, which only a forged datagram comes from.
    if (client.port === 0) return;
    const answer = this.#answer(message, client.address, 'udp');
    if (answer instanceof Promise) void answer.then((late) => this.#udp?.send(late, client.port, client.address));
    else if (answer !== undefined) this.#udp?.send(answer, client.port, client.address);
  }

  #serve(socket: Socket): void {
    const source = socket.remoteAddress ?? '';
    if ([...this.#connections.values()].filter((one) => one === source).length >= maxConnectionsEach) return void socket.destroy();
    const reader = new MessageReader(maxQueryBytes);
    this.#connections.set(socket, source);
    socket.setTimeout(idleConnectionMs, () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    // A client that goes away in the middle leaves nothing to do.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const messages = reader.push(chunk);
      if (messages === undefined) return void socket.destroy();
      for (const message of messages) this.#answerTcp(message, socket, source);
    });
  }

  #answerTcp(message: Uint8Array, socket: Socket, source: string): void {
    if (socket.writableLength > maxUnreadBytes) return void socket.destroy();
    const write = (answer: Uint8Array): void => {
      if (socket.writable) socket.write(framed(answer));
    };
    const answer = this.#answer(message, source, 'tcp');
    if (answer instanceof Promise) void answer.then(write);
    else if (answer !== undefined) write(answer);
  }

  #answer(message: Uint8Array, source: string, transport: DnsTransport): Uint8Array | Promise<Uint8Array> | undefined {
    const answer = this.#answerOf(message, source, transport);
    if (answer instanceof Promise) return answer.then((late) => this.#counted(late, true));
    return answer === undefined ? undefined : this.#counted(answer, false);
  }

  #counted(answer: Uint8Array, elsewhere: boolean): Uint8Array {
    this.#ports.counts.add((answer[3] ?? 0) & 0xf, elsewhere);
    return answer;
  }

  #answerOf(message: Uint8Array, source: string, transport: DnsTransport): Uint8Array | Promise<Uint8Array> | undefined {
    const parsed = parseQuery(message);
    if (parsed.kind === 'ignored') return undefined;
    if (parsed.kind === 'bad') return encodeBadQuery(message, parsed.code);
    const { query } = parsed;
    try {
      return this.#answerQuery(query, message, source, transport);
    } catch (error) {
      return this.#failed(query, message, error);
    }
  }

  #answerQuery(query: DnsQuery, message: Uint8Array, source: string, transport: DnsTransport): Uint8Array | Promise<Uint8Array> {
    const asker = this.#ports.askerOf(source);
    if (asker === undefined) return encodeFailure(message, query, responseCodes.refused);
    if (query.badVersion) return encodeFailure(message, query, responseCodes.noError);
    const answer = query.internet ? asker.scope.answer(query.key, query.type) : 'forward';
    const limitBytes = transport === 'udp' ? query.maxAnswerBytes : maxTcpBytes;
    if (answer !== 'forward') return encodeAnswer(message, query, answer, limitBytes, this.#turn++);
    return this.#ports.askElsewhere(asker, message, query, transport).then(
      (other) => {
        if (other === undefined) return encodeFailure(message, query, responseCodes.serverFailure);
        return isMessage(other) ? other : encodeAnswer(message, query, other, limitBytes, 0, false);
      },
      (error: unknown) => this.#failed(query, message, error),
    );
  }

  /** One odd question must not end the agent. */
  #failed(query: DnsQuery, message: Uint8Array, error: unknown): Uint8Array {
    this.#ports.logger.warn({ error: sentenceOf(error) }, 'a DNS question could not be answered');
    return encodeFailure(message, query, responseCodes.serverFailure);
  }
}
