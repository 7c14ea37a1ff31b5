import { TsoError } from '@tso/proto';
import type { OciSeccomp, OciSyscallArgument, OciSyscalls } from './oci-spec.ts';

/** What the conditions in a profile ask of the host and the container. */
export interface SeccompFacts {
  /** GOARCH names, as the profiles use them: amd64, arm64. */
  readonly architecture: string;
  readonly kernel: { readonly major: number; readonly minor: number };
  /** The bounding set. */
  readonly capabilities: readonly string[];
}

interface ProfileCondition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

interface ProfileRule {
  readonly name?: string;
  readonly names?: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly OciSyscallArgument[] | null;
  readonly includes?: ProfileCondition;
  readonly excludes?: ProfileCondition;
}

interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[] | null;
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[] | null;
  readonly syscalls?: readonly ProfileRule[] | null;
}

const seccompArchitectures: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  '386': 'SCMP_ARCH_X86',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  s390x: 'SCMP_ARCH_S390X',
  riscv64: 'SCMP_ARCH_RISCV64',
  loong64: 'SCMP_ARCH_LOONGARCH64',
  mips64le: 'SCMP_ARCH_MIPSEL64',
};

const kernelAtLeast = (facts: SeccompFacts, wanted: string): boolean => {
  const [major = 0, minor = 0] = wanted.split('.').map(Number);
  return facts.kernel.major > major || (facts.kernel.major === major && facts.kernel.minor >= minor);
};

/** An include holds only when all of it does; nothing asked means it holds. */
const included = (condition: ProfileCondition | undefined, facts: SeccompFacts): boolean => {
  const { caps = [], arches = [], minKernel = '' } = condition ?? {};
  if (arches.length > 0 && !arches.includes(facts.architecture)) return false;
  if (!caps.every((name) => facts.capabilities.includes(name))) return false;
  return minKernel === '' || kernelAtLeast(facts, minKernel);
};

/** An exclude holds as soon as any of it does. */
const excluded = (condition: ProfileCondition | undefined, facts: SeccompFacts): boolean => {
  const { caps = [], arches = [], minKernel = '' } = condition ?? {};
  if (arches.includes(facts.architecture)) return true;
  if (caps.some((name) => facts.capabilities.includes(name))) return true;
  return minKernel !== '' && kernelAtLeast(facts, minKernel);
};

const ociRule = (rule: ProfileRule): OciSyscalls => ({
  names: rule.names ?? (rule.name === undefined ? [] : [rule.name]),
  action: rule.action,
  ...(rule.errnoRet === undefined ? {} : { errnoRet: rule.errnoRet }),
  ...(rule.args === undefined || rule.args === null || rule.args.length === 0 ? {} : { args: rule.args }),
});

const architectures = (profile: Profile, facts: SeccompFacts): readonly string[] => {
  const own = seccompArchitectures[facts.architecture];
  const mapped = (profile.archMap ?? []).find((entry) => entry.architecture === own);
  if (mapped !== undefined) return [mapped.architecture, ...(mapped.subArchitectures ?? [])];
  return profile.architectures ?? (own === undefined ? [] : [own]);
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRule = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value.action === 'string' &&
  (typeof value.name === 'string' || (Array.isArray(value.names) && value.names.every((name) => typeof name === 'string')));

const isProfile = (value: unknown): value is Profile =>
  isRecord(value) &&
  typeof value.defaultAction === 'string' &&
  (value.syscalls === undefined || value.syscalls === null || (Array.isArray(value.syscalls) && value.syscalls.every(isRule)));

const parseProfile = (text: string): Profile => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TsoError('INVALID_ARGUMENT', 'the seccomp profile is not JSON', {
      cause,
      hint: 'See containers-seccomp.json(5) for its form',
    });
  }
  if (isProfile(value)) return value;
  throw new TsoError('INVALID_ARGUMENT', 'the seccomp profile lacks a defaultAction, or one of its syscalls has no names or no action', {
    hint: 'See containers-seccomp.json(5) for its form',
  });
};

/**
 * A profile in the form that Docker and Podman share (containers-seccomp.json(5)), decided for one container: rules whose conditions fail
 * are gone, the architecture map is resolved. INVALID_ARGUMENT: not such a profile.
 */
export const seccompFromProfile = (text: string, facts: SeccompFacts): OciSeccomp => {
  const profile = parseProfile(text);
  const rules = (profile.syscalls ?? []).filter((rule) => included(rule.includes, facts) && !excluded(rule.excludes, facts));
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: architectures(profile, facts),
    syscalls: rules.map(ociRule).filter((rule) => rule.names.length > 0),
  };
};

/** linux/socket.h and asm-generic/errno.h. */
const afXdp = 44;
const eafnosupport = 97;
/** Beyond those that there are (46 in Linux 6.18). */
const lastFamily = 63;

const family = (op: string, value: number): OciSyscallArgument => ({ index: 0, value, valueTwo: 0, op });
const families = (first: number, last: number): readonly OciSyscallArgument[] =>
  Array.from({ length: last - first + 1 }, (_, at) => family('SCMP_CMP_EQ', first + at));
/** Each by its number: the kernel reads 32 bits of what a filter compares 64 of, so that "greater than" would let AF_XDP through in disguise. */
const above = families(afXdp + 1, lastFamily);

/** Conditions on the family of a socket that hold for just those the given one holds for, but for AF_XDP; undefined: not one we can narrow. */
const withoutXdp = (condition: OciSyscallArgument | undefined): readonly OciSyscallArgument[] | undefined => {
  if (condition === undefined) return [family('SCMP_CMP_LT', afXdp), ...above];
  const { op, value } = condition;
  if (op === 'SCMP_CMP_EQ') return value === afXdp ? [] : [condition];
  if (op !== 'SCMP_CMP_NE' || value >= afXdp) return undefined;
  // Rules of one system call are alternatives, and one rule asks an argument once (seccomp_rule_add(3)): what lies between is named one by one.
  return [family('SCMP_CMP_LT', value), ...families(value + 1, afXdp - 1), ...above];
};

/**
 * The same filter without sockets of the family AF_XDP. With NET_RAW these hand frames straight to the device's driver, past every rule for what leaves
 * it, so that a container could send in the name of others. Who calls socket() by socketcall() (32 bit x86) is not seen: its arguments lie in memory.
 */
export const withoutXdpSockets = (seccomp: OciSeccomp): OciSeccomp => {
  const syscalls = seccomp.syscalls.flatMap((rule): readonly OciSyscalls[] => {
    if (rule.action !== 'SCMP_ACT_ALLOW' || !rule.names.includes('socket')) return [rule];
    const { args = [] } = rule;
    const onFamily = args.filter(({ index }) => index === 0);
    const narrowed = onFamily.length > 1 ? undefined : withoutXdp(onFamily[0]);
    if (narrowed === undefined) return [rule];
    const names = rule.names.filter((name) => name !== 'socket');
    const rest = args.filter(({ index }) => index !== 0);
    return [
      ...(names.length === 0 ? [] : [{ ...rule, names }]),
      ...narrowed.map((condition) => ({ ...rule, names: ['socket'], args: [condition, ...rest] })),
    ];
  });
  const refused: OciSyscalls = {
    names: ['socket'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: eafnosupport,
    args: [{ index: 0, value: afXdp, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
  };
  return { ...seccomp, syscalls: [...syscalls, refused] };
};
