import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';

/** Where host programs are looked up; the caller's PATH is not trusted by a root daemon. */
export const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const debianPackages: Readonly<Record<string, string>> = {
  bridge: 'iproute2',
  conmon: 'conmon',
  crun: 'crun',
  ip: 'iproute2',
  mount: 'mount',
  nft: 'nftables',
  nsenter: 'util-linux',
  runc: 'runc',
  umount: 'mount',
  unshare: 'util-linux',
  sysctl: 'procps',
  wg: 'wireguard-tools',
  zstd: 'zstd',
};

const found = new Map<string, string>();

/** The absolute path of a host program, or undefined. */
export const findProgram = (name: string): string | undefined => {
  const known = found.get(name);
  if (known !== undefined) return known;
  for (const dir of searchPath) {
    const path = join(dir, name);
    try {
      accessSync(path, constants.X_OK);
      found.set(name, path);
      return path;
    } catch {
      // Not in this folder: the next one decides.
    }
  }
  return undefined;
};

/** The absolute path of a host program. FAILED_PRECONDITION names the Debian package that has it. */
export const programPath = (name: string): string => {
  const path = findProgram(name);
  if (path !== undefined) return path;
  throw new TsoError('FAILED_PRECONDITION', `the host program ${name} is not installed`, {
    hint: `Install it: apt-get install ${debianPackages[name] ?? name}`,
  });
};

export interface CommandOptions {
  /** Written to its standard input, which is then closed. */
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Killed after this long. Default 30 s: no host program of ours should take longer. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeoutMs = 30_000;

const failureOf = (name: string, args: readonly string[], why: string, details: Readonly<Record<string, unknown>>): TsoError =>
  new TsoError('INTERNAL', `${name} ${args[0] ?? ''} failed: ${why}`, { details: { program: name, args, ...details } });

/**
 * Runs a host program to its end, by absolute path and argument array, never through a shell. Bounded in time even when the program
 * cannot be killed (it waits for a disk) or left its output to a child of its own. INTERNAL with the program's own stderr when it
 * exits with another code than 0; DEADLINE_EXCEEDED; CANCELLED by the signal.
 */
export const runCommand = (name: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    const { input, signal: abort, timeoutMs = defaultTimeoutMs } = options;
    const child = spawn(programPath(name), args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { PATH: searchPath.join(':'), LC_ALL: 'C', ...options.env },
      killSignal: 'SIGKILL',
      ...(abort === undefined ? {} : { signal: abort }),
    });
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      action();
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      reject(new TsoError('DEADLINE_EXCEEDED', `${name} ${args[0] ?? ''} did not end within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      const code = error.name === 'AbortError' ? 'CANCELLED' : 'INTERNAL';
      settle(() => reject(new TsoError(code, `${name} could not run: ${error.message}`, { cause: error })));
    });
    child.on('close', (code, signal) => {
      const result = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
      if (code === 0) return settle(() => resolve(result));
      const why = result.stderr.trim() || (signal === null ? `exit code ${code}` : `killed by ${signal}`);
      settle(() => reject(failureOf(name, args, why, { code, signal, stderr: result.stderr })));
    });
    if (input !== undefined) {
      // The program may end before it read everything; its exit code tells.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    }
  });
