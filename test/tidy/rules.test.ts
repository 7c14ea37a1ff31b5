// Each rule on small inputs that break it: a rule that cannot fail guards nothing.
import test from 'ava';
import { checkCommands, commandWords } from './commands.ts';
import { checkErrorPages, checkLinks, checkReadme } from './documents.ts';
import { checkPackageDoors, checkRoomDoors, checkSystemDoor } from './doors.ts';
import type { Finding } from './finding.ts';
import { checkDeclared, checkManifestDoors, dependencyOf, type Manifests } from './manifests.ts';
import { checkEditorKnows, checkPureFilesTested, checkPureRoomsExist, checkPurity } from './purity.ts';
import { managerRooms, pureRooms } from './rooms.ts';
import { checkLength, checkProcesses, checkTests, checkWords } from './style.ts';
import { type SourceFile, sourceFile } from './tree.ts';

const file = (path: string, text: string): readonly SourceFile[] => [sourceFile(path, text)];
const messages = (findings: readonly Finding[]): readonly string[] => findings.map((finding) => finding.message);

const exports = { proto: ['.', './rpc', './system'], compose: ['.'], manager: ['.'], 'node-agent': ['.'], cli: ['.'] };

test('a package importing one that its doors do not lead to is found', (t) => {
  const doors = (path: string, text: string) => messages(checkPackageDoors(file(path, text), exports));
  t.regex(doors('manager/src/a.ts', "import { b } from '@tso/node-agent';")[0] ?? '', /manager may not import node-agent/);
  t.regex(doors('proto/src/a.ts', "import type { B } from '@tso/compose';")[0] ?? '', /no package of ours/);
  t.deepEqual(doors('cli/src/a.ts', "import { load } from '@tso/compose';"), []);
});

test('a deep import and a path into another package are found', (t) => {
  const doors = (text: string) => messages(checkPackageDoors(file('cli/src/a.ts', text), exports));
  t.regex(doors("import { b } from '@tso/proto/src/ids.ts';")[0] ?? '', /not a door/);
  t.regex(doors("import { b } from '../../proto/src/ids.ts';")[0] ?? '', /by its path/);
  t.deepEqual(doors("import { b } from '@tso/proto/rpc'; import { c } from './c.ts';"), []);
});

test('the real clock outside of a main file is found', (t) => {
  const text = "import { systemClock } from '@tso/proto/system';";
  t.is(checkSystemDoor(file('manager/src/manager.ts', text)).length, 1);
  t.deepEqual(checkSystemDoor(file('manager/src/main.ts', text)), []);
  t.deepEqual(checkSystemDoor(file('manager/src/manager.test.ts', text)), []);
});

test('a room importing against its doors is found, a file without a room too', (t) => {
  const doors = (path: string, text: string) => messages(checkRoomDoors(file(path, text), 'manager/src/', managerRooms));
  t.regex(doors('manager/src/api/a.ts', "import { b } from '../raft/io/driver.ts';")[0] ?? '', /api may not import raft-io/);
  t.regex(doors('manager/src/store/a.ts', "import { b } from '../planner.ts';")[0] ?? '', /store may not import planner/);
  t.regex(doors('manager/src/attic/a.ts', '')[0] ?? '', /no room/);
  t.deepEqual(doors('manager/src/planner.ts', "import { b } from './scheduler/b.ts';"), []);
  t.deepEqual(doors('manager/src/manager.ts', "import { b } from './raft/io/driver.ts';"), []);
});

const impurities: readonly (readonly [string, RegExp])[] = [
  ["import { readFileSync } from 'node:fs';", /node:fs/],
  ["import { Server } from '@grpc/grpc-js';", /grpc/],
  ["import { RpcServer } from '@tso/proto/rpc';", /rpc/],
  ["import { systemClock } from '@tso/proto/system';", /system/],
  ['const a = Date.now();', /Date\.now/],
  ['const a = new Date();', /new Date/],
  ['setTimeout(() => 1, 1);', /timer/],
  ['const a = Math.random();', /Math\.random/],
  ['const a = process.env;', /process/],
  ['const a = globalThis.crypto.randomUUID();', /crypto/],
  ["console.log('a');", /console/],
  ['const a = async () => 1;', /async/],
];

for (const [text, what] of impurities) {
  test(`in a pure file is found: ${text}`, (t) => {
    const found = messages(checkPurity(file('manager/src/scheduler/a.ts', text), pureRooms));
    t.true(found.length >= 1);
    t.regex(found[0] ?? '', what);
    t.regex(found[0] ?? '', /Pure because/);
    t.deepEqual(checkPurity(file('manager/src/manager.ts', text), pureRooms), []);
    t.deepEqual(checkPurity(file('manager/src/scheduler/a.test.ts', text), pureRooms), []);
  });
}

test('words that only look impure are left alone', (t) => {
  const text = "// Date.now()\nconst a = new Date(5).toISOString(); const b = { process: 1 }; b.process; const c = 'setTimeout(';";
  t.deepEqual(checkPurity(file('manager/src/scheduler/a.ts', text), pureRooms), []);
});

test('a glob of the pure rooms that matches nothing is found', (t) => {
  t.is(checkPureRoomsExist(file('a.ts', ''), [{ files: ['b/**/*.ts'], except: [], reason: 'x' }]).length, 1);
});

test('a difference between the table of pure files and the one of the editor is found', (t) => {
  const rooms = [{ files: ['a/*.ts'], except: ['a/edge.ts'], reason: 'x' }];
  t.deepEqual(checkEditorKnows(rooms, ['a/*.ts', '!a/edge.ts', '!**/*.test.ts']), []);
  t.is(checkEditorKnows(rooms, ['a/*.ts', 'b/*.ts']).length, 2);
});

test('a pure file that no test reaches but through an edge is found, one with types alone is not', (t) => {
  const rooms = [{ files: ['p/src/pure/*.ts'], except: [], reason: 'x' }];
  const files = [
    sourceFile('p/src/pure/front.ts', "import { b } from './behind.ts'; export const a = b;"),
    sourceFile('p/src/pure/behind.ts', 'export const b = 1;'),
    sourceFile('p/src/pure/alone.ts', 'export const d = 1;'),
    sourceFile('p/src/pure/types.ts', 'export interface E { readonly f: number }'),
    sourceFile('p/src/pure/front.test.ts', "import { a } from './front.ts';"),
    sourceFile('p/src/edge.ts', "import { d } from './pure/alone.ts';"),
    sourceFile('p/src/edge.test.ts', "import { e } from './edge.ts';"),
  ];
  t.deepEqual(
    checkPureFilesTested(files, rooms).map((finding) => finding.path),
    ['p/src/pure/alone.ts'],
  );
});

test('a file that is too long is found', (t) => {
  t.is(checkLength(file('a.ts', 'a\n'.repeat(451))).length, 1);
  t.deepEqual(checkLength(file('a.ts', 'a\n'.repeat(450))), []);
});

const badWords: readonly (readonly [string, RegExp])[] = [
  ['export default 1;', /default/],
  ['const a: any = 1;', /any/],
  ['const a = b as any;', /any/],
  ['enum A { B }', /enum/],
  ['const a = 1; // @ts-ignore', /type checker/],
  ['// TO-DO: later'.replace('-', ''), /note to oneself/],
  ['try { a(); } catch {}', /empty catch/],
  ['try { a(); } catch (error) {\n}', /empty catch/],
];

for (const [text, what] of badWords) {
  test(`is found: ${text.replaceAll('\n', ' ')}`, (t) => {
    const found = messages(checkWords(file('a/b.ts', text)));
    t.is(found.length, 1);
    t.regex(found[0] ?? '', what);
  });
}

test('words of bad style are left alone where they are none', (t) => {
  t.deepEqual(
    checkWords(file('a.ts', "// any of them\nconst a = Promise.any(b); const c = 'enum A';\ntry { a(); } catch {\n  // Gone already.\n}")),
    [],
  );
});

test('a shell, and a process started in the wrong place, are found', (t) => {
  const found = (path: string, text: string) => messages(checkProcesses(file(path, text), [{ file: 'a/host.ts', reason: 'x' }]));
  t.regex(found('a/host.ts', "import { execSync } from 'node:child_process';")[0] ?? '', /shell/);
  t.regex(found('a/host.ts', "import * as child from 'node:child_process';")[0] ?? '', /shell/);
  t.regex(found('a/host.ts', "import { spawn } from 'node:child_process'; spawn('a', [], { shell: true });")[0] ?? '', /shell/);
  t.regex(found('a/other.ts', "import { spawn } from 'node:child_process';")[0] ?? '', /runCommand/);
  t.deepEqual(found('a/host.ts', "import { spawn } from 'node:child_process'; spawn('a', [], { shell: false });"), []);
});

test('a skipped, a lone and a sleeping test are found', (t) => {
  const found = (text: string) => checkTests(file('a.test.ts', text)).length;
  t.is(found("test.skip('a', () => 1);"), 1);
  t.is(found("test.serial.failing('a', () => 1);"), 1);
  t.is(found("test.only('a', () => 1);"), 1);
  t.is(found("import { setTimeout } from 'node:timers/promises';"), 1);
  t.is(found("test('a', () => 1);"), 0);
});

test('a README without its sections is found', (t) => {
  t.is(checkReadme('a/README.md', undefined).length, 1);
  t.is(checkReadme('a/README.md', '# a\n## Purpose\n## May import\n## Owns\n').length, 1);
  t.deepEqual(checkReadme('a/README.md', '**Purpose.** a\n\n**May import.** b\n\n**Owns.** c\n\n**Invariants.** d'), []);
  t.deepEqual(checkReadme('a/README.md', '# a\n## Purpose\n## May import\n## Owns\n## Invariants\n'), []);
});

test('an error code without its entry, an entry without its code and a thin entry are found', (t) => {
  const whole = '**Meaning.** a\n**Cause.** b\n**Cure.** c\n';
  t.deepEqual(checkErrorPages('e.md', `# Errors\n## NOT_FOUND\n${whole}`, ['NOT_FOUND']), []);
  t.is(checkErrorPages('e.md', `# Errors\n## NOT_FOUND\n${whole}`, ['NOT_FOUND', 'INTERNAL']).length, 1);
  t.is(checkErrorPages('e.md', `## NOT_FOUND\n${whole}## GONE\n${whole}`, ['NOT_FOUND']).length, 1);
  t.is(checkErrorPages('e.md', '## NOT_FOUND\n**Meaning.** a\n**Cause.** b\n', ['NOT_FOUND']).length, 1);
});

test('a link that leads nowhere is found', (t) => {
  const exists = (path: string) => path === 'docs/b.md';
  t.is(checkLinks('docs/a.md', '[b](b.md#x) [c](https://example.org) [d](#e) [f](gone.md)', exists).length, 1);
});

const manifests = {
  proto: { dependencies: { pino: '1' } },
  compose: { dependencies: { '@tso/proto': '1' } },
  manager: { dependencies: { '@tso/cli': '1' } },
  'node-agent': {},
  cli: { devDependencies: { esbuild: '1' } },
  deploy: {},
  test: {},
} satisfies Manifests;

test('an undeclared dependency is found, a shipped file may not use those of development', (t) => {
  const found = (path: string, text: string) => checkDeclared(file(path, text), manifests, { devDependencies: { ava: '1' } }).length;
  t.is(found('proto/src/a.ts', "import { a } from 'undici';"), 1);
  t.is(found('proto/src/a.ts', "import { a } from 'pino'; import { b } from 'node:fs';"), 0);
  t.is(found('cli/src/a.ts', "import { a } from 'esbuild';"), 1);
  t.is(found('cli/build.ts', "import { a } from 'esbuild';"), 0);
  t.is(found('cli/src/a.test.ts', "import test from 'ava';"), 0);
});

test('a manifest that opens a door of its own is found', (t) => {
  t.deepEqual(
    checkManifestDoors(manifests).map((finding) => finding.path),
    ['manager/package.json'],
  );
});

test('a module specifier names its package', (t) => {
  t.is(dependencyOf('@tso/proto/rpc'), '@tso/proto');
  t.is(dependencyOf('protobufjs/minimal.js'), 'protobufjs');
  t.is(dependencyOf('node:fs'), undefined);
  t.is(dependencyOf('./a.ts'), undefined);
});

test('a command or an option that does not exist is found in what is said', (t) => {
  const script = `    "") words="node up leave ca --context --help" ;;
    "node") words="ls rm" ;;
    "node ls") words="-q --quiet --format" ;;
    "node rm") words="--force" ;;
    "up") words="-f --file -p -d" ;;
    "leave") words="--force" ;;
    "ca") words="issue --rotate" ;;
    "ca issue") words="-o" ;;`;
  const found = (said: string) => messages(checkCommands(file('manager/src/a.ts', `const hint = ${said};`), commandWords(script)));
  const right = [
    "'See what there is: tso node ls --format json, then try again'",
    "'Let it leave (tso leave --force), or tso up -f stack.yml -p NAME -d. Then wait'",
    '`tso --context prod node rm ${node} --force`',
    "'it is over once `tso ca` says so. tso ca --rotate begins another'",
    "'tso does not watch sources'",
    "'/run/tso/tso.sock is there'",
    '`tso ca issue ${name} -o ${file}; with --force all the same`',
    "'tso up -fd'",
  ];
  for (const said of right) t.deepEqual(found(said), [], said);
  const wrong = {
    "'Look at what changed (tso diff)'": /there is no tso diff/,
    '`Make it first: tso ${kind} create ${name}`': /write the command out/,
    "'tso node prune'": /there is no tso node prune/,
    "'Do it: tso leave --now.'": /tso leave has no --now/,
    "'tso up -dx'": /tso up has no -x/,
    '`tso node rm ${node} --now`': /tso node rm has no --now/,
    '`tso --where prod up`': /tso has no --where/,
  };
  for (const [said, message] of Object.entries(wrong)) t.regex(found(said)[0] ?? '', message, said);
  t.deepEqual(messages(checkCommands(file('manager/src/a.ts', '// as tso diff would\n'), commandWords(script))), []);
});
