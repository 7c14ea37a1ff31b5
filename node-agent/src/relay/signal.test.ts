import type { RelayFrame } from '@tso/proto';
import test from 'ava';
import type { ContainerObservation } from '../runtime/types.ts';
import { signalFrames } from './signal.ts';

const process = { pid: 10, pidStartTime: '1', conmonPid: 9, conmonStartTime: '1' };

const sent = async (observed: ContainerObservation, signal: string) => {
  const signals: string[] = [];
  const frames: RelayFrame[] = [];
  const containers = {
    observe: async () => observed,
    kill: async (id: string, name: string) => {
      signals.push(`${name} ${id}`);
    },
  };
  for await (const frame of signalFrames('a', { signal }, { containers })) frames.push(frame);
  return { signals, frames };
};

for (const paused of [false, true]) {
  test(`a signal reaches a task that ${paused ? 'is paused' : 'runs'}, and that is answered`, async (t) => {
    t.deepEqual(await sent({ state: 'running', process, paused }, 'SIGHUP'), { signals: ['SIGHUP a'], frames: [{ end: true }] });
  });
}

test('what does not run gets none', async (t) => {
  await t.throwsAsync(sent({ state: 'created', process }, 'SIGHUP'), { code: 'FAILED_PRECONDITION', message: /the task a is not running/ });
  await t.throwsAsync(sent({ state: 'none' }, 'SIGHUP'), { code: 'FAILED_PRECONDITION' });
});

test('what is no signal is refused before the task is looked at', async (t) => {
  await t.throwsAsync(sent({ state: 'none' }, 'SIGNOSUCH'), { code: 'INVALID_ARGUMENT', message: /there is no signal SIGNOSUCH/ });
});
