import type { StackSpec } from '@tso/proto';
import type { Diagnostic } from '../diagnostics.ts';
import { type FilePort, FileProblem } from '../file-port.ts';
import { type LoadOptions, type LoadResult, loadFrom, loadModelFrom } from '../load.ts';
import type { Json } from '../tree.ts';

/** Files that live in a mapping from absolute paths to texts. */
export const memoryFiles = (texts: Readonly<Record<string, string>>): FilePort => ({
  read: (path) => {
    const text = texts[path];
    if (text === undefined) throw new FileProblem(path, 'does not exist');
    return text;
  },
  readBytes: (path) => {
    const text = texts[path];
    if (text === undefined) throw new FileProblem(path, 'does not exist');
    return new TextEncoder().encode(text);
  },
  isFile: (path) => texts[path] !== undefined,
});

const optionsFor = (options: Partial<LoadOptions>): LoadOptions => ({ files: [], cwd: '/project', env: {}, ...options });

/** All that a sound project in /project comes to; throws what is wrong with it. */
export const loadedOf = (
  texts: Readonly<Record<string, string>> | string,
  options: Partial<LoadOptions> = {},
): Extract<LoadResult, { readonly ok: true }> => {
  const result = loadFrom(optionsFor(options), memoryFiles(typeof texts === 'string' ? { '/project/compose.yaml': texts } : texts));
  if (!result.ok) throw new Error(result.diagnostics.map((found) => `${found.line}: ${found.code} ${found.message}`).join('\n'));
  return result;
};

/** The spec of a project in /project; throws what is wrong with it. */
export const specOf = (texts: Readonly<Record<string, string>> | string, options: Partial<LoadOptions> = {}): StackSpec =>
  loadedOf(texts, options).spec;

/** The model of a project in /project; throws what is wrong with it. */
export const modelOf = (texts: Readonly<Record<string, string>> | string, options: Partial<LoadOptions> = {}): Json => {
  const result = loadModelFrom(optionsFor(options), memoryFiles(typeof texts === 'string' ? { '/project/compose.yaml': texts } : texts));
  if (!result.ok) throw new Error(result.diagnostics.map((found) => `${found.line}: ${found.code} ${found.message}`).join('\n'));
  return result.model;
};

/** Everything that is said about a project in /project, errors and warnings. */
export const saidOf = (texts: Readonly<Record<string, string>> | string, options: Partial<LoadOptions> = {}): readonly Diagnostic[] => {
  const result = loadFrom(optionsFor(options), memoryFiles(typeof texts === 'string' ? { '/project/compose.yaml': texts } : texts));
  return result.ok ? result.warnings : result.diagnostics;
};

/** The same in the short form `4:5 E200`. */
export const placesOf = (texts: Readonly<Record<string, string>> | string, options: Partial<LoadOptions> = {}): readonly string[] =>
  saidOf(texts, options).map((found) => `${found.line}:${found.column} ${found.code}`);
