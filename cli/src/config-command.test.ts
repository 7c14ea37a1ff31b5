import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxFileBytes } from '@tso/compose';
import test, { type ExecutionContext } from 'ava';
import { run } from './program.ts';
import { fakeIo } from './testing/fake-io.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly cwd: string;
}

/** `tso config` on these files, the first of which is the compose file. */
const configOf = (t: ExecutionContext, files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) => {
  const cwd = mkdtempSync(join(tmpdir(), 'tso-cli-config-'));
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return async (...argv: readonly string[]): Promise<Ran> => {
    const io = fakeIo({ cwd, env });
    const code = await run(['config', '-f', Object.keys(files)[0] ?? '', ...argv], io);
    return { code, out: io.stdout.text, err: io.stderr.text, cwd };
  };
};

const shop = `
name: shop
services:
  web:
    image: "web:\${TAG:-1}"
    depends_on: [db]
    env_file: web.env
    volumes: ["./page:/page", "data:/data"]
    networks: [front]
  db:
    build: .
    profiles: []
  debug:
    image: debug
    profiles: [tools]
networks: {front: {}, unused: {}}
volumes: {data: {}}
`;
const files = { 'stack.yml': shop, 'web.env': 'A=1\n', '.env': 'COLOR=red\n' };

test('config prints the resolved model as YAML or JSON', async (t) => {
  const config = configOf(t, files);
  const { code, out, cwd } = await config('--format', 'json');
  t.is(code, 0);
  const { name, services, networks } = JSON.parse(out);
  t.is(name, 'shop');
  t.like(services.web, { image: 'web:1', environment: { A: '1' }, networks: { front: null } });
  t.is(services.web.volumes[0].source, join(cwd, 'page'));
  t.deepEqual(networks, { default: { name: 'shop_default', ipam: {} }, front: { name: 'shop_front', ipam: {} } });
  t.regex((await config()).out, /^name: shop\nservices:\n {2}db:\n/);
});

test('keys of our own are printed in both formats, those of others below the top in YAML alone', async (t) => {
  const text = 'services:\n  web: {image: x, x-tso-drain: 5s, x-mine: 1, ports: [{target: 80, published: "80", x-tso-ingress: local}]}\n';
  const config = configOf(t, { 'stack.yml': text });
  const { web } = JSON.parse((await config('--format', 'json')).out).services;
  t.like(web, { 'x-tso-drain': '5s', ports: [{ 'x-tso-ingress': 'local' }] });
  t.false('x-mine' in web);
  t.regex((await config()).out, /x-tso-ingress: local\n[\s\S]*x-mine: 1\n[\s\S]*x-tso-drain: 5s\n/);
});

test('names are told one a line: services behind what they need, profiles also of those that take no part', async (t) => {
  const config = configOf(t, files);
  t.is((await config('--services')).out, 'db\nweb\n');
  t.is((await config('--images')).out, 'shop-db\nweb:1\n');
  t.is((await config('--networks')).out, 'default\nfront\n');
  t.is((await config('--volumes')).out, 'data\n');
  t.is((await config('--profiles')).out, 'tools\n');
  t.is((await config('--services', '--profile', 'tools')).out, 'db\ndebug\nweb\n');
  t.is((await config('--networks', '--all-resources')).out, 'default\nfront\nunused\n');
});

test('with a format a part is one document, and two parts at once are wrong usage', async (t) => {
  const config = configOf(t, files, { B: '2' });
  const json = async (...argv: readonly string[]) => JSON.parse((await config(...argv, '--format', 'json')).out);
  t.deepEqual(await json('--services'), ['db', 'web']);
  t.deepEqual(await json('--images'), ['shop-db', 'web:1']);
  t.deepEqual(await json('--networks'), ['default', 'front']);
  t.deepEqual(await json('--volumes'), ['data']);
  t.deepEqual(await json('--models'), []);
  t.deepEqual(await json('--profiles'), ['tools']);
  t.deepEqual(await json('--environment'), { B: '2', COLOR: 'red', COMPOSE_PROJECT_NAME: 'shop' });
  const [line] = (await config('--hash', 'web')).out.trim().split('\n');
  t.deepEqual(await json('--hash', 'web'), { web: line?.slice('web '.length) });
  t.is((await config('--services', '--format', 'yaml')).out, '- db\n- web\n');
  t.is((await config('--environment', '--format', 'yaml')).out, 'B: "2"\nCOLOR: red\nCOMPOSE_PROJECT_NAME: shop\n');
  const two = await config('--images', '--services');
  t.deepEqual([two.code, two.out], [2, '']);
  t.regex(two.err, /--services and --images are two results\. Ask for one at a time/);
});

test('the hash of one service, some or all follows what runs', async (t) => {
  const config = configOf(t, files);
  const all = (await config('--hash', '*')).out;
  t.regex(all, /^db [0-9a-f]{64}\nweb [0-9a-f]{64}\n$/);
  t.is((await config('--hash', 'web,db')).out, all);
  t.not((await configOf(t, { ...files, 'web.env': 'A=2\n' })('--hash', 'web')).out, (await config('--hash', 'web')).out);
  const unknown = await config('--hash', 'wbe');
  t.deepEqual([unknown.code, unknown.out], [1, '']);
  t.regex(unknown.err, /no such service: wbe.*did you mean 'web'\?/);
  t.regex((await config('--hash', 'other')).err, /no such service: other.*There are: db, web/);
});

test('variables are listed with their defaults, also those that nothing asks for unless a profile is active', async (t) => {
  const text = 'services:\n  web: {image: "a:${TAG:-$OTHER}", hostname: "${NAME:?say one}"}\n  x: {image: "${X:+y}", profiles: [p]}\n';
  const config = configOf(t, { 'stack.yml': text });
  const { code, out } = await config('--variables');
  t.is(code, 0);
  const rows = out.split('\n').map((line) => line.trim().split(/ {3,}/));
  t.deepEqual(rows, [
    ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'],
    ['NAME', 'true'],
    ['OTHER', 'false'],
    ['TAG', 'false', '$OTHER'],
    ['X', 'false', 'y'],
    [''],
  ]);
  const json = JSON.parse((await config('--variables', '--format', 'json')).out);
  t.deepEqual(json.TAG, { Name: 'TAG', DefaultValue: '$OTHER', PresenceValue: '', Required: false });
  t.regex((await config('--variables', '--format', 'yaml')).out, /TAG:\n {2}name: TAG\n {2}defaultvalue: \$OTHER\n/);
});

test('the environment is what variables are looked up in, the caller over the env file', async (t) => {
  t.is((await configOf(t, files, { B: '2' })('--environment')).out, 'B=2\nCOLOR=red\nCOMPOSE_PROJECT_NAME=shop\n');
  t.regex((await configOf(t, files, { COLOR: 'blue' })('--environment')).out, /^COLOR=blue$/m);
});

test('what is to be left as it is written stays so', async (t) => {
  const config = configOf(t, files);
  t.regex((await config('--no-interpolate')).out, /image: web:\$\{TAG:-1\}\n/);
  const paths = JSON.parse((await config('--no-path-resolution', '--format', 'json')).out).services;
  t.is(paths.web.volumes[0].source, './page');
  t.is(paths.db.build.context, '.');
  t.deepEqual(paths.web.environment, { A: '1' });
  const env = JSON.parse((await config('--no-env-resolution', '--format', 'json')).out).services.web;
  t.is(env.environment, undefined);
  t.is(env.env_file[0].path.split('/').at(-1), 'web.env');
  const plain = JSON.parse((await config('--no-normalize', '--format', 'json')).out);
  t.deepEqual(plain.networks, { front: {} });
  t.is(plain.services.db.networks, undefined);
  const broken = configOf(t, { 'stack.yml': 'services: {web: {image: x, networks: [nowhere]}}' });
  t.is((await broken()).code, 1);
  t.is((await broken('--no-consistency')).code, 0);
});

test('--project-directory says where relative paths lead from, what the name is and where .env is', async (t) => {
  const config = configOf(t, { 'stack.yml': 'services: {web: {image: "x:${TAG:-1}", volumes: ["./page:/page"]}}', '.env': 'TAG=2\n' });
  const { cwd } = await config('-q');
  const { code, out } = await config('--project-directory', join(cwd, 'Elsewhere'), '--format', 'json');
  t.is(code, 0);
  const { name, services } = JSON.parse(out);
  t.is(name, 'elsewhere');
  t.like(services.web, { image: 'x:1', volumes: [{ source: join(cwd, 'Elsewhere/page') }] });
});

test('a result in a file is whole, its owner’s only, and leaves a device what it is', async (t) => {
  const config = configOf(t, files);
  const { code, out, cwd } = await config('-o', 'out.yml');
  t.deepEqual([code, out], [0, '']);
  t.is(readFileSync(join(cwd, 'out.yml'), 'utf8'), (await config()).out);
  t.is(statSync(join(cwd, 'out.yml')).mode & 0o777, 0o600);
  symlinkSync(join(cwd, 'out.yml'), join(cwd, 'link.yml'));
  await config('--services', '-o', 'link.yml');
  t.is(readFileSync(join(cwd, 'out.yml'), 'utf8'), 'db\nweb\n');
  t.is((await config('-o', '/dev/null')).code, 0);
  t.true(statSync('/dev/null').isCharacterDevice());
  const nowhere = await config('-o', 'no/such/out.yml');
  t.is(nowhere.code, 1);
  t.regex(nowhere.err, /cannot write .*no\/such\/out\.yml: there is no such folder/);
});

const oneService = (line: string) => ({ 'stack.yml': `services:\n  web:\n    image: x\n    ${line}\n` });

test('config -q finds what up would refuse or warn of before it asks the cluster', async (t) => {
  const refused = await configOf(t, oneService('gpus: all'))('-q');
  t.deepEqual([refused.code, refused.out], [1, '']);
  t.regex(refused.err, /stack\.yml:4:5: error E400: gpus is not supported/);
  const told = await configOf(t, oneService('dns: 127.0.0.1'))('-q');
  t.deepEqual([told.code, told.out], [0, '']);
  t.regex(told.err, /stack\.yml:4:10: warning W401: 127\.0\.0\.1 under dns means the task itself/);
  t.is((await configOf(t, oneService('dns: 127.0.0.1'))('-q', '--format', 'json')).err, told.err);
  t.like(await configOf(t, oneService('hostname: $NAME'))('-q', '--no-interpolate'), { code: 0, out: '', err: '' });
});

test('the model is printed also when up would refuse it, and the warning says so', async (t) => {
  const { code, out, err } = await configOf(t, oneService('gpus: all'))();
  t.is(code, 0);
  t.regex(out, /gpus:/);
  t.regex(err, /stack\.yml:4:5: warning W402: tso up refuses this: gpus is not supported \(services\.web\.gpus\)/);
});

test('--strict, or TSO_STRICT, takes warnings for errors', async (t) => {
  const lenient = await configOf(t, oneService('isolation: hyperv'))();
  t.is(lenient.code, 0);
  t.regex(lenient.err, /warning W400: isolation has no effect/);
  for (const quiet of [[], ['-q']]) {
    const strict = await configOf(t, oneService('isolation: hyperv'))('--strict', ...quiet);
    t.deepEqual([strict.code, strict.out], [1, '']);
    t.regex(strict.err, /error W400: isolation has no effect/);
  }
  t.is((await configOf(t, oneService('isolation: hyperv'), { TSO_STRICT: '1' })()).code, 1);
  t.is((await configOf(t, oneService('isolation: hyperv'), { TSO_STRICT: 'off' })()).code, 0);
  t.is((await configOf(t, oneService('tty: true'), { TSO_STRICT: '1' })()).code, 0);
  const unclear = await configOf(t, oneService('tty: true'), { TSO_STRICT: 'perhaps' })();
  t.is(unclear.code, 2);
  t.regex(unclear.err, /TSO_STRICT is "perhaps"/);
});

test('with --format json mistakes are one document on stderr, each with its place', async (t) => {
  const { code, out, err } = await configOf(t, oneService('isolation: hyperv'))('--strict', '--format', 'json');
  t.deepEqual([code, out], [1, '']);
  const { error } = JSON.parse(err);
  t.is(error.code, 'INVALID_ARGUMENT');
  t.like(error.details.diagnostics[0], { code: 'W400', severity: 'error', file: 'stack.yml', line: 4, column: 5 });
});

test('what would have to ask a registry is refused by name', async (t) => {
  for (const flag of ['--resolve-image-digests', '--lock-image-digests']) {
    const { code, err } = await configOf(t, files)(flag);
    t.is(code, 1);
    t.regex(err, new RegExp(`${flag} would have to ask registries`));
  }
});

test('-f - reads standard input, no more of it than a compose file may hold', async (t) => {
  const config = async (stdin: string) => {
    const io = fakeIo({ stdin });
    return { code: await run(['config', '-f', '-', '--images'], io), out: io.stdout.text, err: io.stderr.text };
  };
  t.like(await config('name: shop\nservices: {web: {image: x}}'), { code: 0, out: 'x\n' });
  const large = await config('#'.repeat(maxFileBytes + 1));
  t.deepEqual([large.code, large.out], [1, '']);
  t.regex(large.err, /standard input holds more than 10 MiB\. A compose file is a description of services/);
});
