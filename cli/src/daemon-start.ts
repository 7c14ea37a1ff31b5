import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { agentEntry } from './agent-entry.ts';
import { type Context, defaultDataDir, defaultRunDir } from './context.ts';
import type { EngineClient, EngineInfo } from './engine-client.ts';
import type { Io } from './io.ts';
import { probeSocket, requireLocal, unreachableError } from './unreachable.ts';

const startDeadlineMs = 20_000;
const probeMs = 25;
const unitFiles = ['/etc/systemd/system/tsod.service', '/usr/lib/systemd/system/tsod.service', '/lib/systemd/system/tsod.service'];

interface Host {
  readonly io: Io;
  readonly context: Context;
  readonly engine: EngineClient;
}

/** systemd is the one to start it when it runs, knows the unit, and the unit is about the same directories. */
const isSystemdUnit = (context: Context): boolean =>
  context.runDir === defaultRunDir && context.dataDir === defaultDataDir && existsSync('/run/systemd/system') && unitFiles.some(existsSync);

const startUnit = (): void => {
  const result = spawnSync('/usr/bin/systemctl', ['start', 'tsod'], { encoding: 'utf8' });
  if (result.status === 0) return;
  throw new TsoError('UNAVAILABLE', `systemctl start tsod failed: ${(result.stderr || String(result.error ?? '')).trim()}`, {
    hint: 'See why: journalctl -u tsod -n 50',
  });
};

/** The last thing that the daemon said, for the one sentence that explains why it ended. */
const lastWords = (logFile: string): string => {
  const line = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  try {
    const { msg, error } = JSON.parse(line) as { msg?: string; error?: string };
    return [msg, typeof error === 'string' ? error : undefined].filter(Boolean).join(': ') || line;
  } catch {
    // Not every last word is a log record: a crash prints plain text.
    return line;
  }
};

interface Started {
  /** Why it ended already, or undefined while it runs. */
  ended(): string | undefined;
}

const spawnDaemon = (context: Context): Started => {
  mkdirSync(context.dataDir, { recursive: true, mode: 0o700 });
  const logFile = join(context.dataDir, 'tsod.log');
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, ['--', agentEntry(), '--data-dir', context.dataDir, '--run-dir', context.runDir], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let end: string | undefined;
  child.once('error', (error) => {
    end = error.message;
  });
  child.once('exit', (code, signal) => {
    end = `it ended with ${signal ?? `exit code ${code}`}: ${lastWords(logFile)} (its log is ${logFile})`;
  });
  child.unref();
  return { ended: () => end };
};

const waitForSocket = async ({ io, context }: Host, started: Started | undefined): Promise<void> => {
  const deadline = io.clock.monotonic() + startDeadlineMs;
  for (;;) {
    if ((await probeSocket(context.socket)) === undefined) return;
    const end = started?.ended();
    if (end !== undefined)
      throw new TsoError('UNAVAILABLE', `the daemon did not start: ${end}`, { hint: 'tso doctor says what this host lacks.' });
    if (io.clock.monotonic() > deadline) {
      throw new TsoError(
        'UNAVAILABLE',
        `the daemon was started but does not listen on ${context.socket} after ${startDeadlineMs / 1000} s`,
        {
          hint: `Its log: ${started === undefined ? 'journalctl -u tsod' : join(context.dataDir, 'tsod.log')}`,
        },
      );
    }
    await new Promise<void>((resolve) => {
      io.clock.setTimer(probeMs, resolve);
    });
  }
};

/** Returns once a daemon listens: the one there is, or one that is started here, which only root can. */
export const ensureDaemon = async (host: Host): Promise<void> => {
  const { io, context } = host;
  requireLocal(context);
  const errno = await probeSocket(context.socket);
  if (errno === undefined) return;
  if (io.uid !== 0 || context.explicitHost || (errno !== 'ENOENT' && errno !== 'ECONNREFUSED'))
    throw unreachableError(context, errno, io.uid);
  if (isSystemdUnit(context)) {
    io.stderr.write('No daemon runs on this host: starting it (systemctl start tsod).\n');
    startUnit();
    return waitForSocket(host, undefined);
  }
  io.stderr.write(
    `No daemon runs on this host: starting one in the background, data in ${context.dataDir}, log in ${join(context.dataDir, 'tsod.log')}.\n`,
  );
  return waitForSocket(host, spawnDaemon(context));
};

/**
 * Returns once this host is in a cluster: a single-node one is started when there is none. What keeps a node from its cluster, such as a
 * manager that is locked, is said by whoever then asks that.
 */
export const ensureCluster = async ({ io, engine }: Host): Promise<void> => {
  const info = await engine.call<EngineInfo>({ method: 'GET', path: '/info' });
  if (['active', 'locked', 'error'].includes(info.Swarm.LocalNodeState)) return;
  io.stderr.write('This host is in no cluster: starting a single-node one.\n');
  await engine.call<string>({ method: 'POST', path: '/swarm/init', json: {} });
};
