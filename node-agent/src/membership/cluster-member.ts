import {
  type FetchImageRequest,
  type Lifecycle,
  type ManagerAddress,
  parseUnlockKey,
  type RelayFrame,
  sentenceOf,
  type TaskStatus,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import type { ObservabilityPorts } from '../metrics/observability.ts';
import { hostOf } from './addresses.ts';
import { forgetBackup } from './backup-file.ts';
import { cleanNode, leaveCluster } from './departing.ts';
import { forgetHalfFounded, found, foundAnew, type InitWish, putBack, restore } from './founding.ts';
import type { Membership } from './identity.ts';
import { type JoinWish, joinCluster } from './joining.ts';
import type { ManagerAnswer } from './manager-child.ts';
import { MemberLife } from './member-life.ts';
import type { ClusterMemberOptions, ClusterMemberPorts, Member } from './member-ports.ts';
import { type AddressWish, addressesForInit } from './node-addresses.ts';
import { SetAside } from './set-aside.ts';

/** What this node is to its cluster, for whoever asks it. */
export interface MemberState {
  /** `pending`: becoming a member, or ceasing to be one; `locked`: its manager waits for the unlock key; `error`: see `problem`. */
  readonly localState: 'inactive' | 'pending' | 'active' | 'locked' | 'error';
  readonly address: string;
  readonly clusterId: string;
  /** A manager answers here. */
  readonly controlAvailable: boolean;
  readonly problem: string;
  readonly managers: readonly ManagerAddress[];
}

/** What is known of the membership from outside. */
export type WatchedMember = Pick<
  ObservabilityPorts,
  'isMember' | 'isConnected' | 'isManagerWished' | 'isManagerRunning' | 'managerMetrics' | 'tls' | 'certificateNotAfterMs'
>;

const refusalOf = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const stillLocked = (why: string, openedOne: boolean): TsoError =>
  new TsoError(
    'FAILED_PRECONDITION',
    `${openedOne ? "that key opened this node's own key, but " : ''}the manager is still locked: ${why}`,
    {
      hint: 'If the unlock key was replaced just before this node went down, give the other of the two as well: tso unlock',
    },
  );

/** This node's part in a cluster: how it becomes a member, what it is as one, and how it ceases to be one. One such change at a time. */
export class ClusterMember implements Lifecycle {
  readonly #member: Member;
  readonly #ports: ClusterMemberPorts;
  readonly #life: MemberLife;
  /** What is just being done; empty: nothing. */
  #busyWith = '';
  #work: Promise<unknown> = Promise.resolve();
  #initialising: Promise<string> | undefined;
  #stopped = false;
  #cancelSeal: () => void = () => undefined;
  /** What the manager last said that all is to be sealed with; empty: nothing, or not known. */
  #toldKey = '';
  /** The keys that this life of the manager was given. */
  #offered: { readonly pid: number | undefined; readonly keys: readonly string[] } = { pid: undefined, keys: [] };

  constructor(options: ClusterMemberOptions, ports: ClusterMemberPorts) {
    this.#ports = ports;
    this.#life = new MemberLife(options, {
      ...ports,
      configureNetworks: (membership) => this.configureNetworks(membership),
      onRemoved: () => this.#removed(),
    });
    this.#member = { options, ports, life: this.#life };
  }

  /** What an earlier agent left unfinished is brought to its end first. */
  async start(): Promise<void> {
    const { manager, managers, certificates, identity } = this.#ports;
    manager.listen({
      onUnlockKey: (key) => void this.#sealWith(key),
      onRemoved: () => void this.#life.roles.retire(),
      onLocked: () => this.#openAgain(),
      onReady: () => this.#life.managerReady(),
    });
    await manager.start();
    await managers.start();
    const { paths } = this.#member.options;
    await putBack(this.#member, new SetAside(paths));
    // Whether that restore came to its end or not: nobody reads it again, and all secrets of the cluster are in it.
    await forgetBackup(paths);
    await certificates.load();
    await forgetHalfFounded(this.#member);
    const { membership } = identity.current;
    if (membership === undefined) return this.#forgetHalfJoined();
    if (membership.leaving) return this.#clean();
    await this.#followFlags(membership);
    await this.#life.takeUp();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSeal();
    await this.#life.letGo();
    await this.#ports.manager.stop();
    await this.#work.catch(() => undefined);
  }

  get managerPid(): number | undefined {
    return this.#ports.manager.pid;
  }

  /** Whether the session with the manager stands. */
  get isConnected(): boolean {
    return this.#life.session?.isConnected ?? false;
  }

  /** For who watches this node. */
  get watched(): WatchedMember {
    const { identity, manager, certificates } = this.#ports;
    return {
      isMember: () => identity.current.membership !== undefined,
      isConnected: () => this.isConnected,
      isManagerWished: () => identity.current.membership?.role === 'manager',
      isManagerRunning: () => manager.state === 'ready',
      managerMetrics: () => manager.metrics(),
      tls: () => certificates.material,
      certificateNotAfterMs: () => certificates.stored?.notAfterMs,
    };
  }

  /** Whether a manager that does not answer is only being started. */
  get isManagerExpected(): boolean {
    const { identity, manager } = this.#ports;
    return identity.current.membership?.role === 'manager' && manager.isThere && manager.state !== 'locked';
  }

  describe(): MemberState {
    const { identity, manager, managers } = this.#ports;
    const { membership } = identity.current;
    const problem = membership === undefined ? '' : this.#life.problem;
    return {
      localState: this.#localState(membership, problem),
      address: hostOf(membership?.advertiseAddr ?? ''),
      clusterId: membership?.clusterId ?? '',
      controlAvailable: manager.state === 'ready',
      problem,
      managers: managers.all,
    };
  }

  #localState(membership: Membership | undefined, problem: string): MemberState['localState'] {
    if (this.#busyWith !== '' && (membership === undefined || membership.leaving || !this.isConnected)) return 'pending';
    if (membership === undefined) return 'inactive';
    // A manager's node that became a worker while nobody could open its key has no manager any more that waits.
    if (this.#ports.manager.state === 'locked' || this.#ports.certificates.isLocked) return 'locked';
    return problem === '' ? 'active' : 'error';
  }

  report(taskId: string, status: TaskStatus): void {
    this.#life.report(taskId, status);
  }

  /** As `Session.fetchImage`. */
  fetchImage(request: FetchImageRequest, signal: AbortSignal): AsyncIterable<RelayFrame> {
    const { session } = this.#life;
    if (session === undefined) throw new TsoError('UNAVAILABLE', 'this node is part of no cluster just now', { hint: 'See tso info' });
    return session.fetchImage(request, signal);
  }

  /** This node is or has something else than when it was last told. */
  tellDescription(): void {
    this.#life.session?.tellDescription();
  }

  /** Begins a cluster of which this node is the first manager. Its node id. CONFLICT: it has one; INVALID_ARGUMENT: the wish. */
  init(wish: InitWish): Promise<string> {
    this.#initialising ??= this.#init(wish).finally(() => {
      this.#initialising = undefined;
    });
    return this.#initialising;
  }

  async #init(wish: InitWish): Promise<string> {
    if (wish.forceNewCluster === true) await this.#alone('beginning a new cluster', () => foundAnew(this.#member, wish));
    else await this.#fresh('beginning a cluster', () => found(this.#member, wish, (membership) => this.configureNetworks(membership)));
    return this.#ports.identity.current.nodeId;
  }

  /** Becomes a node of another's cluster. Resolves once welcomed there. CONFLICT: it is part of one. */
  async join(wish: JoinWish): Promise<{ readonly nodeId: string; readonly membership: Membership }> {
    await this.#fresh('joining a cluster', () => joinCluster(this.#member, wish, (membership) => this.configureNetworks(membership)));
    return this.#current();
  }

  /** FAILED_PRECONDITION: it is part of none, it is a manager, or the cluster cannot be told. */
  async leave(wish: { readonly force: boolean }): Promise<void> {
    if (this.#ports.identity.current.membership === undefined) {
      throw new TsoError('FAILED_PRECONDITION', 'this node is not part of a cluster: there is nothing to leave');
    }
    await this.#alone('leaving the cluster', () => leaveCluster(this.#member, wish));
  }

  /**
   * Opens the manager of this node. FAILED_PRECONDITION: it is not locked, or not with this key alone: after a crash while the key was
   * replaced the node's key may want one and the manager's state the other, and what was opened stays open.
   */
  async unlock(key: string): Promise<void> {
    const { manager, certificates } = this.#ports;
    if (manager.state !== 'locked' && !certificates.isLocked) throw new TsoError('FAILED_PRECONDITION', 'this node is not locked');
    parseUnlockKey(key);
    const wasLocked = certificates.isLocked;
    const refusal = wasLocked ? await refusalOf(certificates.unlock(key)) : undefined;
    if (manager.state !== 'locked') {
      if (refusal !== undefined) throw refusal;
      return;
    }
    const answer = await this.#offer(key.trim());
    if (answer.kind === 'failed') throw new TsoError('FAILED_PRECONDITION', `the manager could not be unlocked: ${answer.message}`);
    if (answer.kind === 'locked') throw stillLocked(answer.why, wasLocked && refusal === undefined);
  }

  /** Makes this node the first manager of what the backup holds. CONFLICT: it is part of a cluster, and `force` was not said. */
  async restore(
    body: AsyncIterable<Uint8Array>,
    { force, ...said }: { readonly force: boolean } & Partial<AddressWish>,
  ): Promise<{ readonly nodeId: string; readonly membership: Membership }> {
    const work = (): Promise<void> => restore(this.#member, body, said, (membership) => this.configureNetworks(membership));
    const hint = 'Let it leave first (tso leave), or replace what its manager has: tso restore --force';
    await (force ? this.#alone('restoring a backup', work) : this.#fresh('restoring a backup', work, hint));
    return this.#current();
  }

  /** What cannot be configured now is logged: the manager's welcome tries it again, and the tasks concerned say so themselves. */
  async configureNetworks({ clusterId, addressPool, vxlanPort, advertiseAddr }: Membership): Promise<void> {
    try {
      await this.#ports.networks.configure({ clusterId, addressPool, vxlanPort, nodeAddress: hostOf(advertiseAddr) });
    } catch (error) {
      this.#ports.logger.error({ error: sentenceOf(error) }, 'the networks of this host could not be configured');
    }
  }

  #current(): { readonly nodeId: string; readonly membership: Membership } {
    const { nodeId, membership } = this.#ports.identity.current;
    if (membership === undefined) throw new TsoError('CANCELLED', 'this node has left the cluster meanwhile');
    return { nodeId, membership };
  }

  /** Whoever is removed while it leaves is doing that already. */
  #removed(): void {
    if (this.#stopped || this.#busyWith !== '' || this.#ports.identity.current.membership === undefined) return;
    this.#ports.logger.warn({}, 'this node was removed from its cluster: it ends what it runs for it');
    this.#clean();
  }

  /** Not waited for: whoever reports it is ended by it too. */
  #clean(): void {
    this.#alone('leaving the cluster', () => cleanNode(this.#member)).catch((error: unknown) =>
      this.#ports.logger.error({ error: sentenceOf(error) }, 'this node could not be cleaned; goes on when the agent starts again'),
    );
  }

  /** A certificate without a membership: the agent ended in the middle of a join. Nobody else may be known by that node's id. */
  async #forgetHalfJoined(): Promise<void> {
    const { certificates, managerState, identity, logger } = this.#ports;
    if (certificates.stored === undefined) return;
    logger.warn({}, 'a join did not come to its end: this node is part of no cluster');
    await managerState.erase();
    await certificates.erase();
    await identity.leave();
  }

  /** An address that was said to this daemon goes before what was said to an earlier one. */
  async #followFlags({ listenAddr, advertiseAddr, role }: Membership): Promise<void> {
    const { options, ports } = this.#member;
    const said = {
      listenAddr: options.listenAddr || listenAddr || options.defaultListenAddr,
      advertiseAddr: options.advertiseAddr || advertiseAddr,
    };
    if (said.listenAddr === listenAddr && said.advertiseAddr === advertiseAddr) return;
    try {
      const addresses = await addressesForInit(said, { own: ports.ownAddress, logger: ports.logger });
      await ports.identity.change(addresses);
    } catch (error) {
      // A cluster of one goes on without a door to the network, as it did so far.
      ports.logger.error({ error: sentenceOf(error), role }, 'the addresses of this node could not be changed');
    }
  }

  /** Tried until it is done: after a restart the manager's state and this key are opened by the same word. */
  async #sealWith(key: string): Promise<void> {
    const { certificates, clock, logger } = this.#ports;
    this.#toldKey = key;
    this.#cancelSeal();
    try {
      await certificates.seal(key);
    } catch (error) {
      logger.error({ error: sentenceOf(error) }, 'the key of this node could not be sealed as the cluster wishes; tried again');
      if (!this.#stopped) this.#cancelSeal = clock.setTimer(limits.sealAgainMs, () => void this.#sealWith(key));
    }
  }

  /** A manager that was open before is opened again by what the agent still knows. */
  #openAgain(): void {
    const { certificates, manager } = this.#ports;
    const given = this.#offered.pid === manager.pid ? this.#offered.keys : [];
    const key = [certificates.unlockKey, this.#toldKey].find((known) => known !== '' && !given.includes(known));
    // What comes of it shows in the manager's state, and it asks again when it needs another.
    if (key !== undefined) void this.#offer(key);
  }

  #offer(key: string): Promise<ManagerAnswer> {
    const { manager } = this.#ports;
    const { pid, keys } = this.#offered;
    this.#offered = { pid: manager.pid, keys: pid === manager.pid ? [...keys, key] : [key] };
    return manager.unlock(key);
  }

  #fresh<T>(what: string, work: () => Promise<T>, hint = 'Use it as it is, or let it leave: tso leave'): Promise<T> {
    if (this.#busyWith === '' && this.#ports.identity.current.membership !== undefined) {
      throw new TsoError('CONFLICT', 'this node is already part of a cluster', { hint });
    }
    return this.#alone(what, work);
  }

  async #alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#busyWith !== '')
      throw new TsoError('CONFLICT', `this node is just ${this.#busyWith}`, { hint: 'Try again when that is done' });
    this.#busyWith = what;
    const done = Promise.resolve().then(work);
    this.#work = done;
    try {
      return await done;
    } finally {
      this.#busyWith = '';
    }
  }
}
