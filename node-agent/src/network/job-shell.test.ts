import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { systemClock } from '@tso/proto/system';
import test, { type ExecutionContext } from 'ava';
import { JobShell } from './job-shell.ts';

const script = `
greeting=$1
work() {
case $1 in
say) shift; printf '%s\\n' "$greeting" "$@" ;;
copy) cat ;;
fail) echo "not    so" >&2; echo "at all" >&2; return 3 ;;
end) kill -9 0 ;;
esac
}
`;

const withShell = async (t: ExecutionContext, work: (shell: JobShell, dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-jobs-'));
  const shell = new JobShell({ dir, script, args: ['hello'], programs: ['cat'] }, { clock: systemClock });
  try {
    await work(shell, dir);
    t.deepEqual(await readdir(dir), [], 'nothing of a job stays');
  } finally {
    shell.stop();
    await rm(dir, { recursive: true });
  }
};

test('fields and input are what was said, whatever they hold', (t) =>
  withShell(t, async (shell) => {
    const odd = ['', ' two  words ', '$(id)', '*', 'it\'s `id` \\n "x"', '-n'];
    t.is(await shell.run({ fields: ['say', ...odd, 'last'], output: true }), `${['hello', ...odd, 'last'].join('\n')}\n`);
    const input = `${'a line of $HOME\n'.repeat(10_000)}the last;`;
    t.is(await shell.run({ fields: ['copy'], input, output: true }), input);
  }));

test('jobs run beside each other, and each gets its own answer', (t) =>
  withShell(t, async (shell) => {
    const numbers = Array.from({ length: 30 }, (_, index) => String(index));
    const answers = await Promise.all(numbers.map((number) => shell.run({ fields: ['copy'], input: number, output: true })));
    t.deepEqual(answers, numbers);
  }));

test('a job that fails says why, and the others do not notice', (t) =>
  withShell(t, async (shell) => {
    const [bad, good] = await Promise.allSettled([
      shell.run({ fields: ['fail'] }),
      shell.run({ fields: ['copy'], input: 'x', output: true }),
    ]);
    t.is(bad.status === 'rejected' ? String(bad.reason.message) : '', 'not so at all');
    t.is(good.status === 'fulfilled' ? good.value : '', 'x');
  }));

test('a field that would be read as two is refused', (t) =>
  withShell(t, async (shell) => {
    for (const field of ['a;b', 'a\nb'])
      await t.throwsAsync(shell.run({ fields: ['say', field] }), { instanceOf: TsoError, message: /no place/ });
  }));

test('a shell that is killed fails its jobs, and the next job has another', (t) =>
  withShell(t, async (shell) => {
    await t.throwsAsync(shell.run({ fields: ['end'] }), { message: /^the shell that runs host programs failed: it ended: SIGKILL$/ });
    t.is(await shell.run({ fields: ['say'], output: true }), 'hello\n');
  }));

test('what jobs of a predecessor left is removed', (t) =>
  withShell(t, async (shell, dir) => {
    await writeFile(join(dir, '.job-7'), 'x');
    await shell.start();
    t.deepEqual(await readdir(dir), []);
  }));
