import { type Logger, sentenceOf, TsoError } from '@tso/proto';
import type { Containers } from '../runtime/types.ts';

/** Asks a container to end. A signal that does not exist (an image may name anything) must not keep it from that: then it gets SIGTERM. */
export const sendStopSignal = async (
  id: string,
  signal: string,
  ports: { readonly containers: Pick<Containers, 'kill'>; readonly logger: Logger },
): Promise<void> => {
  try {
    await ports.containers.kill(id, signal);
  } catch (error) {
    if (!(error instanceof TsoError) || error.code !== 'INVALID_ARGUMENT') throw error;
    ports.logger.warn({ taskId: id, signal, error: sentenceOf(error) }, 'the stop signal of a task is none; it gets SIGTERM');
    await ports.containers.kill(id, 'SIGTERM');
  }
};
