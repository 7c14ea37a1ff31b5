import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyContainerSpec } from '@tso/proto';
import test from 'ava';
import { argumentVector, commandError, commandProblemIn, earlyEndHint, runtimeWords } from './command.ts';
import { commandProblem } from './command-lookup.ts';
import { readTextInRoot } from './rootfs-files.ts';
import { signalNumber } from './signals.ts';

const image = {
  entrypoint: ['/entry'],
  command: ['default'],
  env: [],
  workingDir: '',
  user: '',
  volumes: [],
  exposedPorts: [],
  stopSignal: '',
  labels: {},
};
const spec = { ...emptyContainerSpec, image: 'busybox:1' };

test('a command replaces the command of the image, an entrypoint both', (t) => {
  t.deepEqual(argumentVector(spec, image), ['/entry', 'default']);
  t.deepEqual(argumentVector({ ...spec, command: { values: ['a'] } }, image), ['/entry', 'a']);
  t.deepEqual(argumentVector({ ...spec, entrypoint: { values: ['/x'] } }, image), ['/x']);
  t.deepEqual(argumentVector({ ...spec, entrypoint: { values: ['/x'] }, command: { values: ['a'] } }, image), ['/x', 'a']);
  t.deepEqual(argumentVector({ ...spec, entrypoint: { values: [] }, command: { values: ['a'] } }, image), ['a']);
});

test('an image without a command and a spec without one is a sentence', (t) => {
  t.throws(() => argumentVector(spec, { ...image, entrypoint: [], command: [] }), {
    message: 'the image busybox:1 names no command to run',
  });
});

test('the sentence about a missing command says where it was looked for', (t) => {
  t.is(
    commandError('nosuch', 'busybox:1', '/bin', 'missing').message,
    'command nosuch was not found in the image busybox:1 (looked in PATH /bin)',
  );
  t.is(commandError('/x', 'busybox:1', '/bin', 'not executable').message, 'command /x is not executable in the image busybox:1');
});

test('what the runtimes say about a command is understood, whichever of them says it', (t) => {
  t.is(commandProblemIn('executable file `nosuch` not found in $PATH: No such file or directory'), 'missing');
  t.is(
    commandProblemIn('runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH'),
    'missing',
  );
  t.is(commandProblemIn('open executable: Permission denied'), 'not executable');
  t.is(commandProblemIn('exec failed: unable to start container process: exec: "/etc/passwd": permission denied'), 'not executable');
  t.is(commandProblemIn('mount `/x` to `/y`: Permission denied'), undefined);
});

test('the words of runc are taken out of their log line', (t) => {
  t.is(runtimeWords('time="2026-01-01T00:00:00Z" level=error msg="exec: \\"a\\": gone"\n'), 'exec: "a": gone');
  t.is(runtimeWords(' plain \n'), 'plain');
});

test('signals are known by name, by number and by their distance from the real-time ends', (t) => {
  t.deepEqual(['SIGTERM', 'term', '9', 'RTMIN+3', 'SIGRTMAX-1', 'rtmin'].map(signalNumber), [15, 15, 9, 37, 63, 34]);
  for (const wrong of ['SIGFOO', '0', '65', '', 'RTMIN+40', '-9']) t.throws(() => signalNumber(wrong), { message: /no signal/ });
});

const withRoot = (run: (root: string, outside: string) => void): void => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-root-'));
  try {
    mkdirSync(join(dir, 'root/usr/bin'), { recursive: true });
    mkdirSync(join(dir, 'root/etc'));
    writeFileSync(join(dir, 'root/usr/bin/tool'), '', { mode: 0o755 });
    writeFileSync(join(dir, 'root/usr/bin/data'), '', { mode: 0o644 });
    symlinkSync('/usr/bin', join(dir, 'root/bin'));
    writeFileSync(join(dir, 'secret'), 'outside');
    run(join(dir, 'root'), join(dir, 'secret'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

test('a command is looked up in PATH inside the root, through links that are absolute there', (t) => {
  withRoot((root) => {
    const ask = (command: string, more: object = {}) =>
      commandProblem({ root, command, path: '/sbin:/bin', cwd: '/', covers: new Set(), ...more });
    t.is(ask('tool'), undefined);
    t.is(ask('/bin/tool'), undefined);
    t.is(ask('./bin/tool'), undefined);
    t.is(ask('./tool', { cwd: '/usr/bin' }), undefined);
    t.is(ask('nosuch'), 'missing');
    t.is(ask('data'), 'not executable');
    t.is(ask('/usr/bin'), 'directory');
  });
});

test('what a mount will cover is not judged, even when a link leads there', (t) => {
  withRoot((root) => {
    const ask = (command: string) => commandProblem({ root, command, path: '/bin', cwd: '/', covers: new Set(['/usr/bin']) });
    t.is(ask('nosuch'), undefined);
    t.is(ask('/usr/bin/nosuch'), undefined);
    t.is(ask('/opt/nosuch'), 'missing');
  });
});

test('no link and no .. leads out of the root', (t) => {
  withRoot((root, outside) => {
    symlinkSync(outside, join(root, 'etc/passwd'));
    symlinkSync('../../../secret', join(root, 'etc/group'));
    symlinkSync('loop', join(root, 'etc/loop'));
    t.is(readTextInRoot(root, '/etc/passwd'), '');
    t.is(readTextInRoot(root, '/etc/group'), '');
    t.is(readTextInRoot(root, '/../secret'), '');
    t.is(readTextInRoot(root, '/etc/loop'), '');
    t.is(readTextInRoot(root, '/etc'), '');
    mkdirSync(join(root, 'secret'));
    writeFileSync(join(root, 'inside'), 'inside');
    symlinkSync('../../../../inside', join(root, 'etc/inner'));
    t.is(readTextInRoot(root, '/etc/inner'), 'inside');
  });
});

test('a start that failed under a pids limit below what runc itself needs is told why', (t) => {
  const said = 'container process is already dead';
  t.regex(earlyEndHint(said, 4) ?? '', /runc itself has .* a pids limit of 4 lets it make no other: raise it/);
  t.is(earlyEndHint(said, 7), undefined);
  t.is(earlyEndHint(said, undefined), undefined);
  t.is(earlyEndHint('exec: no such file', 4), undefined);
});
