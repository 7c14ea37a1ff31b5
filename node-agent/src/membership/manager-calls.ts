import { type Clock, type Logger, sentenceOf, TsoError, toTsoError } from '@tso/proto';
import { Ca, type RpcChannel, type RpcClient, saidByPeer } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { patiently } from '../task/patience.ts';
import type { Target, Ways } from './connect-plan.ts';

export interface ManagerCallsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ways: () => Ways;
  /** A connection to that manager, with this node's certificate. */
  readonly connect: (target: Target) => RpcChannel;
  /** The manager at that address answers. */
  readonly onAnswer: (address: string) => void;
}

const finalCodes = ['INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'PERMISSION_DENIED', 'CONFLICT', 'NOT_FOUND'];

/** Whether a manager said it, and another one would say the same: what is asked is wrong, or this node is. */
const isFinal = (error: TsoError): boolean => saidByPeer(error) && finalCodes.includes(error.code);

const targets = ({ own, ownAddress, addresses }: Ways): readonly Target[] => [
  // By TLS first: at its own socket a manager sees no certificate, and takes the caller for an operator.
  ...[...addresses]
    .sort((a, b) => Number(b === ownAddress) - Number(a === ownAddress))
    .map((address) => ({ kind: 'address', address }) as const),
  ...(own ? [{ kind: 'own' } as const] : []),
];

/** Single questions of this node about itself, each to one manager after the other until one answers. */
export class ManagerCalls {
  readonly #ports: ManagerCallsPorts;
  readonly #channels = new Set<RpcChannel>();
  #closed = false;

  constructor(ports: ManagerCallsPorts) {
    this.#ports = ports;
  }

  open(): void {
    this.#closed = false;
  }

  /** Whoever waits for an answer gets none. */
  close(): void {
    this.#closed = true;
    for (const channel of this.#channels) channel.destroy();
  }

  /** The first answer. UNAVAILABLE: nobody answered, with what each said; what a manager refused is thrown as it was said. */
  async ask<T>(question: (ca: RpcClient<typeof Ca>, deadlineMs: number) => Promise<T>): Promise<T> {
    const failures: string[] = [];
    for (const target of targets(this.#ports.ways())) {
      if (this.#closed) break;
      try {
        const answer = await this.#askOne(target, question);
        if (target.kind === 'address') this.#ports.onAnswer(target.address);
        return answer;
      } catch (thrown) {
        const error = toTsoError(thrown);
        if (isFinal(error)) throw error;
        failures.push(`${target.kind === 'own' ? 'the manager of this node' : target.address}: ${sentenceOf(error)}`);
        this.#ports.logger.debug({ error: sentenceOf(error), target }, 'a manager did not answer');
      }
    }
    throw new TsoError('UNAVAILABLE', `no manager of the cluster answers (${failures.join('; ') || 'none is known'})`, {
      hint: 'See that a manager runs and is reached from here',
    });
  }

  async #askOne<T>(target: Target, question: (ca: RpcClient<typeof Ca>, deadlineMs: number) => Promise<T>): Promise<T> {
    const channel = this.#ports.connect(target);
    this.#channels.add(channel);
    try {
      const answer = question(channel.client(Ca), limits.managerCallMs);
      // A host that says nothing does not even connect, which a deadline of the call alone would notice as late.
      return await patiently(answer, { what: 'the question to a manager', limitMs: limits.managerCallMs }, this.#ports.clock);
    } finally {
      this.#channels.delete(channel);
      channel.destroy();
    }
  }
}
