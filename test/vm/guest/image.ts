import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeed, tso } from './host.ts';
import { step } from './report.ts';

/** Imports the image `busybox:1`: Debian's static busybox, `sleep infinity` unless told otherwise. */
export const importBusybox = async (): Promise<void> => {
  step('make the image busybox:1');
  const rootfs = '/root/busybox';
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'root']) mkdirSync(join(rootfs, name), { recursive: true });
  cpSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  await succeed('chroot', [rootfs, '/bin/busybox', '--install', '-s', '/bin']);
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await succeed('tar', ['--create', '--file', '/root/busybox.tar', '--directory', rootfs, '.']);
  await tso(['image', 'import', '/root/busybox.tar', 'busybox:1', '--change', 'CMD ["/bin/sleep","infinity"]']);
};
