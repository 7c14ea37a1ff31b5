import { type Clock, type Lifecycle, type Logger, type Random, sentenceOf, TsoError, version } from '@tso/proto';
import type { Authenticate, TlsMaterial } from '@tso/proto/rpc';
import type { Tracing } from '@tso/proto/tracing';
import { ControlApi } from './api/control.ts';
import { BuiltImages } from './api/images.ts';
import { managersHandlers } from './api/managers.ts';
import { nodeLabel } from './api/node-ref.ts';
import { Relays } from './api/relays.ts';
import { RealAuditFiles } from './audit/audit-file.ts';
import { AuditLog, defaultAuditLogOptions } from './audit/audit-log.ts';
import { accessOf } from './ca/access.ts';
import { caHandlers, prepareIssuing } from './ca/ca-api.ts';
import type { ManagerConfig } from './config.ts';
import { leadersHandlers } from './dispatcher/redirect.ts';
import { Doors, type Services } from './doors.ts';
import { AutolockKeeper } from './identity/autolock-keeper.ts';
import { beginIdentity } from './identity/begin.ts';
import { type Founding, forgetFounding } from './identity/founding.ts';
import { loadOwnTls } from './identity/own-tls.ts';
import { UnlockKey } from './identity/unlock-key.ts';
import { Leadership } from './leadership.ts';
import { limits } from './limits.ts';
import { together, traced } from './metrics/call-observer.ts';
import { healthOf } from './metrics/health-source.ts';
import { ManagerMetrics } from './metrics/manager-metrics.ts';
import { movesAhead } from './moves-ahead.ts';
import { plansAhead } from './plans-ahead.ts';
import { relockAsideLogs } from './replication/aside-logs.ts';
import { Replication } from './replication/replication.ts';
import { explainPlacement } from './scheduler/verdicts.ts';
import { stopInTime } from './stop-in-time.ts';
import type { View } from './store/view.ts';

export interface ManagerPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Calls once, after what else is ready to run now. */
  readonly soon: (work: () => void) => void;
  /** Something that cannot be gone on from: the manager has to be stopped, its process to end. Called at most once. */
  readonly onBroken: (error: unknown) => void;
  readonly agent: AgentLine;
  readonly tracing: Tracing;
}

/** What a manager tells the agent of its node beside that it is ready. */
export interface AgentLine {
  /** What it has on disk is locked: it waits for the key (`Manager.unlock`). Said again, with what is still shut, after a key that does not do. */
  locked(why: string): void;
  /** What opens it from now on; empty: nothing has to. */
  unlockKey(key: string): void;
}

interface LeadershipParts {
  readonly replication: Replication;
  readonly relays: Relays;
  readonly images: BuiltImages;
  readonly founding: Founding | undefined;
  readonly metrics: ManagerMetrics;
}

/** All of a manager, put together: the group's log and store, what a leader does, and the server for operators and agents. */
export class Manager implements Lifecycle {
  readonly #config: ManagerConfig;
  readonly #ports: ManagerPorts;
  readonly #stopping = new AbortController();
  readonly #started: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  readonly #unlockKey: UnlockKey;
  #replication: Replication | undefined;
  #doors: Doors | undefined;
  #metrics: ManagerMetrics | undefined;
  #broken = false;
  #cancelAnnounce: () => void = () => undefined;
  /** All of it runs: before that nothing can take up another certificate. */
  #isUp = false;
  #shown: TlsMaterial | undefined;
  #renewal: Promise<void> = Promise.resolve();
  #cancelRenewal: () => void = () => undefined;

  constructor(config: ManagerConfig, ports: ManagerPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#unlockKey = new UnlockKey((why) => ports.agent.locked(why));
  }

  /** Opens what is locked. INVALID_ARGUMENT: this is no unlock key; after one that does not fit another is waited for. */
  unlock(key: string): void {
    this.#unlockKey.tell(key);
  }

  /** Its figures in the Prometheus exposition format; empty before it has any. */
  metrics(): Promise<string> {
    return this.#metrics?.text() ?? Promise.resolve('');
  }

  /** Takes up the certificate that is on disk now. Connections that stand stay. Never rejects: what failed is tried again until it is done. */
  renewTls(): Promise<void> {
    this.#renewal = this.#renewal.then(() => this.#renewTls());
    return this.#renewal;
  }

  async #renewTls(): Promise<void> {
    const { clock, logger } = this.#ports;
    // The end of `start` looks at what is on disk then.
    if (!this.#isUp || this.#stopping.signal.aborted) return;
    this.#cancelRenewal();
    try {
      const tls = await loadOwnTls(this.#config, { clock, open: (open) => this.#unlockKey.openKnown(open) });
      if (tls === undefined || isSame(tls, this.#shown)) return;
      this.#replication?.renewTls(tls);
      this.#doors?.renewTls(tls);
      this.#shown = tls;
      logger.info({ notAfterMs: tls.notAfterMs, role: tls.identity.role }, 'a new certificate is shown');
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      logger.error({}, `the certificate on disk cannot be taken up; tried again: ${sentenceOf(error)}`);
      this.#cancelRenewal = clock.setTimer(limits.renewAgainMs, () => void this.renewTls());
    }
  }

  /** Returns once it listens. What was started is stopped again when a later part fails. */
  async start(): Promise<void> {
    const { logger } = this.#ports;
    try {
      const { clock } = this.#ports;
      const founding = await beginIdentity(this.#config, { ...this.#ports, unlockKey: this.#unlockKey });
      const tls = await loadOwnTls(this.#config, { clock, open: (open) => this.#unlockKey.open(open) });
      this.#shown = tls;
      const replication = this.#makeReplication(tls);
      this.#replication = replication;
      await this.#startPart('log', replication);
      await this.#startPart('lock', this.#makeAutolock(replication));
      const relays = this.#makeRelays(() => leadership);
      const images = this.#makeImages(replication, relays);
      const metrics = this.#makeMetrics(replication, () => leadership);
      this.#metrics = metrics;
      const leadership = this.#makeLeadership({ replication, relays, images, founding, metrics });
      await this.#startPart('leadership', leadership);
      const doors = this.#makeDoors(tls, { replication, metrics }, this.#makeServices({ replication, relays, images }, leadership));
      this.#doors = doors;
      await this.#startPart('doors', { start: () => doors.start(), stop: () => this.#close(doors, leadership, relays) });
      void this.#announce(replication);
      this.#followAccess(replication, doors).catch((error: unknown) => this.#break(error));
      // Nobody waits for it yet; the first who asks for a certificate would.
      if (this.#config.identityDir !== undefined) prepareIssuing().catch((error: unknown) => this.#break(error));
      // What was renewed while all this began.
      this.#isUp = true;
      await this.renewTls();
      logger.info({ socket: this.#config.socket, version, index: replication.store.view.index }, 'manager is ready');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** In reverse order, each part bounded in time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelAnnounce();
    this.#cancelRenewal();
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      await stopInTime('part', part.name, part.stop, this.#ports);
    }
  }

  #makeReplication(tls: TlsMaterial | undefined): Replication {
    const { clock, random, logger, soon } = this.#ports;
    const { stateDir, nodeId, peerDoor, join, forceNewCluster, raft } = this.#config;
    const { lockPatienceMs } = limits;
    const audit = new AuditLog(defaultAuditLogOptions, {
      files: new RealAuditFiles(stateDir),
      clock,
      logger: logger.child({ part: 'audit' }),
    });
    return new Replication(
      { stateDir, nodeId, peerDoor, join, tls, forceNewCluster, driver: raft, lockPatienceMs, unlockKey: this.#unlockKey },
      { clock, random, logger: logger.child({ part: 'log' }), soon, onBroken: (error) => this.#break(error), audit },
    );
  }

  #makeAutolock(replication: Replication): AutolockKeeper {
    const { clock, random, logger, agent } = this.#ports;
    return new AutolockKeeper({
      proposer: replication.store,
      disk: replication.disk,
      relockAside: (key) => relockAsideLogs(this.#config.stateDir, { to: key, known: this.#unlockKey.known }, { clock, random }),
      unlockKey: this.#unlockKey,
      tellAgent: (key) => agent.unlockKey(key),
      logger,
    });
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

  #makeMetrics(replication: Replication, leadership: () => Leadership): ManagerMetrics {
    return new ManagerMetrics({
      clock: this.#ports.clock,
      driver: replication.driver,
      view: () => replication.store.view,
      sessions: () => leadership().dispatcher?.sessions ?? 0,
    });
  }

  #makeImages(replication: Replication, relays: Relays): BuiltImages {
    const logger = this.#ports.logger.child({ part: 'images' });
    return new BuiltImages({ proposer: replication.store, relays, clock: this.#ports.clock, logger, nodeId: this.#config.nodeId });
  }

  #makeLeadership({ replication, relays, images, founding, metrics }: LeadershipParts): Leadership {
    const { clock, random, logger } = this.#ports;
    return new Leadership(this.#config, {
      replication,
      acceptRelay: relays.accept.bind(relays),
      fetchImage: images.fetch.bind(images),
      clock,
      random,
      logger,
      onBroken: (error) => this.#break(error),
      onPlan: (seconds, outcome) => metrics.planned(seconds, outcome),
      founding,
      onFounded: () => forgetFounding(this.#config.stateDir),
    });
  }

  #makeServices(
    { replication, relays, images }: Pick<LeadershipParts, 'replication' | 'relays' | 'images'>,
    leadership: Leadership,
  ): Services {
    const { clock, random, logger } = this.#ports;
    const control = new ControlApi({
      proposer: replication.store,
      capture: () => replication.store.capture(),
      onApplied: (listener) => replication.store.onApplied(listener),
      relays,
      images,
      members: replication.members,
      clock: leadership.clusterClock,
      random,
      logger: logger.child({ part: 'api' }),
      stopping: this.#stopping.signal,
      office: () => leadership.office,
      leader: () => replication.finder.find(),
      movesAhead,
      explainTask: explainPlacement,
      plansAhead,
      nodeId: this.#config.nodeId,
    });
    const { raft, managers: peerManagers } = replication.peerHandlers;
    const dispatcher = leadersHandlers(
      () => leadership.dispatcher,
      () => replication.leaderAddress,
    );
    const ca = caHandlers(
      { nodeId: this.#config.nodeId },
      { proposer: replication.store, clock, random, logger: logger.child({ part: 'ca' }) },
    );
    return {
      control: control.handlers,
      dispatcher,
      ca,
      managers: managersHandlers(replication.members, this.#config.nodeId, (raftId) => managedNode(replication.store.view, raftId)),
      peerManagers,
      raft,
    };
  }

  /** Who came by the network, by certificate and by what the cluster says of its owner now. */
  #makeDoors(
    tls: TlsMaterial | undefined,
    { replication, metrics }: Pick<LeadershipParts, 'replication' | 'metrics'>,
    services: Services,
  ): Doors {
    const { clock, logger, tracing } = this.#ports;
    const { socket, peerDoor } = this.#config;
    const authenticate: Authenticate = (_peer, identity) => {
      if (tls === undefined) return ['manager'];
      if (identity === undefined) return [];
      return accessOf(replication.store.view, identity, clock.now(), { cluster: tls.identity.cluster, named: replication.named });
    };
    return new Doors(
      { socket, network: peerDoor?.listen, tls },
      { clock, logger, services, authenticate, health: healthOf(replication.driver), calls: together(metrics.calls, traced(tracing)) },
    );
  }

  /** Who was revoked or removed loses the streams that stand. */
  async #followAccess({ store }: Replication, doors: Doors): Promise<void> {
    const concerns = new Set(['authority', 'node']);
    const changes = store.subscribe(({ kind }) => concerns.has(kind), { limit: 1, signal: this.#stopping.signal });
    for await (const _ of changes) doors.lookAgain();
  }

  /** A manager whose address has changed says so, as soon as there is a leader to hear it. */
  async #announce(replication: Replication): Promise<void> {
    const { clock, logger } = this.#ports;
    try {
      await replication.announce();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      logger.warn({}, `the other managers were not told this one's address yet: ${sentenceOf(error)}`);
      this.#cancelAnnounce = clock.setTimer(limits.announceAgainMs, () => void this.#announce(replication));
    }
  }

  async #startPart(name: string, part: Lifecycle): Promise<void> {
    // Registered before it runs: a start that fails half-way is stopped as well.
    this.#started.push({ name, stop: () => part.stop() });
    await part.start();
  }

  async #close(doors: Doors, leadership: Leadership, relays: Relays): Promise<void> {
    relays.stop();
    leadership.dispatcher?.endSessions();
    await doors.stop();
  }

  #break(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#ports.onBroken(error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
  }
}

const isSame = (one: TlsMaterial, other: TlsMaterial | undefined): boolean =>
  other !== undefined && one.ca.equals(other.ca) && one.cert.equals(other.cert) && one.key.equals(other.key);

/** The name of the node whose role decides whether that manager is one; undefined where certificates, and with them roles, are made elsewhere. */
const managedNode = (view: View, raftId: number): string | undefined => {
  const node = view.node(view.manager(String(raftId))?.nodeId ?? '');
  return view.authority() === undefined || node === undefined ? undefined : nodeLabel(node);
};
