import type { RpcChannel } from '@tso/proto/rpc';
import type { Target } from './connect-plan.ts';

/** A connection to one manager, which may serve several attempts at a session one after the other. */
export class ManagerConnection {
  readonly channel: RpcChannel;
  /** Resolves once it is known that somebody is there, and who. */
  readonly answered: Promise<void>;
  readonly #target: Target;

  /** @param connect as `SessionPorts.connect`; throws as that does */
  constructor(target: Target, connect: (target: Target, onSocket: () => void) => RpcChannel) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#target = target;
    this.answered = promise;
    this.channel = connect(target, resolve);
  }

  isTo(target: Target): boolean {
    if (target.kind === 'own') return this.#target.kind === 'own';
    return this.#target.kind === 'address' && this.#target.address === target.address;
  }

  /** A connection to a host that says nothing would stay for as long as it does so: that one is ended at once. */
  end(when: 'at once' | 'when its calls have'): void {
    if (when === 'at once') this.channel.destroy();
    else this.channel.close();
  }
}
