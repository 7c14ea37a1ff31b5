import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeed } from './command.ts';
import type { LabHost } from './lab-host.ts';

/** Programs of this machine that the image has beside busybox: a static busybox cannot look up names. */
const dynamicPrograms = ['/usr/bin/curl', '/usr/bin/getent'];

/** The shared libraries that a program loads, and those its name lookups load later. */
const librariesOf = async (program: string): Promise<readonly string[]> => {
  const listed = await succeed('ldd', [program]);
  const libraries = [...listed.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
  const resolver = (await succeed('find', ['/lib/', '-name', 'libnss_dns.so.2', '-o', '-name', 'libnss_files.so.2'])).trim().split('\n');
  return [...libraries, ...resolver].filter((file) => file !== '');
};

/** A root filesystem with Debian's static busybox, curl and getent, as a tar file in the given folder. */
export const busyboxTar = async (folder: string): Promise<string> => {
  const rootfs = join(folder, 'rootfs');
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'var', 'root', 'data'])
    await mkdir(join(rootfs, name), { recursive: true });
  await succeed('cp', ['/bin/busybox', join(rootfs, 'bin/busybox')]);
  await succeed('chroot', [rootfs, '/bin/busybox', '--install', '-s', '/bin']);
  const files = new Set([...dynamicPrograms, ...(await Promise.all(dynamicPrograms.map(librariesOf))).flat()]);
  await succeed('cp', ['--parents', '--dereference', ...files, rootfs]);
  await writeFile(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  await writeFile(join(rootfs, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  await writeFile(join(rootfs, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  await writeFile(join(rootfs, 'data/seed'), 'seed\n');
  await chmod(join(rootfs, 'tmp'), 0o1777);
  const tar = join(folder, 'busybox.tar');
  await succeed('tar', ['--create', '--file', tar, '--directory', rootfs, '.']);
  return tar;
};

/** Imports what busyboxTar() made as the image `busybox:1`. */
export const importBusyboxTar = async (host: LabHost, tar: string): Promise<void> => {
  await host.tsoOk(['image', 'import', tar, 'busybox:1', '--change', 'CMD ["/bin/sleep","infinity"]']);
};

/** Imports the image `busybox:1` on the host: a shell, the usual tools and curl; `sleep infinity` unless told otherwise. */
export const importBusybox = async (host: LabHost): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-busybox-'));
  try {
    await importBusyboxTar(host, await busyboxTar(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
