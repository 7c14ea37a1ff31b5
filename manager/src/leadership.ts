import { type Clock, type Lifecycle, type Logger, type Random, sentenceOf } from '@tso/proto';
import { Autoscaler } from './autoscaler.ts';
import { RotationKeeper } from './ca/rotation-keeper.ts';
import { ClusterClock } from './cluster-clock.ts';
import type { ManagerConfig } from './config.ts';
import { ControlLoop, type ControlLoopPorts } from './control-loop.ts';
import { Dispatcher, type DispatcherOptions, type DispatcherPorts } from './dispatcher/dispatcher.ts';
import { graceMsFor } from './dispatcher/grace.ts';
import { notLeading } from './dispatcher/redirect.ts';
import { foundCluster } from './found-cluster.ts';
import { hearTime, latestInstant } from './hear-time.ts';
import type { Founding } from './identity/founding.ts';
import { limits } from './limits.ts';
import { plan } from './planner.ts';
import type { NodeId, Role } from './raft/core/index.ts';
import { outcomeOf } from './raft/io/outcome.ts';
import type { Proposer } from './replication/proposer.ts';
import type { Replication } from './replication/replication.ts';
import { RolesKeeper, type RolesKeeperPorts } from './roles-keeper.ts';
import { stopInTime } from './stop-in-time.ts';

/** What leadership needs of the group's part of a manager. */
export interface LedGroup extends Pick<Replication, 'announce' | 'leaderAddress'> {
  readonly driver: Pick<Replication['driver'], 'id' | 'lead' | 'role' | 'term'> & {
    on(event: 'state change', listener: (now: Role, before: Role) => void): unknown;
    on(event: 'leader change', listener: (now: NodeId, before: NodeId) => void): unknown;
  };
  readonly store: Pick<Replication['store'], 'inTerm' | 'fresh' | 'subscribe'>;
  readonly keeper: Lifecycle;
  readonly members: RolesKeeperPorts['members'];
}

export interface LeadershipPorts {
  readonly replication: LedGroup;
  readonly acceptRelay: DispatcherPorts['acceptRelay'];
  readonly fetchImage: DispatcherPorts['fetchImage'];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onBroken: (error: unknown) => void;
  /** Hears how long each plan took, and what became of it. */
  readonly onPlan: NonNullable<ControlLoopPorts['onPlan']>;
  /** What a new cluster is founded with; undefined: this manager founds none, or without certificates of its own. */
  readonly founding: Founding | undefined;
  /** The store has it. */
  readonly onFounded: () => Promise<void>;
}

/** What only the manager that leads does: sessions of agents, planning, keeping the members as wished. Made anew each time it is elected. */
export class Leadership implements Lifecycle {
  readonly #config: ManagerConfig;
  readonly #ports: LeadershipPorts;
  /** What the dispatcher and the planner go by. */
  readonly #clusterClock: ClusterClock;
  readonly #stopping = new AbortController();
  /** Nobody led before, in this manager's life. */
  #isCold = true;
  /** When nobody was seen to lead any more; undefined: somebody was, until just now. */
  #leaderlessSinceMs: number | undefined;
  /** One change of office after the other. */
  #turn: Promise<void> = Promise.resolve();
  #duties: readonly { readonly name: string; readonly part: Lifecycle }[] = [];
  #dispatcher: Dispatcher | undefined;
  #office: AbortController | undefined;
  #cancelRetry: () => void = () => undefined;
  #ended = false;

  constructor(config: ManagerConfig, ports: LeadershipPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#clusterClock = new ClusterClock(ports.clock);
  }

  /** There while this manager does what a leader does; aborted when it has to stop. */
  get office(): AbortSignal | undefined {
    return this.#office?.signal;
  }

  /** The time that whoever leads goes by, as far as this manager knows it. */
  get clusterClock(): Clock {
    return this.#clusterClock;
  }

  /** The agents' sessions, while this manager leads. */
  get dispatcher(): Dispatcher | undefined {
    return this.#dispatcher;
  }

  /** Follows elections from now on. A manager that leads already has taken its duties up when this resolves. */
  async start(): Promise<void> {
    const { driver } = this.#ports.replication;
    const noticeLeader = (lead: NodeId): void => {
      if (lead === 0) this.#leaderlessSinceMs ??= this.#ports.clock.monotonic();
      if (lead === 0 || lead === driver.id) return;
      this.#isCold = false;
      this.#leaderlessSinceMs = undefined;
    };
    noticeLeader(driver.lead);
    driver.on('leader change', noticeLeader);
    void hearTime(this.#ports.replication.store, this.#clusterClock, this.#stopping.signal);
    driver.on('state change', (now, before) => {
      if (now === 'leader') this.#next(() => this.#takeUp());
      else if (before === 'leader') this.#next(() => this.#layDown());
    });
    if (driver.role === 'leader') this.#next(() => this.#takeUp());
    await this.#turn;
  }

  async stop(): Promise<void> {
    this.#ended = true;
    this.#stopping.abort();
    this.#cancelRetry();
    // Sessions first, so that agents go to the next leader at once.
    this.#dispatcher?.endSessions(notLeading(this.#ports.replication.leaderAddress));
    this.#next(() => this.#layDown());
    await this.#turn;
  }

  #next(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error: unknown) => this.#ports.onBroken(error));
  }

  async #takeUp(): Promise<void> {
    const { replication, logger } = this.#ports;
    this.#cancelRetry();
    if (this.#ended || replication.driver.role !== 'leader' || this.#duties.length > 0) return;
    const { term } = replication.driver;
    const store = replication.store.inTerm(term);
    try {
      await store.fresh();
      await this.#found(store);
      await replication.announce();
    } catch (error) {
      // Deposed again before it began: whoever leads now does it.
      if (this.#ended || replication.driver.role !== 'leader' || replication.driver.term !== term) {
        logger.info({ term }, `leadership ended before it began: ${sentenceOf(error)}`);
        return;
      }
      // Somebody else changed the same object, or the majority was slow: a leader without its duties would be worse than none.
      if (outcomeOf(error) === undefined) throw error;
      logger.warn({ term }, `the leader's duties wait: ${sentenceOf(error)}`);
      this.#cancelRetry = this.#ports.clock.setTimer(limits.restMs, () => this.#next(() => this.#takeUp()));
      return;
    }
    for (const duty of this.#makeDuties(store)) {
      await duty.part.start();
      this.#duties = [...this.#duties, duty];
    }
    this.#office = new AbortController();
    logger.info({ term }, 'this manager leads');
  }

  async #found(store: Proposer): Promise<void> {
    const { clock, random, logger, founding, onFounded } = this.#ports;
    await foundCluster(this.#config, { store, clock, random, logger, founding });
    await onFounded();
  }

  #makeDuties(proposer: Proposer): readonly { readonly name: string; readonly part: Lifecycle }[] {
    const { replication, acceptRelay, fetchImage, random, logger, onBroken, onPlan } = this.#ports;
    const { nodeId, heartbeatMs, missedHeartbeats } = this.#config;
    const now = this.#ports.clock.monotonic();
    const leaderlessMs = now - (this.#leaderlessSinceMs ?? now);
    this.#leaderlessSinceMs = undefined;
    const graceMs = graceMsFor(heartbeatMs * missedHeartbeats, proposer.view.nodes().length, this.#isCold, leaderlessMs);
    const options: DispatcherOptions = { nodeId, heartbeatMs, missedHeartbeats, graceMs };
    const clock = this.#clusterClock;
    clock.lead(latestInstant(proposer.view));
    const dispatcherPorts = { proposer, clock, random, logger: logger.child({ part: 'dispatcher' }), acceptRelay, fetchImage };
    this.#dispatcher = new Dispatcher(options, dispatcherPorts);
    const loop = new ControlLoop({ proposer, plan, clock, random, logger: logger.child({ part: 'planner' }), onBroken, onPlan });
    const { usage } = this.#dispatcher;
    const autoscaler = new Autoscaler({ proposer, usage, clock, logger: logger.child({ part: 'autoscaler' }) });
    const { members } = replication;
    const roles = new RolesKeeper({ proposer, members, clock, logger: logger.child({ part: 'roles' }) });
    return [
      { name: 'dispatcher', part: this.#dispatcher },
      { name: 'planner', part: loop },
      { name: 'autoscaler', part: autoscaler },
      { name: 'members', part: replication.keeper },
      { name: 'roles', part: roles },
      { name: 'authority', part: new RotationKeeper({ proposer, clock, logger: logger.child({ part: 'ca' }) }) },
    ];
  }

  async #layDown(): Promise<void> {
    const duties = [...this.#duties].reverse();
    this.#duties = [];
    this.#office?.abort();
    this.#office = undefined;
    this.#dispatcher?.endSessions(notLeading(this.#ports.replication.leaderAddress));
    this.#dispatcher = undefined;
    this.#clusterClock.follow();
    for (const { name, part } of duties) await stopInTime('duty', name, () => part.stop(), this.#ports);
    if (duties.length > 0) this.#ports.logger.info({}, 'this manager does not lead any more');
  }
}
