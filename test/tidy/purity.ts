import { dirname, join, matchesGlob } from 'node:path/posix';
import type { Finding } from './finding.ts';
import { lineOf } from './source-text.ts';
import { isTest, type SourceFile } from './tree.ts';

/** Files that decide without looking anywhere: same arguments, same answer. */
export interface PureRoom {
  readonly files: readonly string[];
  readonly except: readonly string[];
  /** Why it has to be pure. */
  readonly reason: string;
}

const bannedModules: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /^node:(?!path\/posix$)/, instead: 'take what it would give as an argument (an edge reads files, sockets and processes)' },
  { pattern: /^@grpc\//, instead: 'return data; the api or session edge sends it' },
  { pattern: /^@tso\/proto\/rpc$/, instead: 'return data; the api or session edge sends it' },
  { pattern: /^@tso\/proto\/system$/, instead: 'take Clock, Random or a value as an argument' },
];

const bannedWords: readonly { readonly pattern: RegExp; readonly what: string; readonly instead: string }[] = [
  { pattern: /\bnew Date\(\s*\)/g, what: 'new Date()', instead: 'take `nowMs` as an argument' },
  { pattern: /\bDate\.now\b/g, what: 'Date.now', instead: 'take `nowMs` as an argument' },
  { pattern: /\bperformance\.now\b/g, what: 'performance.now', instead: 'take `nowMs` as an argument' },
  {
    pattern: /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
    what: 'a timer',
    instead: 'return the instant at which to look again; an edge sets the timer',
  },
  { pattern: /\bMath\.random\b/g, what: 'Math.random', instead: 'take a Random as an argument' },
  { pattern: /\bcrypto\.\w/g, what: 'crypto', instead: 'take a Random as an argument' },
  {
    pattern: /(?<![.\w'-])process\s*[.[]/g,
    what: 'process',
    instead: 'take what it would give (environment, platform, user) as an argument',
  },
  { pattern: /\bconsole\.\w/g, what: 'console', instead: 'return what there is to say; an edge logs it' },
  { pattern: /(?<![.\w])fetch\s*\(/g, what: 'fetch', instead: 'return the wish; an edge performs it' },
  { pattern: /\basync\b|\bawait\b/g, what: 'async code', instead: 'make it synchronous; an edge waits' },
];

export const pureRoomOf = (rooms: readonly PureRoom[], path: string): PureRoom | undefined =>
  isTest(path)
    ? undefined
    : rooms.find((room) => room.files.some((glob) => matchesGlob(path, glob)) && !room.except.some((glob) => matchesGlob(path, glob)));

/** Pure rooms touch neither time, chance nor the machine. */
export const checkPurity = (files: readonly SourceFile[], rooms: readonly PureRoom[]): readonly Finding[] =>
  files.flatMap((file) => {
    const room = pureRoomOf(rooms, file.path);
    if (room === undefined) return [];
    const modules = file.imports.flatMap(({ specifier, line }) =>
      bannedModules
        .filter(({ pattern }) => pattern.test(specifier))
        .map(({ instead }) => ({
          path: file.path,
          line,
          message: `${specifier} is not for a pure file: ${instead}. Pure because ${room.reason}`,
        })),
    );
    const words = bannedWords.flatMap(({ pattern, what, instead }) =>
      [...file.code.matchAll(pattern)].map((match) => ({
        path: file.path,
        line: lineOf(file.code, match.index),
        message: `${what} is not for a pure file: ${instead}. Pure because ${room.reason}`,
      })),
    );
    return [...modules, ...words];
  });

/** An edge named as pure by mistake, or a glob that a rename left behind, guards nothing. */
export const checkPureRoomsExist = (files: readonly SourceFile[], rooms: readonly PureRoom[]): readonly Finding[] =>
  rooms
    .flatMap((room) => [...room.files, ...room.except])
    .filter((glob) => !files.some((file) => matchesGlob(file.path, glob)))
    .map((glob) => ({ path: 'test/tidy/rooms.ts', message: `no file matches ${glob}: correct the table, or the rule guards nothing` }));

/** biome.json says the same in the editor; two lists that differ would tell two stories. */
export const checkEditorKnows = (rooms: readonly PureRoom[], includes: readonly string[]): readonly Finding[] => {
  const wanted = [...rooms.flatMap((room) => room.files), ...rooms.flatMap((room) => room.except.map((glob) => `!${glob}`))];
  const said = includes.filter((glob) => !glob.startsWith('!**/'));
  return [
    ...wanted.filter((glob) => !said.includes(glob)).map((glob) => `${glob} is in test/tidy/rooms.ts and not here`),
    ...said.filter((glob) => !wanted.includes(glob)).map((glob) => `${glob} is here and not in test/tidy/rooms.ts`),
  ].map((difference) => ({ path: 'biome.json', message: `${difference}: the editor and the test guard the same pure files` }));
};

const declaresValue = /\b(?:const|let|var|function|class)\s/;

/**
 * What tests reach by imports, directly or through other pure files. The walk ends at an edge: a test of a whole process runs
 * through everything and shows nothing of a rule in it.
 */
const reachedByTests = (files: readonly SourceFile[], rooms: readonly PureRoom[]): ReadonlySet<string> => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set([...byPath.keys()].filter(isTest));
  for (const path of reached) {
    for (const { specifier } of byPath.get(path)?.imports ?? []) {
      const target = specifier.startsWith('.') ? join(dirname(path), specifier) : '';
      if (byPath.has(target) && (isTest(target) || target.endsWith('/index.ts') || pureRoomOf(rooms, target) !== undefined))
        reached.add(target);
    }
  }
  return reached;
};

/** Tests reach each pure file, directly or through its pure neighbours. One that holds types alone needs none. */
export const checkPureFilesTested = (files: readonly SourceFile[], rooms: readonly PureRoom[]): readonly Finding[] => {
  const reached = reachedByTests(files, rooms);
  return files
    .filter((file) => pureRoomOf(rooms, file.path) !== undefined && !file.path.endsWith('/index.ts') && declaresValue.test(file.code))
    .filter((file) => !reached.has(file.path))
    .map((file) => ({
      path: file.path,
      message:
        'no test reaches this pure file (but through an edge): nothing is easier to test, and nobody else will notice when it goes wrong',
    }));
};
