import test from 'ava';
import { requireMemory, runBase } from './memory-folder.ts';

test('what may lie in memory alone lies in the runtime folder, or where each host has a file system in memory', async (t) => {
  t.is(await runBase({ env: { XDG_RUNTIME_DIR: '/run/user/1000' }, uid: 1_000 }), '/run/user/1000');
  t.is(await runBase({ env: {}, uid: 1_000 }), '/dev/shm');
});

test('a secret of the file itself is refused where its folder would be on a disk', async (t) => {
  await requireMemory('/dev/shm', 'web');
  await t.throwsAsync(requireMemory('/proc', 'web'), {
    code: 'FAILED_PRECONDITION',
    message: 'the build of service web has a secret that stands in no file, and /proc is not in memory',
  });
});
