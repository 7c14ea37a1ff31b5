import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { processClock } from '../io.ts';
import { buildOf } from '../testing/builds.ts';
import type { BuildHost } from './build-host.ts';
import { buildImage } from './build-image.ts';

test('a build with a secret that would come to lie on a disk is refused before anything is written or run', async (t) => {
  const workFolder = await mkdtemp(join(tmpdir(), 'tso-build-'));
  try {
    const host: BuildHost = {
      buildah: '/nonexistent/buildah',
      storage: [],
      isolation: { kind: 'chroot' },
      signaturePolicy: undefined,
      platform: 'linux/amd64',
      workFolder,
      memoryFolder: '/proc',
    };
    const signal = new AbortController().signal;
    const ports = { host, io: { env: {}, clock: processClock }, onLine: () => undefined, signal, imageOf: () => '' };
    const build = buildOf('web', { secrets: [{ id: 'pw', data: new TextEncoder().encode('hunter2') }] });
    await t.throwsAsync(
      buildImage(build, { noCache: false, pull: false }, ports, async () => undefined),
      { code: 'FAILED_PRECONDITION', message: /is not in memory$/ },
    );
    t.deepEqual(await readdir(workFolder), []);
  } finally {
    await rm(workFolder, { recursive: true });
  }
});
