import type { Endpoint, NetworkAllocation, NetworkAssignment, PortConfig } from '@tso/proto';

/** What the network of a task is made from. */
export interface TaskNetworkPlan {
  readonly taskId: string;
  /** false: the host's namespace (network_mode host); no attachment then. */
  readonly ownNamespace: boolean;
  readonly attachments: readonly NetworkAllocation[];
  /** Sysctls of the net.* tree, set inside the namespace before anything runs. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** A port of a task as it is published on this host. */
export interface PublishedPort {
  readonly taskId: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly port: PortConfig;
  /** The task's address, on its first network. */
  readonly address: string;
  /** Only serving tasks are forwarded to; the port stays reserved meanwhile. */
  readonly serving: boolean;
}

export interface NetworkSettings {
  readonly clusterId: string;
  /** CIDR of the cluster's pool; claimed on this host by an unreachable route so that others choose another. */
  readonly addressPool: string;
  readonly vxlanPort: number;
  /** This host's VTEP address; empty with a single host. */
  readonly nodeAddress: string;
}

/** What `network/networks.ts` offers the rest of the agent. All idempotent; a restart finds what its predecessor made. */
export interface Networks {
  start(): Promise<void>;
  /** Ends the DNS servers and releases the held ports. Devices, rules and namespaces stay for the containers that go on. */
  stop(): Promise<void>;
  configure(settings: NetworkSettings): Promise<void>;
  /** The whole wish: devices and gateways are made, removed networks torn down, names and neighbours follow the endpoints. */
  setNetworks(networks: readonly NetworkAssignment[]): Promise<void>;
  /** Endpoints change far more often than networks: names and neighbours only. */
  setEndpoints(networkId: string, endpoints: readonly Endpoint[]): Promise<void>;
  /** Makes namespace, interfaces, routes, rules. Returns the absolute path of the namespace file (undefined: the host's). */
  attach(plan: TaskNetworkPlan): Promise<string | undefined>;
  detach(taskId: string): Promise<void>;
  /** Holds the ports for a task; CONFLICT names who has one: "port 8080/tcp is taken on this host by nginx (pid 812)". */
  reserve(ports: readonly PublishedPort[]): Promise<void>;
  /** The whole wish of what is published on this host, replaced atomically; ports no longer named are released. */
  publish(ports: readonly PublishedPort[]): Promise<void>;
  /** Removes namespaces, devices and rules of tasks that are not named. */
  collectGarbage(taskIds: ReadonlySet<string>): Promise<void>;
  /** Text of /etc/resolv.conf for a task of these settings; `nameserver 127.0.0.11` with a namespace of its own, the host's otherwise. */
  resolvConf(
    plan: TaskNetworkPlan,
    dns: { readonly servers: readonly string[]; readonly search: readonly string[]; readonly options: readonly string[] } | undefined,
  ): Promise<string>;
}

/** Who asked, and hence what may be answered. */
export interface DnsQuestionScope {
  readonly taskId: string;
}
