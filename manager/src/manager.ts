import { type Clock, type Lifecycle, type Logger, type Random, sentenceOf, TsoError, version } from '@tso/proto';
import { Control, Dispatcher as DispatcherService, loadTls, Managers, RpcServer } from '@tso/proto/rpc';
import { ControlApi } from './api/control.ts';
import { managersHandlers } from './api/managers.ts';
import { Relays } from './api/relays.ts';
import type { ManagerConfig } from './config.ts';
import { leadersHandlers } from './dispatcher/redirect.ts';
import { Leadership } from './leadership.ts';
import { limits } from './limits.ts';
import { listen } from './replication/listen.ts';
import { Replication } from './replication/replication.ts';

export interface ManagerPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Calls once, after what else is ready to run now. */
  readonly soon: (work: () => void) => void;
  /** Something that cannot be gone on from: the manager has to be stopped, its process to end. Called at most once. */
  readonly onBroken: (error: unknown) => void;
}

/** Who can open the socket is root, or this node's own agent. */
const everyRole = ['client', 'worker', 'manager'];

/** All of a manager, put together: the group's log and store, what a leader does, and the server for operators and agents. */
export class Manager implements Lifecycle {
  readonly #config: ManagerConfig;
  readonly #ports: ManagerPorts;
  readonly #stopping = new AbortController();
  readonly #started: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  #broken = false;

  constructor(config: ManagerConfig, ports: ManagerPorts) {
    this.#config = config;
    this.#ports = ports;
  }

  /** Returns once it listens. What was started is stopped again when a later part fails. */
  async start(): Promise<void> {
    const { logger } = this.#ports;
    try {
      const replication = await this.#makeReplication();
      await this.#startPart('log', replication);
      const relays = this.#makeRelays(() => leadership);
      const leadership = this.#makeLeadership(replication, relays);
      await this.#startPart('leadership', leadership);
      const server = this.#makeServer(replication, leadership, relays);
      await this.#startPart('server', {
        start: () => listen(server, `unix:${this.#config.socket}`),
        stop: () => this.#close(server, leadership, relays),
      });
      void this.#announce(replication);
      logger.info({ socket: this.#config.socket, version, index: replication.store.view.index }, 'manager is ready');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** In reverse order, each part bounded in time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) await this.#stopPart(part);
  }

  async #makeReplication(): Promise<Replication> {
    const { clock, random, logger, soon } = this.#ports;
    const { stateDir, nodeId, peerDoor, join, tls, forceNewCluster, raft } = this.#config;
    const material = tls === undefined ? undefined : await loadTls(tls, clock.now());
    return new Replication(
      { stateDir, nodeId, peerDoor, join, tls: material, forceNewCluster, driver: raft, lockPatienceMs: limits.lockPatienceMs },
      { clock, random, logger: logger.child({ part: 'log' }), soon, onBroken: (error) => this.#break(error) },
    );
  }

  #makeRelays(leadership: () => Leadership): Relays {
    const { clock, random, logger } = this.#ports;
    return new Relays({
      clock,
      random,
      logger,
      request: (nodeId, request) => leadership().dispatcher?.requestRelay(nodeId, request) ?? false,
      cancel: (nodeId, relayId) => leadership().dispatcher?.cancelRelay(nodeId, relayId),
    });
  }

  #makeLeadership(replication: Replication, relays: Relays): Leadership {
    const { clock, random, logger } = this.#ports;
    const acceptRelay = relays.accept.bind(relays);
    return new Leadership(this.#config, { replication, acceptRelay, clock, random, logger, onBroken: (error) => this.#break(error) });
  }

  #makeServer(replication: Replication, leadership: Leadership, relays: Relays): RpcServer {
    const { clock, random, logger } = this.#ports;
    const control = new ControlApi({
      proposer: replication.store,
      capture: () => replication.store.capture(),
      relays,
      clock,
      random,
      logger: logger.child({ part: 'api' }),
      stopping: this.#stopping.signal,
      elsewhere: () => (leadership.dispatcher === undefined ? streamsElsewhere(replication.leaderAddress) : undefined),
    });
    return new RpcServer({ address: `unix:${this.#config.socket}`, authenticate: () => everyRole, logger })
      .add(Control, control.handlers)
      .add(Managers, managersHandlers(replication.members))
      .add(
        DispatcherService,
        leadersHandlers(
          () => leadership.dispatcher,
          () => replication.leaderAddress,
        ),
      );
  }

  /** A manager whose address has changed says so, as soon as there is a leader to hear it. */
  async #announce(replication: Replication): Promise<void> {
    const { clock, logger } = this.#ports;
    try {
      await replication.announce();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      logger.warn({}, `the other managers were not told this one's address yet: ${sentenceOf(error)}`);
      const cancel = clock.setTimer(limits.announceAgainMs, () => void this.#announce(replication));
      this.#stopping.signal.addEventListener('abort', cancel, { once: true });
    }
  }

  async #startPart(name: string, part: Lifecycle): Promise<void> {
    // Registered before it runs: a start that fails half-way is stopped as well.
    this.#started.push({ name, stop: () => part.stop() });
    await part.start();
  }

  async #stopPart({ name, stop }: { readonly name: string; readonly stop: () => Promise<void> }): Promise<void> {
    const { clock, logger } = this.#ports;
    const late = new Promise<'late'>((resolve) => clock.setTimer(limits.stopMs, () => resolve('late')));
    try {
      if ((await Promise.race([stop(), late])) === 'late') logger.warn({ part: name }, `a part did not stop within ${limits.stopMs} ms`);
    } catch (error) {
      logger.warn({ part: name }, `a part did not stop well: ${sentenceOf(error)}`);
    }
  }

  async #close(server: RpcServer, leadership: Leadership, relays: Relays): Promise<void> {
    relays.stop();
    leadership.dispatcher?.endSessions();
    await server.stop(limits.stopMs / 4);
  }

  #break(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#ports.onBroken(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
  }
}

const streamsElsewhere = (leader: string | undefined): TsoError =>
  new TsoError(
    'UNAVAILABLE',
    `the agents are connected to another manager${leader === undefined ? '' : `, at ${leader}`}: streams to tasks are served there`,
    {
      hint: 'Ask that one',
      details: leader === undefined ? {} : { leader },
    },
  );
