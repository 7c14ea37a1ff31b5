import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type Clock, TsoError } from '@tso/proto';
import { programPath, searchPath } from '../host-command.ts';

/** No job of ours takes longer, but when something hangs. */
const answerLimitMs = 30_000;
const jobFiles = '.job-';

/**
 * Runs each line of its input as a job of its own, beside the others: `ID;INPUT;OUTPUT;FIELD;FIELD…`. `work` of the script is called with the
 * fields, with its input and output at these files; what it complained of comes back with its exit code, in one line short enough not to be torn.
 * Nothing that is said is read as the shell's own language. `jobs` lets go of those that ended.
 */
const loop = `
while IFS= read -r line; do
jobs >/dev/null 2>&1
(
set -f
IFS=';'
set -- $line
unset IFS
id=$1 in=$2 out=$3
shift 3
complaint=$(work "$@" 2>&1 <"$in" >"$out")
code=$?
set -- $complaint
complaint="$*"
printf '%s %s %.3000s\\n' "$id" "$code" "$complaint"
) </dev/null &
done
wait
`;

export interface JobShellOptions {
  /** Where input and output of jobs are put for the time of the job: in memory, by choice. */
  readonly dir: string;
  /** Defines the function `work`, for the system's shell. A constant: what jobs are about goes in as fields and input. */
  readonly script: string;
  /** What the script finds in $1, $2… outside `work`. */
  readonly args: readonly string[];
  /** Host programs that it needs. */
  readonly programs: readonly string[];
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: TsoError) => void;
}

export interface Job {
  /** Arguments of `work`; without semicolons and line ends. */
  readonly fields: readonly string[];
  /** @default nothing */
  readonly input?: string;
  /** Its output is wanted. */
  readonly output?: boolean;
}

/**
 * A small process of the system's shell that stays and runs host programs for this one. To fork a process of a hundred megabytes takes 5 to 10 ms each
 * time, in which nothing else is done; the shell takes a tenth of that. Its input is this process's: it ends with it.
 */
export class JobShell {
  readonly #options: JobShellOptions;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #said = '';
  #count = 0;

  constructor(options: JobShellOptions, ports: { readonly clock: Clock }) {
    this.#options = options;
    this.#clock = ports.clock;
  }

  /** Removes what jobs of a predecessor left. The process begins with the first job. */
  async start(): Promise<void> {
    const { dir } = this.#options;
    const left = (await readdir(dir)).filter((name) => name.startsWith(jobFiles));
    await Promise.all(left.map((name) => rm(join(dir, name), { force: true })));
  }

  /** Jobs that are under way come to their end. A later job starts another process. */
  stop(): void {
    this.#child?.stdin.end();
    this.#child = undefined;
    for (const { reject } of this.#waiting.values()) reject(new TsoError('CANCELLED', 'the agent is ending'));
    this.#waiting.clear();
  }

  /**
   * Resolves with the output. INTERNAL with what was complained of when the exit code is another than 0; DEADLINE_EXCEEDED when it hangs; CANCELLED
   * by `stop`. INVALID_ARGUMENT when a field has what it may not.
   */
  async run(job: Job): Promise<string> {
    const bad = job.fields.find((field) => /[;\n\0]/.test(field));
    if (bad !== undefined) throw new TsoError('INVALID_ARGUMENT', `"${bad}" has a semicolon or a line end, which has no place there`);
    this.#count += 1;
    const id = String(this.#count);
    const file = join(this.#options.dir, `${jobFiles}${id}`);
    const input = job.input === undefined || job.input === '' ? '/dev/null' : file;
    const output = job.output === true ? `${file}.out` : '/dev/null';
    try {
      if (input === file) await writeFile(file, job.input ?? '', { mode: 0o600 });
      await this.#ask(id, [id, input, output, ...job.fields].join(';'));
      return job.output === true ? await readFile(output, 'utf8') : '';
    } finally {
      const made = [input, output].filter((path) => path !== '/dev/null');
      await Promise.all(made.map((path) => rm(path, { force: true })));
    }
  }

  #ask(id: string, line: string): Promise<void> {
    const child = this.#child ?? this.#begin();
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.setTimer(answerLimitMs, () => this.#fail('DEADLINE_EXCEEDED', `no end within ${answerLimitMs / 1_000} s`));
      this.#waiting.set(id, {
        resolve: () => {
          cancel();
          resolve();
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      });
      child.stdin.write(`${line}\n`);
    });
  }

  #begin(): ChildProcessByStdio<Writable, Readable, null> {
    const { script, args, programs } = this.#options;
    for (const program of programs) programPath(program);
    // A group of its own, so that all of it can be ended when a job hangs.
    const child = spawn(programPath('sh'), ['-c', `umask 077\n${script}\n${loop}`, 'tso', ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: searchPath.join(':'), LC_ALL: 'C' },
      detached: true,
    });
    this.#child = child;
    this.#said = '';
    const gone = (why: string): void => {
      if (this.#child === child) this.#fail('INTERNAL', why);
    };
    child.on('error', (error) => gone(error.message));
    child.on('close', (code, signal) => gone(`it ended: ${signal ?? `exit code ${code}`}`));
    // It may have ended meanwhile; its end tells.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#take(chunk.toString());
    });
    return child;
  }

  #take(text: string): void {
    const lines = `${this.#said}${text}`.split('\n');
    this.#said = lines.pop() ?? '';
    for (const line of lines) {
      const [, id = '', code = '', complaint = ''] = /^(\d+) (\d+) (.*)$/.exec(line) ?? [];
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (code === '0') waiting?.resolve();
      else waiting?.reject(new TsoError('INTERNAL', complaint === '' ? `exit code ${code}` : complaint, { details: { code } }));
    }
  }

  /** All jobs under way fail with the process. */
  #fail(code: 'INTERNAL' | 'DEADLINE_EXCEEDED', why: string): void {
    const child = this.#child;
    this.#child = undefined;
    try {
      if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new TsoError(code, `the shell that runs host programs failed: ${why}`));
  }
}
