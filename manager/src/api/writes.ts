import { createHash } from 'node:crypto';
import {
  type Audit,
  type Clock,
  decode,
  type Expectation,
  emptyMeta,
  encode,
  type Messages,
  type StoreAction,
  sentenceOf,
  TsoError,
} from '@tso/proto';
import { type CallContext, Control } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { expectationsOf } from '../replication/expectations.ts';
import type { Proposer } from '../replication/proposer.ts';
import { auditBy } from './audit.ts';
import type { CalledBy } from './caller.ts';
import { type AskedOnce, keyProblem, refuseOther } from './idempotency-rules.ts';

export interface WritesPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  /** Of the node whose manager takes the requests. */
  readonly nodeId: string;
}

/** The rpcs of Control that change the store; each answers with the version of its change. */
type Write =
  | 'applyStack'
  | 'removeStack'
  | 'scaleServices'
  | 'rebalanceServices'
  | 'updateService'
  | 'changeServices'
  | 'createNetwork'
  | 'removeNetwork'
  | 'putConfig'
  | 'removeConfig'
  | 'putSecret'
  | 'removeSecret'
  | 'updateNode'
  | 'removeNode';

/** Those that are wishes among those of stacks: one after the other, since each may rely on what the others left (`inTurn`). */
export type Wish = Exclude<Write, 'putConfig' | 'putSecret' | 'updateNode' | 'removeNode'>;

export type ReplyTo<W extends Write> = Messages[(typeof Control)[W]['response']];

/** Who asks for what. */
export interface Asked<W extends Write> {
  readonly context: CalledBy;
  readonly method: W;
  readonly request: Messages[(typeof Control)[W]['request']];
  /** What it is about, in words: stack visits. */
  readonly target: string;
}

/** What becomes of it, decided on what the store shows. */
export interface Decided<W extends Write> {
  /** None: all is as asked already. */
  readonly actions: readonly StoreAction[];
  /** What must not have changed meanwhile. @default the objects that the actions change */
  readonly expect?: readonly Expectation[];
  /** Its version is filled in. */
  readonly reply: Omit<ReplyTo<W>, 'version'>;
}

/** As `Writes.once`, in the order of all wishes. One that is accepted at this moment, and that this one counts on, makes it decide again. */
export type WriteWish<W extends Wish> = <V extends W>(
  asked: Asked<V> & { readonly context: CallContext },
  decide: () => Decided<V>,
) => Promise<ReplyTo<V>>;

export interface WriteOptions {
  /** Does not read the store: it is not made fresh before. */
  readonly isBlind?: boolean;
  /** How often it is decided anew when others were faster. */
  readonly attempts?: number;
}

/** Every write that somebody asks for: who it was goes with it into the log, and what a key was answered with is answered again. */
export class Writes {
  readonly #ports: WritesPorts;
  readonly #auditOf: (call: CalledBy, method: string, target: string) => Audit;

  constructor(ports: WritesPorts) {
    this.#ports = ports;
    this.#auditOf = auditBy(ports.nodeId);
  }

  /**
   * Decides and writes; decides anew when an expectation did not hold. With an idempotency key the answer is stored in the same transaction:
   * asked again, whoever of the managers is, nothing is done a second time. Errors of `decide` and `propose`; INVALID_ARGUMENT: the key;
   * RESOURCE_EXHAUSTED: more keys than are kept.
   */
  async once<W extends Write>(
    asked: Asked<W>,
    decide: () => Decided<W> | Promise<Decided<W>>,
    { isBlind = false, attempts = limits.conflictRetries }: WriteOptions = {},
  ): Promise<ReplyTo<W>> {
    const { proposer, clock } = this.#ports;
    const audit = this.#auditOf(asked.context, Control[asked.method].path, asked.target);
    const key = keyOf(asked, audit);
    for (let attempt = 1; ; attempt++) {
      // A view that lags would refuse what is possible, or decide again on what just lost the race.
      if (!isBlind || key !== undefined) await proposer.fresh();
      const known = key && this.#known(key, asked.method);
      if (known !== undefined) return known;
      if (key !== undefined && proposer.view.table('request').size >= limits.requests.most) throw tooManyKept();
      const decided = await this.#unlessKnown(decide, key, asked.method);
      if ('answer' in decided) return decided.answer;
      const { actions, expect, reply } = decided;
      if (actions.length === 0 && key === undefined) return withVersion(reply, proposer.view.index);
      const remembered = key === undefined ? [] : [rememberedAs(key, asked.method, reply)];
      try {
        const { index } = await proposer.propose({
          actions: [...actions, ...remembered],
          // First: that the request itself was faster, sent another way, explains what else is not as expected.
          expect: [...(key === undefined ? [] : [neverAsked(key)]), ...(expect ?? expectationsOf(proposer.view, actions))],
          atMs: clock.now(),
          origin: 'api',
          audit,
        });
        return withVersion(reply, index);
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'CONFLICT') throw error;
        const isMade = key !== undefined && error.details.kind === 'request';
        const answer = isMade ? await this.#madeAlready(key, asked.method) : undefined;
        if (answer !== undefined) return answer;
        if (!isMade && attempt >= attempts) throw error;
      }
    }
  }

  /** What `decide` refuses may be what the request itself, sent another way, did while it was thought over. */
  async #unlessKnown<W extends Write>(
    decide: () => Decided<W> | Promise<Decided<W>>,
    key: AskedOnce | undefined,
    method: W,
  ): Promise<Decided<W> | { readonly answer: ReplyTo<W> }> {
    try {
      return await decide();
    } catch (error) {
      const answer = key && this.#known(key, method);
      if (answer === undefined) throw error;
      return { answer };
    }
  }

  /** The request itself was faster, sent another way: that its answer cannot be read just now does not undo it. */
  async #madeAlready<W extends Write>(asked: AskedOnce, method: W): Promise<ReplyTo<W> | undefined> {
    try {
      await this.#ports.proposer.fresh();
    } catch (error) {
      throw new TsoError('UNAVAILABLE', `the change was made, and its answer cannot be read just now: ${sentenceOf(error)}`, {
        hint: 'Ask again in a moment',
        details: { outcome: 'unknown' },
        cause: error,
      });
    }
    return this.#known(asked, method);
  }

  #known<W extends Write>(asked: AskedOnce, method: W): ReplyTo<W> | undefined {
    const known = this.#ports.proposer.view.request(asked.key);
    if (known === undefined) return undefined;
    refuseOther(known, asked);
    const reply = decode(Control[method].response, known.reply) as ReplyTo<W>;
    return withVersion(reply, known.meta.version);
  }
}

/** A reply cannot know the version before it is written, nor be stored with it. */
const withVersion = <W extends Write>(reply: Omit<ReplyTo<W>, 'version'>, version: number): ReplyTo<W> =>
  ({ ...reply, version }) as ReplyTo<W>;

const keyOf = <W extends Write>({ method, request }: Asked<W>, { requestId, actor, role }: Audit): AskedOnce | undefined => {
  if (requestId === '') return undefined;
  const problem = keyProblem(requestId);
  if (problem !== undefined) throw problem;
  const { path, request: type } = Control[method];
  const digest = createHash('sha256')
    .update(JSON.stringify([path, role, actor]))
    .update(encode(type, request as never))
    .digest('hex');
  return { key: requestId, method: path, digest };
};

const rememberedAs = <W extends Write>({ key, method, digest }: AskedOnce, write: W, reply: Omit<ReplyTo<W>, 'version'>): StoreAction => {
  const bytes = encode(Control[write].response, withVersion(reply, 0) as never);
  return { putRequest: { id: key, meta: emptyMeta, method, reply: bytes, requestDigest: digest } };
};

/** Nobody's answer is forgotten for it while he may still ask again. */
const tooManyKept = (): TsoError => {
  const why = `the answers to ${limits.requests.most} requests are kept for those who may ask again, and no more`;
  return new TsoError('RESOURCE_EXHAUSTED', why, { hint: 'Try again in a minute', details: { outcome: 'refused' } });
};

const neverAsked = ({ key }: AskedOnce): Expectation => ({ kind: 'request', id: key, version: 0 });
