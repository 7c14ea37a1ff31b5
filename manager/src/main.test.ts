import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control, Managers, RpcChannel } from '@tso/proto/rpc';
import test from 'ava';

const entry = new URL('./main.ts', import.meta.url);

const start = (directory: string, more: readonly string[] = []): ChildProcess =>
  fork(
    entry,
    ['--state-dir', join(directory, 'state'), '--socket', join(directory, 'm.sock'), '--node-id', 'n1', '--log-level', 'silent', ...more],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  );

const clusterId = async (directory: string): Promise<string> => {
  const channel = new RpcChannel(`unix:${join(directory, 'm.sock')}`);
  try {
    return (await channel.client(Control).getInfo({})).clusterId;
  } finally {
    channel.close();
  }
};

const withDirectory = async (work: (directory: string, started: (child: ChildProcess) => ChildProcess) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-main-'));
  const children: ChildProcess[] = [];
  try {
    await work(directory, (child) => {
      children.push(child);
      return child;
    });
  } finally {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
};

test('it says ready, serves a socket for root alone, and ends when its agent does', (t) =>
  withDirectory(async (directory, started) => {
    const child = started(start(directory));
    t.deepEqual((await once(child, 'message'))[0], { type: 'ready' });
    t.is((await stat(join(directory, 'm.sock'))).mode & 0o777, 0o600);
    const exit = once(child, 'exit');
    child.disconnect();
    t.deepEqual(await exit, [0, null]);
    await t.throwsAsync(stat(join(directory, 'm.sock')), { code: 'ENOENT' });
  }));

test('killed, it leaves nothing that its successor stumbles over; a successor that comes too early waits', (t) =>
  withDirectory(async (directory, started) => {
    const first = started(start(directory));
    await once(first, 'message');
    const cluster = await clusterId(directory);
    const second = started(start(directory));
    const ready = once(second, 'message');
    first.kill('SIGKILL');
    t.deepEqual((await ready)[0], { type: 'ready' });
    t.is(await clusterId(directory), cluster);
    const exit = once(second, 'exit');
    second.kill('SIGTERM');
    t.deepEqual(await exit, [0, null]);
  }));

test('a wrong flag is exit code 2', (t) =>
  withDirectory(async (directory, started) => {
    t.deepEqual(await once(started(start(directory, ['--vxlan-port', 'x'])), 'exit'), [2, null]);
    t.deepEqual(await once(started(start(directory, ['--log-level', 'loud'])), 'exit'), [2, null]);
  }));

test('a state directory that cannot be used is said to the agent, and exit code 1', (t) =>
  withDirectory(async (directory, started) => {
    const child = started(start(directory, ['--state-dir', join(entry.pathname, 'state')]));
    const exit = once(child, 'exit');
    const [message] = (await once(child, 'message')) as [{ readonly type: string; readonly message: string }];
    t.is(message.type, 'failed');
    t.regex(message.message, /main\.ts/);
    t.deepEqual(await exit, [1, null]);
  }));

test('one that was taken out of the group for good says so, and ends', (t) =>
  withDirectory(async (directory, started) => {
    const [one, two] = [join(directory, 'one'), join(directory, 'two')];
    const first = started(start(one, ['--peer-listen', `unix:${one}/p.sock`]));
    t.deepEqual((await once(first, 'message'))[0], { type: 'ready' });
    const through = ['--join', `unix:${one}/p.sock`, '--peer-listen', `unix:${two}/p.sock`, '--node-id', 'n2'];
    const second = started(start(two, through));
    t.deepEqual((await once(second, 'message'))[0], { type: 'ready' });
    const [said, exit] = [once(second, 'message'), once(second, 'exit')];
    const channel = new RpcChannel(`unix:${join(one, 'm.sock')}`);
    try {
      const managers = channel.client(Managers);
      const isVoting = async (): Promise<boolean> =>
        (await managers.listManagers({})).managers.some((it) => it.voter && it.manager.raftId === 2);
      const deadline = performance.now() + 15_000;
      while (!(await isVoting())) t.true(performance.now() < deadline, 'the second one has no vote yet');
      await managers.removeManager({ raftId: 2 });
    } finally {
      channel.close();
    }
    t.deepEqual((await said)[0], { type: 'removed' });
    await exit;
  }));
