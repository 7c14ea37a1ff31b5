import { TsoError, type TsoErrorOptions } from '../errors.ts';
import { headerNames } from '../header-names.ts';
import type { Clock, Random } from '../ports.ts';
import { type Duplex, type Keepalive, type RpcCallOptions, RpcChannel, type RpcClient } from './client.ts';
import { LateDuplex } from './late-duplex.ts';
import type { Method, Methods } from './method.ts';
import { neverSent, saidByPeer } from './status.ts';
import type { TlsMaterial } from './tls.ts';
import { type ExpectedPeer, isLocal } from './tls-credentials.ts';

export interface ClusterChannelLimits {
  /** A manager that has not answered the connection by then is tried beside the next one. */
  readonly nextAfterMs: number;
  /** Nobody has answered by then: nobody can be reached. */
  readonly connectWithinMs: number;
  /** A call that managers refuse for the moment is tried again for this long; they have waited for a leader themselves. */
  readonly patienceMs: number;
  /** One whose answer was lost, and that may be repeated, for this long: its caller wants to know what became of it. */
  readonly lostPatienceMs: number;
  /** Between two rounds over all managers; doubles each time, with jitter. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const clusterChannelLimits: ClusterChannelLimits = {
  nextAfterMs: 250,
  connectWithinMs: 5_000,
  patienceMs: 2_000,
  lostPatienceMs: 10_000,
  firstPauseMs: 50,
  longestPauseMs: 1_000,
};

export interface ClusterChannelOptions {
  /** Where managers are, the best first: `unix:/path` or host:port. Asked anew for every call; at least one. */
  readonly addresses: () => readonly string[];
  readonly tls?: TlsMaterial;
  /** @default any manager of the own cluster */
  readonly expect?: ExpectedPeer;
  readonly limits?: Partial<ClusterChannelLimits>;
}

export interface ClusterChannelPorts {
  readonly clock: Clock;
  readonly random: Random;
}

type Failures = Map<string, TsoError>;
type UnaryMethods = Readonly<Record<'call', Method & { readonly kind: 'unary' }>>;
type StreamMethods = Readonly<Record<'call', Method & { readonly kind: 'server-stream' }>>;
type BidiMethods = Readonly<Record<'call', Method & { readonly kind: 'bidi' }>>;

/** A host that vanishes without a word is noticed, so that another one is asked. */
const keepalive: Keepalive = { everyMs: 5_000, answerWithinMs: 5_000 };

/** Nobody could be reached, so nothing was done. */
const unreachable = (failures: Failures): TsoError => {
  const reasons = [...failures].map(([address, error]) => `${address}: ${error.message}`);
  return new TsoError('UNAVAILABLE', `cannot reach a manager (${reasons.join('; ')})`, {
    hint: 'Check that the managers run and that this host may reach their port',
    details: { reason: 'unreachable', outcome: 'refused', addresses: [...failures.keys()] },
  });
};

/** What may become of a call that is made twice: nothing, the same as of one, or twice as much. */
type Sort = 'read' | 'keyed write' | 'write';

const didNothing = (error: TsoError): boolean => neverSent(error) || (saidByPeer(error) && error.details.outcome !== 'unknown');

/** A call that did nothing, or that is the same done twice as done once. */
const mayTryAgain = (error: TsoError, sort: Sort): boolean => error.code === 'UNAVAILABLE' && (sort !== 'write' || didNothing(error));

/** Whether a unary method only reads, by its name, as the .proto has it: what gets or lists something changes nothing. */
export const changesNothing = ({ path }: Method): boolean => /\/(?:Get|List|Top|Check)/.test(path);

/** A manager could not do it just now, which says nothing of an attempt before that. */
const isForNow = ({ code }: TsoError): boolean => code === 'UNAVAILABLE' || code === 'RESOURCE_EXHAUSTED' || code === 'DEADLINE_EXCEEDED';

/**
 * A write whose answer did not come, however often it was asked for: the caller has to look what became of it.
 * @param isLost an attempt before this one may have done it
 */
const asFinal = (error: TsoError, sort: Sort, isLost: boolean): TsoError => {
  const isAnswered = (saidByPeer(error) || neverSent(error)) && !(isLost && isForNow(error));
  if (sort === 'read' || isAnswered) return error;
  const options: TsoErrorOptions = { details: { ...error.details, outcome: 'unknown' }, cause: error };
  return new TsoError(error.code, `the answer was lost, what became of the request is not known: ${error.message}`, options);
};

/**
 * Calls to a cluster by way of whichever manager answers. A unary call goes to another one when it did nothing, or when it can do no harm
 * twice: reads, and writes with an idempotency key. A stream goes to one that answers, and ends with it.
 */
export class ClusterChannel {
  readonly #options: ClusterChannelOptions;
  readonly #ports: ClusterChannelPorts;
  readonly #limits: ClusterChannelLimits;
  readonly #channels = new Map<string, RpcChannel>();
  #preferred: string | undefined;
  #closed = false;

  constructor(options: ClusterChannelOptions, ports: ClusterChannelPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#limits = { ...clusterChannelLimits, ...options.limits };
  }

  /** Who answered last. */
  get address(): string | undefined {
    return this.#preferred;
  }

  client<S extends Methods>(methods: S): RpcClient<S> {
    return Object.fromEntries(
      Object.entries(methods).map(([name, method]) => {
        switch (method.kind) {
          case 'unary':
            return [name, (request: object, options?: RpcCallOptions) => this.#unary(method, request, options)];
          case 'server-stream':
            return [name, (request: object, options?: RpcCallOptions) => this.#serverStream(method, request, options)];
          case 'client-stream':
          case 'bidi':
            return [name, (options?: RpcCallOptions) => this.#bidi(method, options)];
          default:
            return method.kind satisfies never;
        }
      }),
    ) as unknown as RpcClient<S>;
  }

  close(): void {
    this.#closed = true;
    for (const channel of this.#channels.values()) channel.destroy();
    this.#channels.clear();
  }

  #unary(method: Method, request: object, options: RpcCallOptions = {}): Promise<object> {
    const isKeyed = options.headers?.[headerNames.idempotencyKey] !== undefined;
    const sort = changesNothing(method) ? 'read' : isKeyed ? 'keyed write' : 'write';
    const calls = { call: method } as unknown as UnaryMethods;
    return this.#persistently(sort, options.signal, (channel) => channel.client(calls).call(request, options));
  }

  async *#serverStream(method: Method, request: object, options: RpcCallOptions = {}): AsyncIterable<object> {
    const calls = { call: method } as unknown as StreamMethods;
    // Streams of this kind change nothing, and before the first message nobody has seen anything of one.
    const { first, rest } = await this.#persistently('read', options.signal, async (channel) => {
      const messages = channel.client(calls).call(request, options)[Symbol.asyncIterator]();
      return { first: await messages.next(), rest: messages };
    });
    try {
      for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
    } finally {
      await rest.return?.();
    }
  }

  /** What is sent cannot be sent again: to one that answers, and to no other. */
  #bidi(method: Method, options: RpcCallOptions = {}): Duplex<object, object> {
    const calls = { call: method } as unknown as BidiMethods;
    const begin = async () => {
      const failures: Failures = new Map();
      const channel = await this.#connected(failures, options.signal);
      if (channel === undefined) throw unreachable(failures);
      return channel.client(calls).call(options);
    };
    return new LateDuplex(begin());
  }

  /** Calls one manager after the other, and all of them again after a pause, until one has done it or time is up. */
  async #persistently<T>(sort: Sort, signal: AbortSignal | undefined, call: (channel: RpcChannel) => Promise<T>): Promise<T> {
    const beganMs = this.#ports.clock.monotonic();
    const { patienceMs, lostPatienceMs } = this.#limits;
    let isLost = false;
    let failure: TsoError | undefined;
    for (let round = 0; ; round += 1) {
      const failures: Failures = new Map();
      for (;;) {
        const channel = await this.#connected(failures, signal);
        if (channel === undefined) break;
        try {
          return await call(channel);
        } catch (error) {
          if (!(error instanceof TsoError)) throw error;
          if (!mayTryAgain(error, sort)) throw asFinal(error, sort, isLost);
          failure = error;
          isLost ||= !didNothing(error);
          this.#failed(channel, error, failures);
        }
      }
      if (signal?.aborted === true) throw new TsoError('CANCELLED', 'the call was taken back');
      if (failure === undefined) throw unreachable(failures);
      if (this.#ports.clock.monotonic() - beganMs >= (isLost ? lostPatienceMs : patienceMs)) throw asFinal(failure, sort, isLost);
      await this.#pause(round, signal);
    }
  }

  /** The first of them that answers the connection, of those that have not failed; undefined: none does, `failures` says why. */
  async #connected(failures: Failures, signal: AbortSignal | undefined): Promise<RpcChannel | undefined> {
    const order = this.#order().filter((address) => !failures.has(address));
    const { clock } = this.#ports;
    const found = Promise.withResolvers<RpcChannel | undefined>();
    const pending = new Set<RpcChannel>();
    let cancelNext: () => void = () => undefined;
    const beginNext = (): void => {
      cancelNext();
      const address = order.shift();
      if (address === undefined) {
        if (pending.size === 0) found.resolve(undefined);
        return;
      }
      const channel = this.#channel(address);
      pending.add(channel);
      channel.ready().then((error) => {
        if (!pending.delete(channel)) return;
        if (error === undefined) return found.resolve(channel);
        this.#failed(channel, error, failures);
        beginNext();
      }, found.reject);
      if (order.length > 0) cancelNext = clock.setTimer(this.#limits.nextAfterMs, beginNext);
    };
    const { connectWithinMs } = this.#limits;
    const giveUp = () => found.resolve(undefined);
    const cancelEnd = clock.setTimer(connectWithinMs, giveUp);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    else beginNext();
    const channel = await found.promise;
    cancelNext();
    cancelEnd();
    signal?.removeEventListener('abort', giveUp);
    const late = `does not answer within ${connectWithinMs / 1_000} s`;
    const slow = [...pending];
    pending.clear();
    // Those that are only slower than the one that answered may be asked later.
    if (channel === undefined) for (const it of slow) this.#failed(it, new TsoError('UNAVAILABLE', late), failures);
    if (channel !== undefined) this.#preferred = channel.address;
    return channel;
  }

  #order(): readonly string[] {
    const addresses = [...new Set(this.#options.addresses())];
    const preferred = this.#preferred;
    return preferred !== undefined && addresses.includes(preferred)
      ? [preferred, ...addresses.filter((it) => it !== preferred)]
      : addresses;
  }

  #channel(address: string): RpcChannel {
    const known = this.#channels.get(address);
    if (known !== undefined) return known;
    const { tls, expect } = this.#options;
    const channel = new RpcChannel(address, {
      ...(tls === undefined || isLocal(address) ? {} : { tls, keepalive }),
      ...(expect === undefined ? {} : { expect }),
    });
    if (this.#closed) channel.destroy();
    else this.#channels.set(address, channel);
    return channel;
  }

  /** Who could not be reached, or was lost, is connected to anew; who answered is kept, but not preferred. */
  #failed(channel: RpcChannel, error: TsoError, failures: Failures): void {
    failures.set(channel.address, error);
    if (this.#preferred === channel.address) this.#preferred = undefined;
    if (saidByPeer(error)) return;
    this.#channels.delete(channel.address);
    channel.destroy();
  }

  async #pause(round: number, signal: AbortSignal | undefined): Promise<void> {
    const { firstPauseMs, longestPauseMs } = this.#limits;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** round) * (0.5 + this.#ports.random.number() / 2);
    const over = Promise.withResolvers<void>();
    const cancel = this.#ports.clock.setTimer(pauseMs, over.resolve);
    const onAbort = () => over.resolve();
    signal?.addEventListener('abort', onAbort, { once: true });
    await over.promise;
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
