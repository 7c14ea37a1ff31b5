import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { oneHost } from './support/one-host.ts';

const idle = `image: "busybox:1", stop_grace_period: 200ms, command: ["sleep", "100000"]`;
const { host, inside } = await oneHost();
const volumes = join(host.dataDir, 'volumes');

test.serial('replicas that start together on a new volume find all that the image has there', async (t) => {
  await host.upOk('together', `services:\n  app: { ${idle}, volumes: ["etc:/etc"], deploy: { replicas: 4 } }\nvolumes: { etc: {} }\n`);
  t.is((await inside('together', 'app', 'sh', '-c', 'ls /etc/passwd; ls -a /etc | wc -l')).split('\n')[0], '/etc/passwd');
  t.deepEqual(await readdir(join(volumes, 'together_etc')), ['_data']);
  await host.tsoOk(['down', '-v', '-p', 'together']);
  await eventually('the volume is gone', async () => (await readdir(volumes)).length === 0);
});

test.serial('a subpath of a volume is mounted alone; one that leads out stays inside', async (t) => {
  const service = (subpath: string) =>
    `{ ${idle}, volumes: [{ type: volume, source: data, target: /part, volume: { subpath: "${subpath}" } }] }`;
  const yaml = (subpath: string) => `services:\n  app: ${service(subpath)}\nvolumes: { data: {} }\n`;
  const data = join(volumes, 'sub_data', '_data');
  await mkdir(join(data, 'a', 'b'), { recursive: true });
  await mkdir(join(data, 'etc'));
  await symlink('/etc', join(data, 'out'));
  await host.upOk('sub', yaml('a/b'));
  await inside('sub', 'app', 'touch', '/part/here');
  t.deepEqual(await readdir(join(data, 'a', 'b')), ['here']);
  await host.upOk('sub', yaml('out'));
  await inside('sub', 'app', 'touch', '/part/kept-inside');
  t.deepEqual(await readdir(join(data, 'etc')), ['kept-inside']);
  await host.tsoOk(['down', '-v', '-p', 'sub']);
  await eventually('the volume is gone', async () => (await readdir(volumes)).length === 0);
});

test.serial('a volume without a name goes with its task, also when the agent was killed meanwhile', async (t) => {
  await host.upOk('unnamed', `services:\n  app: { ${idle}, volumes: ["/cache"] }\n`);
  await inside('unnamed', 'app', 'touch', '/cache/file');
  t.is((await readdir(volumes)).length, 1);
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  t.is((await inside('unnamed', 'app', 'ls', '/cache')).trim(), 'file');
  await host.tsoOk(['down', '-p', 'unnamed']);
  await eventually('it is gone', async () => (await readdir(volumes)).length === 0);
});
