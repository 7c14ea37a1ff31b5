import { type Clock, sentenceOf, TsoError } from '@tso/proto';
import {
  type CallContext,
  type Control as ControlService,
  type Duplex,
  neverSent,
  type RpcCallOptions,
  type RpcClient,
  saidByPeer,
} from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { checkAsksForSomebody, isPassedOn, passedOnHeaders } from './caller.ts';
import { Rewindable } from './rewindable.ts';

/** The leader, from another manager. */
export interface DistantLeader {
  readonly raftId: number;
  readonly control: RpcClient<typeof ControlService>;
}

export interface ForwardPorts {
  readonly clock: Clock;
  /** Aborted when the manager stops. */
  readonly stopping: AbortSignal;
  /** There while this manager carries the streams to tasks; aborted when its term of office ends. */
  readonly office: () => AbortSignal | undefined;
  /** Who leads, after a while for an election. UNAVAILABLE: nobody. */
  readonly leader: () => Promise<'here' | DistantLeader>;
}

/** One call, done here or by the leader. */
export interface Ways<Here, There> {
  /** By this manager, until the signal. */
  readonly here: Here;
  /** By the leader, with these options. */
  readonly there: There;
}

type StreamWays<T> = Ways<
  (signal: AbortSignal) => AsyncIterable<T>,
  (control: DistantLeader['control'], options: RpcCallOptions) => AsyncIterable<T>
>;
type DuplexWays<In, Out> = Ways<
  (requests: AsyncIterable<In>, signal: AbortSignal) => AsyncIterable<Out>,
  (control: DistantLeader['control'], options: RpcCallOptions) => Duplex<In, Out>
>;
type UnaryWays<T> = Ways<(signal: AbortSignal) => Promise<T>, (control: DistantLeader['control'], options: RpcCallOptions) => Promise<T>>;

const refused = (message: string): TsoError =>
  new TsoError('UNAVAILABLE', message, { hint: 'Try again in a moment', details: { outcome: 'refused' } });

/** The call did nothing: refused by who does not lead any more, or never heard of. */
const certainlyNotMade = (error: unknown): error is TsoError =>
  error instanceof TsoError && error.code === 'UNAVAILABLE' && (error.details.outcome === 'refused' || neverSent(error));

/** Nothing was answered, and asking twice does no harm. What the leader itself says is its answer. */
const mayReadAgain = (error: unknown): boolean =>
  certainlyNotMade(error) || (error instanceof TsoError && error.code === 'UNAVAILABLE' && !saidByPeer(error));

/** The leader's own words, or ours when it was lost. */
const broken = (error: unknown, raftId: number): unknown => {
  if (!(error instanceof TsoError) || saidByPeer(error) || error.code !== 'UNAVAILABLE') return error;
  return new TsoError('UNAVAILABLE', `the stream broke off: manager ${raftId}, which led and carried it, is lost (${sentenceOf(error)})`, {
    hint: 'Ask again: another manager takes over',
    details: { outcome: 'unknown' },
    cause: error,
  });
};

/**
 * Calls that only the leader can serve, since the agents are connected to it: served here when this manager leads, else passed on, once,
 * to the one that does. A call that was passed on already is not passed on again: it is refused, and who sent it here looks anew for the
 * leader. Frames go at the pace of the slower side; a caller that goes away takes the leader's part with it, and the other way round.
 */
export class Forward {
  readonly #ports: ForwardPorts;

  constructor(ports: ForwardPorts) {
    this.#ports = ports;
  }

  /** A call that reads: made again as long as nothing of its answer was given away. */
  async unary<T>(context: CallContext, ways: UnaryWays<T>): Promise<T> {
    return this.#unary(context, ways, mayReadAgain);
  }

  /** A call that does something which is not to be done twice: made again only when it certainly was not heard. */
  async deed<T>(context: CallContext, ways: UnaryWays<T>): Promise<T> {
    return this.#unary(context, ways, certainlyNotMade);
  }

  async #unary<T>(context: CallContext, { here, there }: UnaryWays<T>, mayAsk: (error: unknown) => boolean): Promise<T> {
    return this.#attempt(context, async (place) => {
      if (place.office !== undefined) return { done: await here(this.#untilEnd(context, place.office)) };
      try {
        return { done: await there(place.leader.control, this.#options(context)) };
      } catch (error) {
        return again(error, mayAsk(error), (it) => broken(it, place.leader.raftId));
      }
    });
  }

  /** A call that reads: made again as long as nothing of its answer was given away. */
  async *stream<T>(context: CallContext, { here, there }: StreamWays<T>): AsyncIterable<T> {
    yield* await this.#attempt<AsyncIterable<T>>(context, async (place) => {
      if (place.office !== undefined) return { done: this.#inOffice(context, place.office, here) };
      const wordsFor = (error: unknown): unknown => broken(error, place.leader.raftId);
      const replies = there(place.leader.control, this.#options(context))[Symbol.asyncIterator]();
      try {
        // The first answer, or the end, tells that the leader took the call.
        return { done: rest(await replies.next(), replies, wordsFor) };
      } catch (error) {
        return again(error, mayReadAgain(error), wordsFor);
      }
    });
  }

  /** A call that may change something: made again only when it certainly was not heard, with all that the caller has said. */
  async *duplex<In, Out>(context: CallContext, requests: AsyncIterable<In>, { here, there }: DuplexWays<In, Out>): AsyncIterable<Out> {
    const said = new Rewindable(requests, limits.passedOnFrames);
    yield* await this.#attempt<AsyncIterable<Out>>(context, async (place) => {
      if (place.office === undefined) return throughLeader(place.leader, said, there(place.leader.control, this.#options(context)));
      said.heard();
      return { done: this.#inOffice(context, place.office, (signal) => here(said.read(), signal)) };
    });
  }

  /** Done here, as long as this manager leads. UNAVAILABLE: it does not any more, and agents speak to another. */
  async *#inOffice<T>(context: CallContext, office: AbortSignal, serve: (signal: AbortSignal) => AsyncIterable<T>): AsyncIterable<T> {
    yield* serve(this.#untilEnd(context, office));
    if (context.signal.aborted) return;
    if (this.#ports.stopping.aborted) throw interrupted('the manager that carried it is stopping');
    if (office.aborted) throw interrupted('the manager that carried it does not lead any more');
  }

  #untilEnd({ signal }: CallContext, office: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, office, this.#ports.stopping]);
  }

  #options(context: CallContext): RpcCallOptions {
    return { headers: passedOnHeaders(context), signal: AbortSignal.any([context.signal, this.#ports.stopping]) };
  }

  /** Looks for the leader again while that may help, within a bounded time. */
  async #attempt<T>(context: CallContext, serve: (place: Place) => Promise<Attempt<T>>): Promise<T> {
    checkAsksForSomebody(context);
    const { clock } = this.#ports;
    const until = clock.monotonic() + limits.passOnPatienceMs;
    for (;;) {
      const place = await this.#place(context);
      const attempt = place instanceof TsoError ? { again: place } : await serve(place);
      if ('done' in attempt) return attempt.done;
      if (isPassedOn(context) || clock.monotonic() >= until) throw attempt.again;
      await this.#pause(context.signal);
    }
  }

  /** Where the call is to be served, or why that is not known just now. */
  async #place(context: CallContext): Promise<Place | TsoError> {
    const office = this.#ports.office();
    if (office !== undefined) return { office };
    if (isPassedOn(context)) return refused('the call was passed on to a manager that does not lead');
    try {
      const leader = await this.#ports.leader();
      return leader === 'here' ? refused('this manager was elected and is about to take over') : { office: undefined, leader };
    } catch (error) {
      if (certainlyNotMade(error)) return error;
      throw error;
    }
  }

  async #pause(caller: AbortSignal): Promise<void> {
    const { clock, stopping } = this.#ports;
    const signal = AbortSignal.any([caller, stopping]);
    await new Promise<void>((resolve) => {
      const ended = (): void => {
        cancel();
        signal.removeEventListener('abort', ended);
        resolve();
      };
      const cancel = clock.setTimer(limits.passOnAgainMs, ended);
      if (signal.aborted) ended();
      else signal.addEventListener('abort', ended, { once: true });
    });
    if (signal.aborted) throw new TsoError('CANCELLED', caller.aborted ? 'the caller went away' : 'the manager is stopping');
  }
}

type Place = { readonly office: AbortSignal } | { readonly office: undefined; readonly leader: DistantLeader };

type Attempt<T> = { readonly done: T } | { readonly again: TsoError };

/** Another attempt, when that may be; otherwise throws the failure in the words for it. */
const again = (error: unknown, allowed: boolean, wordsFor: (error: unknown) => unknown): { readonly again: TsoError } => {
  if (allowed && error instanceof TsoError) return { again: error };
  throw wordsFor(error);
};

const interrupted = (why: string): TsoError =>
  new TsoError('UNAVAILABLE', `the stream broke off: ${why}`, {
    hint: 'Ask again: another manager takes over',
    details: { outcome: 'unknown' },
  });

const throughLeader = async <In, Out>(
  { raftId }: DistantLeader,
  said: Rewindable<In>,
  call: Duplex<In, Out>,
): Promise<Attempt<AsyncIterable<Out>>> => {
  void pump(said, call);
  const replies = call[Symbol.asyncIterator]();
  const wordsFor = (error: unknown): unknown => said.failure ?? broken(error, raftId);
  try {
    const first = await replies.next();
    said.heard();
    return { done: rest(first, replies, wordsFor, () => call.cancel()) };
  } catch (error) {
    call.cancel();
    return again(error, certainlyNotMade(error) && said.canRewind && said.failure === undefined, wordsFor);
  }
};

/** What the caller says goes on to the leader until one of them ends. */
const pump = async <In>(said: Rewindable<In>, call: Duplex<In, unknown>): Promise<void> => {
  try {
    for await (const message of said.read()) await call.send(message);
    call.end();
  } catch {
    // The leader's side ended first, or the caller's stream is broken: both are seen, and said, where the replies are read.
    if (said.failure !== undefined) call.cancel();
  }
};

/** The first reply and those after it; what breaks them off in other words, and `ended` in any case. */
const rest = async function* <T>(
  first: IteratorResult<T>,
  replies: AsyncIterator<T>,
  wordsFor: (error: unknown) => unknown,
  ended: () => void = () => undefined,
): AsyncIterable<T> {
  try {
    for (let next = first; next.done !== true; next = await replies.next()) yield next.value;
  } catch (error) {
    throw wordsFor(error);
  } finally {
    await replies.return?.();
    ended();
  }
};
