import test from 'ava';
import { loadedOf, saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const buildOf = (build: string, rest = '', others: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) => {
  const text = `services:\n  web:\n    build: ${build}\n${rest}`;
  const [found] = loadedOf({ '/project/compose.yaml': text, ...others }, { env }).builds;
  if (found === undefined) throw new Error('nothing to build');
  return found;
};
const told = (build: string, rest = ''): string => toldOf(`services:\n  web:\n    build: ${build}\n${rest}`).join('\n');

test('what is built has the name of the project and service, or the one that image says', (t) => {
  t.is(serviceOf('services: {web: {build: .}}').task.container.image, 'project-web');
  t.is(serviceOf('services: {web: {build: ., image: "reg/web:2"}}').task.container.image, 'reg/web:2');
  t.is(serviceOf('services: {web: {build: ., image: ""}}').task.container.image, 'project-web');
  t.like(buildOf('./app'), {
    service: 'web',
    image: 'project-web',
    always: false,
    context: '/project/app',
    dockerfile: '/project/app/Dockerfile',
    dockerfileInline: undefined,
  });
  t.deepEqual(loadedOf(oneService('tty: true')).builds, []);
});

test('every word of a build section is carried', (t) => {
  const build = buildOf(
    [
      '',
      '      context: ./app',
      '      dockerfile: ../Dockerfile.web',
      '      args: [A=1, FROM_SHELL, GONE]',
      '      ssh: [default]',
      '      labels: {a: b}',
      '      cache_from: [reg/web:cache, "type=registry,ref=reg/other"]',
      '      no_cache: true',
      '      pull: true',
      '      target: prod',
      '      network: host',
      '      shm_size: 1m',
      '      extra_hosts: ["a=1.2.3.4"]',
      '      privileged: true',
      '      tags: [web:latest]',
      '      ulimits: {nofile: 10}',
      '      platforms: [linux/amd64]',
      '      additional_contexts: {base: ../base, img: "docker-image://alpine", db: "service:db"}',
      '    pull_policy: build',
    ].join('\n'),
    '  db: {build: ./db}\n',
    {},
    { FROM_SHELL: 'yes' },
  );
  t.deepEqual(build, {
    service: 'web',
    image: 'project-web',
    tags: ['web:latest'],
    always: true,
    context: '/project/app',
    dockerfile: '/project/Dockerfile.web',
    dockerfileInline: undefined,
    additionalContexts: { base: '/base', img: 'docker-image://alpine', db: 'service:db' },
    args: { A: '1', FROM_SHELL: 'yes' },
    labels: { a: 'b' },
    target: 'prod',
    cacheFrom: ['reg/web:cache', 'reg/other'],
    noCache: true,
    pull: true,
    platforms: ['linux/amd64'],
    network: 'host',
    secrets: [],
    ssh: ['default'],
    shmSizeBytes: 1_048_576,
    ulimits: [{ name: 'nofile', soft: 10, hard: 10 }],
    extraHosts: ['a=1.2.3.4'],
    privileged: true,
  });
});

test('a Dockerfile may stand in the file itself, and the platform of the service is built for', (t) => {
  const build = buildOf('{dockerfile_inline: "FROM scratch"}\n    platform: linux/arm64');
  t.like(build, { dockerfile: '', dockerfileInline: 'FROM scratch', context: '/project', platforms: ['linux/arm64'] });
});

test('secrets of a build are files, or bytes where they stand in none; they are no secrets of the cluster', (t) => {
  const rest = 'secrets: {tok: {file: ./tok}, var: {environment: TOKEN}}\n';
  const text = `services:\n  web:\n    build: {context: ., secrets: [tok, {source: var, target: id}]}\n${rest}`;
  const result = loadedOf({ '/project/compose.yaml': text, '/project/tok': 't' }, { env: { TOKEN: 'x' } });
  t.deepEqual(result.builds[0]?.secrets, [
    { id: 'tok', file: '/project/tok' },
    { id: 'id', data: new TextEncoder().encode('x') },
  ]);
  t.deepEqual([result.spec.files, result.contents], [[], []]);
  t.regex(told('{context: ., secrets: [s]}', 'secrets: {s: {external: true}}\n'), /E401 the build secret s is external/);
  t.regex(told('{context: ., secrets: [s]}', 'secrets: {s: {file: ./gone}}\n'), /E101 the file of the build secret s/);
});

test('what the builder cannot do is refused or told by name', (t) => {
  t.regex(told('"https://example.com/repo.git#main:sub"'), /E401 the build context https:.* lies elsewhere/);
  t.regex(told('{context: ., additional_contexts: {x: "https://example.com/x.git"}}'), /E401 the build context/);
  t.regex(told('{context: ., additional_contexts: {x: "oci-layout:///srv/x"}}'), /E401 the build context oci-layout/);
  t.regex(told('{context: ., network: front}'), /E401 builds cannot join the network front/);
  t.regex(told('{context: ., entitlements: [device]}'), /E401 the entitlement device/);
  t.regex(told('{context: ., cache_from: ["type=local,src=./c"]}'), /W400 the cache type=local,src=.\/c has no effect/);
  t.regex(told('{context: ., no_cache_filter: [one]}'), /W401 no_cache_filter leaves caches out of the whole build/);
  t.regex(told('{context: ., provenance: true}'), /W400 provenance/);
});

test('entitlements come to the network and the rights that they allow', (t) => {
  t.like(buildOf('{context: ., entitlements: [network.host, security.insecure]}'), { network: 'host', privileged: true });
  t.like(buildOf('{context: ., no_cache_filter: one}'), { noCache: true, network: '', privileged: false });
});

test('a context of another service is one that is built too, and an image is named as such', (t) => {
  const context = '{context: ., additional_contexts: {base: "service:base"}}';
  t.is(loadedOf(`services:\n  web: {build: ${context}}\n  base: {build: ./base}\n`).builds.length, 2);
  const [said] = saidOf(`services:\n  web: {build: ${context}}\n  base: {image: "alpine:3"}\n`);
  t.is(said?.code, 'E304');
  t.is(said?.hint, 'write docker-image://alpine:3');
});
