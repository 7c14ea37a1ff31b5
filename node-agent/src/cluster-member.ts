import {
  type Clock,
  type Lifecycle,
  type Logger,
  type ManagerWelcome,
  type NodeDescription,
  type Random,
  sentenceOf,
  type TaskStatus,
  TsoError,
} from '@tso/proto';
import type { RpcChannel } from '@tso/proto/rpc';
import type { IdentityFile, Membership } from './identity.ts';
import type { ManagerChild } from './manager-child.ts';
import { requireCidr } from './network/address.ts';
import type { Networks } from './network/types.ts';
import { type AgentPaths, runDirTag } from './paths.ts';
import { Relays, type RelaysPorts } from './relay/relays.ts';
import { Session, type SessionPorts } from './session.ts';

export interface ClusterMemberOptions {
  readonly paths: AgentPaths;
  readonly description: NodeDescription;
  /** Address other hosts reach this one at; empty on a single host. */
  readonly advertiseAddr: string;
}

export interface ClusterMemberPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly identity: Pick<IdentityFile, 'current' | 'join'>;
  readonly manager: Pick<ManagerChild, 'start' | 'join' | 'stop' | 'pid' | 'forceNewCluster'>;
  readonly networks: Pick<Networks, 'configure'>;
  readonly containers: RelaysPorts['containers'];
  readonly worker: RelaysPorts['worker'] & {
    readonly apply: SessionPorts['onAssignments'];
    readonly statuses: SessionPorts['statuses'];
  };
  /** A connection to the manager. */
  readonly connect: () => RpcChannel;
  /** A range of addresses that this host does not use. */
  readonly choosePool: () => Promise<string>;
}

export interface InitWish {
  /** CIDR; undefined: chosen. */
  readonly addressPool: string | undefined;
  /** The other managers are lost for ever: begin a new cluster with what this node's manager has. */
  readonly forceNewCluster?: boolean;
}

const defaultVxlanPort = 4789;
const defaultFirstVni = 4096;
const lastVni = 0xff_ffff;
/** A network gets a /24 of the pool. */
const [widestPool, narrowestPool] = [8, 24];

const requirePool = (text: string): string => {
  const { prefixLength } = requireCidr(text, 'the address pool');
  if (prefixLength >= widestPool && prefixLength <= narrowestPool) return text;
  throw new TsoError('INVALID_ARGUMENT', `the address pool "${text}" must be from /${widestPool} to /${narrowestPool}`, {
    hint: 'Each network gets a /24 of it: 10.128.0.0/12 has room for 4096',
  });
};

const requireManager = (membership: Membership | undefined, { addressPool }: InitWish): void => {
  if (membership === undefined) {
    throw new TsoError('FAILED_PRECONDITION', 'this node is not part of a cluster: there is nothing to begin a new one with', {
      hint: 'Use it on a node whose manager survived, or leave --force-new-cluster out',
    });
  }
  if (addressPool === undefined) return;
  throw new TsoError('INVALID_ARGUMENT', 'a new cluster made with --force-new-cluster keeps its address pool', {
    hint: 'Leave --address-pool out',
  });
};

/** This node's part in a cluster, once it has one: the manager that runs here, the session with it, the streams it asks for. */
export class ClusterMember implements Lifecycle {
  readonly #options: ClusterMemberOptions;
  readonly #ports: ClusterMemberPorts;
  readonly #relays: Relays;
  #session: Session | undefined;
  #initialising: Promise<string> | undefined;
  #stopped = false;

  constructor(options: ClusterMemberOptions, ports: ClusterMemberPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#relays = new Relays(ports);
  }

  async start(): Promise<void> {
    await this.#relays.start();
    await this.#ports.manager.start();
    const { membership } = this.#ports.identity.current;
    if (membership !== undefined) await this.#run(membership);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#session?.stop();
    await this.#relays.stop();
    await this.#ports.manager.stop();
  }

  get managerPid(): number | undefined {
    return this.#ports.manager.pid;
  }

  /** Whether the session with the manager stands. */
  get isConnected(): boolean {
    return this.#session?.isConnected ?? false;
  }

  report(taskId: string, status: TaskStatus): void {
    this.#session?.report(taskId, status);
  }

  /** Begins a cluster of which this node is the first manager. Its node id. CONFLICT: it has one; INVALID_ARGUMENT: the pool. */
  init(wish: InitWish): Promise<string> {
    this.#initialising ??= this.#initOnce(wish).finally(() => {
      this.#initialising = undefined;
    });
    return this.#initialising;
  }

  async #initOnce(wish: InitWish): Promise<string> {
    const { identity, choosePool, random, manager } = this.#ports;
    const { nodeId, membership } = identity.current;
    if (wish.forceNewCluster === true) {
      requireManager(membership, wish);
      await manager.forceNewCluster();
      return nodeId;
    }
    if (membership !== undefined) {
      throw new TsoError('CONFLICT', 'this node is already part of a cluster', {
        hint: 'Use it as it is, or remove its data directory to begin anew',
      });
    }
    const isDefault = runDirTag(this.#options.paths) === '';
    const chosen: Membership = {
      addressPool: wish.addressPool === undefined ? await choosePool() : requirePool(wish.addressPool),
      // Two clusters on one machine share its kernel's VXLAN numbers, so only the default one starts at the bottom.
      firstVni: isDefault ? defaultFirstVni : defaultFirstVni + Math.floor(random.number() * (lastVni / 2)),
      vxlanPort: defaultVxlanPort,
    };
    await identity.join(chosen);
    // It is a member from here on, and is run as one whatever else fails: nothing would do so later.
    await this.configureNetworks(chosen, '');
    await this.#run(chosen);
    return nodeId;
  }

  /** What cannot be configured now is logged: the manager's welcome tries it again, and the tasks concerned say so themselves. */
  async configureNetworks({ addressPool, vxlanPort }: Membership, clusterId: string): Promise<void> {
    try {
      await this.#ports.networks.configure({ clusterId, addressPool, vxlanPort, nodeAddress: this.#options.advertiseAddr });
    } catch (error) {
      this.#ports.logger.error({ error: sentenceOf(error) }, 'the networks of this host could not be configured');
    }
  }

  async #run(membership: Membership): Promise<void> {
    const { identity, worker, manager, connect } = this.#ports;
    await manager.join(membership);
    if (this.#session !== undefined || this.#stopped) return;
    const { description, advertiseAddr: address } = this.#options;
    this.#session = new Session(
      { nodeId: identity.current.nodeId, address, description },
      {
        ...this.#ports,
        connect,
        relays: this.#relays,
        onWelcome: (welcome) => this.#welcomed(membership, welcome),
        onAssignments: (set) => worker.apply(set),
        statuses: () => worker.statuses(),
      },
    );
    await this.#session.start();
  }

  async #welcomed(membership: Membership, { clusterId, addressPool, vxlanPort }: ManagerWelcome): Promise<void> {
    await this.configureNetworks({ ...membership, addressPool, vxlanPort }, clusterId);
  }
}
