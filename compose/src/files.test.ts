import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FileProblem } from './file-port.ts';
import { diskFiles, maxFileBytes } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'tso-files-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

const reasonFor = (path: string): string => {
  try {
    return `read ${diskFiles.read(path).length} characters`;
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    return error.reason;
  }
};

test('a file is read as UTF-8, without a byte order mark', (t) => {
  writeFileSync(at('text'), '\u{FEFF}größe: 1\n');
  t.is(diskFiles.read(at('text')), 'größe: 1\n');
  writeFileSync(at('empty'), '');
  t.is(diskFiles.read(at('empty')), '');
});

test('what is no file is refused at once, each by what it is', async (t) => {
  t.is(spawnSync('mkfifo', [at('pipe')]).status, 0);
  t.is(reasonFor(at('pipe')), 'is a named pipe, not a file');
  mkdirSync(at('folder'));
  t.is(reasonFor(at('folder')), 'is a folder, not a file');
  for (const device of ['/dev/zero', '/dev/null', '/dev/tty']) t.is(reasonFor(device), 'is a device or socket, not a file', device);
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  t.is(reasonFor(at('socket')), 'is a device or socket, not a file');
  server.close();
});

test('what cannot be reached says why', (t) => {
  t.is(reasonFor(at('missing')), 'does not exist');
  writeFileSync(at('plain'), '');
  t.is(reasonFor(at('plain/below')), 'does not exist');
  symlinkSync('loop', at('loop'));
  t.is(reasonFor(at('loop')), 'is a link that leads in a circle');
  t.is(reasonFor(at('x'.repeat(300))), 'has a name that is too long');
  t.is(reasonFor(at('a\0b')), 'is not a possible file name');
});

test('bytes that are not UTF-8 are refused', (t) => {
  writeFileSync(at('latin1'), Buffer.from([0x67, 0x72, 0xf6, 0xdf, 0x65]));
  t.is(reasonFor(at('latin1')), 'is not UTF-8 text');
});

test('a file of 10 MiB is read, one of a byte more is refused', (t) => {
  writeFileSync(at('large'), '');
  truncateSync(at('large'), maxFileBytes);
  t.is(reasonFor(at('large')), `read ${maxFileBytes} characters`);
  truncateSync(at('large'), maxFileBytes + 1);
  t.is(reasonFor(at('large')), 'is larger than 10 MiB');
});

test('a pipe that a shell hands over is read to its end', (t) => {
  const program = `import { diskFiles } from ${JSON.stringify(join(import.meta.dirname, 'files.ts'))}; process.stdout.write(diskFiles.read('/dev/stdin'));`;
  const done = spawnSync('sh', ['-c', 'printf "a: 1\\n" | "$0" --input-type=module -e "$1"', process.execPath, program], {
    encoding: 'utf8',
  });
  t.is(done.stdout, 'a: 1\n', done.stderr);
});

test('only what is there and no folder counts as a file', (t) => {
  writeFileSync(at('there'), '');
  t.true(diskFiles.isFile(at('there')));
  t.false(diskFiles.isFile(at('gone')));
  t.false(diskFiles.isFile(folder));
});
