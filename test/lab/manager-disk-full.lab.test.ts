import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyContainerSpec, emptyServiceSpec, emptyTaskSpec, type StackSpec, type TsoError } from '@tso/proto';
import { Control, RpcChannel, type RpcClient } from '@tso/proto/rpc';
import test from 'ava';
import { command, succeed } from './support/command.ts';

const entry = fileURLToPath(import.meta.resolve('@tso/manager/main'));

interface RunningManager {
  readonly control: RpcClient<typeof Control>;
  readonly child: ChildProcess;
  /** What it wrote to its log. */
  output(): string;
  stop(): Promise<void>;
}

const startManager = async (directory: string): Promise<RunningManager> => {
  const socket = join(directory, 'manager.sock');
  const args = ['--state-dir', join(directory, 'disk/state'), '--socket', socket, '--node-id', 'n1'];
  const child = fork(entry, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let output = '';
  child.stderr?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  await once(child, 'message');
  const channel = new RpcChannel(`unix:${socket}`);
  return {
    control: channel.client(Control),
    child,
    output: () => output,
    stop: async () => {
      channel.close();
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

/** A stack whose log entry takes about 18 KB. */
const largeStack = (name: string): StackSpec => {
  const container = { ...emptyContainerSpec, image: 'busybox:1', env: [`FILLER=${'x'.repeat(9_000)}`] };
  const service = { ...emptyServiceSpec, name: 'app', replicas: 0, task: { ...emptyTaskSpec, container } };
  return { name, services: [service], networks: [], volumes: [], files: [] };
};

const apply = ({ control }: RunningManager, name: string) =>
  control.applyStack({ spec: largeStack(name), dryRun: false, removeOrphans: false, services: [], files: [], declared: [] });

/** Applies stacks until one is refused: those accepted, and the refusal. */
const fillDisk = async (manager: RunningManager): Promise<{ readonly accepted: readonly string[]; readonly refusal: TsoError }> => {
  const accepted: string[] = [];
  for (;;) {
    const name = `stack-${accepted.length}`;
    try {
      await apply(manager, name);
      accepted.push(name);
    } catch (error) {
      return { accepted, refusal: error as TsoError };
    }
  }
};

const namesOf = async ({ control }: RunningManager): Promise<readonly string[]> =>
  (await control.listStacks({})).stacks.map(({ name }) => name);

test.serial('a manager whose disk is full says so and ends, and with room again has all that it acknowledged', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-disk-full-'));
  const disk = join(directory, 'disk');
  const running: RunningManager[] = [];
  try {
    await mkdir(disk);
    await succeed('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    const first = await startManager(directory);
    running.push(first);
    const exit = once(first.child, 'exit');
    const { accepted, refusal } = await fillDisk(first);
    t.true(accepted.length > 3, `${accepted.length} stacks fit`);
    t.is(refusal.code, 'UNAVAILABLE', refusal.message);
    t.regex(refusal.message, /the manager's log is broken: .*no space left on the disk/);
    t.deepEqual(await exit, [1, null]);
    t.regex(first.output(), /writing the log failed for .*no space left on the disk\. Free some space and start the manager again/);

    await succeed('mount', ['-o', 'remount,size=8m', disk]);
    const second = await startManager(directory);
    running.push(second);
    const names = await namesOf(second);
    for (const name of accepted) t.true(names.includes(name), `${name} was acknowledged`);
    await apply(second, 'more');
    t.true((await namesOf(second)).includes('more'));
  } finally {
    for (const manager of running) await manager.stop();
    await command('umount', [disk]);
    await rm(directory, { recursive: true, force: true });
  }
});
