import { isAbsolute, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { type GenericResource, type LogLevel, logLevels, parseHostPort, TsoError } from '@tso/proto';
import { genericResources } from './generic-resources.ts';
import type { IdShift } from './image/types.ts';
import { nodeAddresses } from './membership/addresses.ts';
import { type AgentPaths, defaultDataDir, defaultRunDir, runDirTag } from './paths.ts';

export interface AgentConfig {
  readonly paths: AgentPaths;
  /** cgroup path under which every container of this node lives, with a leading slash. */
  readonly cgroupParent: string;
  readonly runtime: 'crun' | 'runc';
  readonly logLevel: LogLevel;
  /** All containers without `userns_mode: host` run remapped by this, when set. */
  readonly usernsRemap: IdShift | undefined;
  /** Where a manager of this node listens, host:port; empty: not said. */
  readonly listenAddr: string;
  /** Address other hosts reach this one at, with or without port; empty: not said. */
  readonly advertiseAddr: string;
  /** Where figures and health are served to scrapers, host:port; empty: on the node's own socket alone. */
  readonly metricsAddr: string;
  readonly insecureRegistries: readonly string[];
  /** Countable things of this host that only its owner knows of, by kind. */
  readonly generic: readonly GenericResource[];
  /** How old a key of tunnels may become. */
  readonly tunnelRotationMs: number;
  /** Flags for the manager that runs on this node, checked by itself. */
  readonly managerFlags: readonly string[];
}

const options = {
  'data-dir': { type: 'string', default: defaultDataDir },
  'run-dir': { type: 'string', default: defaultRunDir },
  'cgroup-parent': { type: 'string' },
  runtime: { type: 'string', default: 'crun' },
  'log-level': { type: 'string', default: 'info' },
  'userns-remap': { type: 'string' },
  'listen-addr': { type: 'string', default: '' },
  'advertise-addr': { type: 'string', default: '' },
  'metrics-addr': { type: 'string', default: '' },
  'tunnel-rotation': { type: 'string', default: '12h' },
  'insecure-registry': { type: 'string', multiple: true },
  'generic-resource': { type: 'string', multiple: true },
  'manager-option': { type: 'string', multiple: true },
} as const;

const refuse = (flag: string, value: string, wanted: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `--${flag} ${value} is not usable: it must be ${wanted}`);

const absolute = (flag: string, value: string): string => {
  if (!isAbsolute(value)) throw refuse(flag, value, 'an absolute path');
  const path = normalize(value);
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
};

/** The path of a socket has room for 107 bytes (unix(7)); the longest below the run directory is `/attach/<task id>/attach`. */
const maxRunDirBytes = 107 - '/attach/'.length - 25 - '/attach'.length;

const runDirectory = (value: string): string => {
  const path = absolute('run-dir', value);
  if (Buffer.byteLength(path) <= maxRunDirBytes) return path;
  throw refuse('run-dir', value, `at most ${maxRunDirBytes} bytes long, since the sockets below it may have 107 (unix(7))`);
};

const ownFolder = (flag: string, value: string): string => {
  const path = absolute(flag, value);
  if (path === '/') throw refuse(flag, value, 'a folder of its own');
  return path;
};

const oneOf = <T extends string>(flag: string, value: string, wanted: readonly T[]): T => {
  const found = wanted.find((it) => it === value);
  if (found === undefined) throw refuse(flag, value, wanted.join(' or '));
  return found;
};

const parseShift = (value: string | undefined): IdShift | undefined => {
  if (value === undefined) return undefined;
  const match = /^(\d+)(?::(\d+))?$/.exec(value);
  const base = Number(match?.[1]);
  const size = Number(match?.[2] ?? 65_536);
  if (match === null || base < 1 || size < 65_536 || base + size > 0xffff_fffe) {
    throw refuse('userns-remap', value, 'BASE[:SIZE], the first host id and how many (at least 65536), for example 100000:65536');
  }
  return { base, size };
};

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
/** Two keys stand side by side for a while after each rotation. */
const leastRotationMs = 10_000;
const mostRotationMs = 30 * 24 * 3_600_000;

const parseRotation = (value: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(value) ?? [];
  const rotationMs = Number(count) * (units[unit] ?? 0);
  if (rotationMs >= leastRotationMs && rotationMs <= mostRotationMs) return rotationMs;
  throw refuse('tunnel-rotation', value, 'from 10s to 720h, for example 12h');
};

/** What of the manager's settings is for the operator to choose; the rest follows from the agent's own. docs/consensus.md explains them. */
const managerOptions = [
  'tick-ms',
  'heartbeat-ticks',
  'election-ticks',
  'snapshot-entries',
  'snapshot-bytes',
  'keep-entries',
  'heartbeat-ms',
  'missed-heartbeats',
] as const;

const scrapeAddress = (value: string): string => {
  try {
    parseHostPort(value);
    return value;
  } catch {
    throw refuse('metrics-addr', value, 'ADDRESS:PORT, for example 127.0.0.1:9478');
  }
};

const managerFlag = (text: string): readonly string[] => {
  const [name, value] = text.split('=');
  if (!managerOptions.some((it) => it === name) || !/^[0-9]+$/.test(value ?? '') || text.split('=').length !== 2) {
    throw refuse('manager-option', text, `NAME=NUMBER, NAME one of ${managerOptions.join(', ')}`);
  }
  return [`--${name}`, value ?? ''];
};

/** Stands for an address that is not looked at. */
const anyAddress = '192.0.2.1';

/** The agent's settings from its command line. INVALID_ARGUMENT names the flag. */
export const parseConfig = (args: readonly string[]): AgentConfig => {
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const paths = { dataDir: ownFolder('data-dir', values['data-dir']), runDir: ownFolder('run-dir', runDirectory(values['run-dir'])) };
  if (paths.dataDir === paths.runDir) throw refuse('run-dir', paths.runDir, 'another folder than --data-dir: a reboot empties it');
  const { 'listen-addr': listenAddr, 'advertise-addr': advertiseAddr } = values;
  if (listenAddr !== '') nodeAddresses(listenAddr, anyAddress);
  if (advertiseAddr !== '') nodeAddresses(anyAddress, advertiseAddr);
  const tag = runDirTag(paths);
  return {
    paths,
    cgroupParent: ownFolder('cgroup-parent', values['cgroup-parent'] ?? (tag === '' ? '/tso' : `/tso-${tag}`)),
    runtime: oneOf('runtime', values.runtime, ['crun', 'runc']),
    logLevel: oneOf('log-level', values['log-level'], logLevels),
    usernsRemap: parseShift(values['userns-remap']),
    listenAddr,
    advertiseAddr,
    metricsAddr: values['metrics-addr'] === '' ? '' : scrapeAddress(values['metrics-addr']),
    tunnelRotationMs: parseRotation(values['tunnel-rotation']),
    insecureRegistries: values['insecure-registry'] ?? [],
    generic: genericResources(values['generic-resource'] ?? []),
    managerFlags: (values['manager-option'] ?? []).flatMap(managerFlag),
  };
};
