import test from 'ava';
import { requireAwake, requireRunning } from './running.ts';

const process = { pid: 10, pidStartTime: '1', conmonPid: 9, conmonStartTime: '1' };

test('what does not run, or is paused, is told apart from what runs', (t) => {
  const running = { state: 'running', process, paused: false } as const;
  const paused = { ...running, paused: true } as const;
  t.is(requireAwake('a', running), running);
  t.is(requireRunning('a', paused), paused);
  t.throws(() => requireAwake('a', paused), { code: 'FAILED_PRECONDITION', message: 'the container a is paused: nothing can begin in it' });
  t.throws(() => requireRunning('a', { state: 'none' }), { message: 'the container a is not running, it is none' });
});
