import { parseArgs } from 'node:util';
import { TsoError } from '@tso/proto';
import type { TlsFiles } from '@tso/proto/rpc';
import { type DriverOptions, defaultDriverOptions } from './raft/io/driver-options.ts';

/** What the agent tells its manager child on the command line. */
export interface ManagerConfig {
  readonly stateDir: string;
  /** Path of the unix socket to listen on. */
  readonly socket: string;
  /** Id of the node this manager runs on. */
  readonly nodeId: string;
  /** The next four are used when the cluster is made, at the first start; after that the store has them. */
  readonly addressPool: string;
  /** Length of the prefix that each network gets of the pool. */
  readonly subnetPrefix: number;
  readonly firstVni: number;
  readonly vxlanPort: number;
  readonly heartbeatMs: number;
  /** Heartbeats that may fail to come before a node counts as down. */
  readonly missedHeartbeats: number;
  readonly logLevel: string;
  /** Where other managers reach this one, and what they are told; undefined: there are no others. */
  readonly peerDoor: { readonly listen: string; readonly address: string } | undefined;
  /** Peer door of a member of the group that this manager is to join; used at the first start. */
  readonly join: string | undefined;
  /** Certificates that were made elsewhere; undefined: those in `identityDir`, or none. */
  readonly tls: TlsFiles | undefined;
  /** Where this node's certificate and key are, or are to be made with a new cluster. */
  readonly identityDir: string | undefined;
  /** Files of the authority that a new cluster is to have, instead of one made here. */
  readonly bootstrapCa: { readonly certificate: string; readonly key: string } | undefined;
  /** A backup to begin a new group of managers with. */
  readonly restore: string | undefined;
  /** A majority of the managers is lost for ever: begin a new group with what is in the state directory. */
  readonly forceNewCluster: boolean;
  readonly raft: Omit<DriverOptions, 'raftId'>;
}

const options = {
  'state-dir': { type: 'string' },
  socket: { type: 'string' },
  'node-id': { type: 'string' },
  'address-pool': { type: 'string', default: '10.128.0.0/12' },
  'subnet-prefix': { type: 'string', default: '24' },
  'first-vni': { type: 'string', default: '4096' },
  'vxlan-port': { type: 'string', default: '4789' },
  'heartbeat-ms': { type: 'string', default: '1000' },
  'missed-heartbeats': { type: 'string', default: '3' },
  'log-level': { type: 'string', default: 'info' },
  'peer-listen': { type: 'string' },
  'peer-address': { type: 'string' },
  join: { type: 'string' },
  'tls-ca': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'identity-dir': { type: 'string' },
  'bootstrap-ca-cert': { type: 'string' },
  'bootstrap-ca-key': { type: 'string' },
  restore: { type: 'string' },
  'force-new-cluster': { type: 'boolean', default: false },
  'tick-ms': { type: 'string', default: String(defaultDriverOptions.tickMs) },
  'heartbeat-ticks': { type: 'string', default: String(defaultDriverOptions.heartbeatTicks) },
  'election-ticks': { type: 'string', default: String(defaultDriverOptions.electionTicks) },
  'snapshot-entries': { type: 'string', default: String(defaultDriverOptions.snapshotEntries) },
  'snapshot-bytes': { type: 'string', default: String(defaultDriverOptions.snapshotBytes) },
  'keep-entries': { type: 'string', default: String(defaultDriverOptions.keepEntries) },
} as const;

const required = (name: string, value: string | undefined): string => {
  if (value === undefined || value === '') throw new TsoError('INVALID_ARGUMENT', `the manager needs --${name}`);
  return value;
};

const integer = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new TsoError('INVALID_ARGUMENT', `--${name} is "${text}", it must be a whole number from ${min} to ${max}`);
  }
  return value;
};

const cidr = (name: string, text: string, subnetPrefix: number): string => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [bytes, prefix] = [match?.slice(1, 5).map(Number) ?? [], Number(match?.[5])];
  if (match === null || bytes.some((byte) => byte > 255) || prefix < 8 || prefix > subnetPrefix) {
    throw new TsoError(
      'INVALID_ARGUMENT',
      `--${name} is "${text}", it must be an IPv4 network such as 10.128.0.0/12, from /8 to /${subnetPrefix}`,
    );
  }
  return text;
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new TsoError('INVALID_ARGUMENT', error instanceof Error ? error.message : String(error), { cause: error });
  }
};

/** unix:/path, or host:port. */
const address = (name: string, text: string): string => {
  if (/^unix:\/.+/.test(text)) return text;
  const port = Number(/^(?:\[[0-9a-fA-F:]+\]|[^:[\]\s]+):([0-9]{1,5})$/.exec(text)?.[1]);
  if (port >= 1 && port <= 65_535) return text;
  throw new TsoError('INVALID_ARGUMENT', `--${name} is "${text}", it must be host:port or unix:/path`);
};

type Values = ReturnType<typeof parse>;

const peerDoor = (values: Values): ManagerConfig['peerDoor'] => {
  const listen = values['peer-listen'];
  if (listen === undefined) {
    const alone = (['peer-address', 'join'] as const).find((name) => values[name] !== undefined);
    if (alone !== undefined)
      throw new TsoError('INVALID_ARGUMENT', `--${alone} needs --peer-listen: other managers have to reach this one`);
    return undefined;
  }
  return { listen: address('peer-listen', listen), address: address('peer-address', values['peer-address'] ?? listen) };
};

const tlsFiles = (values: Values, door: ManagerConfig['peerDoor']): TlsFiles | undefined => {
  const { 'tls-ca': ca, 'tls-cert': cert, 'tls-key': key } = values;
  if (ca !== undefined && cert !== undefined && key !== undefined) return { ca, cert, key };
  if (ca !== undefined || cert !== undefined || key !== undefined) {
    throw new TsoError('INVALID_ARGUMENT', 'of --tls-ca, --tls-cert and --tls-key all three are needed, or none');
  }
  if (door !== undefined && !door.listen.startsWith('unix:') && values['identity-dir'] === undefined) {
    throw new TsoError(
      'INVALID_ARGUMENT',
      `--peer-listen ${door.listen} is a network address: it needs --identity-dir, or --tls-ca, --tls-cert and --tls-key`,
    );
  }
  return undefined;
};

const bootstrapCa = (values: Values): ManagerConfig['bootstrapCa'] => {
  const { 'bootstrap-ca-cert': certificate, 'bootstrap-ca-key': key } = values;
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate === undefined && key === undefined) return undefined;
  throw new TsoError('INVALID_ARGUMENT', 'of --bootstrap-ca-cert and --bootstrap-ca-key both are needed, or neither');
};

/** Ways to begin that exclude each other. */
const refuseTwoBeginnings = (values: Values): void => {
  const named = [
    ['--join', values.join !== undefined],
    ['--force-new-cluster', values['force-new-cluster']],
    ['--restore', values.restore !== undefined],
  ] as const;
  const [first, second] = named.filter(([, wished]) => wished);
  if (first === undefined || second === undefined) return;
  throw new TsoError('INVALID_ARGUMENT', `${first[0]} and ${second[0]} exclude each other: a manager begins in one way`);
};

const raftOptions = (values: Values): ManagerConfig['raft'] => {
  const heartbeatTicks = integer('heartbeat-ticks', values['heartbeat-ticks'], 1, 1_000);
  return {
    ...defaultDriverOptions,
    tickMs: integer('tick-ms', values['tick-ms'], 5, 10_000),
    heartbeatTicks,
    electionTicks: integer('election-ticks', values['election-ticks'], heartbeatTicks + 1, 10_000),
    snapshotEntries: integer('snapshot-entries', values['snapshot-entries'], 10, 100_000_000),
    snapshotBytes: integer('snapshot-bytes', values['snapshot-bytes'], 1_024, 2 ** 40),
    keepEntries: integer('keep-entries', values['keep-entries'], 0, 100_000_000),
  };
};

/** INVALID_ARGUMENT: an unknown flag, a missing one, or a value out of range; the message names it. */
export const parseConfig = (args: readonly string[]): ManagerConfig => {
  const values = parse(args);
  const door = peerDoor(values);
  const subnetPrefix = integer('subnet-prefix', values['subnet-prefix'], 16, 29);
  refuseTwoBeginnings(values);
  return {
    identityDir: values['identity-dir'],
    bootstrapCa: bootstrapCa(values),
    restore: values.restore,
    peerDoor: door,
    join: values.join === undefined ? undefined : address('join', values.join),
    tls: tlsFiles(values, door),
    forceNewCluster: values['force-new-cluster'],
    raft: raftOptions(values),
    stateDir: required('state-dir', values['state-dir']),
    socket: required('socket', values.socket),
    nodeId: required('node-id', values['node-id']),
    addressPool: cidr('address-pool', values['address-pool'], subnetPrefix),
    subnetPrefix,
    firstVni: integer('first-vni', values['first-vni'], 1, 2 ** 24 - 1),
    vxlanPort: integer('vxlan-port', values['vxlan-port'], 1, 65_535),
    heartbeatMs: integer('heartbeat-ms', values['heartbeat-ms'], 10, 60_000),
    missedHeartbeats: integer('missed-heartbeats', values['missed-heartbeats'], 1, 1_000),
    logLevel: values['log-level'],
  };
};
