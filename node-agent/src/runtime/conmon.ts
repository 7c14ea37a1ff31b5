import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Clock, TsoError } from '@tso/proto';
import { programPath } from '../host-command.ts';
import type { OciRuntime } from './oci.ts';
import { identify, type ProcessIdentity, readProcess } from './processes.ts';

export interface ConmonOptions {
  readonly id: string;
  readonly bundle: string;
  readonly exitsDir: string;
  readonly attachDir: string;
  readonly logPath: string;
  /** conmon starts the log anew there; 0: no bound. */
  readonly logMaxSizeBytes: number;
  readonly terminal: boolean;
  readonly openStdin: boolean;
  readonly runtime: OciRuntime;
  /** Network namespace that the runtime is started in; undefined: it joins by itself. */
  readonly insideNetns: string | undefined;
}

/** Longer than any create takes on a machine that still works. */
const createTimeoutMs = 60_000;

const conmonArgs = (options: ConmonOptions, program: string): readonly string[] => [
  ...['--api-version', '1', '-c', options.id, '-u', options.id, '-n', options.id],
  ...['-r', program, '-b', options.bundle],
  ...['-p', join(options.bundle, 'pid'), '-P', join(options.bundle, 'conmon.pid')],
  ...['--exit-dir', options.exitsDir, '--persist-dir', options.bundle, '--socket-dir-path', options.attachDir],
  ...['-l', `k8s-file:${options.logPath}`, ...(options.logMaxSizeBytes > 0 ? ['--log-size-max', String(options.logMaxSizeBytes)] : [])],
  // Without an fsync of the log at the end, which would hold back the exit for as long as the disk is busy.
  ...['--log-level', 'error', '--no-sync-log'],
  ...(options.terminal ? ['-t'] : []),
  ...(options.openStdin ? ['-i', '--leave-stdin-open'] : []),
  ...options.runtime.globalArgs.flatMap((arg) => ['--runtime-arg', arg]),
];

/** The one line conmon writes on the pipe named by _OCI_SYNCPIPE: the pid, or a negative number and the runtime's words. */
interface SyncMessage {
  readonly data: number;
  readonly message?: string;
}

const firstLine = (stream: Readable, clock: Clock): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const settle = (action: () => void): void => {
      cancel();
      stream.destroy();
      action();
    };
    const cancel = clock.setTimer(createTimeoutMs, () =>
      settle(() => reject(new TsoError('DEADLINE_EXCEEDED', `the container was not made within ${createTimeoutMs / 1000} s`))),
    );
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) settle(() => resolve(text));
    });
    stream.on('end', () => settle(() => resolve(text)));
    stream.on('error', (error) => settle(() => reject(error)));
  });

/**
 * Starts a monitor, which makes the container and then outlives us. Returns the pid of the container's first process, which waits for start.
 * Fails with FAILED_PRECONDITION and the runtime's own message, or DEADLINE_EXCEEDED; what is half-made then is the caller's to remove.
 */
export const createWithConmon = async (options: ConmonOptions, clock: Clock): Promise<number> => {
  // conmon keeps its standard streams for life: a file, so that no pipe of ours stays open by it.
  const complaints = openSync(join(options.bundle, 'conmon.log'), 'w', 0o600);
  const failed = Promise.withResolvers<never>();
  try {
    const { program, env } = options.runtime.call(options.insideNetns);
    const child = spawn(programPath('conmon'), conmonArgs(options, program), {
      cwd: options.bundle,
      detached: true,
      stdio: ['ignore', complaints, complaints, 'pipe'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', _OCI_SYNCPIPE: '3', ...env },
    });
    child.on('error', (cause) => failed.reject(new TsoError('INTERNAL', `conmon could not run: ${cause.message}`, { cause })));
    child.unref();
    const text = await Promise.race([firstLine(child.stdio[3] as Readable, clock), failed.promise]);
    const message: SyncMessage = text === '' ? { data: -1 } : (JSON.parse(text) as SyncMessage);
    if (message.data > 0) return message.data;
    throw new TsoError('FAILED_PRECONDITION', (message.message ?? '').trim());
  } finally {
    closeSync(complaints);
  }
};

/** Asks conmon to close its log and open it again by name (message 2 of its control fifo). Nothing when conmon has gone. */
export const reopenConmonLog = async (bundle: string): Promise<void> => {
  try {
    // Opened for reading too: Linux then never waits for a reader (fifo(7)).
    const file = await open(join(bundle, 'ctl'), 'r+');
    try {
      await file.write('2 0 0\n');
    } finally {
      await file.close();
    }
  } catch (error) {
    // ENOENT: there is no such container any more.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENXIO')) return;
    throw error;
  }
};

const isConmonOf = (pid: number, bundle: string): boolean => {
  const args = readProcess(pid, 'cmdline')?.split('\0') ?? [];
  return (args[0] ?? '').endsWith('conmon') && args[args.indexOf('-b') + 1] === bundle;
};

/** The monitor of a bundle if the given process is it. */
export const conmonAt = (pid: number, bundle: string): ProcessIdentity | undefined => {
  const identity = identify(pid);
  return identity !== undefined && isConmonOf(pid, bundle) ? identity : undefined;
};

/** The monitor of a bundle, searched among all processes: for when its pid file is gone. */
export const findConmon = (bundle: string): ProcessIdentity | undefined => {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const pid = pids.find((candidate) => isConmonOf(candidate, bundle));
  return pid === undefined ? undefined : identify(pid);
};
