import { MountType } from '@tso/proto';
import test from 'ava';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const mountsOf = (service: string, rest = '') => serviceOf(oneService(service, rest)).task.container.mounts;
const told = (service: string, rest = ''): string => toldOf(oneService(service, rest)).join('\n');

test('an image is mounted read-only, a folder of it where one is named', (t) => {
  t.deepEqual(
    mountsOf('volumes: [{type: image, source: "tools:1", target: /tools, image: {subpath: bin}}]').map((mount) => [
      mount.type,
      mount.source,
      mount.target,
      mount.readOnly,
      mount.subpath,
    ]),
    [[MountType.IMAGE, 'tools:1', '/tools', true, 'bin']],
  );
  t.regex(told('volumes: [{type: image, source: t, target: /t, image: {subpath: ../x}}]'), /E202 the subpath '..\/x' does not lie inside/);
  t.regex(told('volumes: [{type: volume, source: v, target: /t, volume: {subpath: /x}}]', 'volumes: {v: }\n'), /E202 the subpath '\/x'/);
});

test('an image or a volume whose name comes to nothing is told', (t) => {
  t.regex(told('volumes: [{type: image, source: "${GONE:-}", target: /t}]'), /E306 services.web.volumes\[0\] does not say which image/);
  t.regex(told('volumes: ["data:/d"]', 'volumes: {data: {external: true, name: "${GONE:-}"}}\n'), /E202 the name of volumes.data is empty/);
});

test('kinds of mounts for other systems are refused by name', (t) => {
  t.regex(told('volumes: [{type: npipe, source: p, target: /t}]'), /E401 mounts of type npipe/);
  t.regex(told('volumes: [{type: cluster, source: p, target: /t}]'), /E401 mounts of type cluster/);
});

test('a tmpfs has a size, a mode and an owner', (t) => {
  const [first, second] = mountsOf('tmpfs: ["/run:uid=1000,gid=1001,size=64m,mode=0750", "/tmp:noexec,ro"]');
  t.like(first, { target: '/run', tmpfsUid: 1000, tmpfsGid: 1001, tmpfsSizeBytes: 67_108_864, tmpfsMode: 0o750, readOnly: false });
  t.like(second, { target: '/tmp', readOnly: true });
  t.is(second?.tmpfsUid, undefined);
  for (const option of ['exec', 'size=50%', 'size=-1', 'uid=root', 'mode=rw', 'nr_inodes=5'])
    t.regex(told(`tmpfs: "/run:${option}"`), /E401 the tmpfs option/, option);
});

test('what is mounted below a bind mount is bound, left out, or read-only with it', (t) => {
  const bind = (recursive: string, more = ''): string =>
    `volumes: [{type: bind, source: /a, target: /b${more}, bind: {recursive: ${recursive}}}]`;
  const flags = (recursive: string, more = '') => {
    const [mount] = mountsOf(bind(recursive, more));
    return [mount?.recursiveDisabled, mount?.recursiveReadOnly];
  };
  t.deepEqual(flags('enabled'), [false, false]);
  t.deepEqual(flags('disabled'), [true, false]);
  t.deepEqual(flags('writable', ', read_only: true'), [false, false]);
  t.deepEqual(flags('readonly', ', read_only: true'), [false, true]);
  t.regex(told(bind('readonly')), /E304 recursive: readonly is said of a mount that can be written/);
  const shared = 'volumes: [{type: bind, source: /a, target: /b, read_only: true, bind: {recursive: readonly, propagation: rshared}}]';
  t.regex(told(shared), /E303 recursive: readonly and propagation: rshared/);
});

test('volumes_from takes the volumes of another service, its own mounts first, and waits for it', (t) => {
  const lender =
    '  db:\n    image: i\n    tmpfs: /run\n    volumes: ["data:/data", "./conf:/conf", "logs:/logs"]\nvolumes: {data: , logs: , own: }\n';
  const web = serviceOf(oneService('volumes: ["own:/logs"]\nvolumes_from: ["db:ro"]', lender));
  t.deepEqual(
    web.task.container.mounts.map(({ source, target, readOnly }) => [source, target, readOnly]),
    [
      ['project_own', '/logs', false],
      ['project_data', '/data', true],
      ['/project/conf', '/conf', true],
    ],
  );
  t.deepEqual(
    web.dependsOn.map(({ service }) => service),
    ['db'],
  );
});

test('volumes_from by the name of a container, and of one that takes them itself', (t) => {
  const others = '  b: {image: i, container_name: box, volumes_from: [c]}\n  c: {image: i, volumes: ["data:/data"]}\nvolumes: {data: }\n';
  const web = serviceOf(oneService('volumes_from: ["container:box"]', others));
  t.deepEqual(
    web.task.container.mounts.map(({ source }) => source),
    ['project_data'],
  );
  t.deepEqual(
    web.dependsOn.map(({ service }) => service),
    ['b'],
  );
  t.regex(told('volumes_from: ["container:bix"]', others), /E401 service web takes the volumes of the container bix/);
});

test('volumes_from cannot share a volume without a name, and says which', (t) => {
  const said = told('volumes_from: [db]', '  db: {image: i, volumes: [/data]}\n');
  t.is(said, 'E401 the volume at /data of service db has no name, so service web cannot share it');
  t.regex(told('volumes_from: ["db:rx"]', '  db: {image: i}\n'), /E202 'db:rx' does not say whose volumes are meant/);
  t.regex(told('volumes_from: [nobody]'), /E301/);
});

test('devices are files of the host under a path of the container, each with what may be done', (t) => {
  const { devices } = serviceOf(oneService('devices: ["/dev/null:/dev/x:r", /dev/snd, {source: /dev/zero}]')).task.container;
  t.deepEqual(devices, [
    { source: '/dev/null', target: '/dev/x', permissions: 'r' },
    { source: '/dev/snd', target: '/dev/snd', permissions: 'rwm' },
    { source: '/dev/zero', target: '/dev/zero', permissions: 'rwm' },
  ]);
  t.regex(told('devices: ["nvidia.com/gpu=all"]'), /E401 the device 'nvidia.com\/gpu=all' is not a path/);
  t.regex(told('devices: ["/dev/null:/dev/x:rx"]'), /E202 'rx' does not say what may be done/);
  t.regex(told('devices: [{source: /dev/null, target: x}]'), /E202 'x' is not a path for the device/);
});

test('volumes_from leads over some services, not over any number, and to no endless list', (t) => {
  const services = (count: number, from: (index: number) => string): string =>
    Array.from(
      { length: count },
      (_, index) => `  s${index}: {image: i, volumes: ["v:/d${index}"], volumes_from: [${index < count - 1 ? from(index) : ''}]}`,
    ).join('\n');
  const thrice = (index: number): string => `s${index + 1}, "s${index + 1}:ro", "s${index + 1}:rw"`;
  const file = (count: number): string => `services:\n${services(count, thrice)}\nvolumes: {v: }\n`;
  t.is(serviceOf(file(33), 's0').task.container.mounts.length, 33);
  t.regex(toldOf(file(34)).join(), /^E402 volumes_from of service s0 leads over more than 32 services$/);
  const many = Array.from({ length: 501 }, (_, index) => `"v:/d${index}"`).join(', ');
  t.regex(told(`volumes: [${many}]`, 'volumes: {v: }\n'), /E402 service web has more than 500 mounts/);
});

test('an option that only another kind of mount has is told, in the short form and in the long one', (t) => {
  const effect = (key: string, type: string) => `W400 ${key} has no effect on a mount of type ${type}`;
  const both = told('volumes: ["db:/x:Z,rshared", "/a:/b:nocopy"]', 'volumes: {db: }\n');
  t.true(both.includes(`${effect('propagation', 'volume')} (services.web.volumes[0].bind.propagation)`), both);
  t.true(both.includes('W400 selinux has no effect (services.web.volumes[0].bind.selinux)'), both);
  t.true(both.includes(`${effect('nocopy', 'bind')} (services.web.volumes[1].volume.nocopy)`), both);
  const long = told('volumes: [{type: bind, source: /a, target: /b, tmpfs: {size: 1m}, volume: {nocopy: false}}]');
  t.is(long, `${effect('size', 'bind')} (services.web.volumes[0].tmpfs.size)`);
  t.is(told('volumes: ["/a:/b:ro,rslave", "db:/x:nocopy"]', 'volumes: {db: }\n'), '');
});
