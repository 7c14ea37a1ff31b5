import type {
  DnsConfig,
  IngressPort,
  Link,
  NetworkAllocation,
  NetworkAssignment,
  NetworkAttachmentSpec,
  PortConfig,
  TunnelPeer,
} from '@tso/proto';

/** What the network of a task is made from. */
export interface TaskNetworkPlan {
  readonly taskId: string;
  /** false: the host's namespace (network_mode host); no attachment then. */
  readonly ownNamespace: boolean;
  readonly attachments: readonly NetworkAllocation[];
  /** What the spec says of networks beside that, by their names: interfaces' names, link-local addresses. */
  readonly wishes?: readonly Pick<NetworkAttachmentSpec, 'network' | 'interfaceName' | 'linkLocalIps'>[];
  /** The task whose namespace it shares, which runs here; empty: its own. No attachment then. */
  readonly networkOf: string;
  /** Names that it alone sees. */
  readonly links: readonly Link[];
  /** Its stack and service: a short name means the own stack's first. */
  readonly stack: string;
  readonly serviceName: string;
  /** Sysctls of the net.* tree, set inside the namespace before anything runs. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** A port of a task with mode HOST, as it is published on this host. */
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

/** The encrypted ways to other nodes. */
export interface Tunnels {
  /** This node's own address inside them; empty: none. */
  readonly address: string;
  /** Sorted by node id. */
  readonly peers: readonly TunnelPeer[];
}

/** What others need to reach this node through a tunnel. */
export interface TunnelKey {
  readonly publicKey: string;
  readonly port: number;
  readonly generation: number;
}

/** What `network/networks.ts` offers the rest of the agent. All idempotent; a restart finds what its predecessor made. */
export interface Networks {
  start(): Promise<void>;
  /** Ends the DNS servers and releases the held ports. Devices, rules and namespaces stay for the containers that go on. */
  stop(): Promise<void>;
  configure(settings: NetworkSettings): Promise<void>;
  /** The whole wish: devices and gateways are made, removed networks torn down, names and neighbours follow the endpoints. */
  setNetworks(networks: readonly NetworkAssignment[]): Promise<void>;
  /** Who is on a network changes far more often than the network: names, neighbours and the maps of virtual addresses only. */
  setMembers(network: NetworkAssignment): Promise<void>;
  /** The whole wish of ports that every node answers on. What cannot be held here is in `troubles`. */
  setIngress(ports: readonly IngressPort[]): Promise<void>;
  /** The whole wish. FAILED_PRECONDITION: the kernel has no WireGuard. */
  setTunnels(tunnels: Tunnels): Promise<void>;
  /** undefined: the kernel has no WireGuard. */
  tunnelKey(): Promise<TunnelKey | undefined>;
  /** What is not as wished on this host and cannot be mended by itself, a sentence each. */
  readonly troubles: readonly string[];
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
  resolvConf(plan: TaskNetworkPlan, dns: DnsConfig | undefined): Promise<string>;
  /** The variables that links have given since Docker's first ones: `DB_PORT_5432_TCP_ADDR=…`. */
  linkVariables(plan: TaskNetworkPlan): readonly string[];
  /** Addresses by which the task reaches this host (`host-gateway` of extra_hosts); none when all its networks are internal. */
  hostGateways(plan: TaskNetworkPlan): readonly string[];
}
