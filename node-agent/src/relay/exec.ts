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

const pumpIn = async (incoming: AsyncIterable<RelayFrame>, process: ExecProcess): Promise<void> => {
  for await (const frame of incoming) {
    if (frame.stdin !== undefined) await process.write(frame.stdin);
    else if (frame.stdinEnd) process.endInput();
    else if (frame.resize !== undefined) process.resize(frame.resize);
    else if (frame.signal !== undefined) process.kill(frame.signal);
  }
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
 * away, at whatever moment, takes the process with it: this resolves only when that has ended.
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
  void pumpIn(incoming, process).then(hangUp.begin, hangUp.begin);
  try {
    const [exitCode] = await Promise.all([
      process.exitCode,
      pumpOut(process.stdout, frames, (data) => ({ stdout: data }), hangUp.begin),
      pumpOut(process.stderr, frames, (data) => ({ stderr: data }), hangUp.begin),
    ]);
    hangUp.over();
    await frames.send({ exitCode });
  } finally {
    hangUp.over();
  }
};
