import { TsoError } from '@tso/proto';
import { capabilitySets, containerCapabilities } from './capabilities.ts';
import { maskedPaths, ociVersion, readonlyPaths, runtimeAnnotationPrefixes } from './defaults.ts';
import { containerEnvironment } from './environment.ts';
import { containerMounts } from './mounts.ts';
import type { OciConfig, OciDevice, OciDeviceRule, OciLinux, OciNamespace, OciProcess, OciSeccomp } from './oci-spec.ts';
import { containerResources, containerRlimits, type ResourceFacts } from './resources.ts';
import { seccompFromProfile, withoutXdpSockets } from './seccomp.ts';
import type { ContainerPlan } from './types.ts';
import type { ResolvedUser } from './users.ts';

/** What a bundle depends on beside the plan: looked up by the edge, so that this file decides without looking anywhere. */
export interface BundleFacts extends ResourceFacts {
  readonly user: ResolvedUser;
  /** argv, its first word as the user wrote it. */
  readonly args: readonly string[];
  /** Host path of the init program; undefined: the container's command is process 1. */
  readonly initPath: string | undefined;
  /** GOARCH name: amd64. */
  readonly architecture: string;
  readonly kernel: { readonly major: number; readonly minor: number };
  /** What this host can give. */
  readonly capabilities: readonly string[];
  /** Hard limit of open files that this host grants. */
  readonly openFilesMax: number;
  /** The runtime is started in the plan's network namespace already: then there is none to join. */
  readonly isInsideNetns: boolean;
  /** Device nodes to make, with the access that the spec grants. */
  readonly devices: readonly { readonly device: OciDevice; readonly access: string }[];
}

/** The working directory: the spec's, the image's, the root. */
export const workingDirectory = (plan: ContainerPlan): string => plan.spec.workingDir || plan.image.workingDir || '/';

export const planEnvironment = (plan: ContainerPlan, home: string): readonly string[] =>
  containerEnvironment({
    links: plan.linkEnv,
    image: plan.image.env,
    spec: plan.spec.env,
    hostname: plan.hostname,
    home,
    terminal: plan.spec.tty,
  });

const planCapabilities = (plan: ContainerPlan, available: readonly string[]): readonly string[] =>
  containerCapabilities({ privileged: plan.spec.privileged, add: plan.spec.capAdd, drop: plan.spec.capDrop, available });

const processOf = (plan: ContainerPlan, facts: BundleFacts): OciProcess => {
  const { user } = facts;
  const capabilities = planCapabilities(plan, facts.capabilities);
  return {
    terminal: plan.spec.tty,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    args: facts.initPath === undefined ? facts.args : ['/dev/init', '--', ...facts.args],
    env: planEnvironment(plan, user.home),
    cwd: workingDirectory(plan),
    capabilities: capabilitySets(capabilities, user.uid, plan.spec.capAdd),
    rlimits: containerRlimits(plan.spec.ulimits, facts.openFilesMax),
    noNewPrivileges: plan.spec.noNewPrivileges,
    oomScoreAdj: plan.spec.oomScoreAdj,
  };
};

/** A namespace of its own, or that of another container. */
const namespace = (type: OciNamespace['type'], path: string | undefined): OciNamespace => (path === undefined ? { type } : { type, path });

const namespacesOf = (plan: ContainerPlan, facts: BundleFacts): readonly OciNamespace[] => [
  { type: 'mount' },
  ...(plan.spec.pidMode === 'host' ? [] : [namespace('pid', plan.pidNamespace)]),
  ...(plan.spec.ipcMode === 'host' ? [] : [namespace('ipc', plan.ipcNamespace)]),
  ...(plan.spec.utsMode === 'host' ? [] : [{ type: 'uts' } as const]),
  ...(plan.spec.cgroupMode === 'host' ? [] : [{ type: 'cgroup' } as const]),
  ...(plan.netns === undefined || facts.isInsideNetns ? [] : [{ type: 'network', path: plan.netns } as const]),
  ...(plan.shift === undefined ? [] : [namespace('user', plan.userNamespace)]),
];

/** net.* belong to the network namespace, which exists before the container: the network room sets them there. */
const sysctlsOf = (plan: ContainerPlan): Readonly<Record<string, string>> => {
  const own = Object.entries(plan.spec.sysctls).filter(([name]) => !name.startsWith('net.'));
  const domain = plan.spec.domainname !== '' && plan.spec.utsMode !== 'host' ? [['kernel.domainname', plan.spec.domainname] as const] : [];
  return Object.fromEntries([...own, ...domain]);
};

const seccompOf = (plan: ContainerPlan, facts: BundleFacts): OciSeccomp | undefined => {
  const text = plan.spec.seccomp === '' ? plan.seccompProfile : plan.spec.seccomp;
  if (text === 'unconfined' || (plan.spec.privileged && plan.spec.seccomp === '')) return undefined;
  if (text === undefined) {
    throw new TsoError('FAILED_PRECONDITION', 'this host has no default seccomp profile', {
      hint: 'Install it: apt-get install golang-github-containers-common; or say security_opt: [seccomp=unconfined]',
    });
  }
  const capabilities = planCapabilities(plan, facts.capabilities);
  const seccomp = seccompFromProfile(text, { architecture: facts.architecture, kernel: facts.kernel, capabilities });
  // What a user wrote stands. In the default, each foreign ABI costs some 8 ms at every start, and nobody ships x32: such a program is
  // killed instead of filtered.
  if (plan.spec.seccomp !== '') return seccomp;
  const native = { ...seccomp, architectures: seccomp.architectures.filter((name) => name !== 'SCMP_ARCH_X32') };
  // Who may take away the rules of its interfaces need not get round them.
  return capabilities.includes('CAP_NET_ADMIN') ? native : withoutXdpSockets(native);
};

/** By these crun takes a filter of system calls that is compiled already, which the agent does, for all containers of a profile. */
const reservedAnnotation = 'run.oci.seccomp';

const annotationsOf = ({ spec: { annotations } }: ContainerPlan): Readonly<Record<string, string>> => {
  const reserved = Object.keys(annotations).find((name) => name.startsWith(reservedAnnotation));
  if (reserved === undefined) return annotations;
  throw new TsoError('INVALID_ARGUMENT', `the annotation ${reserved} is the agent's own`, {
    hint: 'Give the profile of system calls by security_opt: [seccomp=FILE]',
  });
};

const linuxOf = (plan: ContainerPlan, facts: BundleFacts): OciLinux => {
  const mappings = plan.shift === undefined ? [] : [{ containerID: 0, hostID: plan.shift.base, size: plan.shift.size }];
  const seccomp = seccompOf(plan, facts);
  const deviceRules = facts.devices.map(
    ({ device, access }): OciDeviceRule => ({
      allow: true,
      type: device.type === 'b' ? 'b' : 'c',
      major: device.major,
      minor: device.minor,
      access,
    }),
  );
  return {
    namespaces: namespacesOf(plan, facts),
    ...(mappings.length > 0 ? { uidMappings: mappings, gidMappings: mappings } : {}),
    devices: facts.devices.map(({ device }) => device),
    cgroupsPath: plan.cgroupPath.startsWith('/') ? plan.cgroupPath : `/${plan.cgroupPath}`,
    resources: containerResources(plan.spec, plan.limits, plan.reservations, { ...facts, deviceRules }),
    // A mount made by the host later must reach neither the container nor the other way round, unless a mount says so itself.
    rootfsPropagation: plan.mounts.some((mount) => mount.propagation.endsWith('shared'))
      ? 'rshared'
      : plan.mounts.some((mount) => mount.propagation.endsWith('slave'))
        ? 'rslave'
        : 'rprivate',
    ...(seccomp === undefined ? {} : { seccomp }),
    sysctl: sysctlsOf(plan),
    maskedPaths: plan.spec.privileged ? [] : maskedPaths,
    readonlyPaths: plan.spec.privileged ? [] : readonlyPaths,
  };
};

/** mount_setattr(2) is in the kernel since 5.12. */
const requireRecursiveReadOnly = (plan: ContainerPlan, { kernel }: BundleFacts): void => {
  const mount = plan.mounts.find(({ recursiveReadOnly }) => recursiveReadOnly === true);
  if (mount === undefined || kernel.major > 5 || (kernel.major === 5 && kernel.minor >= 12)) return;
  throw new TsoError(
    'FAILED_PRECONDITION',
    `what is mounted below ${mount.source} (for ${mount.target}) cannot be made read-only with Linux ${kernel.major}.${kernel.minor}; it takes 5.12`,
    { hint: 'Leave bind.recursive: readonly out, or say bind.recursive: disabled to have nothing of it in the container' },
  );
};

/**
 * The OCI configuration of a container. INVALID_ARGUMENT: a capability, ulimit, device rule or seccomp profile that does not
 * exist or cannot be read; FAILED_PRECONDITION: what this host cannot do.
 * Source: OCI runtime-spec config.md, config-linux.md.
 */
export const bundleConfig = (plan: ContainerPlan, facts: BundleFacts): OciConfig => {
  requireRecursiveReadOnly(plan, facts);
  return configOf(plan, facts);
};

const configOf = (plan: ContainerPlan, facts: BundleFacts): OciConfig => ({
  ociVersion,
  process: processOf(plan, facts),
  root: { path: plan.rootfs, readonly: plan.spec.readOnly },
  ...(plan.spec.utsMode === 'host' ? {} : { hostname: plan.hostname }),
  mounts: containerMounts(plan, facts.initPath),
  linux: linuxOf(plan, facts),
  // Labels tell people something and must not steer the runtime; annotations are for it.
  annotations: {
    ...Object.fromEntries(
      Object.entries(plan.labels).filter(([name]) => !runtimeAnnotationPrefixes.some((prefix) => name.startsWith(prefix))),
    ),
    ...annotationsOf(plan),
  },
});
