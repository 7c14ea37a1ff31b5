import { type Clock, type Hook, type Logger, LogStream, sentenceOf, type Task, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { LogAppender } from '../logs/append.ts';
import type { Containers, ExecProcess } from '../runtime/types.ts';
import { patiently } from './patience.ts';

export interface TaskHooksPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly containers: Pick<Containers, 'exec' | 'observe' | 'logPath'>;
}

const longestLine = 300;

/** `its post_start hook 2 of 3 (./warm-up)`. */
export const hookName = (kind: string, hooks: readonly Hook[], index: number): string => {
  const count = hooks.length === 1 ? '' : ` ${index + 1} of ${hooks.length}`;
  const command = hooks[index]?.command[0];
  return `its ${kind} hook${count}${command === undefined ? '' : ` (${command})`}`;
};

/** One sentence on how a hook failed, with the last thing that it said. */
export const hookFailure = (name: string, code: number, lastLine: string): string => {
  const said = lastLine === '' ? '' : `: ${lastLine.length > longestLine ? `${lastLine.slice(0, longestLine)}…` : lastLine}`;
  return `${name} ended with code ${code}${said}`;
};

/** Runs a task's hooks inside its container. What they say goes into the log of the task. */
export class TaskHooks {
  readonly #ports: TaskHooksPorts;

  constructor(ports: TaskHooksPorts) {
    this.#ports = ports;
  }

  /**
   * Those after the start, one after the other. FAILED_PRECONDITION: one failed, with its last line; CANCELLED by the signal. A container that
   * ended meanwhile is no failure of its hook: how it ended tells more.
   */
  async postStart(task: Task, signal: AbortSignal): Promise<void> {
    const hooks = task.spec.container.postStart;
    for (const [index, hook] of hooks.entries()) {
      const name = hookName('post_start', hooks, index);
      const failed = await this.#failure(task, hook, name, signal);
      if (signal.aborted) throw new TsoError('CANCELLED', `${name} was cut short`);
      if (failed === undefined) continue;
      if ((await this.#ports.containers.observe(task.id)).state !== 'running') return;
      throw new TsoError('FAILED_PRECONDITION', failed, { hint: 'Its output is in the log: tso logs' });
    }
  }

  /** Those before the stop signal, one after the other, until the time is over. One that fails is said and holds nothing up. Never rejects. */
  async preStop(task: Task, limitMs: number, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#ports;
    const hooks = task.spec.container.preStop;
    const late = new AbortController();
    const cancel = clock.setTimer(Math.min(limitMs, limits.longestTimerMs), () => late.abort());
    const either = AbortSignal.any([signal, late.signal]);
    try {
      for (const [index, hook] of hooks.entries()) {
        const name = hookName('pre_stop', hooks, index);
        const failed = await this.#failure(task, hook, name, either);
        if (signal.aborted) return;
        if (late.signal.aborted) {
          logger.warn({ taskId: task.id, limitMs }, `${name} did not end within the grace period and was cut short`);
          return;
        }
        if (failed !== undefined) logger.warn({ taskId: task.id }, failed);
      }
    } finally {
      cancel();
    }
  }

  /** The sentence on how it failed, which stands in the task's log too; undefined: it did not. */
  async #failure(task: Task, hook: Hook, name: string, signal: AbortSignal): Promise<string | undefined> {
    const log = new HookLog(task, this.#ports);
    let why: string;
    try {
      const code = await this.#run(task, hook, log, signal);
      if (code === 0 || signal.aborted) return undefined;
      why = hookFailure(name, code, log.lastLine);
    } catch (error) {
      why = `${name} could not run: ${sentenceOf(error)}`;
    }
    await log.push(LogStream.STDERR, Buffer.from(`${why}\n`));
    return why;
  }

  async #run(task: Task, hook: Hook, log: HookLog, signal: AbortSignal): Promise<number> {
    const { command, user, workingDir, env, privileged } = hook;
    const process = await this.#ports.containers.exec(task.id, {
      command,
      user,
      workingDir,
      env,
      privileged,
      tty: false,
      interactive: false,
    });
    const kill = (): void => process.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    try {
      const patience = { what: 'a hook', limitMs: undefined, signal, afterAbortMs: limits.hookKillMs };
      return await patiently(ended(process, log), patience, this.#ports.clock);
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }
}

/** The task's log as its hooks write it. Where it cannot be written, what they say is thrown away: a process that nobody reads could not end. */
class HookLog {
  readonly #taskId: string;
  readonly #logger: Logger;
  readonly #log: LogAppender;
  #isLost = false;

  constructor(task: Task, { clock, logger, containers }: TaskHooksPorts) {
    this.#taskId = task.id;
    this.#logger = logger;
    this.#log = new LogAppender({ path: containers.logPath(task.id) }, { clock });
  }

  get lastLine(): string {
    return this.#log.lastLine;
  }

  push(stream: LogStream, chunk: Uint8Array): Promise<void> {
    return this.#write(() => this.#log.push(stream, chunk));
  }

  end(): Promise<void> {
    return this.#write(() => this.#log.end());
  }

  async #write(work: () => Promise<void>): Promise<void> {
    if (this.#isLost) return;
    try {
      await work();
    } catch (error) {
      this.#isLost = true;
      const fields = { taskId: this.#taskId, error: sentenceOf(error) };
      this.#logger.error(fields, 'what a hook says could not be written into the log of its task');
    }
  }
}

/** Its exit code, once it has ended and all it said is in the log. */
const ended = async (process: ExecProcess, log: HookLog): Promise<number> => {
  process.endInput();
  const pump = async (stream: LogStream, output: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of output) await log.push(stream, chunk);
  };
  const [code] = await Promise.all([process.exitCode, pump(LogStream.STDOUT, process.stdout), pump(LogStream.STDERR, process.stderr)]);
  await log.end();
  return code;
};
