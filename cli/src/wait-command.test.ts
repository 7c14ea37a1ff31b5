import { type StackView, TaskState } from '@tso/proto';
import test from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { clockByHand } from './testing/fake-io.ts';
import { runWith } from './testing/run-with.ts';
import { aService, aTask, aView } from './testing/views.ts';

const showing = (views: readonly StackView[], seen: () => void = () => undefined): FakeDaemonOptions => ({
  control: {
    watchStack: async function* () {
      yield* views;
      seen();
      await new Promise(() => undefined);
    },
  },
});
const running = aView([aService([aTask()])]);
const failed = aView([aService([aTask({ state: TaskState.FAILED, desired: TaskState.SHUTDOWN, status: { exitCode: 42 } })])]);

test('wait ends with the exit code of the container', async (t) => {
  const { code, out } = await runWith(t, showing([running, failed]), ['wait', '-p', 'visits', 'web']);
  t.deepEqual([code, out], [42, 'web.1: failed with exit code 42\n']);
  const json = await runWith(t, showing([running, failed]), ['wait', '-p', 'visits', 'web', '--format', 'json']);
  t.deepEqual(JSON.parse(json.out), [
    { service: 'web', slot: 1, taskId: 'web-task-1', state: 'failed', exitCode: 42, error: 'its process ended with exit code 42' },
  ]);
  t.is((await runWith(t, showing([failed]), ['wait', '-p', 'visits', '-q', 'web'])).out, '');
});

test('wait for a service that is not there, or has no task, is a failure with its reason', async (t) => {
  const missing = await runWith(t, showing([running]), ['wait', '-p', 'visits', 'wbe']);
  t.deepEqual([missing.code, missing.err], [1, 'error: there is no service wbe in stack visits. It has: web.\n']);
  const none = await runWith(t, showing([aView([aService([])])]), ['wait', '-p', 'visits', 'web']);
  t.is(none.code, 1);
  t.regex(none.err, /there is no task to wait for/);
  const gone = await runWith(t, showing([running, aView([])]), ['wait', '-p', 'visits', 'web']);
  t.regex(gone.err, /service web was removed while it was waited for/);
});

test('wait gives up after its time with 3 and names what goes on', async (t) => {
  const { clock, ring } = clockByHand();
  const daemon = showing([running], () => ring(5_000));
  const { code, err } = await runWith(t, daemon, ['wait', '-p', 'visits', 'web', '--timeout', '5'], { clock });
  t.is(code, 3);
  t.regex(err, /web(\.1)? has not ended after 5 s/);
});
