import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type IPty, spawn as spawnPty } from '@lydell/node-pty';
import { type Clock, type Logger, sentenceOf, type TerminalSize } from '@tso/proto';
import { runCommand } from '../host-command.ts';
import { ByteQueue } from './byte-queue.ts';
import { isInCgroup } from './cgroup.ts';
import { commandProblemIn } from './command.ts';
import { crunLogArgs, lastWordsIn } from './last-words.ts';
import type { OciRuntime } from './oci.ts';
import { type OciProcess, ociJson } from './oci-spec.ts';
import { identify, isAlive, type ProcessIdentity, readProcess, signalProcess } from './processes.ts';
import { calmDown, promptly } from './prompt-start.ts';
import { signalNumber } from './signals.ts';
import type { ExecProcess } from './types.ts';

export interface ExecPlan {
  readonly id: string;
  /** Path for this exec's files, without ending. */
  readonly filesPrefix: string;
  readonly cgroupPath: string;
  readonly runtime: OciRuntime;
  /** Network namespace that the runtime is started in; undefined: it joins by itself. */
  readonly insideNetns: string | undefined;
  readonly process: OciProcess;
  /** false: the process reads nothing. */
  readonly interactive: boolean;
  readonly size: TerminalSize | undefined;
  /** Whether the host lets a program be put before others. */
  readonly mayPrompt: boolean;
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
/** Output that waits for a slow reader; more stays in the pipe. */
const outputBufferBytes = 1024 * 1024;
const complaintBytes = 4096;
/**
 * How long output may stay silent after the process ended: what still holds it then is a background process, which exec does not wait for.
 * (runc does wait for it, and only then ends itself.)
 */
const lingerMs = 250;
/** How often it is looked for the process inside. */
const lookAgainMs = 10;

const logFileOf = (plan: ExecPlan): string => `${plan.filesPrefix}.log`;

/** How the runtimes end when they could not start the command. */
const runtimeFailureCodes: readonly number[] = [1, 255];

/** The field's code for what a runtime that failed to start a command said. */
const exitCodeOf = (code: number, stderr: string): number => {
  const problem = commandProblemIn(stderr);
  return problem === undefined ? code : problem === 'missing' ? 127 : 126;
};

/** The process inside, which the runtime's pid file names once it is there. */
class Inside {
  readonly #pidFile: string;
  readonly #cgroupPath: string;
  #identity: ProcessIdentity | undefined;

  constructor(pidFile: string, cgroupPath: string) {
    this.#pidFile = pidFile;
    this.#cgroupPath = cgroupPath;
  }

  get identity(): ProcessIdentity | undefined {
    this.#identity ??= this.#read();
    return this.#identity;
  }

  #read(): ProcessIdentity | undefined {
    let pid: number;
    try {
      pid = Number(readFileSync(this.#pidFile, 'utf8').trim());
    } catch {
      // Not there yet, or deleted after the end.
      return undefined;
    }
    const identity = identify(pid);
    return identity !== undefined && isInCgroup(readProcess(pid, 'cgroup') ?? '', this.#cgroupPath) ? identity : undefined;
  }
}

/** Calls with the process inside, once it is there; not at all when the exec ends before. */
const onceThere = (inside: Inside, hasEnded: () => boolean, clock: Clock, act: (identity: ProcessIdentity) => void): void => {
  const attempt = (): void => {
    if (hasEnded()) return;
    const { identity } = inside;
    if (identity === undefined) clock.setTimer(lookAgainMs, attempt);
    else act(identity);
  };
  attempt();
};

/** Signals the process inside; waits for it to be there as long as the exec itself lasts. */
const killInside = (inside: Inside, signal: string, hasEnded: () => boolean, clock: Clock): void => {
  const number = signalNumber(signal);
  onceThere(inside, hasEnded, clock, (identity) => void signalProcess(identity, number));
};

interface Output {
  readonly data: ByteQueue;
  /** No more comes: the stream ended, or was cut. */
  readonly closed: Promise<void>;
  /** To be called once the process has ended: cuts the stream when it stays silent. */
  processEnded(): void;
}

/** What comes out of a pipe, taken in as it comes so that the end is seen, held back when nobody reads. */
const outputOf = (stream: Readable, clock: Clock, onData: (data: Buffer) => void): Output => {
  const data = new ByteQueue({ limitBytes: outputBufferBytes }, { onFull: () => stream.pause(), onRoom: () => stream.resume() });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let chunks = 0;
  const close = (): void => {
    data.end();
    resolve();
  };
  const cutIfSilentSince = (seen: number): void => {
    if (stream.destroyed) return;
    if (chunks === seen && !stream.isPaused()) stream.destroy();
    else clock.setTimer(lingerMs, () => cutIfSilentSince(chunks));
  };
  stream.on('data', (chunk: Buffer) => {
    chunks += 1;
    onData(chunk);
    data.push(chunk);
  });
  // 'close' follows an end, a failed read and a cut alike.
  stream.on('error', close);
  stream.on('close', close);
  return { data, closed, processEnded: () => clock.setTimer(lingerMs, () => cutIfSilentSince(chunks)) };
};

const startWithPipes = (plan: ExecPlan, args: readonly string[], inside: Inside, clock: Clock): ExecProcess => {
  const { program, env } = plan.runtime.call(plan.insideNetns);
  const child: ChildProcess = spawn(program, args, {
    stdio: [plan.interactive ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: { ...environment, ...env },
  });
  const { promise: exitCode, resolve, reject } = Promise.withResolvers<number>();
  let complaint = '';
  let over = false;
  const stdout = outputOf(child.stdout as Readable, clock, () => undefined);
  const stderr = outputOf(child.stderr as Readable, clock, (chunk) => {
    if (complaint.length < complaintBytes) complaint += chunk.toString();
  });
  // The reader of a pipe may go before we do: then nobody is interested in our input.
  child.stdin?.on('error', () => undefined);
  child.on('error', reject);
  child.on('exit', (code, signal) => {
    over = true;
    stdout.processEnded();
    stderr.processEnded();
    const ended = code ?? 128 + signalNumber(signal ?? 'KILL');
    // Only a failure of the runtime itself has to wait for what it says about it.
    if (!runtimeFailureCodes.includes(ended) || complaint.length >= complaintBytes) resolve(ended);
    else resolve(stderr.closed.then(() => exitCodeOf(ended, complaint)));
  });
  return {
    stdout: stdout.data,
    stderr: stderr.data,
    write: (data) => new Promise((done) => (child.stdin?.writable ? child.stdin.write(data, () => done()) : done())),
    endInput: () => {
      child.stdin?.end();
    },
    resize: () => undefined,
    kill: (signal) => killInside(inside, signal, () => over, clock),
    exitCode,
  };
};

/** crun sets the size only once, at the start; stty on the terminal of the process does the rest (and the kernel sends SIGWINCH). */
const resizeInside = async (inside: Inside, size: TerminalSize, logger: Logger): Promise<void> => {
  const { identity } = inside;
  if (identity === undefined || !isAlive(identity)) return;
  try {
    await runCommand('stty', ['-F', `/proc/${identity.pid}/fd/0`, 'rows', String(size.rows), 'cols', String(size.columns)]);
  } catch (error) {
    // The process may have ended or closed its terminal meanwhile; a wrong size is no reason to end an exec.
    logger.debug({ error: sentenceOf(error) }, 'a terminal could not be resized');
  }
};

const calm = async (pid: number, logger: Logger): Promise<void> => {
  try {
    await calmDown(pid);
  } catch (error) {
    // It has ended meanwhile.
    logger.debug({ error: sentenceOf(error) }, 'a runtime could not be made one among others again');
  }
};

/** What a command that ended at once said, or why the runtime could not start it: as it stands at the end of what a terminal shows. */
const lastWordsOf = (plan: ExecPlan, exitCode: number): Buffer => {
  let words: Buffer;
  try {
    words = lastWordsIn(readFileSync(logFileOf(plan)));
  } catch {
    // The runtime keeps none.
    return Buffer.alloc(0);
  }
  const isComplaint = words.length > 0 && runtimeFailureCodes.includes(exitCode) && !words.toString().endsWith('\n');
  return isComplaint ? Buffer.concat([words, Buffer.from('\r\n')]) : words;
};

const startWithTerminal = (plan: ExecPlan, args: readonly string[], inside: Inside, clock: Clock, logger: Logger): ExecProcess => {
  const size = plan.size ?? { columns: 80, rows: 24 };
  const { program, env } = plan.runtime.call(plan.insideNetns);
  const options = { cols: size.columns, rows: size.rows, encoding: null, env: { ...environment, ...env } };
  const isPrompt = plan.runtime.name === 'crun' && plan.mayPrompt;
  const invocation = promptly({ program, args }, isPrompt);
  const pty: IPty = spawnPty(invocation.program, [...invocation.args], options);
  const output = new ByteQueue({ limitBytes: outputBufferBytes }, { onFull: () => pty.pause(), onRoom: () => pty.resume() });
  const { promise: exitCode, resolve } = Promise.withResolvers<number>();
  let over = false;
  // By then the terminal has its size.
  if (isPrompt)
    onceThere(
      inside,
      () => over,
      clock,
      () => void calm(pty.pid, logger),
    );
  // The package's types know text only; its socket takes bytes, and with encoding null gives them.
  const terminal: { write(data: string | Uint8Array): void } = pty as IPty & { write(data: string | Uint8Array): void };
  pty.onData((data: string | Uint8Array) => output.push(typeof data === 'string' ? Buffer.from(data) : data));
  pty.onExit(({ exitCode: code, signal }) => {
    over = true;
    const ended = signal ? 128 + signal : code;
    output.push(lastWordsOf(plan, ended));
    output.end();
    resolve(ended);
  });
  return {
    stdout: output,
    stderr: { async *[Symbol.asyncIterator]() {} },
    write: async (data) => {
      if (!over) terminal.write(Buffer.from(data));
    },
    // A terminal has no end; the end-of-file character is what a person would type.
    endInput: () => {
      if (!over) pty.write('\u0004');
    },
    resize: (next) => {
      if (over || next.columns < 1 || next.rows < 1) return;
      pty.resize(next.columns, next.rows);
      if (plan.runtime.name === 'crun') void resizeInside(inside, next, logger);
    },
    kill: (signal) => killInside(inside, signal, () => over, clock),
    exitCode,
  };
};

/** Runs one more process in a running container. Its files are gone when it has ended. */
export const startExec = async (plan: ExecPlan, ports: { readonly clock: Clock; readonly logger: Logger }): Promise<ExecProcess> => {
  const processFile = `${plan.filesPrefix}.json`;
  const pidFile = `${plan.filesPrefix}.pid`;
  await writeFile(processFile, ociJson(plan.process), { mode: 0o600 });
  const logArgs = plan.process.terminal && plan.runtime.name === 'crun' ? crunLogArgs(logFileOf(plan)) : [];
  const args = [...plan.runtime.globalArgs, ...logArgs, 'exec', '--process', processFile, '--pid-file', pidFile, plan.id];
  const inside = new Inside(pidFile, plan.cgroupPath);
  const { clock, logger } = ports;
  const started = plan.process.terminal ? startWithTerminal(plan, args, inside, clock, logger) : startWithPipes(plan, args, inside, clock);
  const files = [processFile, pidFile, logFileOf(plan)];
  const forget = (): Promise<unknown> => Promise.all(files.map((file) => rm(file, { force: true })));
  started.exitCode
    .then(forget, forget)
    .catch((error: unknown) => logger.debug({ error: sentenceOf(error) }, 'the files of an exec could not be deleted'));
  return started;
};

/** An exec that ended before it began: the sentence as its error output, the field's code as its exit code. */
export const failedExec = (sentence: string, exitCode: number, terminal: boolean): ExecProcess => {
  const message = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${sentence}${terminal ? '\r\n' : '\n'}`);
  };
  const nothing = async function* (): AsyncGenerator<Uint8Array> {};
  return {
    stdout: terminal ? message() : nothing(),
    stderr: terminal ? nothing() : message(),
    write: async () => undefined,
    endInput: () => undefined,
    resize: () => undefined,
    kill: () => undefined,
    exitCode: Promise.resolve(exitCode),
  };
};
