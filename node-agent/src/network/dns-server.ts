import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { type Logger, sentenceOf, TsoError } from '@tso/proto';
import type { DnsForwarder } from './dns-forwarder.ts';
import {
  type DnsQuery,
  encodeAnswer,
  encodeBadQuery,
  encodeFailure,
  encodeUdpAnswer,
  framed,
  MessageReader,
  parseQuery,
  responseCodes,
} from './dns-message.ts';
import { answerOf, type NameTable } from './dns-records.ts';
import { byHolder, findHolder } from './holder.ts';

/** Who asks, as far as answering needs it. */
export interface Asker {
  /** The networks it is on, in its order. */
  readonly tables: readonly NameTable[];
  /** Resolvers for names that are not ours; empty: the host's. */
  readonly servers: readonly string[];
}

export interface DnsServerPorts {
  readonly logger: Logger;
  readonly forwarder: DnsForwarder;
  /** By source address; undefined: no task of ours, refused. */
  readonly askerOf: (address: string) => Asker | undefined;
  readonly hostResolvers: () => Promise<readonly string[]>;
}

const port = 53;
const idleConnectionMs = 10_000;
const maxConnections = 256;

type Transport = 'udp' | 'tcp';

const listenUdp = (address: string): Promise<UdpSocket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', reusePort: true });
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

const listenTcp = (address: string, serve: (socket: Socket) => void): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(serve);
    server.maxConnections = maxConnections;
    server.once('error', reject);
    server.listen({ host: address, port, reusePort: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });

const bindFailure = async (address: string, transport: Transport, error: unknown): Promise<TsoError> => {
  const holder = await findHolder(transport, port, address);
  return new TsoError('FAILED_PRECONDITION', `names cannot be answered on ${address}: port 53/${transport} is taken${byHolder(holder)}`, {
    hint: 'Let that program listen on its own addresses instead of all of them',
    details: { address, transport, ...(holder === undefined ? {} : { program: holder.name, pid: holder.pid }) },
    cause: error,
  });
};

/** Answers DNS on one gateway address, by UDP and TCP. */
export class DnsServer {
  readonly #address: string;
  readonly #ports: DnsServerPorts;
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #turn = 0;

  constructor(options: { readonly address: string }, ports: DnsServerPorts) {
    this.#address = options.address;
    this.#ports = ports;
  }

  /** FAILED_PRECONDITION names who has port 53. */
  async start(): Promise<void> {
    this.#udp ??= await listenUdp(this.#address).catch(async (error: unknown) => {
      throw await bindFailure(this.#address, 'udp', error);
    });
    const { logger } = this.#ports;
    this.#udp.on('message', (message, client) => void this.#answerUdp(message, client));
    this.#udp.on('error', (error) => logger.warn({ address: this.#address, error: error.message }, 'a DNS socket failed'));
    try {
      this.#tcp ??= await listenTcp(this.#address, (socket) => this.#serve(socket));
    } catch (error) {
      await this.stop();
      throw await bindFailure(this.#address, 'tcp', error);
    }
    this.#tcp.on('error', (error) => logger.warn({ address: this.#address, error: error.message }, 'a DNS listener failed'));
  }

  async stop(): Promise<void> {
    this.#udp?.close();
    this.#udp = undefined;
    const tcp = this.#tcp;
    this.#tcp = undefined;
    for (const connection of this.#connections) connection.destroy();
    if (tcp !== undefined) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }

  async #answerUdp(message: Uint8Array, client: RemoteInfo): Promise<void> {
    // Nothing can be sent to port 0, which only a forged datagram comes from.
    if (client.port === 0) return;
    const answer = await this.#answer(message, client.address, 'udp');
    if (answer !== undefined) this.#udp?.send(answer, client.port, client.address);
  }

  #serve(socket: Socket): void {
    const reader = new MessageReader();
    this.#connections.add(socket);
    socket.setTimeout(idleConnectionMs, () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    // A client that goes away in the middle leaves nothing to do.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk)) void this.#answerTcp(message, socket);
    });
  }

  async #answerTcp(message: Uint8Array, socket: Socket): Promise<void> {
    const answer = await this.#answer(message, socket.remoteAddress ?? '', 'tcp');
    if (answer !== undefined && socket.writable) socket.write(framed(answer));
  }

  async #answer(message: Uint8Array, source: string, transport: Transport): Promise<Uint8Array | undefined> {
    const parsed = parseQuery(message);
    if (parsed.kind === 'ignored') return undefined;
    if (parsed.kind === 'bad') return encodeBadQuery(parsed.id, parsed.code);
    try {
      return await this.#answerQuery(parsed.query, message, source, transport);
    } catch (error) {
      // One odd question must not end the agent.
      this.#ports.logger.warn({ error: sentenceOf(error) }, 'a DNS question could not be answered');
      return encodeBadQuery(parsed.query.id, responseCodes.serverFailure);
    }
  }

  async #answerQuery(query: DnsQuery, message: Uint8Array, source: string, transport: Transport): Promise<Uint8Array> {
    const asker = this.#ports.askerOf(source);
    if (asker === undefined) return encodeFailure(query, responseCodes.refused);
    const answer = answerOf(asker.tables, query.question, this.#turn++);
    if (answer.kind !== 'forward') return transport === 'udp' ? encodeUdpAnswer(query, answer) : encodeAnswer(query, answer);
    const servers = asker.servers.length > 0 ? asker.servers : await this.#ports.hostResolvers();
    return (await this.#ports.forwarder.forward(message, servers, transport)) ?? encodeFailure(query, responseCodes.serverFailure);
  }
}
