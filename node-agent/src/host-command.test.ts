import test from 'ava';
import { runCommand } from './host-command.ts';

test('a program gets its arguments and input as they are, and its output comes back', async (t) => {
  t.is((await runCommand('printf', ['%s', 'a b; $(c)'])).stdout, 'a b; $(c)');
  t.is((await runCommand('cat', [], { input: 'text' })).stdout, 'text');
});

test('a program that fails says why, with its own words and code', async (t) => {
  await t.throwsAsync(runCommand('stat', ['/nowhere/at/all']), {
    code: 'INTERNAL',
    message: /^stat \/nowhere\/at\/all failed: .*No such file/,
  });
});

test('a program that takes too long is killed, and the message says so', async (t) => {
  await t.throwsAsync(runCommand('sleep', ['60'], { timeoutMs: 50 }), {
    code: 'DEADLINE_EXCEEDED',
    message: 'sleep 60 did not end within 0.05 s',
  });
});

test('a program that left its output to a child of its own is not waited for beyond its time', async (t) => {
  // setsid's child keeps the pipe open, as whatever cannot be killed would.
  await t.throwsAsync(runCommand('setsid', ['--fork', 'sleep', '2'], { timeoutMs: 100 }), { code: 'DEADLINE_EXCEEDED' });
});

test('a signal ends a program', async (t) => {
  const controller = new AbortController();
  const running = runCommand('sleep', ['60'], { signal: controller.signal });
  controller.abort();
  await t.throwsAsync(running, { code: 'CANCELLED' });
  await t.throwsAsync(runCommand('sleep', ['60'], { signal: controller.signal }), { code: 'CANCELLED' });
});

test('a program that is not installed is named with its package', async (t) => {
  await t.throwsAsync(runCommand('tso-no-such-program', []), { code: 'FAILED_PRECONDITION', message: /is not installed/ });
});
