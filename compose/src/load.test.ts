import test from 'ava';
import fc from 'fast-check';
import { loadFrom } from './load.ts';
import { memoryFiles, modelOf, placesOf, saidOf, specOf } from './testing/memory-files.ts';
import type { Json } from './tree.ts';

const at = (value: Json | undefined, ...keys: readonly (string | number)[]): Json | undefined => {
  let node: Json | undefined = value;
  for (const key of keys) node = (node as Readonly<Record<string, Json>> | undefined)?.[String(key)];
  return node;
};

const one = (service: string, rest = ''): string => `services:\n  web:\n    image: i\n    ${service}\n${rest}`;

test('text that is not YAML is one clear message with its place', (t) => {
  const [only, ...others] = saidOf('services:\n  web:\n    image: x\n   bad: [\n');
  t.is(others.length, 0);
  t.is(`${only?.file}:${only?.line} ${only?.code}`, 'compose.yaml:4 E110');
});

test('an unknown key offers the one that was meant', (t) => {
  const [only] = saidOf('services:\n  web:\n    imgae: x\n');
  t.is(only?.message, "unknown key 'imgae' in services.web");
  t.is(only?.hint, "did you mean 'image'?");
  t.deepEqual([only?.line, only?.column], [3, 5]);
});

test('a value of the wrong type says what is wanted and what is there', (t) => {
  const [only] = saidOf('services:\n  web:\n    image: x\n    ports: "80:80"\n');
  t.is(only?.message, "services.web.ports must be a list, but is the text '80:80'");
});

test('a service without an image is told at the service', (t) => {
  const [only] = saidOf('services:\n  web:\n    command: x\n');
  t.is(only?.message, 'service web has neither an image nor a build context');
  t.deepEqual([only?.line, only?.column, only?.code], [2, 3, 'E300']);
});

test('everything that is wrong is told in one run, in the order of the lines', (t) => {
  const text = 'services:\n  a:\n    imgae: x\n  b:\n    image: 1\n  c:\n    image: x\n    mem_limit: 5q\n    networks: [none]\n';
  t.deepEqual(placesOf(text), ['3:5 E200', '5:12 E201', '8:16 E204', '9:16 E301']);
});

test('a part that is wrong in itself is not also said to be missing', (t) => {
  t.deepEqual(placesOf('services:\n  a:\n    imgae: x\n  b:\n    image: x\n    depends_on: [a]\n'), ['3:5 E200']);
});

test('one mistake of a service hides no other of it, nor those of services beside it', (t) => {
  const text = [
    'include: [{path: [1]}]',
    'services:',
    '  b: {image: x, foo: 1, restart: sometimes, env_file: nope.env, depends_on: [c], volumes: ["undefd:/x"]}',
    '  a: {image: x, cgroup: foo, mem_limit: 5q, networks: [none]}',
  ].join('\n');
  t.deepEqual(
    saidOf(text).map(({ line, code, message }) => `${line} ${code} ${message.split(' ').slice(0, 6).join(' ')}`),
    [
      '1 E201 include[0].path[0] must be text, but is',
      "3 E200 unknown key 'foo' in services.b",
      "3 E202 'sometimes' is not a restart policy",
      '3 E101 nope.env does not exist',
      '3 E301 service b depends on undefined service',
      '3 E301 service b refers to undefined volume',
      '4 E202 services.a.cgroup must be one of host,',
      "4 E204 services.a.mem_limit: '5q' is not a size",
      '4 E301 service a refers to undefined network',
    ],
  );
});

test('whole numbers of any size are kept to the last digit', (t) => {
  const text = (value: string): string => `services: {web: {image: x, environment: {ID: ${value}}}}`;
  const read = (value: string) => at(modelOf(text(value)), 'services', 'web', 'environment', 'ID');
  t.is(read('0x1FFFFFFFFFFFFFFF'), '2305843009213693951');
  t.is(read('18446744073692774399'), '18446744073692774399');
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (value) => read(String(value)) === String(value)));
});

test('a whole number too large for a number is one all the same: refused where text is wanted, exact wherever it may be text', (t) => {
  const id = '18446744073692774399';
  const saysOf = (line: string): readonly string[] =>
    saidOf(`services:\n  web:\n    image: x\n    ${line}\n`).map(({ code, message, hint }) => `${code} ${message} (${hint})`);
  t.deepEqual(saysOf(`post_start: [{command: ${id}}]`), [
    `E201 services.web.post_start[0].command must be text, a list or empty, but is the number ${id} (write a list: command: ["${id}"])`,
  ]);
  t.deepEqual(saysOf(`hostname: ${id}`), [
    `E201 services.web.hostname must be text, but is the number ${id} (quote it to make it text: "${id}")`,
  ]);
  t.deepEqual(saysOf(`${id}: x`), [`E114 the key ${id} in services.web is not text (quote it: "${id}")`]);
  t.is(saysOf(`oom_score_adj: ${id}`).length, 1);
  t.true(saysOf(`environment: [{ID: ${id}}]`)[0]?.includes(`write - ID=${id}, or leave out the dash: ID: ${id}`));

  const lines = [`labels: {id: ${id}}`, `x-own: {id: ${id}}`, `group_add: [${id}]`, `cpu_shares: ${id}`, `gpus: [{count: ${id}}]`];
  const web = at(modelOf(`services:\n  web:\n    image: x\n    ${lines.join('\n    ')}\n`), 'services', 'web') as Record<string, Json>;
  t.deepEqual(web['labels'], { id });
  t.deepEqual(web['x-own'], { id });
  t.deepEqual(web['group_add'], [id]);
  t.is(web['cpu_shares'], Number(id));
  t.deepEqual(at(web, 'gpus'), [{ count: Number(id) }]);
});

test('of two mounts of one file at one place the later one is there and told of; one of a later file takes the place without a word', (t) => {
  const one = (volumes: string): string => `services: {web: {image: x, volumes: ${volumes}}}`;
  t.deepEqual(placesOf(one('["/a:/x", "/b:/x"]')), ['1:47 W401']);
  t.deepEqual(placesOf(one('["/a:/x", "/a:/x"]')), []);
  const texts = { '/project/a.yml': one('["/a:/x"]'), '/project/b.yml': one('["/b:/x"]') };
  const mounts = at(modelOf(texts, { files: ['a.yml', 'b.yml'] }), 'services', 'web', 'volumes') as readonly Json[];
  t.deepEqual(
    mounts.map((mount) => (mount as { source: string }).source),
    ['/b'],
  );
});

test('a hint says what to write for what is wanted', (t) => {
  const hintOf = (line: string): string | undefined => saidOf(`services:\n  web:\n    image: x\n    ${line}\n`)[0]?.hint;
  t.is(hintOf('stop_grace_period: 10'), 'write the unit: 10s');
  t.is(hintOf('healthcheck: {test: x, interval: 5}'), 'write the unit: 5s');
  t.is(hintOf('ports: 80'), 'write a list: ports: ["80"]');
  t.is(hintOf('volumes: /a:/b'), 'write a list: volumes: ["/a:/b"]');
  t.is(hintOf('deploy: 5'), 'write a mapping: deploy: {KEY: value}');
  t.is(hintOf('depends_on: b'), 'write a list: depends_on: ["b"]');
  t.is(hintOf('environment: [{KEY: value}]'), 'write - KEY=value, or leave out the dash: KEY: value');
  t.is(hintOf('depends_on: [{db: {condition: service_healthy}}]'), 'leave out the dashes: depends_on: {db: …}');
  t.is(hintOf('hostname: 1'), 'quote it to make it text: "1"');
});

test('a later file is merged over an earlier one, and messages name the file that said it', (t) => {
  const texts = {
    '/project/a.yml': 'services: {web: {image: i, environment: [A=1, B=1], ports: ["80:80"], command: x y}}',
    '/project/b.yml': 'services:\n  web:\n    environment: {B: 2}\n    ports: ["81:81"]\n    command: [z]\n    restart: sometimes\n',
  };
  const files = ['a.yml', 'b.yml'];
  const model = modelOf(texts, { files });
  t.deepEqual(at(model, 'services', 'web', 'environment'), { A: '1', B: '2' });
  t.deepEqual(at(model, 'services', 'web', 'command'), ['z']);
  t.is((at(model, 'services', 'web', 'ports') as readonly Json[]).length, 2);
  t.deepEqual(
    saidOf(texts, { files }).map((found) => `${found.file}:${found.line} ${found.code}`),
    ['b.yml:6 E202'],
  );
});

test('!reset removes and !override replaces what earlier files said', (t) => {
  const texts = {
    '/project/a.yml': 'services: {web: {image: i, ports: ["80:80"], dns: [1.1.1.1], labels: {a: b}}}',
    '/project/b.yml': 'services:\n  web:\n    ports: !reset []\n    dns: !override [9.9.9.9]\n',
  };
  const web = at(modelOf(texts, { files: ['a.yml', 'b.yml'] }), 'services', 'web');
  t.is(at(web, 'ports'), undefined);
  t.deepEqual(at(web, 'dns'), ['9.9.9.9']);
});

test('anchors and merge keys are resolved, and an alias bomb is refused', (t) => {
  const web = at(modelOf('x-a: &a {image: i, user: u}\nservices:\n  web: {<<: *a, user: v}\n'), 'services', 'web');
  t.is(at(web, 'image'), 'i');
  t.is(at(web, 'user'), 'v');
  const level = (name: string, of: string): string => `x-${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`;
  const bomb = `x-a: &a [x, x, x, x, x, x, x, x, x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}`;
  t.deepEqual(
    saidOf(`${bomb}services: {web: {image: i}}\n`).map((found) => found.code),
    ['E112'],
  );
});

test('.env and the environment fill variables, the environment first', (t) => {
  const texts = { '/project/compose.yaml': 'services: {web: {image: "$A-$B-${C:-c}"}}', '/project/.env': 'A=file\nB=file\n' };
  t.is(at(modelOf(texts, { env: { A: 'shell' } }), 'services', 'web', 'image'), 'shell-file-c');
});

test('an unset variable is a warning with its place, a required one an error', (t) => {
  t.deepEqual(placesOf(one('user: "$NONE"')), ['4:11 W120']);
  t.deepEqual(placesOf(one('user: "${NONE:?say it}"')), ['4:11 E121']);
});

test('without interpolation the text stays and the spec is empty', (t) => {
  const text = one('ports: ["${PORT}:80"]');
  t.deepEqual(at(modelOf(text, { interpolate: false }), 'services', 'web', 'ports'), ['${PORT}:80']);
  t.deepEqual(specOf(text, { interpolate: false }).services, []);
});

test('the project name comes from the option, the variable, the file, the folder, in this order', (t) => {
  const text = 'name: from-$W\nservices: {web: {image: i}}';
  t.is(specOf(text, { projectName: 'opt', env: { COMPOSE_PROJECT_NAME: 'var', W: 'file' } }).name, 'opt');
  t.is(specOf(text, { env: { COMPOSE_PROJECT_NAME: 'var', W: 'file' } }).name, 'var');
  t.is(specOf(text, { env: { W: 'file' } }).name, 'from-file');
  t.is(specOf({ '/My App/compose.yaml': 'services: {web: {image: i}}' }, { cwd: '/My App' }).name, 'myapp');
  t.deepEqual(
    saidOf(text, { projectName: 'Bad Name' }).map((found) => found.code),
    ['E103', 'W120'],
  );
});

test('files are found upwards with their override twin, or by COMPOSE_FILE', (t) => {
  const texts = {
    '/project/compose.yaml': 'services: {web: {image: a}}',
    '/project/compose.override.yaml': 'services: {web: {image: b}}',
    '/project/x.yml': 'services: {web: {image: x}}',
  };
  t.is(specOf(texts, { cwd: '/project/deep/er' }).services[0]?.task.container.image, 'b');
  t.is(specOf(texts, { env: { COMPOSE_FILE: 'x.yml' } }).services[0]?.task.container.image, 'x');
  t.deepEqual(
    saidOf({}).map((found) => found.code),
    ['E102'],
  );
});

test('standard input is a file named -', (t) => {
  const result = loadFrom({ files: ['-'], cwd: '/project', env: {}, stdin: 'services: {web: {imgae: i}}' }, memoryFiles({}));
  t.false(result.ok);
  t.is(result.ok ? '' : result.diagnostics[0]?.file, 'stdin');
});

test('extends takes a service of this or another file with its paths, and refuses circles', (t) => {
  const texts = {
    '/project/compose.yaml': 'services:\n  web: {extends: {file: sub/base.yml, service: base}, user: u}\n  b: {extends: web}\n',
    '/project/sub/base.yml': 'services: {base: {image: i, volumes: ["./data:/d"], user: x}}',
  };
  const [b, web] = specOf(texts).services;
  t.is(web?.task.container.mounts[0]?.source, '/project/sub/data');
  t.is(b?.task.container.user, 'u');
  t.deepEqual(
    saidOf('services: {a: {extends: b}, b: {extends: a}}')
      .map((found) => found.code)
      .slice(0, 1),
    ['E140'],
  );
  t.is(saidOf('services: {wbe: {image: i}, a: {extends: web}}')[0]?.hint, "did you mean 'wbe'?");
});

test('include brings in another project with its own folder and .env', (t) => {
  const texts = {
    '/project/compose.yaml': 'include: [sub/compose.yaml]\nservices: {web: {image: i, depends_on: [db]}}',
    '/project/sub/compose.yaml': 'services: {db: {image: "$IMAGE", volumes: ["./d:/d"]}}',
    '/project/sub/.env': 'IMAGE=pg\n',
  };
  const [db] = specOf(texts).services;
  t.is(db?.task.container.image, 'pg');
  t.is(db?.task.container.mounts[0]?.source, '/project/sub/d');
});

test('services that take no part, by choice or by profile, are told as declared', (t) => {
  const text = 'services: {c: {image: i}, a: {image: i}, b: {image: i, profiles: [p]}}';
  const loaded = loadFrom({ files: ['-'], stdin: text, cwd: '/project', env: {}, services: ['c'] }, memoryFiles({}));
  t.true(loaded.ok);
  if (loaded.ok) t.deepEqual([loaded.spec.services.map(({ name }) => name), loaded.declared], [['c'], ['a', 'b', 'c']]);
});

test('profiles choose services; a named service brings its profile and what it depends on', (t) => {
  const text = 'services: {a: {image: i}, b: {image: i, profiles: [p], depends_on: [c]}, c: {image: i}}';
  const names = (options: Parameters<typeof specOf>[1]) => specOf(text, options).services.map((service) => service.name);
  t.deepEqual(names({}), ['a', 'c']);
  t.deepEqual(names({ profiles: ['p'] }), ['a', 'b', 'c']);
  t.deepEqual(names({ env: { COMPOSE_PROFILES: '*' } }), ['a', 'b', 'c']);
  t.deepEqual(names({ services: ['b'] }), ['b', 'c']);
  t.like(saidOf(text, { services: ['d'] })[0], { code: 'E307', file: '', line: 0 });
});

test('circles of dependencies, unknown references and exclusions are refused', (t) => {
  t.is(
    saidOf('services: {a: {image: i, depends_on: [b]}, b: {image: i, depends_on: [a]}}')[0]?.message,
    'dependency cycle detected: a -> b -> a',
  );
  t.is(saidOf(one('volumes: ["dta:/x"]', 'volumes: {data: }'))[0]?.hint, "did you mean 'data'?");
  t.deepEqual(placesOf(one('network_mode: host\n    networks: [default]')), ['4:5 E303']);
  t.deepEqual(placesOf(one('scale: 2\n    deploy: {replicas: 3}')), ['4:5 E304']);
});

test('env files are read in order under environment, and a missing one is refused unless optional', (t) => {
  const texts = {
    '/project/compose.yaml': one('env_file: [a.env, {path: no.env, required: false}]\n    environment: {B: own}'),
    '/project/a.env': 'A=1\nB=2\n',
  };
  t.deepEqual(specOf(texts).services[0]?.task.container.env, ['A=1', 'B=own']);
  t.deepEqual(placesOf(one('env_file: no.env')), ['4:15 E101']);
});

test('a long chain of extends is resolved, one beyond a hundred is refused once', (t) => {
  const chain = (length: number): string =>
    `services:\n  s0: {image: i, user: u}\n${Array.from({ length }, (_, index) => `  s${index + 1}: {extends: s${index}}\n`).join('')}`;
  t.is(specOf(chain(100)).services.at(-1)?.task.container.user, 'u');
  t.deepEqual(
    saidOf(chain(101)).map(({ code, line }) => `${line} ${code}`),
    ['103 E140'],
  );
  t.deepEqual([...new Set(saidOf('services: {a: {extends: b}, b: {extends: c}, c: {extends: a}}').map(({ code }) => code))], ['E140']);
});

test('a service of another file that many extend is read once, with its paths from there', (t) => {
  const texts = {
    '/project/compose.yaml': `services:\n${Array.from({ length: 50 }, (_, index) => `  s${index}: {extends: {file: sub/base.yml, service: base}}\n`).join('')}`,
    '/project/sub/base.yml': 'services: {base: {image: i, env_file: [e.env], volumes: ["./d:/d"]}}',
    '/project/sub/e.env': 'A=1\n',
  };
  const services = specOf(texts).services;
  t.is(services.length, 50);
  t.true(services.every(({ task }) => task.container.mounts[0]?.source === '/project/sub/d' && task.container.env.includes('A=1')));
});

test('include in its long form has its own folder and env file, and what both declare is told', (t) => {
  const texts = {
    '/project/compose.yaml':
      'include:\n  - path: [sub/a.yml, sub/b.yml]\n    project_directory: other\n    env_file: [sub/x.env]\nservices: {web: {image: mine}}\n',
    '/project/sub/a.yml': 'services: {db: {image: "$IMAGE", volumes: ["./d:/d"]}, web: {image: theirs}}',
    '/project/sub/b.yml': 'services: {db: {user: "$WHO"}}',
    '/project/sub/x.env': 'IMAGE=pg\nWHO=file\n',
  };
  const [db, web] = specOf(texts, { env: { WHO: 'shell' } }).services;
  t.deepEqual([db?.task.container.image, db?.task.container.user], ['pg', 'shell']);
  t.is(db?.task.container.mounts[0]?.source, '/project/other/d');
  t.is(web?.task.container.image, 'mine');
  t.deepEqual(
    saidOf(texts).map(({ code, path }) => `${code} ${path}`),
    ['W150 services.web'],
  );
});

test('files, profiles, the name and env files come from variables, also from those of .env', (t) => {
  const texts = {
    '/project/.env': 'COMPOSE_FILE=a.yml;b.yml\nCOMPOSE_PATH_SEPARATOR=;\nCOMPOSE_PROFILES=p\nCOMPOSE_PROJECT_NAME=named\n',
    '/project/a.yml': 'services: {a: {image: "i$X"}}',
    '/project/b.yml': 'services: {b: {image: i, profiles: [p]}}',
    '/project/one.env': 'X=1\nY=1\n',
    '/project/two.env': 'X=2\n',
  };
  const spec = specOf(texts);
  t.deepEqual([spec.name, spec.services.map(({ name }) => name)], ['named', ['a', 'b']]);
  const two = specOf(texts, { files: ['a.yml'], env: { COMPOSE_ENV_FILES: 'one.env,two.env' } });
  t.is(two.services[0]?.task.container.image, 'i2');
  t.is(specOf(texts, { files: ['a.yml'], envFiles: ['one.env'], env: { X: 'shell' } }).services[0]?.task.container.image, 'ishell');
  t.is(specOf(texts, { files: ['a.yml'], env: { COMPOSE_DISABLE_ENV_FILE: '1' } }).name, 'project');
});

test('!reset and !override act on nested keys, list fields and extending services', (t) => {
  const texts = {
    '/project/a.yml': 'services: {web: {image: i, environment: {A: 1, B: 2}, deploy: {replicas: 3, labels: {a: b}}, cap_add: [NET_ADMIN]}}',
    '/project/b.yml':
      'services:\n  web:\n    environment: {A: !reset null}\n    deploy: {labels: !override {c: d}}\n    cap_add: !reset [whatever]\n  sub:\n    extends: {file: a.yml, service: web}\n    environment: !override {C: 3}\n    deploy: !reset null\n',
  };
  const [sub, web] = specOf(texts, { files: ['a.yml', 'b.yml'] }).services;
  t.deepEqual(web?.task.container.env, ['B=2']);
  t.deepEqual([web?.replicas, web?.labels['c'], web?.labels['a']], [3, 'd', undefined]);
  t.deepEqual(web?.task.container.capAdd, []);
  t.deepEqual([sub?.task.container.env, sub?.replicas], [['C=3'], 1]);
});

test('a name that may not be is told, and what stands under it is not looked at', (t) => {
  t.deepEqual(placesOf('services:\n  "web:":\n    profiles: 1\n  ok: {image: i}\n'), ['2:3 E202']);
});

test('booleans of YAML 1.1 are booleans where a boolean belongs, and text elsewhere', (t) => {
  const container = specOf(one('init: yes\n    read_only: "on"\n    environment: {A: yes, B: on}')).services[0]?.task.container;
  t.deepEqual([container?.init, container?.readOnly], [true, true]);
  t.deepEqual(container?.env, ['A=yes', 'B=on']);
});

test('what is printed of a file is the same wish as the file, in whatever order it was written', (t) => {
  const text = `services:
  web:
    image: i
    environment: { TAG: "1", FROM: x, A: "{{.Task.Slot}}" }
    extra_hosts: ["printer=192.0.2.9", "node=host-gateway"]
    networks: { zone: {}, area: {} }
    ulimits: { nproc: 7, core: 0 }
    sysctls: { net.core.somaxconn: 1, kernel.msgmax: 2 }
    labels: { z: "1", a: "2" }
    post_start: [{ command: x, environment: { Z: "1", A: "2" } }]
    depends_on: { db: { condition: service_started }, cache: { condition: service_started } }
    links: [db, cache]
  db: { image: i, networks: [area] }
  cache: { image: i, networks: [zone] }
networks: { zone: { driver_opts: { z: "1", a: "1" } }, area: {} }
`;
  const wish = (from: string) => Object.fromEntries(specOf(from).services.map((service) => [service.name, service]));
  t.deepEqual(wish(JSON.stringify(modelOf(text))), wish(text));
});

test('what is printed of a network from elsewhere is read again, also where another program printed an empty ipam', (t) => {
  const text = one('networks: [lan]', 'networks: {lan: {external: true, name: office}}');
  const printed = modelOf(text);
  t.deepEqual(modelOf(JSON.stringify(printed)), printed);
  t.deepEqual(placesOf(one('networks: [lan]', 'networks: {lan: {external: true, ipam: {}}}')), []);
  t.deepEqual(placesOf(one('networks: [lan]', 'networks: {lan: {external: true, ipam: {driver: default}}}')), ['5:34 E303']);
});

test('a default network that is declared stays, also where nothing implied is made explicit', (t) => {
  const declared = { networks: { default: { driver: 'bridge' } } };
  const networks = (text: string) => at(modelOf(text, { normalize: false }), 'networks');
  const top = `networks: ${JSON.stringify(declared.networks)}`;
  t.deepEqual(networks(one('tty: true', top)), declared.networks);
  t.is(networks(one('tty: true')), undefined);
  t.is(networks(one('network_mode: host', top)), undefined);
});

test('a name that no project can have, and CPUs below none, are told where they stand', (t) => {
  t.deepEqual(placesOf('services: {a: {image: i}}\nname: My Project\n'), ['2:7 E103']);
  t.is(specOf('services: {a: {image: i}}\nname: "${NONE:-}"\n').name, 'project', 'one that comes to nothing names nothing');
  t.deepEqual(placesOf('services: {a: {image: i}}', { projectName: 'My Project' }), ['0:0 E103']);
  t.deepEqual(placesOf(one('deploy: {resources: {limits: {cpus: "-1"}}}')), ['4:41 E402']);
});
