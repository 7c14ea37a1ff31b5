import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, emptyMeta, type Lifecycle, type Logger, newId, type Random, sentenceOf, TsoError, version } from '@tso/proto';
import { Control, Dispatcher as DispatcherService, RpcServer } from '@tso/proto/rpc';
import { ControlApi } from './api/control.ts';
import { Relays } from './api/relays.ts';
import { type ManagerConfig, subnetPrefix } from './config.ts';
import { ControlLoop } from './control-loop.ts';
import { Dispatcher } from './dispatcher/dispatcher.ts';
import { limits } from './limits.ts';
import { DurableLog } from './log/durable-log.ts';
import { plan } from './planner.ts';

export interface ManagerPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Something that cannot be gone on from: the manager has to be stopped, its process to end. Called at most once. */
  readonly onBroken: (error: unknown) => void;
}

/** A node of a fresh cluster takes a moment to start beside its manager. */
const graceMs = 10_000;

/** Who can open the socket is root, or this node's own agent. */
const everyRole = ['client', 'worker', 'manager'];

/** All of a manager, put together: log, dispatcher, control loop, and the server before them. */
export class Manager implements Lifecycle {
  readonly #config: ManagerConfig;
  readonly #ports: ManagerPorts;
  readonly #stopping = new AbortController();
  readonly #log: DurableLog;
  readonly #relays: Relays;
  readonly #dispatcher: Dispatcher;
  readonly #loop: ControlLoop;
  readonly #server: RpcServer;
  readonly #started: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  #broken = false;

  constructor(config: ManagerConfig, ports: ManagerPorts) {
    const { clock, random, logger } = ports;
    this.#config = config;
    this.#ports = ports;
    const onBroken = (error: unknown): void => this.#break(error);
    this.#log = new DurableLog(
      {
        directory: config.stateDir,
        snapshotEntries: limits.snapshotEntries,
        snapshotBytes: limits.snapshotBytes,
        maxPending: limits.pendingProposals,
        maxBatchBytes: limits.logBatchBytes,
        lockPatienceMs: limits.lockPatienceMs,
      },
      { clock, logger: logger.child({ part: 'log' }), onBroken },
    );
    const proposer = this.#log;
    this.#relays = new Relays({
      clock,
      random,
      logger,
      request: (nodeId, request) => this.#dispatcher.requestRelay(nodeId, request),
      cancel: (nodeId, relayId) => this.#dispatcher.cancelRelay(nodeId, relayId),
    });
    this.#dispatcher = new Dispatcher(
      { nodeId: config.nodeId, heartbeatMs: config.heartbeatMs, missedHeartbeats: config.missedHeartbeats, graceMs },
      {
        proposer,
        clock,
        random,
        logger: logger.child({ part: 'dispatcher' }),
        acceptRelay: (frames, signal) => this.#relays.accept(frames, signal),
      },
    );
    this.#loop = new ControlLoop({ proposer, plan, clock, random, logger: logger.child({ part: 'planner' }), onBroken });
    const control = new ControlApi({
      proposer,
      relays: this.#relays,
      clock,
      random,
      logger: logger.child({ part: 'api' }),
      stopping: this.#stopping.signal,
    });
    this.#server = new RpcServer({ address: `unix:${config.socket}`, authenticate: () => everyRole, logger })
      .add(Control, control.handlers)
      .add(DispatcherService, this.#dispatcher.handlers);
  }

  /** Returns once it listens. What was started is stopped again when a later part fails. */
  async start(): Promise<void> {
    try {
      await this.#startPart('log', this.#log);
      await this.#makeCluster();
      await this.#startPart('dispatcher', this.#dispatcher);
      await this.#startPart('planner', this.#loop);
      await this.#startPart('server', { start: () => this.#listen(), stop: () => this.#closeServer() });
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#ports.logger.info({ socket: this.#config.socket, version, index: this.#log.view.index }, 'manager is ready');
  }

  /** In reverse order, each part bounded in time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#relays.stop();
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) await this.#stopPart(part);
  }

  async #startPart(name: string, part: Lifecycle): Promise<void> {
    await part.start();
    this.#started.push({ name, stop: () => part.stop() });
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

  /** The first start makes the cluster; after that the flags it was made from are history. */
  async #makeCluster(): Promise<void> {
    if (this.#log.view.cluster() !== undefined) return;
    const { clock, random, logger } = this.#ports;
    const { addressPool, firstVni, vxlanPort } = this.#config;
    const id = newId((count) => random.bytes(count));
    const putCluster = { id, meta: emptyMeta, addressPool, subnetPrefix, firstVni, vxlanPort };
    const expect = [{ kind: 'cluster', id, version: 0 }];
    await this.#log.propose({ actions: [{ putCluster }], expect, atMs: clock.now(), origin: 'manager' });
    logger.info({ clusterId: id, addressPool }, 'a new cluster was made');
  }

  async #listen(): Promise<void> {
    const { socket } = this.#config;
    await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
    // Whoever listened here held the state directory, and that is ours now: the file is a leftover.
    await rm(socket, { force: true });
    await this.#server.start();
    await chmod(socket, 0o600);
  }

  async #closeServer(): Promise<void> {
    this.#dispatcher.endSessions();
    await this.#server.stop(limits.stopMs / 4);
  }

  #break(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#ports.onBroken(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
  }
}
