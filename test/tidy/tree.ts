import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Import, importsOf, readSource } from './source-text.ts';

export const root = join(import.meta.dirname, '../..');

export const packages = ['proto', 'manager', 'node-agent', 'compose', 'cli', 'deploy', 'test'] as const;
export type PackageName = (typeof packages)[number];

/** One file of ours, with what the rules ask about it. */
export interface SourceFile {
  /** Below the root, with forward slashes: manager/src/store/view.ts */
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly withStrings: string;
  readonly withComments: string;
  readonly imports: readonly Import[];
}

export const sourceFile = (path: string, text: string): SourceFile => {
  const source = readSource(text);
  return { path, text, ...source, imports: importsOf(source) };
};

const notOurs = /(^|\/)(node_modules|dist|gen|work)\//;

const listFiles = (pattern: string): readonly string[] => {
  const found = globSync(pattern, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist' || name === 'gen' || name === 'work',
  });
  return found
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !notOurs.test(path))
    .sort();
};

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every TypeScript file of ours, generated ones left out. */
export const readTree = (): readonly SourceFile[] =>
  packages.flatMap((name) => listFiles(`${name}/**/*.{ts,tsx}`)).map((path) => sourceFile(path, readText(path)));

/** Paths of everything else that people read. */
export const listDocuments = (): readonly string[] => [
  ...listFiles('*.md'),
  ...listFiles('docs/**/*.md'),
  ...packages.flatMap((name) => listFiles(`${name}/**/*.md`)),
  ...listFiles('examples/**/*.md'),
];

export const listExamples = (): readonly string[] => listFiles('examples/**/*.{yml,yaml}');

/** Tests, and what only tests use: fixtures and fakes in a folder `testing`. */
export const isTest = (path: string): boolean => /\.test\.tsx?$|\/testing\/|-fixture\.ts$/.test(path);

export const packageOf = (path: string): PackageName | undefined => packages.find((name) => path.startsWith(`${name}/`));
