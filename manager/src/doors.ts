import type { Clock, Lifecycle, Logger } from '@tso/proto';
import {
  type Authenticate,
  Ca,
  Control,
  Dispatcher,
  type Handlers,
  Health,
  type HealthSource,
  healthHandlers,
  Managers,
  NetworkDoor,
  Raft,
  RpcServer,
  type TlsMaterial,
} from '@tso/proto/rpc';
import { type CallObserver, observed } from './metrics/call-observer.ts';
import { listen } from './replication/listen.ts';
import { StandingCalls } from './standing-calls.ts';

export interface DoorsOptions {
  /** Path of the unix socket for this node's own agent and operators. */
  readonly socket: string;
  /** host:port or unix:/path for everybody else; undefined: there is nobody. */
  readonly network: string | undefined;
  readonly tls: TlsMaterial | undefined;
}

/** What each service does; some do more for those who came by the network. */
export interface Services {
  readonly control: Handlers<typeof Control>;
  readonly dispatcher: Handlers<typeof Dispatcher>;
  readonly ca: Handlers<typeof Ca>;
  /** For operators: passed on to the leader when that is another. */
  readonly managers: Handlers<typeof Managers>;
  /** For the other managers: answered by the one that leads, and refused by others. */
  readonly peerManagers: Handlers<typeof Managers>;
  readonly raft: Handlers<typeof Raft>;
}

export interface DoorsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly services: Services;
  readonly health: HealthSource;
  /** Hears of each call. */
  readonly calls: CallObserver;
  /** Of who comes by the network. */
  readonly authenticate: Authenticate;
}

const stopGraceMs = 500;

/** Who can open the socket is root, or this node's own agent. */
const everyRole = ['client', 'worker', 'manager'];

/** Where a manager is reached: on a unix socket by its own host, on the network by all others, each proving who it is. */
export class Doors implements Lifecycle {
  readonly #local: RpcServer;
  readonly #network: NetworkDoor | undefined;
  readonly #standing: StandingCalls;
  readonly #options: DoorsOptions;

  constructor(options: DoorsOptions, { clock, logger, services: unseen, health, calls, authenticate }: DoorsPorts) {
    const { socket, network, tls } = options;
    this.#options = options;
    const services = seenBy(calls, unseen);
    this.#standing = new StandingCalls(authenticate);
    this.#local = new RpcServer({ address: `unix:${socket}`, authenticate: () => everyRole, logger })
      .add(Control, services.control)
      .add(Ca, services.ca)
      .add(Managers, services.managers)
      .add(Dispatcher, services.dispatcher)
      .add(Health, healthHandlers(health));
    if (network === undefined) return;
    this.#network = new NetworkDoor({ address: network, authenticate, logger, clock, ...(tls === undefined ? {} : { tls }) })
      .add(Raft, services.raft)
      .add(Managers, peersOrOperators(services))
      .add(Control, this.#standing.watched(Control, services.control))
      .add(Ca, services.ca)
      .add(Dispatcher, this.#withRelaysWatched(services.dispatcher))
      .add(Health, healthHandlers(health))
      .addForJoiners(Ca, services.ca);
  }

  async start(): Promise<void> {
    if (this.#network !== undefined) await listen(this.#network, this.#options.network ?? '');
    await listen(this.#local, `unix:${this.#options.socket}`);
  }

  /** Shown to who connects from now on. */
  renewTls(tls: TlsMaterial): void {
    this.#network?.renewTls(tls);
  }

  /** After a change of who may do what: who may not any more loses what stands. */
  lookAgain(): void {
    this.#standing.lookAgain();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#local.stop(stopGraceMs), this.#network?.stop(stopGraceMs)]);
  }

  /** Sessions are ended by the dispatcher, which tells agents more than that. */
  #withRelaysWatched(dispatcher: Services['dispatcher']): Services['dispatcher'] {
    const { relay, fetchImage } = this.#standing.watched(Dispatcher, dispatcher);
    return { ...dispatcher, relay, fetchImage };
  }
}

/** A manager's question was passed on once already; an operator's may be. */
const peersOrOperators = ({ managers, peerManagers }: Services): Handlers<typeof Managers> => {
  const of = (roles: readonly string[]): Handlers<typeof Managers> => (roles.includes('client') ? managers : peerManagers);
  return {
    listManagers: (request, context) => of(context.roles).listManagers(request, context),
    promoteManager: (request, context) => of(context.roles).promoteManager(request, context),
    demoteManager: (request, context) => of(context.roles).demoteManager(request, context),
    removeManager: (request, context) => of(context.roles).removeManager(request, context),
    transferLeadership: (request, context) => of(context.roles).transferLeadership(request, context),
  };
};

const seenBy = (calls: CallObserver, services: Services): Services => ({
  control: observed(Control, services.control, calls),
  dispatcher: observed(Dispatcher, services.dispatcher, calls),
  managers: observed(Managers, services.managers, calls),
  peerManagers: observed(Managers, services.peerManagers, calls),
  // Streams of messages between managers never end, and their calls are counted where they began.
  raft: services.raft,
  ca: observed(Ca, services.ca, calls),
});
