import type {
  AssignmentSet,
  ContainerSpec,
  Endpoint,
  Hook,
  Meta,
  Mount,
  Network,
  NetworkAllocation,
  NetworkAssignment,
  NetworkAttachmentSpec,
  NetworkSpec,
  Node,
  NodeDescription,
  PathStat,
  PortConfig,
  Resources,
  RestartPolicy,
  Service,
  ServiceSpec,
  StackSpec,
  TaskSpec,
  TaskStatus,
  UpdateConfig,
} from './gen/types.ts';
import {
  EndpointMode,
  HealthState,
  MountType,
  NodeAvailability,
  NodeRole,
  NodeState,
  PortProtocol,
  PublishMode,
  PullPolicy,
  RebalanceMode,
  RestartCondition,
  ServiceMode,
  TaskState,
  UpdateFailureAction,
  UpdateOrder,
} from './gen/types.ts';

/** Whole values of the vocabulary's larger messages, to be spread over: `{ ...emptyContainerSpec, image }`. */

export const emptyResources: Resources = { nanoCpus: 0, memoryBytes: 0, pids: 0 };
export const emptyMeta: Meta = { version: 0, createdAtMs: 0, updatedAtMs: 0 };

export const emptyPathStat: PathStat = {
  name: '',
  sizeBytes: 0,
  mode: 0,
  modifiedAtMs: 0,
  linkTarget: '',
  isDirectory: false,
  missing: false,
  taskId: '',
};

export const emptyMount: Mount = {
  type: MountType.BIND,
  source: '',
  target: '',
  readOnly: false,
  createHostPath: false,
  propagation: '',
  noCopy: false,
  tmpfsSizeBytes: 0,
  tmpfsMode: 0,
  subpath: '',
  recursiveDisabled: false,
  recursiveReadOnly: false,
};

export const emptyHook: Hook = { command: [], user: '', workingDir: '', env: [], privileged: false, image: '' };

export const emptyContainerSpec: ContainerSpec = {
  image: '',
  env: [],
  workingDir: '',
  user: '',
  groupAdd: [],
  hostname: '',
  domainname: '',
  labels: {},
  stopSignal: '',
  stopGracePeriodMs: 0,
  tty: false,
  openStdin: false,
  readOnly: false,
  privileged: false,
  capAdd: [],
  capDrop: [],
  noNewPrivileges: false,
  seccomp: '',
  sysctls: {},
  ulimits: [],
  shmSizeBytes: 0,
  mounts: [],
  devices: [],
  extraHosts: [],
  usernsMode: '',
  pidMode: '',
  ipcMode: '',
  utsMode: '',
  cgroupMode: '',
  oomScoreAdj: 0,
  pullPolicy: PullPolicy.PULL_MISSING,
  platform: '',
  memorySwapBytes: 0,
  cpusetCpus: '',
  cpuShares: 0,
  containerName: '',
  cgroupParent: '',
  annotations: {},
  deviceCgroupRules: [],
  oomKillDisable: false,
  cpuRtRuntimeUs: 0,
  cpuRtPeriodUs: 0,
  runtime: '',
  preStart: [],
  postStart: [],
  preStop: [],
  files: [],
  pullRefreshMs: 0,
  builtDigest: '',
};

export const defaultRestartPolicy: RestartPolicy = { condition: RestartCondition.RESTART_ANY, delayMs: 5_000, maxAttempts: 0, windowMs: 0 };

export const defaultUpdateConfig: UpdateConfig = {
  parallelism: 1,
  delayMs: 0,
  order: UpdateOrder.STOP_FIRST,
  monitorMs: 5_000,
  maxFailureRatio: 0,
  failureAction: UpdateFailureAction.FAILURE_PAUSE,
};

export const emptyTaskSpec: TaskSpec = {
  container: emptyContainerSpec,
  limits: emptyResources,
  reservations: emptyResources,
  restart: defaultRestartPolicy,
  placement: { constraints: [], spreadOver: [], maxReplicasPerNode: 0 },
  networks: [],
  networkMode: '',
  links: [],
  generic: [],
  forceUpdate: 0,
  logMaxSizeBytes: 0,
  logMaxFiles: 0,
};

export const emptyPort: PortConfig = {
  target: 0,
  published: 0,
  protocol: PortProtocol.TCP,
  mode: PublishMode.INGRESS,
  hostIp: '',
  onlyLocal: false,
  rangeFrom: 0,
  rangeTo: 0,
};

export const emptyNetworkSpec: NetworkSpec = {
  name: '',
  driver: 'overlay',
  internal: false,
  external: false,
  attachable: false,
  subnet: '',
  gateway: '',
  labels: {},
  driverOpts: {},
  ipRange: '',
  reserved: {},
  enableIpv6: false,
  subnet6: '',
  gateway6: '',
  ipRange6: '',
};

/** A network of which nothing is decided yet. */
export const newNetwork: Network = {
  id: '',
  meta: emptyMeta,
  spec: emptyNetworkSpec,
  stack: '',
  vni: 0,
  subnet: '',
  gateway: '',
  nextHost: 0,
  removing: false,
  subnet6: '',
  gateway6: '',
};

export const emptyAttachment: NetworkAttachmentSpec = {
  network: '',
  aliases: [],
  ipv4Address: '',
  ipv6Address: '',
  macAddress: '',
  priority: 0,
  interfaceName: '',
  linkLocalIps: [],
};

export const emptyAllocation: NetworkAllocation = { networkId: '', address: '', address6: '', mac: '', aliases: [] };

export const emptyEndpoint: Endpoint = {
  taskId: '',
  serviceId: '',
  serviceName: '',
  stack: '',
  slot: 0,
  address: '',
  address6: '',
  mac: '',
  nodeId: '',
  vtep: '',
  names: [],
  serving: false,
};

export const emptyNetworkAssignment: NetworkAssignment = {
  id: '',
  name: '',
  driver: 'overlay',
  vni: 0,
  subnet: '',
  gateway: '',
  subnet6: '',
  gateway6: '',
  internal: false,
  ingress: false,
  driverOpts: {},
  endpoints: [],
  services: [],
  hosts: [],
};

/** A difference that changes nothing. */
export const emptyAssignmentSet: AssignmentSet = {
  version: 0,
  baseVersion: 0,
  tasks: [],
  removedTasks: [],
  networks: [],
  removedNetworks: [],
  volumes: [],
  removedVolumes: [],
  ingress: [],
  removedIngress: [],
  peers: [],
  removedPeers: [],
  networkChanges: [],
  ingressChanges: [],
  tunnelAddress: '',
  files: [],
  removedFiles: [],
};

export const emptyServiceSpec: ServiceSpec = {
  name: '',
  labels: {},
  task: emptyTaskSpec,
  mode: ServiceMode.REPLICATED,
  replicas: 1,
  update: defaultUpdateConfig,
  rollback: defaultUpdateConfig,
  ports: [],
  endpointMode: EndpointMode.VIP,
  dependsOn: [],
  rebalance: RebalanceMode.REBALANCE_NEVER,
  affinity: false,
  expose: [],
  priority: 0,
};

export const emptyStackSpec: StackSpec = { name: '', services: [], networks: [], volumes: [], files: [] };

/** A service of which nothing is decided yet. */
export const newService: Service = {
  id: '',
  meta: emptyMeta,
  stack: '',
  spec: emptyServiceSpec,
  specVersion: 0,
  ports: [],
  vips: [],
  removing: false,
  rebalance: 0,
  rebalanced: 0,
  rebalancedAtMs: 0,
  files: [],
  previousFiles: [],
  jobIteration: 0,
  unproven: false,
  stopped: false,
  runs: [],
  scheduledAtMs: 0,
};

export const emptyNodeDescription: NodeDescription = {
  hostname: '',
  platform: { os: 'linux', architecture: '', variant: '' },
  resources: emptyResources,
  engineVersion: '',
  engineLabels: {},
  kernel: '',
  wireguardKey: '',
  wireguardPort: 0,
  wireguardGeneration: 0,
  generic: [],
  networkDrivers: [],
  fileSystems: [],
  troubles: [],
};

/** A node of which nothing was heard yet. */
export const newNode: Node = {
  id: '',
  meta: emptyMeta,
  role: NodeRole.WORKER,
  availability: NodeAvailability.ACTIVE,
  labels: {},
  description: emptyNodeDescription,
  state: NodeState.NODE_UNKNOWN,
  stateMessage: '',
  address: '',
  wantedRole: NodeRole.WORKER,
  keyDigest: '',
  authorityEpoch: 0,
  removing: false,
  previousVersion: 0,
  changedBy: '',
  addresses: [],
  tunnelAddress: '',
};

export const newTaskStatus: TaskStatus = {
  state: TaskState.NEW,
  atMs: 0,
  message: '',
  error: '',
  containerId: '',
  pid: 0,
  health: HealthState.HEALTH_NONE,
  startedAtMs: 0,
  finishedAtMs: 0,
  imageDigest: '',
};
