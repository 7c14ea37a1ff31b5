import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import type { Clock } from '@tso/proto';
import { framed, MessageReader } from './dns-framing.ts';
import type { DnsQuery } from './dns-message.ts';
import { answersQuery, incoming, isSettled, isTruncated, outgoing } from './dns-relay.ts';

/** How long a resolver is waited for before the next one is asked too. */
const patienceMs = 1_000;
/** A question is given up after this; the resolver library of a client waits five seconds (resolv.conf(5), timeout). */
const giveUpMs = 4_000;
const maxServers = 3;

/**
 * Questions under way at once, of one task and of all. One that asks more itself gets SERVFAIL; when all together do, whoever has most under way loses
 * its oldest question to the new one: those that ask without end leave the others their part.
 */
export const forwardLimits = { all: 1_024, each: 256 } as const;

export interface ForwardedQuestion {
  readonly message: Uint8Array;
  readonly query: DnsQuery;
  /** Tried in this order. */
  readonly servers: readonly string[];
  readonly transport: 'udp' | 'tcp';
  /** Who asks: what is under way is counted for each. */
  readonly asker: string;
}

interface Sent {
  readonly bytes: Uint8Array;
  readonly questionEnd: number;
}

interface Attempt {
  readonly answer: Promise<Uint8Array | undefined>;
  cancel(): void;
}

/** Each question has a socket, hence a source port, of its own, and a random id: a forged answer has to guess both (RFC 5452). */
const askUdp = (server: string, port: number, { bytes, questionEnd }: Sent): Attempt => {
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
    if (answersQuery(message, bytes, questionEnd)) end(message);
  });
  socket.once('connect', () => socket?.send(bytes));
  // No callback: it would be handed a failure to connect, which then reaches nobody else.
  socket.connect(port, server);
  return { answer: promise, cancel: () => end(undefined) };
};

const askTcp = (server: string, port: number, { bytes, questionEnd }: Sent): Attempt => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const reader = new MessageReader();
  const socket = connect({ host: server, port });
  const end = (answer: Uint8Array | undefined): void => {
    socket.destroy();
    resolve(answer);
  };
  socket.on('connect', () => socket.write(framed(bytes)));
  socket.on('error', () => end(undefined));
  socket.on('close', () => end(undefined));
  socket.on('data', (chunk) => {
    const answer = reader.push(chunk)?.find((message) => answersQuery(message, bytes, questionEnd));
    if (answer !== undefined) end(answer);
  });
  return { answer: promise, cancel: () => end(undefined) };
};

/** Asks resolvers for names that are not ours. */
export class DnsForwarder {
  readonly #port: number;
  readonly #clock: Clock;
  /** How questions under way are given up, of each asker the oldest first. */
  readonly #underWay = new Map<string, Set<() => void>>();

  constructor(options: { /** @default 53 */ readonly port?: number }, ports: { readonly clock: Clock }) {
    this.#port = options.port ?? 53;
    this.#clock = ports.clock;
  }

  /**
   * The answer of the first resolver that settles it, with the question's own id and letters; a failure when that is all they say; undefined when
   * none answers in time or it had to make room. Bounded by four seconds.
   */
  async forward(question: ForwardedQuestion): Promise<Uint8Array | undefined> {
    const { message, query, asker } = question;
    if ((this.#underWay.get(asker)?.size ?? 0) >= forwardLimits.each) return undefined;
    this.#makeRoom();
    const sent = { bytes: outgoing(message, query, randomInt(0x1_0000)), questionEnd: query.questionEnd };
    const answer = await this.#race(sent, question.servers.slice(0, maxServers), question.transport, asker);
    return answer === undefined ? undefined : incoming(answer, message, query);
  }

  stop(): void {
    for (const cancels of [...this.#underWay.values()]) for (const cancel of [...cancels]) cancel();
  }

  /** Gives up a question where there are as many as there may be. */
  #makeRoom(): void {
    const all = [...this.#underWay.values()];
    if (all.reduce((sum, { size }) => sum + size, 0) < forwardLimits.all) return;
    const [oldest] = all.reduce((most, cancels) => (cancels.size > most.size ? cancels : most));
    oldest?.();
  }

  /** Counts a question of an asker as under way; the way to have it forgotten. */
  #begin(asker: string, cancel: () => void): () => void {
    const cancels = this.#underWay.get(asker) ?? new Set();
    this.#underWay.set(asker, cancels.add(cancel));
    return () => {
      cancels.delete(cancel);
      if (cancels.size === 0) this.#underWay.delete(asker);
    };
  }

  /** Over UDP first also for a client on TCP: not every resolver has TCP; a truncated answer is asked for again. */
  #race(sent: Sent, servers: readonly string[], transport: 'udp' | 'tcp', asker: string): Promise<Uint8Array | undefined> {
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
      forget();
      for (const attempt of attempts) attempt.cancel();
      resolve(answer);
    };
    const follow = (server: string, attempt: Attempt, mayRetry: boolean): void => {
      attempts.push(attempt);
      open += 1;
      void attempt.answer.then((answer) => {
        open -= 1;
        if (done) return;
        if (answer !== undefined && isTruncated(answer) && mayRetry) {
          // Should TCP fail, the part that came is better than nothing.
          unsettled = answer;
          return follow(server, askTcp(server, this.#port, sent), false);
        }
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
      follow(server, askUdp(server, this.#port, sent), transport === 'tcp');
    };
    const forget = this.#begin(asker, () => finish(undefined));
    const cancelDeadline = this.#clock.setTimer(giveUpMs, () => finish(unsettled));
    if (servers.length === 0) finish(undefined);
    else askNext();
    return promise;
  }
}
