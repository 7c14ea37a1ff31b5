import type { ExecutionContext } from 'ava';
import { run } from '../program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './fake-daemon.ts';
import { type FakeIo, type FakeIoOptions, fakeIo } from './fake-io.ts';

export interface Ran {
  readonly code: number;
  readonly io: FakeIo;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line against a daemon of the test's own. */
export const runWith = async (
  t: ExecutionContext,
  daemon: FakeDaemonOptions,
  argv: readonly string[],
  io: FakeIoOptions = {},
): Promise<Ran> => {
  const fake = await startFakeDaemon(daemon);
  t.teardown(() => fake.stop());
  const surroundings = fakeIo({ ...io, env: { TSO_RUN_DIR: fake.dir, ...io.env } });
  const code = await run(argv, surroundings);
  return { code, io: surroundings, out: surroundings.stdout.text, err: surroundings.stderr.text };
};

/** Runs a command line on a host without a daemon. */
export const alone = async (argv: readonly string[], options: FakeIoOptions = {}): Promise<Ran> => {
  const io = fakeIo({ env: { TSO_RUN_DIR: '/nonexistent/tso' }, ...options });
  const code = await run(argv, io);
  return { code, io, out: io.stdout.text, err: io.stderr.text };
};
