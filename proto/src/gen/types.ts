// Made by proto/scripts/generate.ts from tso/v1/*.proto. Do not edit.

export const TaskState = {
  NEW: 0,
  ALLOCATED: 64,
  ASSIGNED: 192,
  PREPARING: 320,
  READY: 384,
  STARTING: 448,
  RUNNING: 512,
  COMPLETE: 576,
  SHUTDOWN: 640,
  FAILED: 704,
  REJECTED: 768,
  REMOVE: 800,
  ORPHANED: 832,
} as const;
export type TaskState = (typeof TaskState)[keyof typeof TaskState];

export const HealthState = {
  HEALTH_NONE: 0,
  HEALTH_STARTING: 1,
  HEALTHY: 2,
  UNHEALTHY: 3,
} as const;
export type HealthState = (typeof HealthState)[keyof typeof HealthState];

export const NodeState = {
  NODE_UNKNOWN: 0,
  NODE_READY: 1,
  NODE_DOWN: 2,
  NODE_DISCONNECTED: 3,
} as const;
export type NodeState = (typeof NodeState)[keyof typeof NodeState];

export const NodeRole = {
  WORKER: 0,
  MANAGER: 1,
} as const;
export type NodeRole = (typeof NodeRole)[keyof typeof NodeRole];

export const NodeAvailability = {
  ACTIVE: 0,
  PAUSE: 1,
  DRAIN: 2,
} as const;
export type NodeAvailability = (typeof NodeAvailability)[keyof typeof NodeAvailability];

export const ServiceMode = {
  REPLICATED: 0,
  GLOBAL: 1,
  REPLICATED_JOB: 2,
  GLOBAL_JOB: 3,
} as const;
export type ServiceMode = (typeof ServiceMode)[keyof typeof ServiceMode];

export const RestartCondition = {
  RESTART_ANY: 0,
  RESTART_ON_FAILURE: 1,
  RESTART_NONE: 2,
} as const;
export type RestartCondition = (typeof RestartCondition)[keyof typeof RestartCondition];

export const UpdateOrder = {
  STOP_FIRST: 0,
  START_FIRST: 1,
} as const;
export type UpdateOrder = (typeof UpdateOrder)[keyof typeof UpdateOrder];

export const UpdateFailureAction = {
  FAILURE_PAUSE: 0,
  FAILURE_CONTINUE: 1,
  FAILURE_ROLLBACK: 2,
} as const;
export type UpdateFailureAction = (typeof UpdateFailureAction)[keyof typeof UpdateFailureAction];

export const UpdateState = {
  UPDATE_NONE: 0,
  UPDATING: 1,
  UPDATE_PAUSED: 2,
  UPDATE_COMPLETED: 3,
  ROLLBACK_STARTED: 4,
  ROLLBACK_PAUSED: 5,
  ROLLBACK_COMPLETED: 6,
} as const;
export type UpdateState = (typeof UpdateState)[keyof typeof UpdateState];

export const MountType = {
  BIND: 0,
  VOLUME: 1,
  TMPFS: 2,
  IMAGE: 3,
} as const;
export type MountType = (typeof MountType)[keyof typeof MountType];

export const FileKind = {
  CONFIG_FILE: 0,
  SECRET_FILE: 1,
} as const;
export type FileKind = (typeof FileKind)[keyof typeof FileKind];

export const PortProtocol = {
  TCP: 0,
  UDP: 1,
  SCTP: 2,
} as const;
export type PortProtocol = (typeof PortProtocol)[keyof typeof PortProtocol];

export const PublishMode = {
  INGRESS: 0,
  HOST: 1,
} as const;
export type PublishMode = (typeof PublishMode)[keyof typeof PublishMode];

export const EndpointMode = {
  VIP: 0,
  DNSRR: 1,
} as const;
export type EndpointMode = (typeof EndpointMode)[keyof typeof EndpointMode];

export const RebalanceMode = {
  REBALANCE_NEVER: 0,
  REBALANCE_AUTO: 1,
} as const;
export type RebalanceMode = (typeof RebalanceMode)[keyof typeof RebalanceMode];

export const PlacementStrategy = {
  SPREAD: 0,
  BINPACK: 1,
} as const;
export type PlacementStrategy = (typeof PlacementStrategy)[keyof typeof PlacementStrategy];

export const ConcurrencyPolicy = {
  CONCURRENCY_ALLOW: 0,
  CONCURRENCY_FORBID: 1,
  CONCURRENCY_REPLACE: 2,
} as const;
export type ConcurrencyPolicy = (typeof ConcurrencyPolicy)[keyof typeof ConcurrencyPolicy];

export const RunState = {
  RUN_UNDER_WAY: 0,
  RUN_SUCCEEDED: 1,
  RUN_FAILED: 2,
  RUN_SKIPPED: 3,
  RUN_REPLACED: 4,
} as const;
export type RunState = (typeof RunState)[keyof typeof RunState];

export const LogStream = {
  STDOUT: 0,
  STDERR: 1,
} as const;
export type LogStream = (typeof LogStream)[keyof typeof LogStream];

export const PullPolicy = {
  PULL_MISSING: 0,
  PULL_ALWAYS: 1,
  PULL_NEVER: 2,
} as const;
export type PullPolicy = (typeof PullPolicy)[keyof typeof PullPolicy];

export const ServiceVerb = {
  VERB_RESTART: 0,
  VERB_STOP: 1,
  VERB_START: 2,
  VERB_PAUSE: 3,
  VERB_UNPAUSE: 4,
  VERB_ROLLBACK: 5,
  VERB_CONTINUE: 6,
  VERB_REMOVE: 7,
} as const;
export type ServiceVerb = (typeof ServiceVerb)[keyof typeof ServiceVerb];

export const ServingStatus = {
  SERVING_STATUS_UNKNOWN: 0,
  SERVING: 1,
  NOT_SERVING: 2,
  SERVICE_UNKNOWN: 3,
} as const;
export type ServingStatus = (typeof ServingStatus)[keyof typeof ServingStatus];

export const RaftMessageType = {
  RAFT_MESSAGE_UNKNOWN: 0,
  MSG_PROP: 1,
  MSG_APP: 2,
  MSG_APP_RESP: 3,
  MSG_VOTE: 4,
  MSG_VOTE_RESP: 5,
  MSG_PRE_VOTE: 6,
  MSG_PRE_VOTE_RESP: 7,
  MSG_SNAP: 8,
  MSG_HEARTBEAT: 9,
  MSG_HEARTBEAT_RESP: 10,
  MSG_TRANSFER_LEADER: 11,
  MSG_TIMEOUT_NOW: 12,
  MSG_READ_INDEX: 13,
  MSG_READ_INDEX_RESP: 14,
  MSG_FORGET_LEADER: 15,
} as const;
export type RaftMessageType = (typeof RaftMessageType)[keyof typeof RaftMessageType];

export const RaftEntryType = {
  ENTRY_NORMAL: 0,
  ENTRY_CONF_CHANGE: 1,
  ENTRY_CONF_CHANGE_V2: 2,
} as const;
export type RaftEntryType = (typeof RaftEntryType)[keyof typeof RaftEntryType];

export interface ManagerAddress {
  readonly nodeId: string;
  readonly address: string;
}

export interface JoinClusterRequest {
  readonly secret: string;
  readonly csr: string;
  readonly nodeId: string;
  readonly hostname: string;
  readonly address: string;
}

export interface RenewRequest {
  readonly csr: string;
}

export interface CertificateReply {
  readonly certificate: string;
  readonly authorities: string;
  readonly authorityEpoch: number;
  readonly clusterId: string;
  readonly role: NodeRole;
  readonly notAfterMs: number;
  readonly renewAtMs: number;
  readonly managers: readonly ManagerAddress[];
  readonly addressPool: string;
  readonly vxlanPort: number;
  readonly address: string;
}

export interface LeaveRequest {

}

export interface LeaveReply {

}

export interface GetJoinTokensRequest {

}

export interface JoinTokens {
  readonly worker: string;
  readonly manager: string;
  readonly managers: readonly ManagerAddress[];
}

export interface RotateJoinTokenRequest {
  readonly role: NodeRole;
}

export interface GetAuthorityRequest {

}

export interface AuthorityView {
  readonly certificates: string;
  readonly digest: string;
  readonly epoch: number;
  readonly rotating: boolean;
  readonly waitingFor: readonly string[];
  readonly notAfterMs: number;
  readonly certificateLifeMs: number;
}

export interface RotateAuthorityRequest {
  readonly certificate: string;
  readonly key: string;
  readonly viewOnly: boolean;
  readonly certificateLifeMs: number;
}

export interface IssueClientRequest {
  readonly name: string;
  readonly csr: string;
  readonly lifeMs: number;
}

export interface RevokeClientRequest {
  readonly name: string;
}

export interface RevokeClientReply {

}

export interface SetAutolockRequest {
  readonly enabled: boolean;
  readonly rotate: boolean;
}

export interface GetUnlockKeyRequest {

}

export interface UnlockKey {
  readonly key: string;
}

export interface StringList {
  readonly values: readonly string[];
}

export interface Meta {
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface Resources {
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  readonly pids: number;
}

export interface GenericResource {
  readonly kind: string;
  readonly count: number;
  readonly ids: readonly string[];
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

export interface PortConfig {
  readonly target: number;
  readonly published: number;
  readonly protocol: PortProtocol;
  readonly mode: PublishMode;
  readonly hostIp: string;
  readonly onlyLocal: boolean;
  readonly rangeFrom: number;
  readonly rangeTo: number;
}

export interface FieldChange {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface ObjectChange {
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  readonly changes: readonly FieldChange[];
  readonly effect?: string;
}

export interface ApplyStackRequest {
  readonly spec: StackSpec;
  readonly expectedVersion?: number;
  readonly dryRun: boolean;
  readonly removeOrphans: boolean;
  readonly services: readonly string[];
  readonly files: readonly FileContent[];
  readonly declared: readonly string[];
}

export interface FileContent {
  readonly kind: FileKind;
  readonly name: string;
  readonly data: Uint8Array;
}

export interface ApplyStackReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
  readonly warnings: readonly string[];
  readonly preview?: PlanPreview;
}

export interface PlanPreview {
  readonly tasks: readonly PlannedTask[];
}

export interface PlannedTask {
  readonly service: string;
  readonly slot: number;
  readonly action: string;
  readonly node: string;
  readonly reason: string;
}

export interface RemoveStackRequest {
  readonly name: string;
  readonly volumes: boolean;
}

export interface RemoveStackReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
}

export interface ServiceScale {
  readonly service: string;
  readonly replicas: number;
}

export interface ScaleServicesRequest {
  readonly stack: string;
  readonly scales: readonly ServiceScale[];
}

export interface ScaleServicesReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
}

export interface UpdateServiceRequest {
  readonly stack: string;
  readonly spec: ServiceSpec;
  readonly expectedVersion?: number;
  readonly dryRun: boolean;
}

export interface UpdateServiceReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
  readonly warnings: readonly string[];
  readonly preview?: PlanPreview;
}

export interface ChangeServicesRequest {
  readonly stack: string;
  readonly services: readonly string[];
  readonly verb: ServiceVerb;
}

export interface ChangeServicesReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
}

export interface ExplainPlacementRequest {
  readonly stack: string;
  readonly services: readonly string[];
}

export interface ExplainPlacementReply {
  readonly placements: readonly PlacementView[];
  readonly version: number;
  readonly cut?: number;
}

export interface PlacementView {
  readonly task: Task;
  readonly node: string;
  readonly sentence: string;
  readonly nodes: readonly NodeVerdict[];
}

export interface NodeVerdict {
  readonly nodeId: string;
  readonly hostname: string;
  readonly fits: boolean;
  readonly reason: string;
}

export interface SignalRequest {
  readonly stack: string;
  readonly targets: readonly string[];
  readonly signal: string;
}

export interface SignalReply {
  readonly tasks: readonly SignalledTask[];
  readonly warnings: readonly string[];
}

export interface SignalledTask {
  readonly taskId: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string;
}

export interface GetStackRequest {
  readonly name: string;
}

export interface WatchStackRequest {
  readonly name: string;
  readonly minVersion: number;
}

export interface StackView {
  readonly name: string;
  readonly version: number;
  readonly exists: boolean;
  readonly services: readonly ServiceView[];
  readonly networks: readonly Network[];
  readonly volumes: readonly Volume[];
  readonly stackVersion?: number;
}

export interface ServiceView {
  readonly service: Service;
  readonly tasks: readonly Task[];
  readonly desired: number;
  readonly running: number;
  readonly healthy: number;
  readonly converged: boolean;
  readonly waitingReason: string;
  readonly failed: boolean;
  readonly completed?: number;
}

export interface ListStacksRequest {

}

export interface StackSummary {
  readonly name: string;
  readonly services: number;
  readonly tasksDesired: number;
  readonly tasksRunning: number;
}

export interface ListStacksReply {
  readonly stacks: readonly StackSummary[];
}

export interface ListTasksRequest {
  readonly stack: string;
  readonly services: readonly string[];
  readonly all: boolean;
  readonly node: string;
}

export interface TaskView {
  readonly task: Task;
  readonly node: string;
  readonly addresses: readonly NetworkAddress[];
}

export interface NetworkAddress {
  readonly network: string;
  readonly address: string;
}

export interface ListTasksReply {
  readonly tasks: readonly TaskView[];
  readonly version: number;
}

export interface ListNodesRequest {

}

export interface ListNodesReply {
  readonly nodes: readonly NodeView[];
}

export interface NodeRef {
  readonly node: string;
}

export interface NodeView {
  readonly node: Node;
  readonly leader: boolean;
  readonly reachability: string;
  readonly managerAddress: string;
  readonly raftId: number;
  readonly voter: boolean;
  readonly reserved: Resources;
  readonly tasksRunning: number;
}

export interface UpdateNodeRequest {
  readonly node: string;
  readonly expectedVersion?: number;
  readonly availability?: NodeAvailability;
  readonly role?: NodeRole;
  readonly labelsSet: Readonly<Record<string, string>>;
  readonly labelsRemove: readonly string[];
}

export interface UpdateNodeReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
  readonly node: Node;
}

export interface RemoveNodeRequest {
  readonly node: string;
  readonly force: boolean;
}

export interface RemoveNodeReply {
  readonly version: number;
  readonly nodeId: string;
}

export interface RebalanceServicesRequest {
  readonly stack: string;
  readonly services: readonly string[];
  readonly dryRun?: boolean;
}

export interface RebalanceServicesReply {
  readonly version: number;
  readonly changes: readonly ObjectChange[];
}

export interface NetworkRef {
  readonly network: string;
}

export interface CreateNetworkRequest {
  readonly spec: NetworkSpec;
}

export interface CreateNetworkReply {
  readonly version: number;
  readonly network: Network;
}

export interface ListNetworksRequest {

}

export interface ListNetworksReply {
  readonly networks: readonly NetworkView[];
  readonly version: number;
}

export interface NetworkView {
  readonly network: Network;
  readonly endpoints: readonly EndpointView[];
  readonly addressesUsed: number;
  readonly addressesTotal: number;
  readonly tasks: number;
  readonly services: readonly string[];
  readonly warning: string;
}

export interface EndpointView {
  readonly taskId: string;
  readonly service: string;
  readonly stack: string;
  readonly slot: number;
  readonly node: string;
  readonly address: string;
  readonly address6: string;
  readonly mac: string;
  readonly serving: boolean;
}

export interface RemoveNetworkRequest {
  readonly network: string;
}

export interface RemoveNetworkReply {
  readonly version: number;
  readonly name: string;
}

export interface PutConfigRequest {
  readonly name: string;
  readonly data: Uint8Array;
  readonly labels: Readonly<Record<string, string>>;
  readonly expectedVersion?: number;
}

export interface PutConfigReply {
  readonly version: number;
}

export interface GetConfigRequest {
  readonly name: string;
}

export interface ListConfigsRequest {

}

export interface ListConfigsReply {
  readonly configs: readonly Config[];
  readonly version: number;
  readonly uses: readonly ConfigUse[];
}

export interface ConfigUse {
  readonly sizeBytes: number;
  readonly usedBy: readonly string[];
}

export interface RemoveConfigRequest {
  readonly name: string;
  readonly expectedVersion?: number;
}

export interface RemoveConfigReply {
  readonly version: number;
}

export interface PutSecretRequest {
  readonly name: string;
  readonly data: Uint8Array;
  readonly labels: Readonly<Record<string, string>>;
  readonly expectedVersion?: number;
}

export interface PutSecretReply {
  readonly version: number;
}

export interface GetSecretRequest {
  readonly name: string;
}

export interface SecretView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly meta: Meta;
  readonly stack: string;
  readonly sizeBytes: number;
  readonly usedBy: readonly string[];
}

export interface ListSecretsRequest {

}

export interface ListSecretsReply {
  readonly secrets: readonly SecretView[];
  readonly version: number;
}

export interface RemoveSecretRequest {
  readonly name: string;
  readonly expectedVersion?: number;
}

export interface RemoveSecretReply {
  readonly version: number;
}

export interface LoadImageStart {
  readonly node: string;
  readonly options: ImageInOptions;
}

export interface LoadImageRequest {
  readonly start?: LoadImageStart;
  readonly frame?: RelayFrame;
}

export interface GetInfoRequest {

}

export interface ClusterInfo {
  readonly clusterId: string;
  readonly version: number;
  readonly nodes: number;
  readonly nodesReady: number;
  readonly stacks: number;
  readonly services: number;
  readonly tasks: number;
  readonly tasksRunning: number;
  readonly engineVersion: string;
  readonly managers: number;
  readonly managersReachable: number;
  readonly leader: string;
  readonly answeredBy: string;
  readonly autolock: boolean;
}

export interface LogsRequest {
  readonly stack: string;
  readonly targets: readonly string[];
  readonly options: LogsOptions;
  readonly seen: readonly LogSeen[];
}

export interface LogSeen {
  readonly taskId: string;
  readonly position: LogPosition;
}

export interface LogsReply {
  readonly line?: LogLine;
  readonly warning?: string;
}

export interface ExecStart {
  readonly stack: string;
  readonly target: string;
  readonly index: number;
  readonly options: ExecOptions;
}

export interface ExecRequest {
  readonly start?: ExecStart;
  readonly frame?: RelayFrame;
}

export interface TaskTarget {
  readonly stack: string;
  readonly target: string;
  readonly index: number;
}

export interface StatsRequest {
  readonly stack: string;
  readonly targets: readonly string[];
  readonly stream: boolean;
}

export interface StatsReply {
  readonly sample?: StatsOfTask;
  readonly warning?: string;
}

export interface StatsOfTask {
  readonly stats: StatsSample;
  readonly stack: string;
  readonly serviceName: string;
  readonly slot: number;
  readonly node: string;
}

export interface TopRequest {
  readonly stack: string;
  readonly targets: readonly string[];
}

export interface TopReply {
  readonly tasks: readonly TaskProcesses[];
  readonly warnings: readonly string[];
}

export interface TaskProcesses {
  readonly task: Task;
  readonly node: string;
  readonly processes: ProcessList;
}

export interface CopyOutRequest {
  readonly target: TaskTarget;
  readonly options: CopyOutOptions;
}

export interface CopyInStart {
  readonly target: TaskTarget;
  readonly options: CopyInOptions;
}

export interface CopyInRequest {
  readonly start?: CopyInStart;
  readonly frame?: RelayFrame;
}

export interface EventFilter {
  readonly key: string;
  readonly value: string;
}

export interface EventsRequest {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly filters: readonly EventFilter[];
  readonly afterVersion?: number;
}

export interface ClusterEvent {
  readonly atMs: number;
  readonly version: number;
  readonly kind: string;
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface BackupRequest {

}

export interface BackupPart {
  readonly data: Uint8Array;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export interface Device {
  readonly source: string;
  readonly target: string;
  readonly permissions: string;
}

export interface Mount {
  readonly type: MountType;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly createHostPath: boolean;
  readonly propagation: string;
  readonly noCopy: boolean;
  readonly tmpfsSizeBytes: number;
  readonly tmpfsMode: number;
  readonly subpath: string;
  readonly recursiveDisabled: boolean;
  readonly tmpfsUid?: number;
  readonly tmpfsGid?: number;
  readonly recursiveReadOnly: boolean;
}

export interface Hook {
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly env: readonly string[];
  readonly privileged: boolean;
  readonly image: string;
}

export interface DeviceWeight {
  readonly path: string;
  readonly weight: number;
}

export interface DeviceRate {
  readonly path: string;
  readonly rate: number;
}

export interface Blkio {
  readonly weight: number;
  readonly weightDevice: readonly DeviceWeight[];
  readonly readBps: readonly DeviceRate[];
  readonly writeBps: readonly DeviceRate[];
  readonly readIops: readonly DeviceRate[];
  readonly writeIops: readonly DeviceRate[];
}

export interface FileMount {
  readonly kind: FileKind;
  readonly name: string;
  readonly target: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export interface HealthCheck {
  readonly test: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export interface ContainerSpec {
  readonly image: string;
  readonly entrypoint?: StringList;
  readonly command?: StringList;
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly groupAdd: readonly string[];
  readonly hostname: string;
  readonly domainname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string;
  readonly stopGracePeriodMs: number;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly readOnly: boolean;
  readonly init?: boolean;
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly seccomp: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ulimits: readonly Ulimit[];
  readonly shmSizeBytes: number;
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly extraHosts: readonly string[];
  readonly dns?: DnsConfig;
  readonly usernsMode: string;
  readonly pidMode: string;
  readonly ipcMode: string;
  readonly utsMode: string;
  readonly cgroupMode: string;
  readonly oomScoreAdj: number;
  readonly healthCheck?: HealthCheck;
  readonly pullPolicy: PullPolicy;
  readonly platform: string;
  readonly memorySwapBytes: number;
  readonly cpusetCpus: string;
  readonly cpuShares: number;
  readonly containerName: string;
  readonly cgroupParent: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly blkio?: Blkio;
  readonly deviceCgroupRules: readonly string[];
  readonly oomKillDisable: boolean;
  readonly memSwappiness?: number;
  readonly cpuRtRuntimeUs: number;
  readonly cpuRtPeriodUs: number;
  readonly runtime: string;
  readonly preStart: readonly Hook[];
  readonly postStart: readonly Hook[];
  readonly preStop: readonly Hook[];
  readonly files: readonly FileMount[];
  readonly pullRefreshMs: number;
  readonly builtDigest: string;
}

export interface RestartPolicy {
  readonly condition: RestartCondition;
  readonly delayMs: number;
  readonly maxAttempts: number;
  readonly windowMs: number;
}

export interface NetworkAttachmentSpec {
  readonly network: string;
  readonly aliases: readonly string[];
  readonly ipv4Address: string;
  readonly macAddress: string;
  readonly priority: number;
  readonly ipv6Address: string;
  readonly interfaceName: string;
  readonly linkLocalIps: readonly string[];
}

export interface Link {
  readonly service: string;
  readonly alias: string;
}

export interface PlacementSpec {
  readonly constraints: readonly string[];
  readonly spreadOver: readonly string[];
  readonly maxReplicasPerNode: number;
  readonly strategy?: PlacementStrategy;
}

export interface TaskSpec {
  readonly container: ContainerSpec;
  readonly limits: Resources;
  readonly reservations: Resources;
  readonly restart: RestartPolicy;
  readonly placement: PlacementSpec;
  readonly networks: readonly NetworkAttachmentSpec[];
  readonly networkMode: string;
  readonly forceUpdate: number;
  readonly logMaxSizeBytes: number;
  readonly logMaxFiles: number;
  readonly links: readonly Link[];
  readonly generic: readonly GenericResource[];
}

export interface UpdateConfig {
  readonly parallelism: number;
  readonly delayMs: number;
  readonly order: UpdateOrder;
  readonly monitorMs: number;
  readonly maxFailureRatio: number;
  readonly failureAction: UpdateFailureAction;
  readonly progressDeadlineMs?: number;
  readonly pauseAfter?: number;
}

export interface DependsOn {
  readonly service: string;
  readonly condition: string;
  readonly required: boolean;
  readonly restart: boolean;
}

export interface JobSpec {
  readonly totalCompletions: number;
  readonly maxConcurrent: number;
}

export interface ScheduleSpec {
  readonly cron: string;
  readonly timeZone: string;
  readonly concurrency: ConcurrencyPolicy;
  readonly successfulHistory: number;
  readonly failedHistory: number;
  readonly startingDeadlineMs: number;
}

export interface AutoscaleSpec {
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly coolDownMs: number;
}

export interface ServiceSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly task: TaskSpec;
  readonly mode: ServiceMode;
  readonly replicas: number;
  readonly update: UpdateConfig;
  readonly rollback: UpdateConfig;
  readonly ports: readonly PortConfig[];
  readonly endpointMode: EndpointMode;
  readonly dependsOn: readonly DependsOn[];
  readonly rebalance: RebalanceMode;
  readonly affinity: boolean;
  readonly drainMs?: number;
  readonly expose: readonly string[];
  readonly job?: JobSpec;
  readonly priority: number;
  readonly schedule?: ScheduleSpec;
  readonly autoscale?: AutoscaleSpec;
}

export interface NetworkSpec {
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly external: boolean;
  readonly attachable: boolean;
  readonly subnet: string;
  readonly gateway: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly ipRange: string;
  readonly reserved: Readonly<Record<string, string>>;
  readonly enableIpv6: boolean;
  readonly subnet6: string;
  readonly gateway6: string;
  readonly ipRange6: string;
}

export interface VolumeSpec {
  readonly name: string;
  readonly driver: string;
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly driverOpts: Readonly<Record<string, string>>;
}

export interface FileSpec {
  readonly kind: FileKind;
  readonly name: string;
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly template: boolean;
}

export interface StackSpec {
  readonly name: string;
  readonly services: readonly ServiceSpec[];
  readonly networks: readonly NetworkSpec[];
  readonly volumes: readonly VolumeSpec[];
  readonly files: readonly FileSpec[];
}

export interface Cluster {
  readonly id: string;
  readonly meta: Meta;
  readonly addressPool: string;
  readonly subnetPrefix: number;
  readonly firstVni: number;
  readonly vxlanPort: number;
}

export interface NodeDescription {
  readonly hostname: string;
  readonly platform: Platform;
  readonly resources: Resources;
  readonly engineVersion: string;
  readonly engineLabels: Readonly<Record<string, string>>;
  readonly kernel: string;
  readonly wireguardKey: string;
  readonly wireguardPort: number;
  readonly wireguardGeneration: number;
  readonly generic: readonly GenericResource[];
  readonly networkDrivers: readonly string[];
  readonly fileSystems: readonly string[];
  readonly troubles: readonly string[];
}

export interface AddressOn {
  readonly networkId: string;
  readonly address: string;
  readonly address6: string;
}

export interface FileRef {
  readonly kind: FileKind;
  readonly name: string;
  readonly versionId: string;
}

export interface NodeWish {
  readonly availability: NodeAvailability;
  readonly labels: Readonly<Record<string, string>>;
  readonly wantedRole: NodeRole;
}

export interface Node {
  readonly id: string;
  readonly meta: Meta;
  readonly role: NodeRole;
  readonly availability: NodeAvailability;
  readonly labels: Readonly<Record<string, string>>;
  readonly description: NodeDescription;
  readonly state: NodeState;
  readonly stateMessage: string;
  readonly address: string;
  readonly wantedRole: NodeRole;
  readonly keyDigest: string;
  readonly authorityEpoch: number;
  readonly removing: boolean;
  readonly previous?: NodeWish;
  readonly previousVersion: number;
  readonly changedBy: string;
  readonly addresses: readonly AddressOn[];
  readonly tunnelAddress: string;
}

export interface Stack {
  readonly id: string;
  readonly meta: Meta;
  readonly name: string;
  readonly spec: StackSpec;
  readonly previousSpec?: StackSpec;
  readonly previousVersion: number;
  readonly changedBy: string;
}

export interface UpdateStatus {
  readonly state: UpdateState;
  readonly startedAtMs: number;
  readonly completedAtMs: number;
  readonly message: string;
  readonly wished?: boolean;
  readonly progressAtMs?: number;
}

export interface JobRun {
  readonly iteration: number;
  readonly scheduledAtMs: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly state: RunState;
  readonly message: string;
}

export interface AutoscaleStatus {
  readonly replicas: number;
  readonly scaledAtMs: number;
  readonly message: string;
}

export interface Service {
  readonly id: string;
  readonly meta: Meta;
  readonly stack: string;
  readonly spec: ServiceSpec;
  readonly specVersion: number;
  readonly previousSpec?: ServiceSpec;
  readonly update?: UpdateStatus;
  readonly ports: readonly PortConfig[];
  readonly removing: boolean;
  readonly rebalance: number;
  readonly rebalanced: number;
  readonly rebalancedAtMs: number;
  readonly rebalancePaused?: string;
  readonly vips: readonly AddressOn[];
  readonly files: readonly FileRef[];
  readonly previousFiles: readonly FileRef[];
  readonly unproven: boolean;
  readonly jobIteration: number;
  readonly stopped: boolean;
  readonly runs: readonly JobRun[];
  readonly scheduledAtMs: number;
  readonly autoscale?: AutoscaleStatus;
}

export interface NetworkAllocation {
  readonly networkId: string;
  readonly address: string;
  readonly mac: string;
  readonly aliases: readonly string[];
  readonly address6: string;
}

export interface TaskStatus {
  readonly state: TaskState;
  readonly atMs: number;
  readonly message: string;
  readonly error: string;
  readonly exitCode?: number;
  readonly containerId: string;
  readonly pid: number;
  readonly health: HealthState;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly imageDigest: string;
  readonly paused?: boolean;
}

export interface Task {
  readonly id: string;
  readonly meta: Meta;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly stack: string;
  readonly slot: number;
  readonly nodeId: string;
  readonly spec: TaskSpec;
  readonly specVersion: number;
  readonly desiredState: TaskState;
  readonly status: TaskStatus;
  readonly networks: readonly NetworkAllocation[];
  readonly ports: readonly PortConfig[];
  readonly pendingReason: string;
  readonly notBeforeMs: number;
  readonly mode: ServiceMode;
  readonly replaces?: string;
  readonly drainMs: number;
  readonly networkOf: string;
  readonly pidOf: string;
  readonly ipcOf: string;
  readonly files: readonly FileRef[];
  readonly jobIteration: number;
  readonly serviceLabels: Readonly<Record<string, string>>;
  readonly generic: readonly GenericResource[];
  readonly paused?: boolean;
  readonly placedBecause?: string;
  readonly retiredBecause?: string;
  readonly stateAtMs?: number;
}

export interface Network {
  readonly id: string;
  readonly meta: Meta;
  readonly spec: NetworkSpec;
  readonly stack: string;
  readonly vni: number;
  readonly subnet: string;
  readonly gateway: string;
  readonly nextHost: number;
  readonly removing: boolean;
  readonly subnet6: string;
  readonly gateway6: string;
}

export interface Volume {
  readonly id: string;
  readonly meta: Meta;
  readonly spec: VolumeSpec;
  readonly stack: string;
  readonly removing: boolean;
}

export interface Manager {
  readonly id: string;
  readonly meta: Meta;
  readonly raftId: number;
  readonly nodeId: string;
  readonly address: string;
  readonly wantsVote: boolean;
  readonly removed: boolean;
}

export interface Config {
  readonly id: string;
  readonly meta: Meta;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
  readonly changedBy?: string;
  readonly stack: string;
}

export interface Secret {
  readonly id: string;
  readonly meta: Meta;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
  readonly stack: string;
  readonly changedBy?: string;
}

export interface FileVersion {
  readonly id: string;
  readonly meta: Meta;
  readonly kind: FileKind;
  readonly name: string;
  readonly data: Uint8Array;
  readonly template: boolean;
}

export interface Authority {
  readonly id: string;
  readonly meta: Meta;
  readonly certificate: string;
  readonly key: string;
  readonly epoch: number;
  readonly rotation?: RootRotation;
  readonly workerSecret: string;
  readonly managerSecret: string;
  readonly certificateLifeMs: number;
  readonly revoked: readonly Revocation[];
  readonly unlockKey: string;
}

export interface RootRotation {
  readonly oldCertificate: string;
  readonly oldKey: string;
  readonly crossSigned: string;
  readonly begunAtMs: number;
}

export interface Revocation {
  readonly name: string;
  readonly role: string;
  readonly untilMs: number;
  readonly atMs: number;
}

export interface Request {
  readonly id: string;
  readonly meta: Meta;
  readonly method: string;
  readonly reply: Uint8Array;
  readonly requestDigest: string;
}

export interface LogsOptions {
  readonly follow: boolean;
  readonly tail?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly after?: LogPosition;
}

export interface LogPosition {
  readonly atNsHigh: number;
  readonly atNsLow: number;
  readonly ordinal: number;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly env: readonly string[];
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly size?: TerminalSize;
  readonly privileged: boolean;
}

export interface StatsOptions {
  readonly stream: boolean;
}

export interface TopOptions {
  readonly psOptions: readonly string[];
}

export interface SignalOptions {
  readonly signal: string;
}

export interface CopyOutOptions {
  readonly path: string;
  readonly followLinks: boolean;
  readonly statOnly: boolean;
}

export interface CopyInOptions {
  readonly path: string;
  readonly keepOwner: boolean;
  readonly noOverwriteDirNonDir: boolean;
}

export interface ImageOutOptions {
  readonly digest: string;
  readonly have: readonly string[];
}

export interface ImageInOptions {
  readonly names: readonly string[];
  readonly digest: string;
  readonly blobs: readonly string[];
}

export interface ImageWanted {
  readonly blobs: readonly string[];
}

export interface ImageLoaded {
  readonly digest: string;
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: string;
  readonly existed: boolean;
}

export interface StatsSample {
  readonly taskId: string;
  readonly atMs: number;
  readonly cpuNs: number;
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly networkRxBytes: number;
  readonly networkTxBytes: number;
  readonly blockReadBytes: number;
  readonly blockWriteBytes: number;
  readonly pids: number;
  readonly throttledNs: number;
}

export interface ProcessRow {
  readonly cells: readonly string[];
}

export interface ProcessList {
  readonly titles: readonly string[];
  readonly rows: readonly ProcessRow[];
}

export interface PathStat {
  readonly name: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly modifiedAtMs: number;
  readonly linkTarget: string;
  readonly isDirectory: boolean;
  readonly missing: boolean;
  readonly taskId: string;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface LogLine {
  readonly taskId: string;
  readonly atNsHigh: number;
  readonly atNsLow: number;
  readonly stream: LogStream;
  readonly data: Uint8Array;
  readonly partial: boolean;
  readonly serviceName: string;
  readonly slot: number;
  readonly stack: string;
  readonly node: string;
  readonly ordinal: number;
}

export interface RelayError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface RelayFrame {
  readonly open?: string;
  readonly stdin?: Uint8Array;
  readonly stdout?: Uint8Array;
  readonly stderr?: Uint8Array;
  readonly resize?: TerminalSize;
  readonly stdinEnd?: boolean;
  readonly exitCode?: number;
  readonly log?: LogLine;
  readonly error?: RelayError;
  readonly end?: boolean;
  readonly signal?: string;
  readonly warning?: string;
  readonly stats?: StatsSample;
  readonly processes?: ProcessList;
  readonly archive?: Uint8Array;
  readonly path?: PathStat;
  readonly detach?: boolean;
  readonly image?: ImageLoaded;
  readonly wanted?: ImageWanted;
}

export interface FetchImageRequest {
  readonly digest: string;
  readonly have: readonly string[];
}

export interface AgentMessage {
  readonly hello?: AgentHello;
  readonly heartbeat?: Heartbeat;
  readonly statuses?: StatusReport;
  readonly ack?: AssignmentAck;
  readonly identity?: IdentityHeld;
  readonly description?: NodeDescription;
}

export interface AgentHello {
  readonly nodeId: string;
  readonly description: NodeDescription;
  readonly haveVersion: number;
  readonly address: string;
  readonly sessionEpoch: string;
  readonly identity: IdentityHeld;
}

export interface Heartbeat {
  readonly sequence: number;
  readonly usage: readonly TaskUsage[];
}

export interface TaskUsage {
  readonly taskId: string;
  readonly atMs: number;
  readonly cpuNs: number;
  readonly memoryBytes: number;
}

export interface TaskStatusUpdate {
  readonly taskId: string;
  readonly status: TaskStatus;
}

export interface StatusReport {
  readonly updates: readonly TaskStatusUpdate[];
  readonly sequence: number;
}

export interface AssignmentAck {
  readonly version: number;
  readonly settled: boolean;
}

export interface IdentityHeld {
  readonly authorityEpoch: number;
  readonly role: NodeRole;
}

export interface ManagerMessage {
  readonly welcome?: ManagerWelcome;
  readonly assignments?: AssignmentSet;
  readonly relay?: RelayRequest;
  readonly heartbeatAck?: HeartbeatAck;
  readonly statusAck?: StatusAck;
  readonly relayCancel?: RelayCancel;
  readonly update?: SessionUpdate;
}

export interface ManagerWelcome {
  readonly epoch: string;
  readonly heartbeatMs: number;
  readonly clusterId: string;
  readonly addressPool: string;
  readonly vxlanPort: number;
}

export interface SessionUpdate {
  readonly managers: readonly ManagerAddress[];
  readonly role: NodeRole;
  readonly authorityEpoch: number;
}

export interface HeartbeatAck {
  readonly sequence: number;
  readonly measure: readonly string[];
}

export interface StatusAck {
  readonly sequence: number;
}

export interface AssignmentSet {
  readonly version: number;
  readonly baseVersion: number;
  readonly tasks: readonly Task[];
  readonly removedTasks: readonly string[];
  readonly networks: readonly NetworkAssignment[];
  readonly removedNetworks: readonly string[];
  readonly volumes: readonly Volume[];
  readonly removedVolumes: readonly string[];
  readonly ingress: readonly IngressPort[];
  readonly removedIngress: readonly string[];
  readonly peers: readonly TunnelPeer[];
  readonly removedPeers: readonly string[];
  readonly tunnelAddress: string;
  readonly networkChanges: readonly NetworkChange[];
  readonly ingressChanges: readonly IngressChange[];
  readonly files: readonly FileVersion[];
  readonly removedFiles: readonly string[];
}

export interface NetworkAssignment {
  readonly id: string;
  readonly name: string;
  readonly vni: number;
  readonly subnet: string;
  readonly gateway: string;
  readonly internal: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly driver: string;
  readonly subnet6: string;
  readonly gateway6: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly services: readonly ServiceOnNetwork[];
  readonly hosts: readonly HostOnNetwork[];
  readonly ingress: boolean;
}

export interface NetworkChange {
  readonly networkId: string;
  readonly endpoints: readonly Endpoint[];
  readonly removedEndpoints: readonly string[];
  readonly services: readonly ServiceOnNetwork[];
  readonly removedServices: readonly string[];
  readonly hosts: readonly HostOnNetwork[];
  readonly removedHosts: readonly string[];
}

export interface ServiceOnNetwork {
  readonly serviceId: string;
  readonly name: string;
  readonly stack: string;
  readonly mode: EndpointMode;
  readonly vip: string;
  readonly vip6: string;
  readonly names: readonly string[];
  readonly affinity: boolean;
  readonly ports: readonly number[];
}

export interface HostOnNetwork {
  readonly nodeId: string;
  readonly address: string;
  readonly address6: string;
  readonly vtep: string;
}

export interface IngressPort {
  readonly port: PortConfig;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly stack: string;
  readonly affinity: boolean;
  readonly backends: readonly IngressBackend[];
}

export interface IngressChange {
  readonly key: string;
  readonly backends: readonly IngressBackend[];
  readonly removedBackends: readonly string[];
}

export interface IngressBackend {
  readonly taskId: string;
  readonly nodeId: string;
  readonly address: string;
  readonly address6: string;
}

export interface TunnelPeer {
  readonly nodeId: string;
  readonly tunnelAddress: string;
  readonly endpoint: string;
  readonly port: number;
  readonly publicKey: string;
  readonly generation: number;
}

export interface Endpoint {
  readonly taskId: string;
  readonly serviceName: string;
  readonly stack: string;
  readonly slot: number;
  readonly address: string;
  readonly mac: string;
  readonly nodeId: string;
  readonly vtep: string;
  readonly names: readonly string[];
  readonly serving: boolean;
  readonly address6: string;
  readonly serviceId: string;
}

export interface RelayCancel {
  readonly relayId: string;
}

export interface RelayRequest {
  readonly relayId: string;
  readonly taskId: string;
  readonly logs?: LogsOptions;
  readonly exec?: ExecOptions;
  readonly stats?: StatsOptions;
  readonly top?: TopOptions;
  readonly copyOut?: CopyOutOptions;
  readonly copyIn?: CopyInOptions;
  readonly imageOut?: ImageOutOptions;
  readonly imageIn?: ImageInOptions;
  readonly signal?: SignalOptions;
}

export interface HealthCheckRequest {
  readonly service: string;
}

export interface HealthCheckResponse {
  readonly status: ServingStatus;
}

export interface ListManagersRequest {

}

export interface ManagerView {
  readonly manager: Manager;
  readonly voter: boolean;
  readonly leader: boolean;
  readonly reachable: boolean;
  readonly match: number;
}

export interface ListManagersReply {
  readonly managers: readonly ManagerView[];
  readonly leader: number;
  readonly term: number;
  readonly committed: number;
  readonly answeredBy: number;
}

export interface ManagerRequest {
  readonly raftId: number;
}

export interface ManagerReply {
  readonly index: number;
}

export interface RaftHello {
  readonly groupId: string;
  readonly from: number;
  readonly fromNode: string;
  readonly to: number;
  readonly address: string;
}

export interface RaftPacket {
  readonly hello?: RaftHello;
  readonly messages?: RaftMessages;
}

export interface RaftMessages {
  readonly messages: readonly RaftMessage[];
}

export interface RaftReceipt {
  readonly applied: number;
}

export interface RaftMessage {
  readonly type: RaftMessageType;
  readonly from: number;
  readonly to: number;
  readonly term: number;
  readonly logTerm: number;
  readonly index: number;
  readonly entries: readonly RaftEntry[];
  readonly commit: number;
  readonly reject: boolean;
  readonly rejectHint: number;
  readonly context: string;
  readonly snapshot?: RaftSnapshot;
}

export interface RaftEntry {
  readonly type: RaftEntryType;
  readonly term: number;
  readonly index: number;
  readonly data: Uint8Array;
}

export interface RaftConfState {
  readonly voters: readonly number[];
  readonly votersOutgoing: readonly number[];
  readonly learners: readonly number[];
  readonly learnersNext: readonly number[];
  readonly autoLeave: boolean;
}

export interface RaftSnapshot {
  readonly index: number;
  readonly term: number;
  readonly confState: RaftConfState;
}

export interface SnapshotStart {
  readonly hello: RaftHello;
  readonly message: RaftMessage;
}

export interface SnapshotPart {
  readonly start?: SnapshotStart;
  readonly chunk?: Uint8Array;
  readonly end?: SnapshotEnd;
}

export interface SnapshotEnd {
  readonly sizeBytes: number;
}

export interface ProposeRequest {
  readonly hello: RaftHello;
  readonly transaction: Uint8Array;
}

export interface ProposeReply {
  readonly index: number;
}

export interface JoinRequest {
  readonly nodeId: string;
  readonly address: string;
  readonly passedOn: boolean;
}

export interface JoinReply {
  readonly groupId: string;
  readonly raftId: number;
  readonly peers: readonly RaftPeer[];
}

export interface RaftPeer {
  readonly raftId: number;
  readonly nodeId: string;
  readonly address: string;
}

export interface StoreAction {
  readonly putCluster?: Cluster;
  readonly putNode?: Node;
  readonly putStack?: Stack;
  readonly putService?: Service;
  readonly putTask?: Task;
  readonly putNetwork?: Network;
  readonly putVolume?: Volume;
  readonly remove?: ObjectRef;
  readonly putManager?: Manager;
  readonly putConfig?: Config;
  readonly putAuthority?: Authority;
  readonly putRequest?: Request;
  readonly putSecret?: Secret;
  readonly putFileVersion?: FileVersion;
}

export interface ObjectRef {
  readonly kind: string;
  readonly id: string;
}

export interface Transaction {
  readonly actions: readonly StoreAction[];
  readonly expect: readonly Expectation[];
  readonly atMs: number;
  readonly origin: string;
  readonly audit?: Audit;
}

export interface Audit {
  readonly actor: string;
  readonly role: string;
  readonly source: string;
  readonly manager: string;
  readonly method: string;
  readonly target: string;
  readonly requestId: string;
}

export interface Expectation {
  readonly kind: string;
  readonly id: string;
  readonly version: number;
}

export interface StoreSnapshot {
  readonly index: number;
  readonly clusters: readonly Cluster[];
  readonly nodes: readonly Node[];
  readonly stacks: readonly Stack[];
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly networks: readonly Network[];
  readonly volumes: readonly Volume[];
  readonly managers: readonly Manager[];
  readonly configs: readonly Config[];
  readonly authorities: readonly Authority[];
  readonly requests: readonly Request[];
  readonly secrets: readonly Secret[];
  readonly fileVersions: readonly FileVersion[];
}

export interface Messages {
  readonly ManagerAddress: ManagerAddress;
  readonly JoinClusterRequest: JoinClusterRequest;
  readonly RenewRequest: RenewRequest;
  readonly CertificateReply: CertificateReply;
  readonly LeaveRequest: LeaveRequest;
  readonly LeaveReply: LeaveReply;
  readonly GetJoinTokensRequest: GetJoinTokensRequest;
  readonly JoinTokens: JoinTokens;
  readonly RotateJoinTokenRequest: RotateJoinTokenRequest;
  readonly GetAuthorityRequest: GetAuthorityRequest;
  readonly AuthorityView: AuthorityView;
  readonly RotateAuthorityRequest: RotateAuthorityRequest;
  readonly IssueClientRequest: IssueClientRequest;
  readonly RevokeClientRequest: RevokeClientRequest;
  readonly RevokeClientReply: RevokeClientReply;
  readonly SetAutolockRequest: SetAutolockRequest;
  readonly GetUnlockKeyRequest: GetUnlockKeyRequest;
  readonly UnlockKey: UnlockKey;
  readonly StringList: StringList;
  readonly Meta: Meta;
  readonly Resources: Resources;
  readonly GenericResource: GenericResource;
  readonly Platform: Platform;
  readonly PortConfig: PortConfig;
  readonly FieldChange: FieldChange;
  readonly ObjectChange: ObjectChange;
  readonly ApplyStackRequest: ApplyStackRequest;
  readonly FileContent: FileContent;
  readonly ApplyStackReply: ApplyStackReply;
  readonly PlanPreview: PlanPreview;
  readonly PlannedTask: PlannedTask;
  readonly RemoveStackRequest: RemoveStackRequest;
  readonly RemoveStackReply: RemoveStackReply;
  readonly ServiceScale: ServiceScale;
  readonly ScaleServicesRequest: ScaleServicesRequest;
  readonly ScaleServicesReply: ScaleServicesReply;
  readonly UpdateServiceRequest: UpdateServiceRequest;
  readonly UpdateServiceReply: UpdateServiceReply;
  readonly ChangeServicesRequest: ChangeServicesRequest;
  readonly ChangeServicesReply: ChangeServicesReply;
  readonly ExplainPlacementRequest: ExplainPlacementRequest;
  readonly ExplainPlacementReply: ExplainPlacementReply;
  readonly PlacementView: PlacementView;
  readonly NodeVerdict: NodeVerdict;
  readonly SignalRequest: SignalRequest;
  readonly SignalReply: SignalReply;
  readonly SignalledTask: SignalledTask;
  readonly GetStackRequest: GetStackRequest;
  readonly WatchStackRequest: WatchStackRequest;
  readonly StackView: StackView;
  readonly ServiceView: ServiceView;
  readonly ListStacksRequest: ListStacksRequest;
  readonly StackSummary: StackSummary;
  readonly ListStacksReply: ListStacksReply;
  readonly ListTasksRequest: ListTasksRequest;
  readonly TaskView: TaskView;
  readonly NetworkAddress: NetworkAddress;
  readonly ListTasksReply: ListTasksReply;
  readonly ListNodesRequest: ListNodesRequest;
  readonly ListNodesReply: ListNodesReply;
  readonly NodeRef: NodeRef;
  readonly NodeView: NodeView;
  readonly UpdateNodeRequest: UpdateNodeRequest;
  readonly UpdateNodeReply: UpdateNodeReply;
  readonly RemoveNodeRequest: RemoveNodeRequest;
  readonly RemoveNodeReply: RemoveNodeReply;
  readonly RebalanceServicesRequest: RebalanceServicesRequest;
  readonly RebalanceServicesReply: RebalanceServicesReply;
  readonly NetworkRef: NetworkRef;
  readonly CreateNetworkRequest: CreateNetworkRequest;
  readonly CreateNetworkReply: CreateNetworkReply;
  readonly ListNetworksRequest: ListNetworksRequest;
  readonly ListNetworksReply: ListNetworksReply;
  readonly NetworkView: NetworkView;
  readonly EndpointView: EndpointView;
  readonly RemoveNetworkRequest: RemoveNetworkRequest;
  readonly RemoveNetworkReply: RemoveNetworkReply;
  readonly PutConfigRequest: PutConfigRequest;
  readonly PutConfigReply: PutConfigReply;
  readonly GetConfigRequest: GetConfigRequest;
  readonly ListConfigsRequest: ListConfigsRequest;
  readonly ListConfigsReply: ListConfigsReply;
  readonly ConfigUse: ConfigUse;
  readonly RemoveConfigRequest: RemoveConfigRequest;
  readonly RemoveConfigReply: RemoveConfigReply;
  readonly PutSecretRequest: PutSecretRequest;
  readonly PutSecretReply: PutSecretReply;
  readonly GetSecretRequest: GetSecretRequest;
  readonly SecretView: SecretView;
  readonly ListSecretsRequest: ListSecretsRequest;
  readonly ListSecretsReply: ListSecretsReply;
  readonly RemoveSecretRequest: RemoveSecretRequest;
  readonly RemoveSecretReply: RemoveSecretReply;
  readonly LoadImageStart: LoadImageStart;
  readonly LoadImageRequest: LoadImageRequest;
  readonly GetInfoRequest: GetInfoRequest;
  readonly ClusterInfo: ClusterInfo;
  readonly LogsRequest: LogsRequest;
  readonly LogSeen: LogSeen;
  readonly LogsReply: LogsReply;
  readonly ExecStart: ExecStart;
  readonly ExecRequest: ExecRequest;
  readonly TaskTarget: TaskTarget;
  readonly StatsRequest: StatsRequest;
  readonly StatsReply: StatsReply;
  readonly StatsOfTask: StatsOfTask;
  readonly TopRequest: TopRequest;
  readonly TopReply: TopReply;
  readonly TaskProcesses: TaskProcesses;
  readonly CopyOutRequest: CopyOutRequest;
  readonly CopyInStart: CopyInStart;
  readonly CopyInRequest: CopyInRequest;
  readonly EventFilter: EventFilter;
  readonly EventsRequest: EventsRequest;
  readonly ClusterEvent: ClusterEvent;
  readonly BackupRequest: BackupRequest;
  readonly BackupPart: BackupPart;
  readonly Ulimit: Ulimit;
  readonly Device: Device;
  readonly Mount: Mount;
  readonly Hook: Hook;
  readonly DeviceWeight: DeviceWeight;
  readonly DeviceRate: DeviceRate;
  readonly Blkio: Blkio;
  readonly FileMount: FileMount;
  readonly HealthCheck: HealthCheck;
  readonly DnsConfig: DnsConfig;
  readonly ContainerSpec: ContainerSpec;
  readonly RestartPolicy: RestartPolicy;
  readonly NetworkAttachmentSpec: NetworkAttachmentSpec;
  readonly Link: Link;
  readonly PlacementSpec: PlacementSpec;
  readonly TaskSpec: TaskSpec;
  readonly UpdateConfig: UpdateConfig;
  readonly DependsOn: DependsOn;
  readonly JobSpec: JobSpec;
  readonly ScheduleSpec: ScheduleSpec;
  readonly AutoscaleSpec: AutoscaleSpec;
  readonly ServiceSpec: ServiceSpec;
  readonly NetworkSpec: NetworkSpec;
  readonly VolumeSpec: VolumeSpec;
  readonly FileSpec: FileSpec;
  readonly StackSpec: StackSpec;
  readonly Cluster: Cluster;
  readonly NodeDescription: NodeDescription;
  readonly AddressOn: AddressOn;
  readonly FileRef: FileRef;
  readonly NodeWish: NodeWish;
  readonly Node: Node;
  readonly Stack: Stack;
  readonly UpdateStatus: UpdateStatus;
  readonly JobRun: JobRun;
  readonly AutoscaleStatus: AutoscaleStatus;
  readonly Service: Service;
  readonly NetworkAllocation: NetworkAllocation;
  readonly TaskStatus: TaskStatus;
  readonly Task: Task;
  readonly Network: Network;
  readonly Volume: Volume;
  readonly Manager: Manager;
  readonly Config: Config;
  readonly Secret: Secret;
  readonly FileVersion: FileVersion;
  readonly Authority: Authority;
  readonly RootRotation: RootRotation;
  readonly Revocation: Revocation;
  readonly Request: Request;
  readonly LogsOptions: LogsOptions;
  readonly LogPosition: LogPosition;
  readonly ExecOptions: ExecOptions;
  readonly StatsOptions: StatsOptions;
  readonly TopOptions: TopOptions;
  readonly SignalOptions: SignalOptions;
  readonly CopyOutOptions: CopyOutOptions;
  readonly CopyInOptions: CopyInOptions;
  readonly ImageOutOptions: ImageOutOptions;
  readonly ImageInOptions: ImageInOptions;
  readonly ImageWanted: ImageWanted;
  readonly ImageLoaded: ImageLoaded;
  readonly StatsSample: StatsSample;
  readonly ProcessRow: ProcessRow;
  readonly ProcessList: ProcessList;
  readonly PathStat: PathStat;
  readonly TerminalSize: TerminalSize;
  readonly LogLine: LogLine;
  readonly RelayError: RelayError;
  readonly RelayFrame: RelayFrame;
  readonly FetchImageRequest: FetchImageRequest;
  readonly AgentMessage: AgentMessage;
  readonly AgentHello: AgentHello;
  readonly Heartbeat: Heartbeat;
  readonly TaskUsage: TaskUsage;
  readonly TaskStatusUpdate: TaskStatusUpdate;
  readonly StatusReport: StatusReport;
  readonly AssignmentAck: AssignmentAck;
  readonly IdentityHeld: IdentityHeld;
  readonly ManagerMessage: ManagerMessage;
  readonly ManagerWelcome: ManagerWelcome;
  readonly SessionUpdate: SessionUpdate;
  readonly HeartbeatAck: HeartbeatAck;
  readonly StatusAck: StatusAck;
  readonly AssignmentSet: AssignmentSet;
  readonly NetworkAssignment: NetworkAssignment;
  readonly NetworkChange: NetworkChange;
  readonly ServiceOnNetwork: ServiceOnNetwork;
  readonly HostOnNetwork: HostOnNetwork;
  readonly IngressPort: IngressPort;
  readonly IngressChange: IngressChange;
  readonly IngressBackend: IngressBackend;
  readonly TunnelPeer: TunnelPeer;
  readonly Endpoint: Endpoint;
  readonly RelayCancel: RelayCancel;
  readonly RelayRequest: RelayRequest;
  readonly HealthCheckRequest: HealthCheckRequest;
  readonly HealthCheckResponse: HealthCheckResponse;
  readonly ListManagersRequest: ListManagersRequest;
  readonly ManagerView: ManagerView;
  readonly ListManagersReply: ListManagersReply;
  readonly ManagerRequest: ManagerRequest;
  readonly ManagerReply: ManagerReply;
  readonly RaftHello: RaftHello;
  readonly RaftPacket: RaftPacket;
  readonly RaftMessages: RaftMessages;
  readonly RaftReceipt: RaftReceipt;
  readonly RaftMessage: RaftMessage;
  readonly RaftEntry: RaftEntry;
  readonly RaftConfState: RaftConfState;
  readonly RaftSnapshot: RaftSnapshot;
  readonly SnapshotStart: SnapshotStart;
  readonly SnapshotPart: SnapshotPart;
  readonly SnapshotEnd: SnapshotEnd;
  readonly ProposeRequest: ProposeRequest;
  readonly ProposeReply: ProposeReply;
  readonly JoinRequest: JoinRequest;
  readonly JoinReply: JoinReply;
  readonly RaftPeer: RaftPeer;
  readonly StoreAction: StoreAction;
  readonly ObjectRef: ObjectRef;
  readonly Transaction: Transaction;
  readonly Audit: Audit;
  readonly Expectation: Expectation;
  readonly StoreSnapshot: StoreSnapshot;
}
