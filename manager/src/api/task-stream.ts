import { NodeState, type RelayFrame, type Task, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import { Pipe } from './pipe.ts';
import { relayFailure } from './relay-failure.ts';
import type { RelayConnection, RelayNode, Relays, RelayWish } from './relays.ts';
import { nodeOfTask, taskLabel } from './targets.ts';

export interface TaskStreamPorts {
  readonly proposer: Pick<Proposer, 'view' | 'subscribe'>;
  readonly relays: Pick<Relays, 'open'>;
}

/** A stream to a task through its agent; as `openNodeStream`. */
export const openTaskStream = (ports: TaskStreamPorts, task: Task, wish: RelayWish, signal: AbortSignal): Promise<RelayConnection> =>
  openNodeStream(ports, nodeOfTask(ports.proposer.view, task), { taskId: task.id, ...wish }, signal);

/**
 * A stream to a node's agent, cancelled by the signal. A node that is declared down ends it too, with UNAVAILABLE: an agent that
 * is merely silent would hold it for ever. Errors of opening as `Relays.open`. Whoever has it cancels it in the end, which is nothing after `end`.
 * @param wish empty `taskId`: of the node itself
 */
export const openNodeStream = async (
  { proposer, relays }: TaskStreamPorts,
  node: RelayNode,
  { taskId, ...wish }: RelayWish & { readonly taskId: string },
  signal: AbortSignal,
): Promise<RelayConnection> => {
  const connection = await relays.open(node, taskId, wish, signal);
  const frames = new Pipe<RelayFrame>(limits.relayFrames);
  const over = new AbortController();
  const stop = (): void => {
    signal.removeEventListener('abort', onAbort);
    over.abort();
  };
  const cancel = (why: TsoError): void => {
    stop();
    frames.end(why);
    connection.cancel();
  };
  const onAbort = (): void => cancel(new TsoError('CANCELLED', 'the caller went away'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  void pump(connection.frames, frames);
  void watchNode(proposer, node.id, over.signal, () => cancel(new TsoError('UNAVAILABLE', `node ${node.hostname} is down`)));
  return {
    frames,
    send: (frame) => connection.send(frame),
    end: () => {
      stop();
      connection.end();
    },
    cancel: onAbort,
  };
};

const pump = async (incoming: AsyncIterable<RelayFrame>, frames: Pipe<RelayFrame>): Promise<void> => {
  try {
    for await (const frame of incoming) await frames.write(frame);
    frames.end();
  } catch (error) {
    // The relay broke, or nobody reads any more: then this changes nothing.
    frames.end(error);
  }
};

const watchNode = async (proposer: TaskStreamPorts['proposer'], nodeId: string, signal: AbortSignal, onDown: () => void): Promise<void> => {
  const changes = proposer.subscribe(({ kind, id }) => kind === 'node' && id === nodeId, { limit: 1, signal });
  for await (const _ of changes) if (proposer.view.node(nodeId)?.state === NodeState.NODE_DOWN) return onDown();
};

/**
 * The frames that a task's agent answers with, until it says their end, or until the signal: whoever gave that knows why. Throws what the
 * agent says went wrong, and UNAVAILABLE when the stream broke off before its end.
 */
export const framesOfTask = async function* (
  ports: TaskStreamPorts,
  task: Task,
  wish: RelayWish,
  signal: AbortSignal,
): AsyncGenerator<RelayFrame> {
  const stream = await openTaskStream(ports, task, wish, signal);
  try {
    for await (const frame of stream.frames) {
      if (frame.error !== undefined) throw relayFailure(frame.error);
      if (frame.end === true) {
        stream.end();
        return;
      }
      yield frame;
    }
    throw new TsoError('UNAVAILABLE', `the stream to ${taskLabel(task)} broke off before its end`);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stream.cancel();
  }
};
