import { join } from 'node:path';
import { UsageError } from './exit-codes.ts';

export const defaultDataDir = '/var/lib/tso';
export const defaultRunDir = '/run/tso';

/** What the local daemon is called among the contexts. */
export const localContext = 'default';

/** Managers on other machines. */
export interface RemoteChoice {
  /** host:port, as --host or TSO_HOST name them; undefined: those of the stored context. */
  readonly hosts: string | undefined;
  /** The stored context whose certificate is shown; undefined: none was chosen. */
  readonly name: string | undefined;
}

/** Where the daemon is, and where one would keep its things if we start it. */
export interface Context {
  /** Path of the unix socket. */
  readonly socket: string;
  readonly dataDir: string;
  readonly runDir: string;
  /** A host was named: no daemon of ours is started for it. */
  readonly explicitHost: boolean;
  /** Undefined: this host's own daemon, by its socket. */
  readonly remote: RemoteChoice | undefined;
  /** Where stored contexts are. */
  readonly configDir: string;
  /** Whom the audit log names for what is asked on the socket. */
  readonly actor: string;
  /** The trace that this command is part of (W3C trace context); empty: none. */
  readonly traceparent: string;
}

export interface ContextOptions {
  readonly host?: string | undefined;
  readonly context?: string | undefined;
  readonly runDir?: string | undefined;
  readonly dataDir?: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What is known of the user without asking anybody: read only when it is needed. */
export interface User {
  readonly name: () => string;
  readonly home: () => string;
  /** The name of the stored context that `tso context use` chose; undefined: none. */
  readonly usedContext: (configDir: string) => string | undefined;
}

/** Where a daemon with that run directory listens. */
export const socketIn = (runDir: string): string => join(runDir, 'tso.sock');

const socketOf = (host: string): string | undefined => {
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(host)?.[1];
  if (path !== undefined) return path;
  if (host.startsWith('/')) return host;
  if (host.startsWith('unix:'))
    throw new UsageError(`--host ${host} is not an absolute socket path`, 'Write it as unix:///run/tso/tso.sock.');
  if (host.startsWith('tcp://')) return undefined;
  throw new UsageError(`--host ${host} is no address`, 'Write it as unix:///path/to/tso.sock or tcp://host:port[,host:port].');
};

/** $TSO_CONFIG_DIR, else the folder of this program among those of the user's other programs. */
const configDirOf = (env: Env, user: User): string =>
  env.TSO_CONFIG_DIR || join(env.XDG_CONFIG_HOME || join(env.HOME || user.home(), '.config'), 'tso');

interface Choice {
  readonly host?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * Options win over the environment, that over what was chosen once with `tso context use`. A certificate for a host that is named
 * comes from the nearest context, whatever that says of hosts.
 */
const choose = (options: ContextOptions, env: Env, used: () => string | undefined): Choice => {
  const named = options.context ?? (env.TSO_CONTEXT || undefined);
  if (options.host !== undefined) return { host: options.host, context: named ?? used() };
  if (options.context !== undefined) return { context: options.context };
  // A run directory that was asked for is nearer than a host or a context from the environment.
  if (options.runDir !== undefined) return {};
  if (env.TSO_HOST) return { host: env.TSO_HOST, context: named ?? used() };
  if (named !== undefined) return { context: named };
  return env.TSO_RUN_DIR ? {} : { context: used() };
};

/** Where the daemon is that this command line speaks to. UsageError: it cannot be any. */
export const contextOf = (options: ContextOptions, env: Env, user: User): Context => {
  const runDir = options.runDir ?? (env.TSO_RUN_DIR || defaultRunDir);
  const dataDir = options.dataDir ?? (env.TSO_DATA_DIR || defaultDataDir);
  const configDir = configDirOf(env, user);
  const chosen = choose(options, env, () => user.usedContext(configDir));
  const name = chosen.context === localContext ? undefined : chosen.context;
  const socket = chosen.host === undefined ? undefined : socketOf(chosen.host);
  const isRemote = chosen.host === undefined ? name !== undefined : socket === undefined;
  return {
    socket: socket ?? socketIn(runDir),
    dataDir,
    runDir,
    explicitHost: chosen.host !== undefined || isRemote,
    remote: isRemote ? { hosts: chosen.host, name } : undefined,
    configDir,
    // Who became root for it is still who asks.
    actor: env.SUDO_USER || user.name(),
    traceparent: env.TRACEPARENT ?? '',
  };
};
