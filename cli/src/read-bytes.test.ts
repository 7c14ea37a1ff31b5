import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Io } from './io.ts';
import { bytesOf } from './read-bytes.ts';
import { fakeIo } from './testing/fake-io.ts';

const wanted = { what: 'a secret', mostBytes: 5 };

const folder = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-bytes-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

test('a file is read from where the command runs, up to its bound and not a byte more', async (t) => {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'full'), 'five!');
  await writeFile(join(cwd, 'large'), 'sixsix');
  await writeFile(join(cwd, 'empty'), '');
  const io = fakeIo({ cwd });
  t.is(Buffer.from(await bytesOf(io, 'full', wanted)).toString(), 'five!');
  t.is((await bytesOf(io, 'empty', wanted)).length, 0);
  const error = await t.throwsAsync(bytesOf(io, 'large', wanted), {
    code: 'RESOURCE_EXHAUSTED',
    message: 'large has more than the 5 bytes that a secret may have',
  });
  t.false(String(error?.stack).includes('sixsix'));
});

test('a pipe is read to its end, as <(command) of a shell gives one', async (t) => {
  const cwd = await folder(t);
  await promisify(execFile)('mkfifo', [join(cwd, 'pipe')]);
  const [read] = await Promise.all([bytesOf(fakeIo({ cwd }), 'pipe', wanted), writeFile(join(cwd, 'pipe'), 'piped')]);
  t.is(Buffer.from(read).toString(), 'piped');
});

test('standard input is read as it is, and not from a terminal, which would show what is typed', async (t) => {
  t.is(Buffer.from(await bytesOf(fakeIo({ stdin: 'in \n' }), '-', wanted)).toString(), 'in \n');
  await t.throwsAsync(bytesOf(fakeIo({ stdin: 'sixsix' }), '-', wanted), { message: /^standard input has more than the 5 bytes/ });
  const plain = fakeIo({ stdin: 'seen' });
  const terminal: Io = { ...plain, stdin: Object.assign(plain.stdin, { isTTY: true }) };
  await t.throwsAsync(async () => bytesOf(terminal, '-', wanted), { message: /not typed at a terminal/ });
});
