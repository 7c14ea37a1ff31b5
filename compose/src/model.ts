import type { Json } from './tree.ts';

/**
 * The canonical model: what the files say, in long forms only. `validate.ts` and `short-forms/` make sure that a tree has this shape
 * before it is read as such. Sizes are decimal texts of bytes, durations texts as Go writes them, as `docker compose config` prints.
 */

export type TextMap = Readonly<Record<string, string>>;

export interface PortModel {
  readonly mode: string;
  readonly host_ip?: string;
  readonly target: number;
  readonly published?: string;
  readonly protocol: string;
  readonly name?: string;
  readonly app_protocol?: string;
  readonly 'x-tso-ingress'?: Json;
}

export interface MountModel {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'cluster' | 'npipe' | 'image';
  readonly source?: string;
  readonly target?: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly recursive?: string;
    readonly selinux?: string;
  };
  readonly volume?: { readonly nocopy?: boolean; readonly subpath?: string; readonly labels?: TextMap };
  readonly tmpfs?: { readonly size?: string; readonly mode?: string };
  readonly image?: { readonly subpath?: string };
}

export interface AttachmentModel {
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly interface_name?: string;
  readonly driver_opts?: TextMap;
  readonly gw_priority?: number;
  readonly priority?: number;
}

export interface DependencyModel {
  readonly condition: string;
  readonly required: boolean;
  readonly restart?: boolean;
}

export interface HealthcheckModel {
  readonly test?: readonly string[];
  readonly disable?: boolean;
  readonly interval?: string;
  readonly timeout?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
}

export interface RolloutModel {
  readonly parallelism?: number;
  readonly delay?: string;
  readonly failure_action?: string;
  readonly monitor?: string;
  readonly max_failure_ratio?: number;
  readonly order?: string;
  readonly 'x-tso-progress-deadline'?: Json;
  readonly 'x-tso-pause-after'?: Json;
}

export interface ResourcesModel {
  readonly cpus?: number;
  readonly memory?: string;
  readonly pids?: number;
  readonly devices?: readonly DeviceRequestModel[];
  readonly generic_resources?: readonly Json[];
}

export interface DeviceRequestModel {
  readonly count?: number;
  readonly device_ids?: readonly string[];
}

export interface DeployModel {
  readonly mode?: string;
  readonly endpoint_mode?: string;
  readonly replicas?: number;
  readonly labels?: TextMap;
  readonly update_config?: RolloutModel;
  readonly rollback_config?: RolloutModel;
  readonly resources?: { readonly limits?: ResourcesModel; readonly reservations?: ResourcesModel };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: string;
    readonly max_attempts?: number;
    readonly window?: string;
  };
  readonly placement?: {
    readonly constraints?: readonly string[];
    readonly preferences?: readonly { readonly spread?: string }[];
    readonly max_replicas_per_node?: number;
    readonly 'x-tso-strategy'?: Json;
  };
  readonly 'x-tso-autoscale'?: Json;
  readonly 'x-tso-priority'?: Json;
}

/** A secret or config that a service takes; the mode is octal text. */
export interface FileReferenceModel {
  readonly source?: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: string;
}

export interface HookModel {
  readonly command?: readonly string[] | null;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly image?: string;
  readonly per_replica?: boolean;
}

export interface DeviceLimitModel {
  readonly path?: string;
  readonly rate?: string;
}

export interface BlkioModel {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly path?: string; readonly weight?: number }[];
  readonly device_read_bps?: readonly DeviceLimitModel[];
  readonly device_read_iops?: readonly DeviceLimitModel[];
  readonly device_write_bps?: readonly DeviceLimitModel[];
  readonly device_write_iops?: readonly DeviceLimitModel[];
}

export interface EnvFileModel {
  readonly path: string;
  readonly required?: boolean;
  readonly format?: string;
}

export interface BuildModel {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: Readonly<Record<string, string | null>>;
  readonly ssh?: readonly string[];
  readonly labels?: TextMap;
  readonly cache_from?: readonly string[];
  readonly no_cache?: boolean;
  readonly no_cache_filter?: readonly string[];
  readonly pull?: boolean;
  readonly target?: string;
  readonly network?: string;
  readonly shm_size?: string;
  readonly extra_hosts?: readonly string[];
  readonly privileged?: boolean;
  readonly entitlements?: readonly string[];
  readonly tags?: readonly string[];
  readonly ulimits?: UlimitsModel;
  readonly platforms?: readonly string[];
  readonly secrets?: readonly FileReferenceModel[];
  readonly additional_contexts?: TextMap;
}

export type UlimitsModel = Readonly<Record<string, number | { readonly soft: number; readonly hard: number }>>;

export interface ServiceModel {
  readonly image?: string;
  readonly build?: BuildModel;
  readonly provider?: Json;
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly env_file?: readonly EnvFileModel[];
  readonly label_file?: readonly string[];
  readonly labels?: TextMap;
  readonly working_dir?: string;
  readonly user?: string;
  readonly group_add?: readonly string[];
  readonly hostname?: string;
  readonly domainname?: string;
  readonly container_name?: string;
  readonly platform?: string;
  readonly pull_policy?: string;
  readonly pull_refresh_after?: string;
  readonly runtime?: string;
  readonly annotations?: TextMap;
  readonly blkio_config?: BlkioModel;
  readonly cgroup_parent?: string;
  readonly device_cgroup_rules?: readonly string[];
  readonly oom_kill_disable?: boolean;
  readonly mem_swappiness?: number;
  readonly cpu_rt_runtime?: string | number;
  readonly cpu_rt_period?: string | number;
  readonly pre_start?: readonly HookModel[];
  readonly post_start?: readonly HookModel[];
  readonly pre_stop?: readonly HookModel[];
  readonly stop_signal?: string;
  readonly stop_grace_period?: string;
  readonly tty?: boolean;
  readonly stdin_open?: boolean;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly privileged?: boolean;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly sysctls?: TextMap;
  readonly ulimits?: UlimitsModel;
  readonly shm_size?: string;
  readonly volumes?: readonly MountModel[];
  readonly volumes_from?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly devices?: readonly { readonly source: string; readonly target?: string; readonly permissions?: string }[];
  readonly extra_hosts?: readonly string[];
  readonly dns?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly userns_mode?: string;
  readonly pid?: string | null;
  readonly ipc?: string;
  readonly uts?: string;
  readonly cgroup?: string;
  readonly oom_score_adj?: number;
  readonly healthcheck?: HealthcheckModel;
  readonly memswap_limit?: string;
  readonly mem_limit?: string;
  readonly mem_reservation?: string;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly cpu_shares?: number;
  readonly pids_limit?: number;
  readonly restart?: string;
  readonly scale?: number;
  readonly deploy?: DeployModel | null;
  readonly 'x-tso-affinity'?: Json;
  readonly 'x-tso-drain'?: Json;
  readonly 'x-tso-ingress'?: Json;
  readonly 'x-tso-max-concurrent'?: Json;
  readonly 'x-tso-rebalance'?: Json;
  readonly 'x-tso-schedule'?: Json;
  readonly networks?: Readonly<Record<string, AttachmentModel | null>>;
  readonly network_mode?: string;
  readonly mac_address?: string;
  readonly ports?: readonly PortModel[];
  readonly expose?: readonly string[];
  readonly depends_on?: Readonly<Record<string, DependencyModel>>;
  readonly links?: readonly string[];
  readonly external_links?: readonly string[];
  readonly profiles?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: Readonly<Record<string, string | null>> };
  readonly configs?: readonly FileReferenceModel[];
  readonly secrets?: readonly FileReferenceModel[];
  readonly models?: Readonly<Record<string, Json>>;
  readonly gpus?: readonly DeviceRequestModel[];
  readonly develop?: { readonly watch?: readonly { readonly action: string; readonly target?: string; readonly path: string }[] } | null;
  readonly use_api_socket?: boolean;
}

export interface NetworkModel {
  readonly name?: string;
  readonly driver?: string;
  readonly driver_opts?: TextMap;
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
  readonly labels?: TextMap;
  readonly ipam?: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly gateway?: string;
      readonly ip_range?: string;
      readonly aux_addresses?: TextMap;
    }[];
    readonly options?: TextMap;
  };
}

export interface VolumeModel {
  readonly name?: string;
  readonly driver?: string;
  readonly driver_opts?: TextMap;
  readonly external?: boolean;
  readonly labels?: TextMap;
}

/** A config or secret. */
export interface FileModel {
  readonly name?: string;
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: TextMap;
  readonly driver?: string;
  readonly template_driver?: string;
}

export type Named<T> = Readonly<Record<string, T>>;

export interface ComposeModel {
  readonly name: string;
  readonly services: Named<ServiceModel>;
  readonly networks?: Named<NetworkModel>;
  readonly volumes?: Named<VolumeModel>;
  readonly secrets?: Named<FileModel>;
  readonly configs?: Named<FileModel>;
  readonly models?: Named<Json>;
}

/** The same entries with each value changed; undefined drops it. */
export const mapNamed = <T, U>(named: Named<T> | undefined, change: (value: T, name: string) => U | undefined): Record<string, U> =>
  Object.fromEntries(
    Object.entries(named ?? {}).flatMap(([name, value]) => {
      const changed = change(value, name);
      return changed === undefined ? [] : [[name, changed] as const];
    }),
  );
