import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Containers, ResolvedMount } from '../../runtime/types.ts';
import { taskNamed } from '../../testing/agent-world.ts';
import { imageNamed } from '../../testing/fake-host.ts';
import { ContainerStep } from './container.ts';

test('a mount that turned out to be something else than was meant is refused before anything runs in it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-container-'));
  try {
    const target = join(folder, 'target');
    await mkdir(target);
    const { dev, ino } = await stat(target);
    // This process stands in for the container's: its root is ours.
    const process_ = { pid: process.pid, pidStartTime: '1', conmonPid: 1, conmonStartTime: '1' };
    const containers = { create: async () => process_ } as unknown as Containers;
    const step = new ContainerStep(
      { paths: { dataDir: folder, runDir: folder }, cgroupParent: '/tso', remap: undefined, seccompProfile: undefined, hostHostname: 'h' },
      { containers },
    );
    const mount: ResolvedMount = {
      kind: 'bind',
      source: '/volumes/a/_data/sub',
      target,
      readOnly: false,
      propagation: 'rprivate',
      recursive: true,
      sizeBytes: 0,
      mode: 0,
      identity: { dev, ino },
    };
    const context = {
      task: taskNamed('web'),
      imageId: '',
      state: { image: imageNamed('app:1'), rootfs: folder, mounts: [mount], files: [] },
      signal: new AbortController().signal,
      say: () => undefined,
    };
    await step.do(context);
    await rename(target, join(folder, 'moved'));
    await mkdir(target);
    await t.throwsAsync(step.do(context), {
      code: 'FAILED_PRECONDITION',
      message: `/volumes/a/_data/sub (for ${target}) was changed while it was mounted`,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
