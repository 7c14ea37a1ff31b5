import {
  type AssignmentSet,
  type CertificateReply,
  type Clock,
  type Logger,
  type ManagerWelcome,
  type NodeDescription,
  NodeRole,
  type Random,
  type SessionUpdate,
  sentenceOf,
  type TaskStatus,
} from '@tso/proto';
import type { HostFeatures } from '../host-features.ts';
import type { Networks } from '../network/types.ts';
import { Relays, type RelaysPorts } from '../relay/relays.ts';
import { UsageMeter } from '../usage-meter.ts';
import { hostOf } from './addresses.ts';
import type { NodeCertificates } from './certificates.ts';
import type { Ways } from './connect-plan.ts';
import { described } from './described.ts';
import type { IdentityFile, Membership } from './identity.ts';
import { ManagerCalls } from './manager-calls.ts';
import type { ManagerAnswer, ManagerChild } from './manager-child.ts';
import { type ConnectToManager, nobodyWatches } from './manager-connection.ts';
import type { ManagerOrder, ManagerSettings } from './manager-flags.ts';
import type { ManagerList } from './manager-list.ts';
import { Renewal } from './renewal.ts';
import { RoleKeeper, type RoleKeeperPorts } from './role-keeper.ts';
import { Session, type SessionPorts } from './session.ts';
import { refusalIn } from './session-outcome.ts';

export interface MemberLifePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly identity: IdentityFile;
  readonly certificates: NodeCertificates;
  readonly managers: ManagerList;
  readonly manager: Pick<ManagerChild, 'isThere' | 'state' | 'run' | 'halt' | 'renewTls'>;
  readonly managerState: RoleKeeperPorts['managerState'];
  readonly containers: RelaysPorts['containers'];
  readonly images: RelaysPorts['images'];
  readonly worker: RelaysPorts['worker'] & {
    readonly apply: (set: AssignmentSet) => Promise<void>;
    readonly settling: SessionPorts['settling'];
    readonly statuses: SessionPorts['statuses'];
  };
  /** A connection to a manager, with this node's certificate. */
  readonly connect: ConnectToManager;
  /** What of this node others need to know: of its tunnels, and what is not as wished. */
  readonly networks: Pick<Networks, 'tunnelKey' | 'troubles'>;
  /** What its kernel can do. */
  readonly features: () => HostFeatures;
  /** The networks of tasks follow what the cluster says of them. */
  readonly configureNetworks: (membership: Membership) => Promise<void>;
  /** A manager that proved itself says that this node is no member any more. */
  readonly onRemoved: () => void;
}

/** Where a node stands that is part of a cluster: everything that runs only then. Taken up and let go any number of times. */
export class MemberLife {
  readonly #description: NodeDescription;
  readonly #ports: MemberLifePorts;
  readonly #calls: ManagerCalls;
  readonly #renewal: Renewal;
  readonly #roles: RoleKeeper;
  readonly #relays: Relays;
  #session: Session | undefined;
  /** Why the cluster turns this node away; empty: it does not. */
  #refusal = '';

  constructor(options: { readonly description: NodeDescription }, ports: MemberLifePorts) {
    this.#description = options.description;
    this.#ports = ports;
    this.#relays = new Relays(ports);
    this.#calls = new ManagerCalls({
      ...ports,
      ways: () => this.#ways(),
      connect: (target) => ports.connect(target, nobodyWatches),
      onAnswer: (address) => ports.managers.heard(address),
    });
    this.#renewal = new Renewal({
      ...ports,
      ask: (csr) => this.#askForCertificate(csr),
      onRenewed: (reply) => this.#renewed(reply),
    });
    this.#roles = new RoleKeeper({ ...ports, settings: () => this.#settings(), renew: () => this.#renewal.renew() });
  }

  get calls(): ManagerCalls {
    return this.#calls;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get roles(): RoleKeeper {
    return this.#roles;
  }

  /** What an operator has to know; empty: nothing. */
  get problem(): string {
    return this.#ports.certificates.problem || this.#refusal || this.#roles.problem;
  }

  report(taskId: string, status: TaskStatus): void {
    this.#session?.report(taskId, status);
  }

  /**
   * Begins, or goes on where an earlier agent ended. Resolves with how the manager of this node started, if one is to run; what needs other
   * managers goes on by itself.
   */
  async takeUp(order?: ManagerOrder): Promise<ManagerAnswer | undefined> {
    await Promise.all([this.#relays.start(), this.#roles.start(), this.#renewal.start()]);
    this.#calls.open();
    this.#refusal = '';
    const { role, retired } = this.#membership;
    const certificate = this.#ports.certificates.role;
    const startsAtOnce = role === 'manager' && !retired && (certificate ?? 'manager') === 'manager';
    const settled = this.#roles.settleWith(order);
    const answer = startsAtOnce ? await settled : undefined;
    // Only now: who it is may have been made by its manager just now.
    this.#renewal.plan();
    this.#session ??= this.#newSession();
    await this.#session.start();
    return answer;
  }

  /** Ends all of it; what is on disk stays. */
  async letGo(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#calls.close();
    const rolesEnd = this.#roles.stop();
    await Promise.all([session?.stop(), this.#renewal.stop()]);
    await this.#relays.stop();
    await this.#ports.manager.halt();
    await rolesEnd;
  }

  /** A manager may answer from now on that did not before. */
  managerReady(): void {
    this.#roles.managerReady();
    this.#renewal.plan();
    this.#session?.hurry();
  }

  get #membership(): Membership {
    const { membership } = this.#ports.identity.current;
    if (membership === undefined) throw new Error('a node that is part of no cluster has no life in it');
    return membership;
  }

  #ways(): Ways {
    const { manager, managers, identity } = this.#ports;
    const ownAddress = identity.current.membership?.advertiseAddr ?? '';
    return { own: manager.state === 'ready', ownAddress, addresses: managers.addresses };
  }

  #newSession(): Session {
    const { identity, worker, certificates, managers, connect } = this.#ports;
    const { advertiseAddr } = this.#membership;
    return new Session(
      { nodeId: identity.current.nodeId, address: hostOf(advertiseAddr), begin: managers.lastHeard },
      {
        ...this.#ports,
        relays: this.#relays,
        meter: new UsageMeter(this.#ports),
        describe: () => this.#describe(),
        ways: () => this.#ways(),
        connect,
        identity: () => certificates.held(),
        onWelcome: (welcome) => this.#welcomed(welcome),
        onUpdate: (update) => this.#updated(update),
        onFailure: (error) => this.#refused(error),
        onAssignments: (set) => worker.apply(set),
        settling: () => worker.settling(),
        statuses: () => worker.statuses(),
      },
    );
  }

  async #describe(): Promise<NodeDescription> {
    const { networks, features } = this.#ports;
    return described(this.#description, await networks.tunnelKey(), networks.troubles, features());
  }

  async #welcomed({ clusterId, addressPool, vxlanPort }: ManagerWelcome): Promise<void> {
    this.#refusal = '';
    await this.#ports.configureNetworks(await this.#ports.identity.change({ clusterId, addressPool, vxlanPort }));
  }

  async #updated({ managers, role, authorityEpoch }: SessionUpdate): Promise<void> {
    await this.#ports.managers.set(managers);
    await this.#roles.wish(role === NodeRole.MANAGER ? 'manager' : 'worker');
    const { stored } = this.#ports.certificates;
    if (stored !== undefined && authorityEpoch > stored.authorityEpoch) this.#renewSoon();
  }

  /** Said on the session, so not waited for there. What fails is tried again when the manager says it again, and long before the end. */
  #renewSoon(): void {
    this.#renewal
      .renew()
      .catch((error: unknown) => this.#ports.logger.warn({ error: sentenceOf(error) }, 'could not get a new certificate'));
  }

  async #askForCertificate(csr: string): Promise<CertificateReply> {
    try {
      return await this.#calls.ask((ca, deadlineMs) => ca.renew({ csr }, { deadlineMs }));
    } catch (error) {
      if (refusalIn(error) === 'removed') this.#ports.onRemoved();
      throw error;
    }
  }

  async #renewed(reply: CertificateReply): Promise<void> {
    await this.#ports.managers.set(reply.managers);
    this.#ports.manager.renewTls();
    this.#session?.tellIdentity();
  }

  #refused(error: unknown): void {
    const reason = refusalIn(error);
    if (reason === undefined) return;
    this.#ports.logger.error({ reason, error: sentenceOf(error) }, 'the cluster turns this node away');
    this.#refusal = sentenceOf(error);
    if (reason === 'removed') this.#ports.onRemoved();
    if (reason === 'role') this.#renewSoon();
  }

  #settings(): ManagerSettings {
    const { identity, certificates, managers, random } = this.#ports;
    const { nodeId } = identity.current;
    const { founder, addressPool, subnetPrefix, firstVni, vxlanPort, listenAddr, advertiseAddr } = this.#membership;
    return {
      nodeId,
      addressPool,
      subnetPrefix,
      firstVni,
      vxlanPort,
      identityDir: certificates.directory,
      listenAddr,
      advertiseAddr,
      join: founder ? undefined : managers.another(nodeId, random.number()),
    };
  }
}
