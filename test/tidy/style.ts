import { matchesGlob } from 'node:path/posix';
import type { Finding } from './finding.ts';
import { lineOf } from './source-text.ts';
import { isTest, type SourceFile } from './tree.ts';

export const maxLines = 450;

export const checkLength = (files: readonly SourceFile[]): readonly Finding[] =>
  files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines <= maxLines
      ? []
      : [
          {
            path,
            message: `${lines} lines: split it into files of at most ${maxLines}, each named for what it holds, so that a reader can hold one in mind`,
          },
        ];
  });

interface WordRule {
  readonly pattern: RegExp;
  readonly in: 'code' | 'withComments';
  readonly message: string;
}

const wordRules: readonly WordRule[] = [
  {
    pattern: /\bexport\s+default\b/g,
    in: 'code',
    message: 'no default export: export it by its name, so that it has the same name everywhere and can be searched for',
  },
  {
    pattern: /(?<!\.)\bany\b(?!\s*:)/g,
    in: 'code',
    message: 'no `any`: write the type, or `unknown` and look before you use it; `any` switches the checker off for all that it touches',
  },
  {
    pattern: /(?<![.\w])(?:const\s+)?enum\s+\w/g,
    in: 'code',
    message:
      'no enum: a const object and a union of its values (see proto/src/gen/types.ts); Node runs sources by stripping types, which enums do not survive',
  },
  {
    pattern: /@ts-(?:ignore|nocheck|expect-error)/g,
    in: 'withComments',
    message: 'no switching the type checker off: make the types say what is true',
  },
  {
    pattern: new RegExp(`\\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['X', 'XX'].join('')})\\b`, 'g'),
    in: 'withComments',
    message: 'no note to oneself in the code: do it, or open an issue and say in docs/limits.md what is missing',
  },
  {
    pattern: /\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/g,
    in: 'withComments',
    message: 'an empty catch hides the failure: handle it, or say in a comment why nothing is to be done',
  },
];

export const checkWords = (files: readonly SourceFile[]): readonly Finding[] =>
  files.flatMap((file) =>
    wordRules.flatMap(({ pattern, in: where, message }) =>
      [...file[where].matchAll(pattern)].map((match) => ({ path: file.path, line: lineOf(file.text, match.index), message })),
    ),
  );

/** Where a process may be started, and why there. Everything else asks one of these. */
export interface Spawner {
  readonly file: string;
  readonly reason: string;
}

const childProcess = /^(?:node:)?child_process$/;

/** No shell reads what we pass to a program, and few files start one. */
export const checkProcesses = (files: readonly SourceFile[], spawners: readonly Spawner[]): readonly Finding[] =>
  files.flatMap((file) => {
    const findings: Finding[] = [];
    for (const { specifier, names, line } of file.imports) {
      if (!childProcess.test(specifier)) continue;
      for (const name of names.filter((it) => ['exec', 'execSync', '*', 'default'].includes(it))) {
        findings.push({
          path: file.path,
          line,
          message: `${name} of child_process can hand text to a shell: use spawn or execFile with an array of arguments, so that no name of a user is ever a command`,
        });
      }
      if (!isTest(file.path) && !file.path.startsWith('test/') && !spawners.some((it) => matchesGlob(file.path, it.file))) {
        findings.push({
          path: file.path,
          line,
          message:
            'starts processes: call runCommand (node-agent/src/host-command.ts), which looks programs up in fixed folders and bounds their time; or name the file with its reason in test/tidy/rooms.ts',
        });
      }
    }
    if (findings.length === 0 && !file.imports.some(({ specifier }) => childProcess.test(specifier))) return findings;
    for (const match of file.code.matchAll(/\bshell\s*:(?!\s*false\b)/g)) {
      findings.push({
        path: file.path,
        line: lineOf(file.code, match.index),
        message: 'no `shell` option: a program and an array of arguments, so that no name of a user is ever a command',
      });
    }
    return findings;
  });

const testRules: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  { pattern: /\.only\s*\(/g, message: 'a left-over .only hides every other test of the file' },
  {
    pattern: /\btest(?:\.\w+)*\.(?:skip|todo|failing)\b/g,
    message: 'no skipped test: make it pass, or delete it and say in docs/limits.md what does not work',
  },
];

/** Tests run whole, and wait for conditions instead of sleeping. */
export const checkTests = (files: readonly SourceFile[]): readonly Finding[] =>
  files
    .filter((file) => isTest(file.path))
    .flatMap((file) => [
      ...testRules.flatMap(({ pattern, message }) =>
        [...file.code.matchAll(pattern)].map((match) => ({ path: file.path, line: lineOf(file.code, match.index), message })),
      ),
      ...file.imports
        .filter(({ specifier }) => /^(?:node:)?timers\/promises$/.test(specifier) && !file.path.endsWith('.lab.test.ts'))
        .map(({ line }) => ({
          path: file.path,
          line,
          message:
            'no sleeping in tests: wait for the condition itself, or drive a fake Clock; a sleep is too short on a slow machine and too long on every other',
        })),
    ]);
