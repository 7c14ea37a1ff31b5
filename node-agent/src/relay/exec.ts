import { type ExecOptions, type RelayFrame, TsoError } from '@tso/proto';
import type { Duplex } from '@tso/proto/rpc';
import type { Containers, ExecProcess } from '../runtime/types.ts';
import type { Worker } from '../worker.ts';

type Frames = Duplex<RelayFrame, RelayFrame>;

const pumpOut = async (stream: AsyncIterable<Uint8Array>, frames: Frames, frameOf: (data: Uint8Array) => RelayFrame): Promise<void> => {
  for await (const data of stream) await frames.send(frameOf(data));
};

const pumpIn = async (frames: Frames, process: ExecProcess): Promise<void> => {
  for await (const frame of frames) {
    if (frame.stdin !== undefined) await process.write(frame.stdin);
    else if (frame.stdinEnd) process.endInput();
    else if (frame.resize !== undefined) process.resize(frame.resize);
    else if (frame.signal !== undefined) process.kill(frame.signal);
  }
};

/** Runs a command in a task's container and carries its streams until it ends; the last frame is its exit code. */
export const relayExec = async (
  taskId: string,
  options: ExecOptions,
  frames: Frames,
  ports: { readonly worker: Worker; readonly containers: Containers },
): Promise<void> => {
  if (!ports.worker.isAlive(taskId))
    throw new TsoError('FAILED_PRECONDITION', `the task ${taskId} is not running`, { hint: 'See what is: tso ps' });
  const process = await ports.containers.exec(taskId, options);
  // The client's side ends when it is done or gone; the process is then not left behind.
  const input = pumpIn(frames, process).then(
    () => process.endInput(),
    () => process.kill('SIGHUP'),
  );
  const output = Promise.all([
    pumpOut(process.stdout, frames, (data) => ({ stdout: data })),
    pumpOut(process.stderr, frames, (data) => ({ stderr: data })),
  ]);
  const exitCode = await process.exitCode;
  await output;
  await frames.send({ exitCode });
  frames.end();
  await input;
};
