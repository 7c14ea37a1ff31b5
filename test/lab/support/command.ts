import { spawn } from 'node:child_process';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** Runs a program to its end; any exit code is an answer. */
export const command = (program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C', ...options.env },
      cwd: options.cwd,
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString() + (signal === null ? '' : `\nended by ${signal}`),
      }),
    );
    // A program that ends without reading all of its input has still answered.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });

/** Runs a program that must succeed. */
export const succeed = async (program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> => {
  const outcome = await command(program, args, options);
  if (outcome.code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr || outcome.stdout}`);
  return outcome.stdout;
};
