import { type RelayFrame, type SignalOptions, TsoError } from '@tso/proto';
import { signalNumber } from '../runtime/signals.ts';
import type { Containers } from '../runtime/types.ts';

export interface SignalPorts {
  readonly containers: Pick<Containers, 'observe' | 'kill'>;
}

/**
 * Sends a signal to the first process of a task's container, then `end`. A paused one has it once it goes on; SIGKILL ends it either way.
 * FAILED_PRECONDITION: it does not run. INVALID_ARGUMENT: there is no such signal.
 */
export async function* signalFrames(taskId: string, { signal }: SignalOptions, { containers }: SignalPorts): AsyncGenerator<RelayFrame> {
  signalNumber(signal);
  const { state } = await containers.observe(taskId);
  if (state !== 'running')
    throw new TsoError('FAILED_PRECONDITION', `the task ${taskId} is not running`, {
      hint: 'See what is: tso ps',
      details: { outcome: 'refused' },
    });
  await containers.kill(taskId, signal);
  yield { end: true };
}
