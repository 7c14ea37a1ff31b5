import { FileKind } from '@tso/proto';
import test from 'ava';
import { loadedOf, saidOf } from '../testing/memory-files.ts';
import { oneService, toldOf } from '../testing/spec-parts.ts';
import { mostBytes } from './file-mounts.ts';

const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const project = (service: string, top: string, others: Readonly<Record<string, string>> = {}) => ({
  '/project/compose.yaml': oneService(service, `${top}\n`),
  ...others,
});
const filesOf = (
  service: string,
  top: string,
  others: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
) => {
  const { spec, contents } = loadedOf(project(service, top, others), { env });
  return { mounts: spec.services[0]?.task.container.files ?? [], specs: spec.files, contents };
};
const told = (service: string, top: string, others: Readonly<Record<string, string>> = {}): string =>
  saidOf(project(service, top, others))
    .map(({ code, message }) => `${code} ${message}`)
    .join('\n');

test('the short form of a secret is a file of its name in /run/secrets, of a config one at the root', (t) => {
  const { mounts, specs, contents } = filesOf(
    'secrets: [key]\nconfigs: [conf]',
    'secrets: {key: {file: ./key.txt}}\nconfigs: {conf: {content: "a: 1"}}',
    { '/project/key.txt': 'hush' },
  );
  t.deepEqual(mounts, [
    { kind: FileKind.CONFIG_FILE, name: 'project_conf', target: '/conf', uid: 0, gid: 0, mode: 0o444 },
    { kind: FileKind.SECRET_FILE, name: 'project_key', target: '/run/secrets/key', uid: 0, gid: 0, mode: 0o444 },
  ]);
  t.deepEqual(specs, [
    { kind: FileKind.CONFIG_FILE, name: 'project_conf', external: false, labels: {}, template: false },
    { kind: FileKind.SECRET_FILE, name: 'project_key', external: false, labels: {}, template: false },
  ]);
  t.deepEqual(
    contents.map(({ kind, name, data }) => [kind, name, text(data)]),
    [
      [FileKind.CONFIG_FILE, 'project_conf', 'a: 1'],
      [FileKind.SECRET_FILE, 'project_key', 'hush'],
    ],
  );
});

test('the long form says target, owner and mode; relative targets stand where the short form puts them', (t) => {
  const { mounts } = filesOf(
    [
      'secrets: [{source: key, target: other, uid: "1000", gid: 1001, mode: 0400}, {source: key, target: /etc/key, mode: "0440"}]',
      'configs: [{source: conf, target: etc/app.conf}]',
    ].join('\n'),
    'secrets: {key: {environment: KEY}}\nconfigs: {conf: {content: x}}',
    {},
    { KEY: 'k' },
  );
  t.deepEqual(
    mounts.map(({ target, uid, gid, mode }) => [target, uid, gid, mode.toString(8)]),
    [
      ['/etc/app.conf', 0, 0, '444'],
      ['/etc/key', 0, 0, '440'],
      ['/run/secrets/other', 1000, 1001, '400'],
    ],
  );
});

test('a secret may hold what a variable does, from the shell or from .env, and its data stands nowhere in the spec', (t) => {
  const top = 'secrets: {key: {environment: DB_PASSWORD}}';
  const fromShell = filesOf('secrets: [key]', top, { '/project/.env': 'DB_PASSWORD=file\n' }, { DB_PASSWORD: 'shell' });
  const fromFile = loadedOf(project('secrets: [key]', top, { '/project/.env': 'DB_PASSWORD=gN7xq\n' }));
  t.is(text(fromShell.contents[0]?.data ?? new Uint8Array()), 'shell');
  t.is(text(fromFile.contents[0]?.data ?? new Uint8Array()), 'gN7xq');
  t.false(JSON.stringify([fromFile.spec, fromFile.model, fromFile.warnings]).includes('gN7xq'));
});

test('names, labels and templates are those that the top of the file says; what is external is only named', (t) => {
  const { mounts, specs, contents } = filesOf(
    'secrets: [out, named]\nconfigs: [filled]',
    [
      'secrets:\n  out: {external: true, name: shared_key}\n  named: {file: ./k, name: my-key, labels: {a: b}}',
      'configs: {filled: {content: "{{.Node.Hostname}}", template_driver: golang}}',
    ].join('\n'),
    { '/project/k': 'k' },
  );
  t.deepEqual(
    mounts.map(({ name }) => name),
    ['project_filled', 'my-key', 'shared_key'],
  );
  t.deepEqual(
    specs.map(({ name, external, labels, template }) => [name, external, labels, template]),
    [
      ['project_filled', false, {}, true],
      ['my-key', false, { a: 'b' }, false],
      ['shared_key', true, {}, false],
    ],
  );
  t.deepEqual(
    contents.map(({ name }) => name),
    ['project_filled', 'my-key'],
  );
});

test('what no service takes is neither read nor sent', (t) => {
  const { specs, contents } = filesOf('tty: true', 'secrets: {key: {file: ./gone}}\nconfigs: {conf: {environment: GONE}}');
  t.deepEqual([specs, contents], [[], []]);
});

test('a file or variable that is not there is told where it is named', (t) => {
  const said = saidOf(project('secrets: [a, b]', 'secrets:\n  a: {file: ./gone}\n  b: {environment: GONE}'));
  t.deepEqual(
    said.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`),
    [
      '6:13 E101 the file of the secret a, /project/gone, does not exist',
      '7:20 E121 the variable GONE, which the secret b is to hold, is not set',
    ],
  );
});

test('one that is larger than the manager takes is refused by its size, all of them together too; an empty secret is told', (t) => {
  const big = 'x'.repeat(mostBytes.secrets + 1);
  const top = 'secrets: {key: {file: ./key}}\nconfigs: {conf: {file: ./key}}';
  t.regex(told('secrets: [key]', top, { '/project/key': big }), /E402 the secret key has 512001 bytes; the most are 512000/);
  t.is(told('configs: [conf]', top, { '/project/key': big }), '');
  const names = Array.from({ length: 9 }, (_, index) => `c${index}`);
  const many = told(`configs: [${names.join(', ')}]`, `configs: {${names.map((name) => `${name}: {file: ./key}`).join(', ')}}`, {
    '/project/key': 'x'.repeat(1_000_000),
  });
  t.is(many, 'E402 the secrets and configs of the project have 9000000 bytes together; the most are 8388608');
  t.regex(told('secrets: [key]', top, { '/project/key': '' }), /W401 the secret key is empty/);
});

test('that all of them together are too large is told at the one that goes beyond', (t) => {
  const names = Array.from({ length: 18 }, (_, index) => `s${index}`);
  const top = `secrets:\n${names.map((name) => `  ${name}: {file: ./key}`).join('\n')}`;
  const said = saidOf(project(`secrets: [${names.join(', ')}]`, top, { '/project/key': 'x'.repeat(500_000) }));
  t.deepEqual(
    said.map(({ code, line, path }) => `${code} ${line} ${path}`),
    ['E402 22 secrets.s16'],
  );
});

test('targets, owners and modes that cannot be are told', (t) => {
  const with_ = (reference: string): string =>
    told(`secrets: [{source: key, ${reference}}]`, 'secrets: {key: {file: ./k}}', { '/project/k': 'k' });
  t.regex(with_('target: ../../etc/shadow'), /E202 '..\/..\/etc\/shadow' is not the path of a file/);
  for (const folder of ['/etc/', '.', '/etc/.', '/']) t.regex(with_(`target: ${folder}`), /E202/, folder);
  t.regex(with_('uid: root'), /E202 'root' is not the number of a user or group/);
  t.regex(with_('mode: "4755"'), /E202 the mode 04755 says more than/);
  t.regex(
    told('secrets: [key]\ntmpfs: /run/secrets/key', 'secrets: {key: {file: ./k}}', { '/project/k': 'k' }),
    /E305 two mounts of service web/,
  );
});

test('two keys may name one object that holds the same, not one that holds different things', (t) => {
  const top = (second: string): string => `configs: {a: {content: one, name: n}, b: {content: ${second}, name: n}}`;
  t.is(filesOf('configs: [a, {source: b, target: /b}]', top('one')).specs.length, 1);
  t.regex(told('configs: [a, b]', top('two')), /E305 two configs have the name n and hold different things/);
});

test('secrets that plug-ins keep, and templates in another language, are refused by name', (t) => {
  t.regex(toldOf(oneService('secrets: [s]', 'secrets: {s: {driver: vault}}\n')).join(), /E400 driver/);
  t.regex(
    toldOf(oneService('configs: [c]', 'configs: {c: {content: x, template_driver: jinja}}\n')).join(),
    /E401 the template driver jinja/,
  );
});
