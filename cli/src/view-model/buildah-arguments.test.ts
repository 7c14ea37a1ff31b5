import test from 'ava';
import { buildOf } from '../testing/builds.ts';
import { type BuildSettings, buildCommand, pushCommand, registriesText, storageArguments } from './buildah-arguments.ts';

const settings: BuildSettings = {
  isolation: { kind: 'oci', runtime: '/usr/sbin/runc' },
  platform: '',
  dockerfile: '/work/Dockerfile',
  secrets: [],
  signaturePolicy: undefined,
  timestamp: undefined,
  imageOf: (service) => `shop-${service}`,
  noCache: false,
  pull: false,
};

const plain = [
  ...['build', '--format', 'docker', '--layers', '--identity-label=false', '--force-rm'],
  ...['--isolation', 'oci', '--runtime', '/usr/sbin/runc', '--network', 'host', '--pull=missing'],
];
const end = ['--tag', 'docker.io/library/shop-web:latest', '--file', '/work/Dockerfile', '/work'];

test('a build that says nothing but its context is built for this host, with layers of earlier builds', (t) => {
  t.deepEqual(buildCommand(buildOf('web'), settings), [...plain, ...end]);
});

test('each thing that a build section says is an argument of its own', (t) => {
  const build = buildOf('web', {
    tags: ['registry.test:5000/web:2'],
    target: 'release',
    labels: { a: 'b c', d: '' },
    cacheFrom: ['registry.test:5000/web:main', 'redis@sha256:1'],
    shmSizeBytes: 64_000_000,
    ulimits: [{ name: 'nofile', soft: 1_024, hard: -1 }],
    extraHosts: ['db=10.0.0.5', 'six=::1'],
    ssh: ['default', 'git=/home/me/.ssh/key'],
    privileged: true,
    noCache: true,
    pull: true,
    network: 'none',
  });
  const more = {
    ...settings,
    platform: 'linux/arm64',
    timestamp: '0',
    signaturePolicy: '/p.json',
    secrets: [{ id: 'pw', file: '/run/pw' }],
  };
  t.deepEqual(buildCommand(build, more), [
    ...['build', '--format', 'docker', '--layers', '--identity-label=false', '--force-rm'],
    ...['--isolation', 'oci', '--runtime', '/usr/sbin/runc', '--network', 'none', '--pull=ifnewer', '--no-cache'],
    ...['--platform', 'linux/arm64', '--target', 'release', '--shm-size', '64000000b'],
    ...['--cap-add', 'all', '--security-opt', 'seccomp=unconfined', '--signature-policy', '/p.json', '--timestamp', '0', '--omit-history'],
    ...['--label', 'a=b c', '--label', 'd='],
    ...['--cache-from', 'registry.test:5000/web', '--cache-from', 'redis'],
    ...['--ulimit', 'nofile=1024:-1', '--add-host', 'db:10.0.0.5', '--add-host', 'six:::1'],
    ...['--ssh', 'default', '--ssh', 'git=/home/me/.ssh/key', '--secret', 'id=pw,src=/run/pw'],
    ...['--tag', 'docker.io/library/shop-web:latest', '--tag', 'registry.test:5000/web:2'],
    ...['--file', '/work/Dockerfile', '/work'],
  ]);
});

test('build arguments go in as arguments alone, whatever buildah, its loader or its runtime would make of a variable of that name', (t) => {
  const own = { TOKEN: 'a b', LD_PRELOAD: '/srv/x.so', PATH: '/x', https_proxy: 'http://p', EMPTY: '' };
  t.deepEqual(buildCommand(buildOf('web', { args: own }), settings), [
    ...plain,
    ...['--build-arg', 'TOKEN=a b', '--build-arg', 'LD_PRELOAD=/srv/x.so', '--build-arg', 'PATH=/x'],
    ...['--build-arg', 'https_proxy=http://p', '--build-arg', 'EMPTY='],
    ...end,
  ]);
});

test('a context may be a folder, an image, or what was built for another service', (t) => {
  const contexts = { src: '/src', redis: 'docker-image://redis:7', base: 'service:base' };
  const args = buildCommand(buildOf('web', { additionalContexts: contexts }), settings);
  t.deepEqual(
    args.filter((_, n) => args[n - 1] === '--build-context'),
    ['src=/src', 'redis=docker-image://redis:7', 'base=container-image://docker.io/library/shop-base:latest'],
  );
});

test('what this buildah cannot do is refused with what to do instead', (t) => {
  const layout = buildOf('web', { additionalContexts: { base: 'oci-layout:///srv/base' } });
  t.throws(() => buildCommand(layout, settings), { code: 'UNIMPLEMENTED', message: /oci-layout/ });
  const alone = buildOf('web', { network: 'none' });
  t.throws(() => buildCommand(alone, { ...settings, isolation: { kind: 'chroot' } }), {
    code: 'FAILED_PRECONDITION',
    message: /no network/,
  });
});

test('the command line speaks for all builds', (t) => {
  const args = buildCommand(buildOf('web'), { ...settings, noCache: true, pull: true });
  t.true(args.includes('--no-cache'));
  t.true(args.includes('--pull=ifnewer'));
});

test('every command knows where images are kept, and the image goes into a folder with its digest beside it', (t) => {
  const storage = { root: '/c/storage', runRoot: '/run/b', driver: 'overlay', registriesConf: '/c/r.conf' };
  t.deepEqual(storageArguments(storage), [
    ...['--root', '/c/storage', '--runroot', '/run/b', '--storage-driver', 'overlay', '--registries-conf', '/c/r.conf'],
  ]);
  t.deepEqual(pushCommand('shop-web', '/c/image', '/c/digest', undefined), [
    ...['push', '--quiet', '--digestfile', '/c/digest', 'docker.io/library/shop-web:latest', 'oci:/c/image'],
  ]);
});

test('short names are looked for where Docker looks, unless the host says where', (t) => {
  t.is(registriesText(undefined), 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n');
  t.is(
    registriesText('# a comment\n[[registry]]\nlocation = "r.test"\ninsecure = true\n'),
    'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n# a comment\n[[registry]]\nlocation = "r.test"\ninsecure = true\n',
  );
  t.is(registriesText('short-name-mode = "enforcing"\n'), 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "enforcing"\n');
  t.is(registriesText('unqualified-search-registries = ["r.test"]\n'), undefined);
  t.is(registriesText('[registries.search]\nregistries = ["r.test"]\n'), undefined);
});
