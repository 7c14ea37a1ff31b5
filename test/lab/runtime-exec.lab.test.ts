import test from 'ava';
import { execResult, onBothRuntimes, plainExec, sleep } from './support/runtime-lab.ts';

onBothRuntimes(test, 'exec gives output apart, input, user, environment and exit codes, 126 and 127 among them', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const exec = async (command: readonly string[], more: object = {}) =>
    execResult(await lab.runtime.exec(id, { ...plainExec, command, ...more }));
  t.deepEqual(await exec(['sh', '-c', 'echo out; echo err >&2; exit 5']), { stdout: 'out\n', stderr: 'err\n', code: 5 });
  t.is(
    (await exec(['sh', '-c', 'id -un; echo $HOME$A; pwd'], { user: 'web', env: ['A=b'], workingDir: '/tmp' })).stdout,
    'web\n/home/webb\n/tmp\n',
  );
  t.deepEqual(await exec(['nosuch']), {
    stdout: '',
    stderr: 'command nosuch was not found in the image busybox:1 (looked in PATH /bin)\n',
    code: 127,
  });
  t.is((await exec(['/etc/passwd'])).code, 126);
  t.is((await exec(['sh', '-c', 'kill -9 $$'])).code, 137);
  const cat = await lab.runtime.exec(id, { ...plainExec, command: ['cat'], interactive: true });
  await cat.write(Buffer.from('through'));
  cat.endInput();
  t.deepEqual(await execResult(cat), { stdout: 'through', stderr: '', code: 0 });
  const much = await exec(['sh', '-c', 'head -c 5000000 /dev/zero']);
  t.is(much.stdout.length, 5_000_000);
});

onBothRuntimes(test, 'an exec can be killed, and with crun does not wait for what it left in the background', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const long = await lab.runtime.exec(id, { ...plainExec, command: sleep });
  long.kill('SIGKILL');
  t.is((await execResult(long)).code, 137);
  // runc copies the output itself and stays until nobody holds it any more.
  if (lab.name === 'runc') return;
  const left = await execResult(await lab.runtime.exec(id, { ...plainExec, command: ['sh', '-c', 'sleep 600 & echo gone'] }));
  t.deepEqual(left, { stdout: 'gone\n', stderr: '', code: 0 });
});

onBothRuntimes(test, 'exec with a terminal has its size, follows a resize and keeps the exit code', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const script = 'stty size; trap "stty size; exit 33" WINCH; echo ready; while :; do sleep 0.05; done';
  const terminal = await lab.runtime.exec(id, {
    ...plainExec,
    command: ['sh', '-c', script],
    tty: true,
    interactive: true,
    size: { columns: 91, rows: 33 },
  });
  let text = '';
  for await (const chunk of terminal.stdout) {
    const before = text;
    text += Buffer.from(chunk).toString();
    if (!before.includes('ready') && text.includes('ready')) terminal.resize({ columns: 120, rows: 40 });
  }
  t.regex(text, /33 91\r\n[\s\S]*40 120/);
  t.is(await terminal.exitCode, 33);
});
