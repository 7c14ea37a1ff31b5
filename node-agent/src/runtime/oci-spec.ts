/** The part of the OCI runtime-spec configuration (config.md, config-linux.md) that we write. */

export interface OciUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

export interface OciCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

/** A limit of 2^64-1 means none; it does not fit a number, hence bigint. */
export interface OciRlimit {
  readonly type: string;
  readonly soft: bigint;
  readonly hard: bigint;
}

export interface OciProcess {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: OciUser;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: OciCapabilities;
  readonly rlimits: readonly OciRlimit[];
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj: number;
}

export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciDevice {
  readonly path: string;
  readonly type: 'c' | 'b' | 'p';
  readonly major: number;
  readonly minor: number;
  /** Permission bits only. */
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface OciDeviceRule {
  readonly allow: boolean;
  readonly type?: 'a' | 'c' | 'b';
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

export interface OciBlockRate {
  readonly major: number;
  readonly minor: number;
  /** Bytes or operations a second. */
  readonly rate: number;
}

export interface OciBlockIo {
  readonly weight?: number;
  readonly weightDevice?: readonly { readonly major: number; readonly minor: number; readonly weight: number }[];
  readonly throttleReadBpsDevice?: readonly OciBlockRate[];
  readonly throttleWriteBpsDevice?: readonly OciBlockRate[];
  readonly throttleReadIOPSDevice?: readonly OciBlockRate[];
  readonly throttleWriteIOPSDevice?: readonly OciBlockRate[];
}

export interface OciResources {
  readonly devices: readonly OciDeviceRule[];
  readonly memory?: {
    readonly limit?: number;
    readonly swap?: number;
    readonly reservation?: number;
    readonly swappiness?: number;
    readonly disableOOMKiller?: boolean;
  };
  readonly cpu?: {
    readonly shares?: number;
    readonly quota?: number;
    readonly period?: number;
    readonly cpus?: string;
    readonly realtimeRuntime?: number;
    readonly realtimePeriod?: number;
  };
  readonly blockIO?: OciBlockIo;
  readonly pids?: { readonly limit: number };
}

export interface OciNamespace {
  readonly type: 'pid' | 'network' | 'mount' | 'uts' | 'ipc' | 'cgroup' | 'user';
  readonly path?: string;
}

export interface OciIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface OciSyscallArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

export interface OciSyscalls {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly OciSyscallArgument[];
}

export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly OciSyscalls[];
}

export interface OciLinux {
  readonly namespaces: readonly OciNamespace[];
  readonly uidMappings?: readonly OciIdMapping[];
  readonly gidMappings?: readonly OciIdMapping[];
  readonly devices: readonly OciDevice[];
  readonly cgroupsPath: string;
  readonly resources: OciResources;
  readonly rootfsPropagation: string;
  readonly seccomp?: OciSeccomp;
  readonly sysctl: Readonly<Record<string, string>>;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

export interface OciConfig {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly mounts: readonly OciMount[];
  readonly linux: OciLinux;
  readonly annotations: Readonly<Record<string, string>>;
}

/** ES2026 `JSON.rawJSON`, in Node since 22; TypeScript's library does not list it yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** The JSON text, in which a bigint is a plain number with all its digits. */
export const ociJson = (value: OciConfig | OciProcess): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? rawJSON(item.toString()) : item));

/** The configuration back from its text; the limits with all their digits (the third argument of a reviver is ES2026 too). */
export const parseOciConfig = (text: string): OciConfig => {
  const revive = (key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    (key === 'soft' || key === 'hard') && typeof value === 'number' && context?.source !== undefined ? BigInt(context.source) : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as OciConfig;
};
