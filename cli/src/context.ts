import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { UsageError } from './exit-codes.ts';

export const defaultDataDir = '/var/lib/tso';
export const defaultRunDir = '/run/tso';

/** Where the daemon is, and where one would keep its things if we start it. */
export interface Context {
  /** Path of the unix socket. */
  readonly socket: string;
  readonly dataDir: string;
  readonly runDir: string;
  /** The socket was named by --host: no daemon of ours is started for it. */
  readonly explicitHost: boolean;
}

export interface ContextOptions {
  readonly host?: string | undefined;
  readonly runDir?: string | undefined;
  readonly dataDir?: string | undefined;
}

const socketOf = (host: string): string => {
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(host)?.[1];
  if (path !== undefined) return path;
  if (host.startsWith('/')) return host;
  if (host.startsWith('unix:'))
    throw new UsageError(`--host ${host} is not an absolute socket path`, 'Write it as unix:///run/tso/tso.sock.');
  throw new TsoError('UNIMPLEMENTED', `--host ${host}: only unix sockets can be reached today`, {
    hint: 'Run tso on the host itself, or write unix:///path/to/tso.sock.',
  });
};

/** Options win over the environment (TSO_HOST, TSO_RUN_DIR, TSO_DATA_DIR), that over the defaults. */
export const contextOf = (options: ContextOptions, env: Readonly<Record<string, string | undefined>>): Context => {
  const runDir = options.runDir ?? (env.TSO_RUN_DIR || defaultRunDir);
  const dataDir = options.dataDir ?? (env.TSO_DATA_DIR || defaultDataDir);
  // A run directory that was asked for is nearer than a host from the environment.
  const host = options.host ?? (options.runDir === undefined ? env.TSO_HOST || undefined : undefined);
  const socket = host === undefined ? join(runDir, 'tso.sock') : socketOf(host);
  return { socket, dataDir, runDir, explicitHost: host !== undefined };
};
