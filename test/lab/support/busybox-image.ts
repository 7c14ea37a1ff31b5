import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeed } from './command.ts';
import type { LabHost } from './lab-host.ts';

/** A root filesystem with Debian's static busybox and nothing else, as a tar file in the given folder. */
const busyboxTar = async (folder: string): Promise<string> => {
  const rootfs = join(folder, 'rootfs');
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'var', 'root', 'data'])
    await mkdir(join(rootfs, name), { recursive: true });
  await succeed('cp', ['/bin/busybox', join(rootfs, 'bin/busybox')]);
  await succeed('chroot', [rootfs, '/bin/busybox', '--install', '-s', '/bin']);
  await succeed('sh', [
    '-c',
    'printf "root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/:/bin/sh\\n" > "$1/etc/passwd"; printf "root:x:0:\\nnogroup:x:65534:\\n" > "$1/etc/group"; echo seed > "$1/data/seed"; chmod 1777 "$1/tmp"',
    'sh',
    rootfs,
  ]);
  const tar = join(folder, 'busybox.tar');
  await succeed('tar', ['--create', '--file', tar, '--directory', rootfs, '.']);
  return tar;
};

/** Imports the image `busybox:1` on the host: a shell and the usual tools; `sleep infinity` unless told otherwise. */
export const importBusybox = async (host: LabHost): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-busybox-'));
  try {
    const tar = await busyboxTar(folder);
    await host.tsoOk(['image', 'import', tar, 'busybox:1', '--change', 'CMD ["/bin/sleep","infinity"]']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
