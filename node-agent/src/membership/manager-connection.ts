import { formatHostPort } from '@tso/proto';
import type { RpcChannel, RpcChannelOptions } from '@tso/proto/rpc';
import type { Target } from './connect-plan.ts';

/** How far a connection has come. */
export type ConnectionStage =
  /** The host is there. */
  | 'connected'
  /** It is known who answers. */
  | 'answered';

/** What hears of it; as options of the channel. */
export type ConnectionObserver = Required<Pick<RpcChannelOptions, 'onConnect' | 'onSocket'>>;

/** Of a connection that nobody watches. */
export const nobodyWatches: ConnectionObserver = { onConnect: () => undefined, onSocket: () => undefined };

/** Makes a connection to that manager. Throws while this node has nothing to show. */
export type ConnectToManager = (target: Target, observer: ConnectionObserver) => RpcChannel;

/** A connection to one manager, which may serve several attempts at a session one after the other. */
export class ManagerConnection {
  readonly channel: RpcChannel;
  readonly #target: Target;
  #stage: ConnectionStage | undefined;
  #reachedAt: string | undefined;
  #listener: (stage: ConnectionStage) => void = () => undefined;

  /** Throws as `connect` does. */
  constructor(target: Target, connect: ConnectToManager) {
    this.#target = target;
    this.channel = connect(target, {
      onConnect: () => this.#reach('connected'),
      onSocket: ({ remoteAddress, remotePort }) => {
        if (remoteAddress !== undefined && remotePort !== undefined)
          this.#reachedAt = formatHostPort({ host: remoteAddress, port: remotePort });
        this.#reach('answered');
      },
    });
  }

  /** Tells how far it is, if anywhere, and how far it comes. Replaces whoever listened before. */
  onStage(listener: (stage: ConnectionStage) => void): void {
    this.#listener = listener;
    if (this.#stage !== undefined) listener(this.#stage);
  }

  /** The address that it was reached at, which a name stands for; undefined: it was not, or by the own socket. */
  get reachedAt(): string | undefined {
    return this.#reachedAt;
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

  #reach(stage: ConnectionStage): void {
    this.#stage = stage;
    this.#listener(stage);
  }
}
