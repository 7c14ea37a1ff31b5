// The architecture as a test: the rules of ARCHITECTURE.md and CONTRIBUTING.md on the real tree.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path/posix';
import { processIo, run } from '@tso/cli';
import { load, renderDiagnostic } from '@tso/compose';
import { errorCodes } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { loadFrom } from '../../compose/src/load.ts';
import { checkCommands, commandWords } from './commands.ts';
import { checkErrorPages, checkLinks, checkReadme } from './documents.ts';
import { checkPackageDoors, checkRoomDoors, checkSystemDoor } from './doors.ts';
import { describeFindings, type Finding } from './finding.ts';
import { checkDeclared, checkManifestDoors, type Manifest, type Manifests } from './manifests.ts';
import { checkEditorKnows, checkPureFilesTested, checkPureRoomsExist, checkPurity } from './purity.ts';
import { managerRooms, pureRooms, spawners } from './rooms.ts';
import { checkLength, checkProcesses, checkTests, checkWords } from './style.ts';
import { isTest, listDocuments, listExamples, packages, readText, readTree, root, sourceFile } from './tree.ts';

const files = readTree();
const there = (path: string): boolean => existsSync(join(root, path));
const manifest = (path: string): Manifest => JSON.parse(readText(path)) as Manifest;
const manifests = Object.fromEntries(packages.map((name) => [name, manifest(`${name}/package.json`)])) as unknown as Manifests;
const exports = Object.fromEntries(packages.map((name) => [name, Object.keys(manifests[name].exports ?? {})]));

const clean = (t: ExecutionContext, findings: readonly Finding[]): void => {
  if (findings.length === 0) t.pass();
  else t.fail(`\n${describeFindings(findings)}`);
};

test('the tree was read', (t) => {
  t.true(files.length > 50);
});

test('packages meet only at their doors', (t) => clean(t, checkPackageDoors(files, exports)));
test('package.json opens no other doors', (t) => clean(t, checkManifestDoors(manifests)));
test('every dependency is declared where it is used', (t) => clean(t, checkDeclared(files, manifests, manifest('package.json'))));
test('only main files know the real clock', (t) => clean(t, checkSystemDoor(files)));
test("the manager's rooms import along their doors", (t) => clean(t, checkRoomDoors(files, 'manager/src/', managerRooms)));
test('pure files touch neither time, chance nor the machine', (t) => clean(t, checkPurity(files, pureRooms)));
test('the table of pure rooms names files that exist', (t) => clean(t, checkPureRoomsExist(files, pureRooms)));
test('the editor guards the same pure files', (t) => {
  const { overrides } = JSON.parse(readText('biome.json')) as { readonly overrides: readonly { readonly includes: readonly string[] }[] };
  clean(t, checkEditorKnows(pureRooms, overrides[0]?.includes ?? []));
});
test('pure files are tested', (t) => clean(t, checkPureFilesTested(files, pureRooms)));
test('no file is too long to hold in mind', (t) => clean(t, checkLength(files)));
test('no default exports, any, enums, notes to oneself or empty catches', (t) => clean(t, checkWords(files)));
test('no shell reads what we pass, and few files start processes', (t) => clean(t, checkProcesses(files, spawners)));
test('tests run whole and do not sleep', (t) => clean(t, checkTests(files)));
test('docs/errors.md has one entry per error code', (t) =>
  clean(t, checkErrorPages('docs/errors.md', readText('docs/errors.md'), errorCodes)));
test('hints, messages and guides name commands and options that exist', async (t) => {
  const script: string[] = [];
  const none = () => undefined;
  const stdout = { write: (text: string | Uint8Array) => script.push(String(text)) > 0, once: none, on: none, off: none };
  t.is(await run(['completion', 'bash'], { ...processIo(), stdout }), 0);
  const known = commandWords(script.join(''));
  t.true(known.size > 40, 'every command was read');
  clean(
    t,
    checkCommands(
      files.filter(({ path }) => !path.startsWith('test/') && !isTest(path)),
      known,
    ),
  );
  // docs/limits.md names commands that are not there.
  const guides = listDocuments().filter((path) => /^(README|docs\/.*)\.md$/.test(path) && path !== 'docs/limits.md');
  clean(
    t,
    checkCommands(
      guides.map((path) => sourceFile(path, readText(path))).map((file) => ({ ...file, withStrings: file.text })),
      known,
    ),
  );
});
test('every package has a README that answers the same questions', (t) =>
  clean(
    t,
    packages.flatMap((name) => {
      const path = `${name}/README.md`;
      return checkReadme(path, there(path) ? readText(path) : undefined);
    }),
  ));
test('links in documents lead somewhere', (t) =>
  clean(
    t,
    listDocuments().flatMap((path) => checkLinks(path, readText(path), there)),
  ));

test('the generated code is what the .proto files give', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'proto/scripts/generate.ts'), '--check'], { encoding: 'utf8' });
  t.is(status, 0, stderr);
});

test('the tables of docs/compose.md are what the catalogue of attributes gives', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'compose/scripts/attributes-table.ts'), '--check'], {
    encoding: 'utf8',
  });
  t.is(status, 0, stderr);
});

test('the stacks that the guide to compose files shows can be applied, without a warning', (t) => {
  const page = readText('docs/compose.md');
  const stacks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
  t.true(stacks.length > 1);
  for (const text of stacks) {
    const read = (path: string): string => (path === '/guide/compose.yaml' ? text : 'held');
    const files = {
      read,
      readBytes: (path: string) => new TextEncoder().encode(read(path)),
      isFile: (path: string) => !path.endsWith('.env'),
    };
    const result = loadFrom({ files: ['compose.yaml'], cwd: '/guide', env: { DB_PASSWORD: 'held' }, strict: true }, files);
    t.true(result.ok, result.ok ? '' : result.diagnostics.map((it) => renderDiagnostic(it, { color: false })).join('\n'));
  }
});

test('every example is a stack that can be applied', async (t) => {
  const examples = listExamples();
  t.true(examples.length > 0);
  for (const path of examples) {
    const result = await load({ files: [join(root, path)], cwd: join(root, path, '..'), env: {} });
    if (!result.ok) t.fail(result.diagnostics.map((it) => renderDiagnostic(it, { color: false })).join('\n'));
    else t.true(result.spec.services.length > 0, `${path} has no service`);
  }
});
