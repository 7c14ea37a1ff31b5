import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { UsageError } from './exit-codes.ts';
import { literalName, projectNameOf, selectStack } from './project.ts';
import { fakeIo } from './testing/fake-io.ts';

const folder = (t: ExecutionContext, files: Readonly<Record<string, string>>): string => {
  const base = mkdtempSync(join(tmpdir(), 'tso-cli-project-'));
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  const dir = join(base, 'My.Shop');
  mkdirSync(join(dir, 'deep/er'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
};

test('the name of a compose file is read from its text where that settles it', (t) => {
  t.is(literalName('services: {}\n'), undefined);
  t.is(literalName('# x\nname: shop # y\n'), 'shop');
  t.is(literalName('name: "shop"\r\n'), 'shop');
  t.is(literalName('services:\n  web:\n    name: inner\n'), undefined);
  for (const text of ['name: ${X}\n', 'name: !!str x\n', 'include:\n  - a.yml\n', '{name: x}']) t.is(literalName(text), null, text);
});

test('a folder gives its name without what a project name may not have', (t) => {
  t.is(projectNameOf('/srv/My.Shop'), 'myshop');
  t.is(projectNameOf('/srv/_x-1'), 'x-1');
});

test('the stack is named by option, environment, file, folder, in this order', async (t) => {
  const dir = folder(t, { 'compose.yaml': 'services: {}\n', 'named.yml': 'name: shop\n' });
  const env = { COMPOSE_PROJECT_NAME: 'from-env' };
  t.deepEqual(await selectStack({ projectName: 'x' }, fakeIo({ cwd: dir, env })), { name: 'x', source: 'option' });
  t.deepEqual(await selectStack({}, fakeIo({ cwd: dir, env })), { name: 'from-env', source: 'environment' });
  t.deepEqual(await selectStack({}, fakeIo({ cwd: join(dir, 'deep/er') })), { name: 'myshop', source: 'file' });
  t.deepEqual(await selectStack({ file: ['named.yml'] }, fakeIo({ cwd: dir })), { name: 'shop', source: 'file' });
  t.deepEqual(await selectStack({}, fakeIo({ cwd: dir, env: { COMPOSE_FILE: 'named.yml' } })), { name: 'shop', source: 'file' });
  t.is(await selectStack({}, fakeIo({ cwd: tmpdir() })), undefined);
});

test('a name with a variable, or in .env, is found by loading the project', async (t) => {
  const dir = folder(t, { 'compose.yaml': 'name: ${WHO}-shop\nservices:\n  a: { image: x }\n' });
  t.is((await selectStack({}, fakeIo({ cwd: dir, env: { WHO: 'my' } })))?.name, 'my-shop');
  const other = folder(t, { 'compose.yaml': 'services:\n  a: { image: x }\n', '.env': 'COMPOSE_PROJECT_NAME=from-dot-env\n' });
  t.is((await selectStack({}, fakeIo({ cwd: other })))?.name, 'from-dot-env');
});

test('a file that is not there is told', async (t) => {
  await t.throwsAsync(() => selectStack({ file: ['/nonexistent.yml'] }, fakeIo()), { message: /there is no file/ });
});

test('an empty -p names no stack, and is not taken for all of them', async (t) => {
  const named = selectStack({ projectName: '' }, fakeIo({ cwd: folder(t, { 'compose.yaml': 'services: {}\n' }) }));
  await t.throwsAsync(named, { instanceOf: UsageError, message: '-p is empty and names no stack' });
});
