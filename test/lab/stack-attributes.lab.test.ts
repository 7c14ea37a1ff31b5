import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { oneHost } from './support/one-host.ts';

const idle = `image: "busybox:1", stop_grace_period: 200ms, command: ["sleep", "100000"]`;
const { host, inside, task } = await oneHost();
const volumes = join(host.dataDir, 'volumes');
/** What the daemon has mounted at volumes, by volume. */
const mounted = async (): Promise<readonly string[]> => {
  const info = await host.run('cat', [`/proc/${host.daemonPid}/mountinfo`]);
  return info
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .filter((target) => target.startsWith(`${volumes}/`))
    .map((target) => target.slice(volumes.length + 1));
};

test.serial(
  'a volume of a tmpfs is mounted once for all its tasks, lives through a killed agent, and is unmounted with the last of them',
  async (t) => {
    const yaml = (replicas: number): string =>
      `services:\n  app: { ${idle}, volumes: ["fast:/fast"], deploy: { replicas: ${replicas} } }\nvolumes: { fast: { driver_opts: { type: tmpfs, o: "size=3m,mode=0751", device: tmpfs } } }\n`;
    await host.upOk('fast', yaml(2));
    t.regex(await inside('fast', 'app', 'df', '-k', '/fast'), / 3072 /);
    await inside('fast', 'app', 'sh', '-c', 'echo kept > /fast/file');
    t.deepEqual(await mounted(), ['fast_fast/_data']);
    await host.stopDaemon('SIGKILL');
    await host.startDaemon();
    t.is(await inside('fast', 'app', 'cat', '/fast/file'), 'kept\n');
    await host.upOk('fast', yaml(1));
    t.is(await inside('fast', 'app', 'cat', '/fast/file'), 'kept\n');
    await host.tsoOk(['down', '-p', 'fast']);
    await eventually('it is unmounted', async () => (await mounted()).length === 0);
    await host.upOk('fast', yaml(1));
    t.is(await inside('fast', 'app', 'ls', '/fast'), '');
    await host.tsoOk(['down', '-v', '-p', 'fast']);
    await eventually('the volume is gone', async () => !existsSync(join(volumes, 'fast_fast')));
  },
);

test.serial('a folder of the node is bound as a volume; removing the volume leaves what is in it', async (t) => {
  const folder = join(host.folder, 'exported');
  mkdirSync(folder);
  writeFileSync(join(folder, 'precious'), 'data\n');
  const yaml = `services:\n  app: { ${idle}, volumes: ["data:/data"] }\nvolumes: { data: { driver_opts: { type: none, o: bind, device: "${folder}" } } }\n`;
  await host.upOk('bound', yaml);
  t.is(await inside('bound', 'app', 'cat', '/data/precious'), 'data\n');
  await host.tsoOk(['down', '-v', '-p', 'bound']);
  await eventually('the volume is gone', async () => !existsSync(join(volumes, 'bound_data')));
  t.deepEqual(readdirSync(folder), ['precious']);
});

test.serial(
  'what the node has mounted below a bound folder, before or after it was bound, stays mounted when the volume goes',
  async (t) => {
    const folder = join(host.folder, 'tree');
    mkdirSync(folder);
    const mount = (path: string) => host.run('sh', ['-c', 'mkdir -p "$1" && mount -t tmpfs tmpfs "$1"', 'sh', path]);
    await mount(folder);
    await host.run('mount', ['--make-shared', folder]);
    await mount(join(folder, 'before'));
    for (const bind of ['bind', 'rbind']) {
      const yaml = `services:\n  app: { ${idle}, volumes: ["data:/data"] }\nvolumes: { data: { driver_opts: { type: none, o: ${bind}, device: "${folder}" } } }\n`;
      await host.upOk('tree', yaml);
      await mount(join(folder, bind));
      await host.tsoOk(['down', '-v', '-p', 'tree']);
      await eventually('the volume is gone', async () => !existsSync(join(volumes, 'tree_data')));
      for (const name of ['before', bind]) await host.run('mountpoint', ['-q', join(folder, name)]);
    }
    t.deepEqual(await mounted(), []);
    await host.run('umount', ['--recursive', folder]);
  },
);

test.serial('a link that a container leaves in its volume leads the agent nowhere', async (t) => {
  const [folder, outside] = ['written', 'outside'].map((name) => join(host.folder, name)) as [string, string];
  for (const path of [folder, outside]) mkdirSync(path);
  writeFileSync(join(outside, 'passwd'), 'of the host\n');
  const yaml = `services:\n  app: { ${idle}, volumes: ["data:/data"] }\nvolumes: { data: { driver_opts: { type: none, o: bind, device: "${folder}" } } }\n`;
  await host.upOk('links', yaml);
  t.is(await inside('links', 'app', 'cat', '/data/seed'), 'seed\n');
  await inside('links', 'app', 'sh', '-c', `rm /data/seed; ln -s ${outside} /data/.tso-filled; ln -s ${outside} /data/.tso-filling`);
  await host.tsoOk(['down', '-p', 'links']);
  await host.upOk('links', yaml);
  t.deepEqual(readdirSync(folder).toSorted(), ['.tso-filled', '.tso-filling']);
  t.is(readFileSync(join(outside, 'passwd'), 'utf8'), 'of the host\n');
  await host.tsoOk(['down', '-v', '-p', 'links']);
});

test.serial('what cannot be mounted rejects the task with what to do', async (t) => {
  const up = async (stack: string, options: string): Promise<string> => {
    await host.up(
      stack,
      `services:\n  app: { ${idle}, volumes: ["v:/v"], deploy: { restart_policy: { condition: none } } }\nvolumes: { v: { driver_opts: { ${options} } } }\n`,
      ['-d'],
    );
    const { error } = await task(stack, 'rejected');
    await host.tsoOk(['down', '-v', '-p', stack]);
    return error;
  };
  t.regex(await up('none', 'type: none, o: bind, device: "/not/there"'), /the volume none_v \(none\) could not be mounted: .*\/not\/there/);
  t.deepEqual(await mounted(), []);
});

test.serial('a volume of a file system that the kernel has not and does not load keeps its task waiting, which says so', async (t) => {
  for (const [stack, type] of [
    ['nofs', 'nosuchfs'],
    ['nfs', 'nfs'],
  ] as const) {
    await host.up(
      stack,
      `services:\n  app: { ${idle}, volumes: ["v:/v"] }\nvolumes: { v: { driver_opts: { type: ${type}, o: "addr=127.0.0.1", device: ":/exports" } } }\n`,
      ['-d'],
    );
    await eventually('it is said', async () =>
      (await host.tsoOk(['ps', '-p', stack, '-a', '--format', 'json'])).includes(`cannot mount ${type} for volume ${stack}_v`),
    );
    await host.tsoOk(['down', '-v', '-p', stack]);
  }
  t.deepEqual(await mounted(), []);
});

test.serial('a volume of a disk image begins with what the image has at its place', async (t) => {
  const disk = join(host.folder, 'disk.img');
  await host.run('truncate', ['-s', '16M', disk]);
  await host.run('mkfs.ext4', ['-q', disk]);
  const yaml = `services:\n  app: { ${idle}, volumes: ["state:/data"] }\nvolumes: { state: { driver_opts: { type: ext4, o: loop, device: "${disk}" } } }\n`;
  await host.upOk('disk', yaml);
  t.is(await inside('disk', 'app', 'cat', '/data/seed'), 'seed\n');
  await inside('disk', 'app', 'sh', '-c', 'echo mine > /data/mine; rm /data/seed');
  await host.tsoOk(['down', '-p', 'disk']);
  await eventually('it is unmounted', async () => (await mounted()).length === 0);
  await host.upOk('disk', yaml);
  t.deepEqual(
    (await inside('disk', 'app', 'ls', '/data')).split('\n').filter((name) => name !== '' && name !== 'lost+found'),
    ['mine'],
  );
  await host.tsoOk(['down', '-v', '-p', 'disk']);
});

test.serial('an image is mounted read-only as a folder, or a part of it, and stays as long as it is', async (t) => {
  const folder = join(host.folder, 'assets');
  mkdirSync(join(folder, 'part'), { recursive: true });
  writeFileSync(join(folder, 'part', 'file'), 'asset\n');
  await host.run('tar', ['-cf', `${folder}.tar`, '-C', folder, '.']);
  await host.tsoOk(['image', 'import', `${folder}.tar`, 'assets:1']);
  const yaml = `services:\n  app: { ${idle}, volumes: [{ type: image, source: "assets:1", target: /img }, { type: image, source: "assets:1", target: /part, image: { subpath: part } }] }\n`;
  await host.upOk('img', yaml);
  t.is(await inside('img', 'app', 'cat', '/img/part/file', '/part/file'), 'asset\nasset\n');
  t.regex((await host.tso(['exec', '-p', 'img', 'app', 'touch', '/img/x'])).stderr, /Read-only file system/);
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  t.regex((await host.tso(['image', 'rm', 'assets:1'])).stderr, /is used by a container/);
  t.is(await inside('img', 'app', 'cat', '/part/file'), 'asset\n');
  await host.tsoOk(['down', '-p', 'img']);
  await eventually('its view is gone', async () => readdirSync(join(host.dataDir, 'image-mounts')).length === 0);
  await host.tsoOk(['image', 'rm', 'assets:1']);
});

test.serial(
  'each replica has the volume, the name and the variables that templates make for it; all of its volumes go with their template',
  async (t) => {
    const yaml = `services:
  app: { ${idle}, hostname: "app-{{.Task.Slot}}", environment: { WHERE: "{{.Node.Hostname}} {{.Service.Name}}", FORMAT: "{{.Names}}" }, volumes: ["data:/data"], deploy: { replicas: 2 } }
volumes: { data: { name: "data-{{.Task.Slot}}" } }
`;
    await eventually('no volume is left of what was before', () => readdirSync(volumes).length === 0);
    await host.upOk('tpl', yaml);
    const node = (await host.run('hostname', [])).trim();
    t.is(await inside('tpl', 'app', 'sh', '-c', 'echo $WHERE $FORMAT'), `${node} tpl_app {{.Names}}\n`);
    const names = await Promise.all(['1', '2'].map((slot) => host.tsoOk(['exec', '-p', 'tpl', `app.${slot}`, 'hostname'])));
    t.deepEqual(names, ['app-1\n', 'app-2\n']);
    t.deepEqual(readdirSync(volumes).toSorted(), ['data-1', 'data-2']);
    await host.tsoOk(['down', '-v', '-p', 'tpl']);
    await eventually('both volumes are gone', async () => readdirSync(volumes).length === 0);
  },
);

test.serial('an interface has the name that is asked for, and link-local addresses that neighbours on the node reach', async (t) => {
  const yaml = `services:
  app: { ${idle}, networks: { back: { interface_name: db0, link_local_ips: ["169.254.8.8"] } } }
  other: { ${idle}, networks: { back: { link_local_ips: ["169.254.8.9", "fe80::9"] } } }
networks: { back: {} }
`;
  await host.upOk('ll', yaml);
  t.regex(await inside('ll', 'app', 'ip', 'addr', 'show', 'db0'), /inet 169\.254\.8\.8\/16/);
  t.regex(await inside('ll', 'other', 'ip', 'addr', 'show', 'eth0'), /inet6 fe80::9\/64/);
  await inside('ll', 'app', 'ping', '-c', '1', '-W', '5', '169.254.8.9');
  t.regex(await inside('ll', 'app', 'nslookup', 'other'), /Address/);
  await host.tsoOk(['down', '-p', 'll']);
});

test.serial('what takes no effect on this host is said where errors are', async (t) => {
  const isShared = readdirSync('/sys/block').some((name) => {
    const file = `/sys/block/${name}/queue/scheduler`;
    return existsSync(file) && readFileSync(file, 'utf8').includes('[bfq]');
  });
  await host.upOk('note', `services:\n  app: { ${idle}, blkio_config: { weight: 300 } }\n`);
  const table = await host.tsoOk(['ps', '-p', 'note']);
  t.is(/blkio_config's weight has no effect/.test(table.replaceAll(/\s+/g, ' ')), !isShared);
  await host.tsoOk(['down', '-p', 'note']);
});

test.serial('a remapped container owns a tmpfs that is its volume', async (t) => {
  await host.stopDaemon();
  await host.startDaemon(['--userns-remap', '200000:65536']);
  const yaml = `services:\n  app: { ${idle}, volumes: ["fast:/fast", { type: image, source: "busybox:1", target: /img }] }\nvolumes: { fast: { driver_opts: { type: tmpfs } } }\n`;
  await host.upOk('mapped', yaml);
  await inside('mapped', 'app', 'touch', '/fast/file');
  t.is(await inside('mapped', 'app', 'stat', '-c', '%u', '/fast/file', '/img/data/seed'), '0\n0\n');
  await host.tsoOk(['down', '-v', '-p', 'mapped']);
});
