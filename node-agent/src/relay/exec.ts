import { type Clock, type ExecOptions, type RelayFrame, TsoError } from '@tso/proto';
import type { Duplex } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import type { Containers, ExecProcess } from '../runtime/types.ts';
import type { Worker } from '../worker.ts';

/** The sending side of a relay, and its end. */
type Frames = Pick<Duplex<RelayFrame, RelayFrame>, 'send' | 'closed'>;

export interface ExecPorts {
  readonly worker: Pick<Worker, 'isAlive'>;
  readonly containers: Pick<Containers, 'exec'>;
  readonly clock: Clock;
}

/** Carries output to a client. Without one it is still read to its end: a process whose output nobody takes could not end. */
const pumpOut = async (
  stream: AsyncIterable<Uint8Array>,
  frames: Frames,
  frameOf: (data: Uint8Array) => RelayFrame,
  onGone: () => void,
): Promise<void> => {
  let isGone = false;
  for await (const data of stream) {
    if (isGone) continue;
    try {
      await frames.send(frameOf(data));
    } catch {
      // The client went away; what that means for the process is the caller's.
      isGone = true;
      onGone();
    }
  }
};

/** How what the client says ended. */
type InputEnd = 'gone' | 'detached';

const pumpIn = async (incoming: AsyncIterable<RelayFrame>, process: ExecProcess): Promise<InputEnd> => {
  for await (const frame of incoming) {
    if (frame.detach === true) return 'detached';
    if (frame.stdin !== undefined) await process.write(frame.stdin);
    else if (frame.stdinEnd) process.endInput();
    else if (frame.resize !== undefined) process.resize(frame.resize);
    else if (frame.signal !== undefined) process.kill(frame.signal);
  }
  return 'gone';
};

/** Ends a process whose client is gone: hung up as by a terminal, killed when it does not heed that. */
class HangUp {
  readonly #process: ExecProcess;
  readonly #clock: Clock;
  #begun = false;
  #cancel: () => void = () => undefined;

  constructor(process: ExecProcess, clock: Clock) {
    this.#process = process;
    this.#clock = clock;
  }

  readonly begin = (): void => {
    if (this.#begun) return;
    this.#begun = true;
    this.#process.endInput();
    this.#process.kill('SIGHUP');
    this.#cancel = this.#clock.setTimer(limits.execHangUpMs, () => this.#process.kill('SIGKILL'));
  };

  /** The process has ended. */
  over(): void {
    this.#begun = true;
    this.#cancel();
  }
}

/**
 * Runs a command in a task's container and carries its streams until it ends; the last frame is its exit code. A client that goes
 * away, at whatever moment, takes the process with it: this resolves only when that has ended. One that detaches leaves it: the last
 * frame is then `end`, and what the process still says is read and thrown away, until it ends or this agent does.
 */
export const relayExec = async (
  taskId: string,
  options: ExecOptions,
  streams: { readonly frames: Frames; readonly incoming: AsyncIterable<RelayFrame> },
  ports: ExecPorts,
): Promise<void> => {
  const { frames, incoming } = streams;
  if (!ports.worker.isAlive(taskId))
    throw new TsoError('FAILED_PRECONDITION', `the task ${taskId} is not running`, { hint: 'See what is: tso ps' });
  const process = await ports.containers.exec(taskId, options);
  const hangUp = new HangUp(process, ports.clock);
  // Watched apart from the input: that may be waiting for a process that does not read.
  void frames.closed.then(hangUp.begin);
  const detached = new Promise<'detached'>((resolve) => {
    const inputEnded = (how: InputEnd): void => {
      if (how === 'gone') {
        hangUp.begin();
        return;
      }
      hangUp.over();
      resolve(how);
    };
    void pumpIn(incoming, process).then(inputEnded, hangUp.begin);
  });
  const ended = Promise.all([
    process.exitCode,
    pumpOut(process.stdout, frames, (data) => ({ stdout: data }), hangUp.begin),
    pumpOut(process.stderr, frames, (data) => ({ stderr: data }), hangUp.begin),
  ]);
  // Once it is left alone, nobody is told any more how it ended.
  ended.catch(() => undefined);
  try {
    const first = await Promise.race([ended, detached]);
    hangUp.over();
    await frames.send(first === 'detached' ? { end: true } : { exitCode: first[0] });
  } finally {
    hangUp.over();
  }
};
