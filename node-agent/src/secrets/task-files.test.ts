import { emptyContainerSpec, emptyMeta, emptyTaskSpec, FileKind, type FileMount, type FileVersion, type Task, TsoError } from '@tso/proto';
import test from 'ava';
import { taskNamed } from '../testing/agent-world.ts';
import { absentFiles, fileWords, taskFileContents } from './task-files.ts';

const node = { hostname: 'lab1', platform: { os: 'linux', architecture: 'amd64' } };
const file = (kind: FileKind, name: string, target: string): FileMount => ({ kind, name, target, uid: 0, gid: 0, mode: 0o444 });
const config = (name: string, target = `/${name}`): FileMount => file(FileKind.CONFIG_FILE, name, target);
const secret = (name: string, target = `/run/secrets/${name}`): FileMount => file(FileKind.SECRET_FILE, name, target);

/** Each file's version is called by its name. */
const taskWith = (files: readonly FileMount[], env: readonly string[] = []): Task =>
  taskNamed('web', {
    serviceLabels: { tier: 'front' },
    files: files.map(({ kind, name }) => ({ kind, name, versionId: name })),
    spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, files, env } },
  });

const versions =
  (contents: Readonly<Record<string, string | Uint8Array>>, template = true) =>
  (id: string): FileVersion | undefined => {
    const data = contents[id];
    if (data === undefined) return undefined;
    return {
      id,
      meta: emptyMeta,
      kind: FileKind.CONFIG_FILE,
      name: id,
      data: typeof data === 'string' ? Buffer.from(data) : data,
      template,
    };
  };

const texts = (task: Task, find: (id: string) => FileVersion | undefined): readonly string[] =>
  taskFileContents(task, node, find).map(({ data }) => Buffer.from(data).toString());

test('files come in the order of their mounts, byte by byte, unless they are templates', (t) => {
  const binary = new Uint8Array([0, 255, 123, 123]);
  const task = taskWith([config('b'), secret('a')]);
  const contents = taskFileContents(task, node, versions({ a: '{{.Task.ID}}', b: binary }, false));
  t.deepEqual(
    contents.map(({ mount }) => mount.target),
    ['/b', '/run/secrets/a'],
  );
  t.deepEqual(contents[0]?.data, binary);
  t.is(Buffer.from(contents[1]?.data ?? []).toString(), '{{.Task.ID}}');
  const absent = absentFiles(task, () => undefined);
  t.deepEqual([absent.map(({ versionId }) => versionId), fileWords(absent)], [['b', 'a'], 'config b, secret a']);
  t.deepEqual(fileWords(absentFiles(task, versions({ b: binary }))), 'secret a');
});

test('a template has the service, the node, the task, variables, and other files by their place or name', (t) => {
  const task = taskWith(
    [config('app'), secret('shop_key', '/run/secrets/key'), config('shop_site', '/etc/site.conf')],
    ['MODE=live', 'AT={{.Node.Hostname}}'],
  );
  const app = [
    '{{.Service.Name}} {{.Service.Labels.tier}} {{.Node.Hostname}} {{.Task.Slot}} {{.Task.Name}}',
    '{{env "MODE"}} {{env "AT"}}',
    '{{secret "key"}} {{secret "/run/secrets/key"}} {{secret "shop_key"}}',
    '{{config "etc/site.conf"}} {{config "/etc/site.conf"}}',
  ].join('\n');
  const [made] = texts(task, versions({ app, shop_key: 'sesame', shop_site: 'listen' }));
  t.is(made, `shop_web front lab1 1 shop_web.1.${task.id}\nlive lab1\nsesame sesame sesame\nlisten listen`);
});

test('a file that another names comes as it is: two that name each other end', (t) => {
  const task = taskWith([config('a'), config('b')]);
  t.deepEqual(texts(task, versions({ a: '<{{config "b"}}>', b: '[{{config "a"}}]' })), ['<[{{config "a"}}]>', '[<{{config "b"}}>]']);
});

test('what was not sent here is named, as is a template that asks for what the task does not have', (t) => {
  t.throws(() => absentFiles({ ...taskWith([secret('key')]), files: [] }, () => undefined), {
    code: 'FAILED_PRECONDITION',
    message: 'the secret key of the service web was not sent to this node',
  });
  t.throws(() => texts(taskWith([config('site')]), versions({})), {
    message: 'the config site of the service web was not sent to this node',
  });
  const asks = (text: string): string => t.throws(() => texts(taskWith([config('site')]), versions({ site: text }))).message;
  t.regex(asks('{{secret "key"}}'), /^the config site: .*no secret key/);
  t.regex(asks('{{env "NO"}}'), /^the config site: .*no variable NO/);
  t.regex(asks('{{"NO" | env}}'), /no variable NO/);
  t.throws(() => texts(taskWith([config('site')]), versions({ site: new Uint8Array([0xff, 0xfe]) })), {
    code: 'INVALID_ARGUMENT',
    message: 'the config site: it is not text, so nothing can be filled in',
  });
});

test('a name that a template makes of a secret, and a text that it prints by one, are not repeated', (t) => {
  const task = taskWith([config('site'), secret('pw')]);
  for (const template of [
    '{{env (secret "pw")}}',
    '{{config (print (secret "pw"))}}',
    '{{secret "pw" | secret}}',
    '{{printf (secret "pw")}}',
    '{{printf (print (secret "pw") "%s")}}',
    '{{index (secret "pw") "a"}}',
  ]) {
    const error = t.throws<TsoError>(() => texts(task, versions({ site: template, pw: 'hunter2%zebra' })), { instanceOf: TsoError });
    t.true(error?.message.includes(template), error?.message);
    t.notRegex(`${error?.message} ${error?.hint}`, /hunter|%z/);
  }
  const named = t.throws(() => texts(task, versions({ site: '{{env (secret "pw")}}', pw: 'hunter2' })));
  t.regex(named?.message ?? '', /there is no variable of the name that the template comes to$/);
});

test('a secret whose template is wrong is named without a word of what it holds', (t) => {
  const error = t.throws(() => texts(taskWith([secret('key')]), versions({ key: 'hush {{.Sesame}}' })));
  t.is(error.message, 'the secret key: something in double braces cannot be filled in');
  t.is(error.cause, undefined);
});

test('a config that takes in a secret which is not text says so by name alone', (t) => {
  const task = taskWith([config('site'), secret('key')]);
  t.throws(() => texts(task, versions({ site: '{{secret "key"}}', key: new Uint8Array([0xff]) })), {
    message: /^the config site: .*the secret key is not text/,
  });
});
