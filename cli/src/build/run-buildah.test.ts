import { TsoError } from '@tso/proto';
import test from 'ava';
import { clockByHand } from '../testing/fake-io.ts';
import { runBuildah } from './run-buildah.ts';

/** A shell in buildah's place. */
const host = { buildah: '/bin/sh', storage: ['-c'] };
const env = { PATH: '/usr/bin:/bin', FROM_USER: 'yes' };
/** Nothing is killed because this machine is slow: its clock stands still. */
const io = { env, clock: clockByHand().clock };

const run = async (script: string, signal = new AbortController().signal, heard: string[] = []) => {
  await runBuildah(host, [script], io, {
    signal,
    onLine: (line) => heard.push(line),
    what: 'the build of service web',
  });
  return heard;
};

test('what it says on either stream is heard line by line, and it has the variables of the user', async (t) => {
  t.deepEqual((await run('echo $FROM_USER; echo said >&2; printf unended')).toSorted(), ['said', 'unended', 'yes']);
});

test('a failure tells its exit code and the error that it named, and keeps the last lines', async (t) => {
  const script =
    'for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo line $n; done; echo "Error: building at STEP: no" >&2; echo after >&2; exit 125';
  const error = await t.throwsAsync<TsoError>(run(script), { instanceOf: TsoError, code: 'FAILED_PRECONDITION' });
  t.is(error?.message, 'the build of service web failed with exit code 125: building at STEP: no');
  t.is(error?.details.exitCode, 125);
  const lines = error?.details.lines as readonly string[];
  t.is(lines.length, 12);
  t.false(lines.includes('line 1'));
});

test('a failure without a word still has a sentence', async (t) => {
  await t.throwsAsync(run('exit 3'), { message: 'the build of service web failed with exit code 3: it said nothing' });
});

test('a program that was killed is told so', async (t) => {
  await t.throwsAsync(run('kill -9 $$'), { message: /was ended by SIGKILL/ });
});

test('who interrupts it has it asked to end, and waits until it has', async (t) => {
  const controller = new AbortController();
  const heard: string[] = [];
  const script = 'trap "echo cleared; exit 1" TERM; echo begun; while :; do sleep 0.01; done';
  const running = runBuildah(host, [script], io, {
    signal: controller.signal,
    what: 'the build',
    onLine: (line) => {
      heard.push(line);
      if (line === 'begun') controller.abort();
    },
  });
  await t.throwsAsync(running, { code: 'CANCELLED', message: 'the build was interrupted' });
  t.deepEqual(heard, ['begun', 'cleared']);
  await t.throwsAsync(run('echo never', controller.signal), { code: 'CANCELLED' });
});

test('what does not end is killed, and what it leaves running is not waited for', async (t) => {
  const controller = new AbortController();
  const { clock, ring } = clockByHand();
  const running = runBuildah(
    host,
    ['trap "" TERM; sleep 600 & echo $!; wait; wait'],
    { env, clock },
    {
      signal: controller.signal,
      what: 'the build',
      onLine: (line) => {
        t.teardown(() => process.kill(Number(line), 'SIGKILL'));
        controller.abort();
        ring(5_000);
      },
    },
  );
  await t.throwsAsync(running, { code: 'CANCELLED', message: 'the build was interrupted' });
});

test('a host where it cannot be run says so', async (t) => {
  const nowhere = { ...host, buildah: '/nonexistent/buildah' };
  const options = { signal: new AbortController().signal, onLine: () => undefined, what: 'the build' };
  await t.throwsAsync(runBuildah(nowhere, [''], io, options), { code: 'FAILED_PRECONDITION', message: /cannot be run/ });
});
