import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import type { Clock } from '@tso/proto';
import { answersQuery, framed, isSettled, isTruncated, MessageReader, messageId, withMessageId } from './dns-message.ts';

/** How long a resolver is waited for before the next one is asked too. */
const patienceMs = 1_000;
/** A question is given up after this; the resolver library of a client waits five seconds (resolv.conf(5), timeout). */
const giveUpMs = 4_000;
const maxServers = 3;
/** Questions under way at once; more get SERVFAIL. */
const maxUnderWay = 500;

interface Attempt {
  readonly answer: Promise<Uint8Array | undefined>;
  cancel(): void;
}

/** Each question has a socket, hence a source port, of its own, and a random id: a forged answer has to guess both (RFC 5452). */
const askUdp = (server: string, port: number, query: Uint8Array): Attempt => {
  let socket: Socket | undefined = createSocket(server.includes(':') ? 'udp6' : 'udp4');
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const end = (answer: Uint8Array | undefined): void => {
    socket?.close();
    socket = undefined;
    resolve(answer);
  };
  // Refused or unreachable: the next resolver is asked.
  socket.on('error', () => end(undefined));
  socket.on('message', (message) => {
    if (answersQuery(message, query)) end(message);
  });
  socket.once('connect', () => socket?.send(query));
  // No callback: it would be handed a failure to connect, which then reaches nobody else.
  socket.connect(port, server);
  return { answer: promise, cancel: () => end(undefined) };
};

const askTcp = (server: string, port: number, query: Uint8Array): Attempt => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const reader = new MessageReader();
  const socket = connect({ host: server, port });
  const end = (answer: Uint8Array | undefined): void => {
    socket.destroy();
    resolve(answer);
  };
  socket.on('connect', () => socket.write(framed(query)));
  socket.on('error', () => end(undefined));
  socket.on('close', () => end(undefined));
  socket.on('data', (chunk) => {
    const answer = reader.push(chunk).find((message) => answersQuery(message, query));
    if (answer !== undefined) end(answer);
  });
  return { answer: promise, cancel: () => end(undefined) };
};

/** Asks resolvers for names that are not ours. */
export class DnsForwarder {
  readonly #port: number;
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();

  constructor(options: { /** @default 53 */ readonly port?: number }, ports: { readonly clock: Clock }) {
    this.#port = options.port ?? 53;
    this.#clock = ports.clock;
  }

  /** The answer of the first resolver that settles it, with the query's own id; undefined when none answers in time. Bounded by four seconds. */
  async forward(query: Uint8Array, servers: readonly string[], transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> {
    if (this.#cancels.size >= maxUnderWay) return undefined;
    const renamed = withMessageId(query, randomInt(0x1_0000));
    const answer = await this.#race(renamed, servers.slice(0, maxServers), transport);
    return answer === undefined ? undefined : withMessageId(answer, messageId(query));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }

  /** Over UDP first also for a client on TCP: not every resolver has TCP; a truncated answer is asked for again. */
  #race(query: Uint8Array, servers: readonly string[], transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    const attempts: Attempt[] = [];
    let unsettled: Uint8Array | undefined;
    let next = 0;
    let open = 0;
    let done = false;
    let cancelPatience = (): void => undefined;
    const finish = (answer: Uint8Array | undefined): void => {
      if (done) return;
      done = true;
      cancelPatience();
      cancelDeadline();
      this.#cancels.delete(cancel);
      for (const attempt of attempts) attempt.cancel();
      resolve(answer);
    };
    const follow = (server: string, attempt: Attempt, mayRetry: boolean): void => {
      attempts.push(attempt);
      open += 1;
      void attempt.answer.then((answer) => {
        open -= 1;
        if (done) return;
        if (answer !== undefined && isTruncated(answer) && mayRetry) return follow(server, askTcp(server, this.#port, query), false);
        if (answer !== undefined && isSettled(answer)) return finish(answer);
        unsettled ??= answer;
        if (next < servers.length) return askNext();
        if (open === 0) finish(unsettled);
      });
    };
    const askNext = (): void => {
      cancelPatience();
      const server = servers[next];
      if (server === undefined) return;
      next += 1;
      cancelPatience = this.#clock.setTimer(patienceMs, askNext);
      follow(server, askUdp(server, this.#port, query), transport === 'tcp');
    };
    const cancel = (): void => finish(undefined);
    const cancelDeadline = this.#clock.setTimer(giveUpMs, () => finish(unsettled));
    this.#cancels.add(cancel);
    if (servers.length === 0) finish(undefined);
    else askNext();
    return promise;
  }
}
