import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control, RpcChannel } from '@tso/proto/rpc';
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
