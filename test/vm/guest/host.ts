import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fact, type Part, step } from './report.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `tso ps --format json` prints of a task, as far as it is looked at here. */
export interface TaskRow {
  readonly id: string;
  readonly service: string;
  readonly state: string;
  readonly error: string;
  readonly exitCode: number | null;
}

const tools = '/opt/tso';
const cgroupRoot = '/sys/fs/cgroup';
/** The default cgroup parent of the agent. */
export const cgroupParent = join(cgroupRoot, 'tso');

/** Where the service web of the stack is published. */
export const url = 'http://127.0.0.1:8080/';
const containersDir = '/run/tso/containers';

/** How often a condition is looked at. */
const lookEveryMs = 50;
const deadlineMs = 60_000;

/**
 * Waits until the condition gives an answer. Fails at the deadline, saying what was waited for.
 * @param seen what there is instead, told then
 */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  seen: () => unknown = () => 'nothing',
  { limitMs = deadlineMs, everyMs = lookEveryMs }: { readonly limitMs?: number; readonly everyMs?: number } = {},
): Promise<T> => {
  const endAt = performance.now() + limitMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > endAt)
      throw new Error(`waited ${limitMs / 1_000} s in the guest for: ${what} (last seen: ${JSON.stringify(seen())})`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};

/** Runs a program to its end; any exit code is an answer. */
export const run = (program: string, args: readonly string[], input = ''): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 90_000, killSignal: 'SIGKILL' });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? 128, ...texts, stderr: texts.stderr + (signal ?? '') }));
    // A program that ends without reading its input has still answered.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });

/** Runs a program that must succeed; its standard output. */
export const succeed = async (program: string, args: readonly string[], input = ''): Promise<string> => {
  const outcome = await run(program, args, input);
  if (outcome.code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr || outcome.stdout}`);
  return outcome.stdout;
};

const entry = join(tools, 'cli/dist/tso.mjs');

/** The command line of tso; any exit code is an answer. */
export const runTso = (args: readonly string[], input = ''): Promise<Outcome> => {
  step(`tso ${args.join(' ')}`);
  return run(process.execPath, ['--', entry, ...args], input);
};

/** The command line of tso, which must succeed; its standard output. */
export const tso = async (args: readonly string[], input = ''): Promise<string> => {
  const outcome = await runTso(args, input);
  if (outcome.code === 0) return outcome.stdout;
  const { stdout: log } = await run('journalctl', ['-u', 'tsod', '-n', '12', '-o', 'cat', '--no-pager']);
  throw new Error(`tso ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}\n${log}`);
};

/** Ids of the containers that the agent has files of. */
export const containerIds = (): readonly string[] => (existsSync(containersDir) ? readdirSync(containersDir) : []);

/** The tasks of a stack; undefined while the manager does not answer. */
export const tasksIfTold = async (stack: string): Promise<readonly TaskRow[] | undefined> => {
  // Soon after a start the agent answers already and its manager does not.
  if (!existsSync('/run/tso/manager.sock')) return undefined;
  const { code, stdout } = await runTso(['ps', '-a', '-p', stack, '--format', 'json']);
  return code === 0 ? (JSON.parse(stdout) as TaskRow[]) : undefined;
};

/** Starts the agent anew by its unit, with these arguments, and returns once it answers. */
export const startAgent = async (args: string): Promise<void> => {
  step(`start the agent: ${args}`);
  writeFileSync('/etc/tsod.env', `TSOD_ARGS=${args}\n`);
  await succeed('systemctl', ['restart', 'tsod']);
  await agentAnswers();
};

/** Until the agent's socket is there and what listens on it has answered. */
export const agentAnswers = (): Promise<void> =>
  eventually('the agent answers', async () => {
    if (!existsSync('/run/tso/tso.sock')) return undefined;
    const { code } = await run('curl', ['-sf', '--max-time', '5', '--unix-socket', '/run/tso/tso.sock', 'http://tso/_ping']);
    return code === 0 ? null : undefined;
  }).then(() => undefined);

export const agentPid = async (): Promise<number> => Number(await succeed('systemctl', ['show', '--property=MainPID', '--value', 'tsod']));

/** A file of a container's cgroup without its last newline; undefined when it is not there. */
export const cgroupFile = (id: string, name: string): string | undefined => {
  const path = join(cgroupParent, id, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : undefined;
};

/** The value of a `key value` line of a container's cgroup file. */
export const cgroupCount = (id: string, name: string, key: string): number =>
  Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(cgroupFile(id, name) ?? '')?.[1]);

/** Names of the cgroups of containers. */
export const containerCgroups = (): readonly string[] =>
  existsSync(cgroupParent)
    ? readdirSync(cgroupParent, { withFileTypes: true })
        .filter((item) => item.isDirectory())
        .map((item) => item.name)
    : [];

/** The first process of a container, as conmon wrote it down. */
export const firstPid = (id: string): number => Number(readFileSync(`${containersDir}/${id}/pid`, 'utf8'));

/** The OCI runtime that made a container, as the agent wrote it down. */
export const runtimeOf = (id: string): string =>
  (JSON.parse(readFileSync(`${containersDir}/${id}/container.json`, 'utf8')) as { readonly runtime: string }).runtime;

/** Tells how long something took, in milliseconds: printed, never judged. */
export const timed = async <T>(part: Part, name: string, work: () => Promise<T>): Promise<T> => {
  const from = performance.now();
  const answer = await work();
  fact(part, `${name} ms`, Math.round(performance.now() - from));
  return answer;
};
