import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { busyboxTar } from './support/busybox-image.ts';
import { eventually } from './support/eventually.ts';
import { dockerArchive, imageOf, ociArchive } from './support/image-fixtures.ts';
import { LabHost } from './support/lab-host.ts';

const registry = '127.0.0.1:5000';
const host = await LabHost.create();
let endRegistry: () => void = () => undefined;

const startRegistry = async (): Promise<void> => {
  const config = join(host.folder, 'registry.json');
  const storage = { filesystem: { rootdirectory: join(host.folder, 'registry') } };
  await writeFile(config, JSON.stringify({ version: 0.1, storage, http: { addr: registry } }));
  const server = host.spawn('/usr/bin/docker-registry', ['serve', config]);
  endRegistry = () => server.kill('SIGKILL');
  await eventually('the registry answers', async () => (await host.exec('/usr/bin/curl', ['-sf', `http://${registry}/v2/`])).code === 0);
};

test.before(async () => {
  await host.startDaemon();
  await host.tsoOk(['init']);
  const image = imageOf([await readFile(await busyboxTar(host.folder))], {
    gzip: true,
    config: { Cmd: ['/bin/sh', '-c', 'echo pulled and run; exec sleep 600'] },
  });
  await writeFile(join(host.folder, 'oci.tar'), ociArchive([{ image, name: 'example.test/team/loaded:1' }]));
  await writeFile(join(host.folder, 'docker.tar'), dockerArchive(image, ['example.test/team/older:1']));
  await startRegistry();
});
test.after.always(async () => {
  endRegistry();
  await host.destroy();
});

test.serial('an image of a registry is pulled with the stack, run, and found again without the registry', async (t) => {
  const source = `oci-archive:${join(host.folder, 'oci.tar')}`;
  await host.run('/usr/bin/skopeo', ['--insecure-policy', 'copy', '--dest-tls-verify=false', source, `docker://${registry}/team/app:1`]);
  const yaml = `services:\n  app: {stop_grace_period: 100ms, image: "${registry}/team/app:1"}\n`;
  const outcome = await host.up('pull', yaml);
  t.is(outcome.code, 0, outcome.stderr);
  t.regex(outcome.stderr, /pulling/);
  await eventually('its output', async () => (await host.tsoOk(['logs', '-p', 'pull', '--no-prefix'])) === 'pulled and run\n');
  await host.tsoOk(['down', '-p', 'pull']);
  endRegistry();
  await host.upOk('pull', yaml);
  await host.tsoOk(['down', '-p', 'pull']);
});

test.serial('an OCI archive and a docker-archive are loaded by their names and run', async (t) => {
  for (const [file, name] of [
    ['oci.tar', 'example.test/team/loaded:1'],
    ['docker.tar', 'example.test/team/older:1'],
  ] as const) {
    t.regex(await host.tsoOk(['image', 'load', '-i', join(host.folder, file)]), new RegExp(name));
    await host.upOk('load', `services:\n  app: {stop_grace_period: 100ms, image: "${name}"}\n`);
    await host.tsoOk(['down', '-p', 'load']);
  }
  const images = JSON.parse(await host.tsoOk(['images', '--format', 'json'])) as { readonly names: readonly string[] }[];
  t.is(images.length, 1, 'the same layers and configuration are one image');
  t.deepEqual(images[0]?.names.toSorted(), ['127.0.0.1:5000/team/app:1', 'example.test/team/loaded:1', 'example.test/team/older:1']);
});
