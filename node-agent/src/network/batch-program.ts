import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type Clock, TsoError } from '@tso/proto';
import { programPath } from '../host-command.ts';

/** A line takes a fraction of a millisecond; who needs this long is stuck. */
const answerLimitMs = 2_000;

interface Waiting {
  readonly mark: string;
  readonly resolve: () => void;
  readonly reject: (error: TsoError) => void;
  readonly cancel: () => void;
}

/**
 * `ip` or `bridge` as a process that stays and takes lines as they come: starting one anew costs the agent, which is large, up to ten times what the
 * lines themselves take. The end of what a call asked is told by a line that no version knows, whose complaint comes after all others
 * (`Object "…" is unknown`); complaints before that are the failure of the call, and the process ends with it, since it keeps what devices it
 * knew by name. Its input is this process's: with that it ends.
 */
export class BatchProgram {
  readonly #program: 'ip' | 'bridge';
  readonly #clock: Clock;
  #child: ChildProcessByStdio<Writable, null, Readable> | undefined;
  #said = '';
  #count = 0;
  /** Calls are one after the other: their complaints could not be told apart. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting: Waiting | undefined;

  constructor(options: { readonly program: 'ip' | 'bridge' }, ports: { readonly clock: Clock }) {
    this.#program = options.program;
    this.#clock = ports.clock;
  }

  /** Resolves once all lines were carried out. INTERNAL when one was refused, DEADLINE_EXCEEDED when it hangs: what was done then is not known. */
  run(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return Promise.resolve();
    const turn = this.#turn.then(() => this.#once(lines));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the process; a later call starts another. */
  stop(): void {
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  #once(lines: readonly string[]): Promise<void> {
    const child = this.#child ?? this.#start();
    this.#count += 1;
    this.#said = '';
    const mark = `end${this.#count}`;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.setTimer(answerLimitMs, () => {
        this.#fail(new TsoError('DEADLINE_EXCEEDED', `${this.#program} did not answer within ${answerLimitMs / 1_000} s`));
      });
      this.#waiting = { mark, resolve, reject, cancel };
      child.stdin.write(`${lines.join('\n')}\n${mark}\n`);
    });
  }

  #start(): ChildProcessByStdio<Writable, null, Readable> {
    const child = spawn(programPath(this.#program), ['-force', '-batch', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { LC_ALL: 'C' },
    });
    this.#child = child;
    const gone = (why: string): void => {
      if (this.#child === child) this.#fail(new TsoError('INTERNAL', `${this.#program} ended: ${why}`));
    };
    child.on('error', (error) => gone(error.message));
    child.on('close', (code) => gone(`exit code ${code}`));
    // It may have ended meanwhile; its end tells.
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#take(chunk.toString());
    });
    return child;
  }

  #take(text: string): void {
    this.#said += text;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const end = new RegExp(`Object "${waiting.mark}" is unknown[^\\n]*\\nCommand failed -:\\d+\\n`).exec(this.#said)?.index;
    if (end === undefined) return;
    const complaints = this.#said
      .slice(0, end)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('Command failed '));
    if (complaints.length > 0) {
      this.#fail(new TsoError('INTERNAL', `${this.#program} failed: ${complaints.join('; ')}`));
      return;
    }
    this.#waiting = undefined;
    waiting.cancel();
    waiting.resolve();
  }

  #fail(error: TsoError): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.cancel();
    waiting?.reject(error);
  }
}
