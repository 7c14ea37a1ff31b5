import test from 'ava';
import { modelOf, saidOf } from './testing/memory-files.ts';
import type { Json } from './tree.ts';

type Fields = Readonly<Record<string, Json>>;

/** The service `web` of one file laid over that of another. */
const merged = (base: string, over: string): Fields => {
  const texts = {
    '/project/a.yml': `services: {web: {image: i, ${base}}}\nvolumes: {v: , w: }\nnetworks: {n: , m: }\nsecrets: {s: {external: true}}`,
    '/project/b.yml': `services: {web: {${over}}}`,
  };
  const model = modelOf(texts, { files: ['a.yml', 'b.yml'], allResources: true }) as { readonly services: { readonly web: Fields } };
  return model.services.web;
};

/** What two files say of a key, and what is left. Source: compose-spec 13-merge. */
const rules: Readonly<Record<string, readonly [string, string, Json]>> = {
  'scalars: the later one': ['user: a', 'user: b', 'b'],
  'nothing keeps what was': ['user: a', 'user: ', 'a'],
  'nothing keeps a list': ['cap_add: [A]', 'cap_add: ~', ['A']],
  'sequences: one after the other': ['cap_add: [A]', 'cap_add: [B, A]', ['A', 'B']],
  'commands: the later one': ['command: a b', 'command: [c]', ['c']],
  'entrypoints: the later one': ['entrypoint: [a]', 'entrypoint: b c', ['b', 'c']],
  'environment: by name, in either form': ['environment: [A=1, B=1]', 'environment: {B: 2, C: 3}', { A: '1', B: '2', C: '3' }],
  'labels: by name': ['labels: {a: x}', 'labels: [a=y, b]', { a: 'y', b: '' }],
  'sysctls: by name': ['sysctls: {net.a: 1}', 'sysctls: [net.a=2]', { 'net.a': '2' }],
  'dns: a text is a list of one': ['dns: 1.1.1.1', 'dns: [9.9.9.9, 1.1.1.1]', ['1.1.1.1', '9.9.9.9']],
  'tmpfs: a text is a list of one': ['tmpfs: /a', 'tmpfs: [/b]', ['/a', '/b']],
  'extra_hosts: without repeats': ['extra_hosts: ["a=1.1.1.1"]', 'extra_hosts: {a: 1.1.1.1, b: 2.2.2.2}', ['a=1.1.1.1', 'b=2.2.2.2']],
  'ulimits: the later one of a name': ['ulimits: {n: {soft: 1, hard: 2}}', 'ulimits: {n: 5}', { n: 5 }],
  'logging: options of one driver together': [
    'logging: {driver: a, options: {x: "1"}}',
    'logging: {options: {y: "2"}}',
    { driver: 'a', options: { x: '1', y: '2' } },
  ],
  'logging: another driver replaces': ['logging: {driver: a, options: {x: "1"}}', 'logging: {driver: b}', { driver: 'b' }],
  'networks: a list is a mapping': ['networks: [n]', 'networks: {n: {aliases: [x]}, m: }', { m: null, n: { aliases: ['x'] } }],
  'devices: by target': [
    'devices: ["/dev/a:/dev/x"]',
    'devices: ["/dev/b:/dev/x:r"]',
    [{ source: '/dev/b', target: '/dev/x', permissions: 'r' }],
  ],
};

test('each key is merged by its own rule', (t) => {
  for (const [rule, [base, over, expected]] of Object.entries(rules)) {
    const key = (base.split(':')[0] ?? '').trim();
    t.deepEqual(merged(base, over)[key], expected, rule);
  }
});

test('ports are one by address, published port, target and protocol, mounts by target, secrets by target', (t) => {
  const ports = merged('ports: ["80:80", "127.0.0.1:80:80"]', 'ports: [{target: 80, published: "80", mode: host}, "80:80/udp"]')[
    'ports'
  ] as readonly Fields[];
  t.deepEqual(
    ports.map(({ mode, host_ip, protocol }) => [mode, host_ip, protocol]),
    [
      ['host', undefined, 'tcp'],
      ['ingress', '127.0.0.1', 'tcp'],
      ['ingress', undefined, 'udp'],
    ],
  );
  const volumes = merged('volumes: ["v:/a", "v:/b"]', 'volumes: ["w:/a:ro"]')['volumes'] as readonly Fields[];
  t.deepEqual(
    volumes.map(({ source, target }) => `${source}:${target}`),
    ['w:/a', 'v:/b'],
  );
  const secrets = merged('secrets: [s]', 'secrets: [{source: s, mode: 0400}]')['secrets'] as readonly Fields[];
  t.is(secrets.length, 1);
});

test('depends_on and build in their short forms merge with their long ones', (t) => {
  const web = merged('build: ./a', 'build: {target: t}')['build'] as Fields;
  t.deepEqual([web['context'], web['target']], ['/project/a', 't']);
  const texts = {
    '/project/a.yml': 'services: {web: {image: i, depends_on: [db]}, db: {image: i}}',
    '/project/b.yml': 'services: {web: {depends_on: {db: {condition: service_healthy}}}}',
  };
  const model = modelOf(texts, { files: ['a.yml', 'b.yml'] }) as { readonly services: { readonly web: Fields } };
  t.deepEqual(model.services.web['depends_on'], { db: { condition: 'service_healthy', required: true } });
});

test('kinds that do not merge are refused at the later file', (t) => {
  const texts = {
    '/project/a.yml': 'services: {web: {image: i, logging: {driver: a}}}\nx-a: {b: 1}',
    '/project/b.yml': 'x-a: [1]\n',
  };
  t.deepEqual(
    saidOf(texts, { files: ['a.yml', 'b.yml'] }).map(({ file, line, code }) => `${file}:${line} ${code}`),
    ['b.yml:1 E160'],
  );
});

test('a key left empty that no earlier file fills is refused as in a file alone', (t) => {
  const texts = { '/project/a.yml': 'services: {web: {image: i}}', '/project/b.yml': 'services:\n  web:\n    user:\n' };
  t.deepEqual(
    saidOf(texts, { files: ['a.yml', 'b.yml'] }).map(({ file, line, code }) => `${file}:${line} ${code}`),
    ['b.yml:3 E201'],
  );
});
