import { parseArgs } from 'node:util';
import { TsoError } from '@tso/proto';

/** What the agent tells its manager child on the command line. */
export interface ManagerConfig {
  readonly stateDir: string;
  /** Path of the unix socket to listen on. */
  readonly socket: string;
  /** Id of the node this manager runs on. */
  readonly nodeId: string;
  /** The next three are used when the cluster is made, at the first start; after that the store has them. */
  readonly addressPool: string;
  readonly firstVni: number;
  readonly vxlanPort: number;
  readonly heartbeatMs: number;
  /** Heartbeats that may fail to come before a node counts as down. */
  readonly missedHeartbeats: number;
  readonly logLevel: string;
}

export const subnetPrefix = 24;

const options = {
  'state-dir': { type: 'string' },
  socket: { type: 'string' },
  'node-id': { type: 'string' },
  'address-pool': { type: 'string', default: '10.128.0.0/12' },
  'first-vni': { type: 'string', default: '4096' },
  'vxlan-port': { type: 'string', default: '4789' },
  'heartbeat-ms': { type: 'string', default: '1000' },
  'missed-heartbeats': { type: 'string', default: '3' },
  'log-level': { type: 'string', default: 'info' },
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

const cidr = (name: string, text: string): string => {
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

/** INVALID_ARGUMENT: an unknown flag, a missing one, or a value out of range; the message names it. */
export const parseConfig = (args: readonly string[]): ManagerConfig => {
  const values = parse(args);
  return {
    stateDir: required('state-dir', values['state-dir']),
    socket: required('socket', values.socket),
    nodeId: required('node-id', values['node-id']),
    addressPool: cidr('address-pool', values['address-pool']),
    firstVni: integer('first-vni', values['first-vni'], 1, 2 ** 24 - 1),
    vxlanPort: integer('vxlan-port', values['vxlan-port'], 1, 65_535),
    heartbeatMs: integer('heartbeat-ms', values['heartbeat-ms'], 10, 60_000),
    missedHeartbeats: integer('missed-heartbeats', values['missed-heartbeats'], 1, 1_000),
    logLevel: values['log-level'],
  };
};
