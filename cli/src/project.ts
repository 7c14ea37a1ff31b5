import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TsoError } from '@tso/proto';
import { UsageError } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Names that a compose file is found by, and what is laid over it (compose-spec 03). */
const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const overrideNames = ['compose.override.yaml', 'compose.override.yml', 'docker-compose.override.yaml', 'docker-compose.override.yml'];

export interface SelectionOptions {
  readonly projectName?: string;
  readonly file?: readonly string[];
}

/** How the stack was named: a name that was typed may be a typo, a folder's is what it is. */
export interface Selection {
  readonly name: string;
  readonly source: 'option' | 'environment' | 'file';
}

const firstThere = (dir: string, names: readonly string[]): string | undefined => names.map((name) => join(dir, name)).find(existsSync);

/** The compose file of this folder or of the nearest one above. */
const findProjectFile = (cwd: string): string | undefined => {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const found = firstThere(dir, fileNames);
    if (found !== undefined || dirname(dir) === dir) return found;
  }
};

/** A folder's name as a project name: lower case, without what is not allowed in one. */
export const projectNameOf = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[^a-z0-9]+/, '');

/** The `name:` of a compose file by its text: undefined when there is none, null when only a full load can tell. */
export const literalName = (text: string): string | null | undefined => {
  const line = /^(?:name|"name"|'name')\s*:(.*)$/m.exec(text)?.[1];
  if (line === undefined) return /^include\s*:/m.test(text) || /^\s*\{/.test(text) ? null : undefined;
  return (
    /^\s*(?:"([a-z0-9][a-z0-9_-]*)"|'([a-z0-9][a-z0-9_-]*)'|([a-z0-9][a-z0-9_-]*))\s*(?:#.*)?\r?$/.exec(line)?.slice(1).find(Boolean) ??
    null
  );
};

/**
 * The name of the project that these files make. Reading `name:` from the text spares `ps` and its like the whole
 * loading, which would cost more than all the rest; what the text does not settle is loaded.
 */
const nameOfFiles = async (files: readonly string[], io: Io): Promise<string> => {
  const first = files[0] ?? '';
  const dir = dirname(first);
  const dotEnv = join(dir, '.env');
  const certain = !existsSync(dotEnv) || !/^\s*(?:export\s+)?COMPOSE_PROJECT_NAME\s*=/m.test(readFileSync(dotEnv, 'utf8'));
  const names = files.map((file) => literalName(readFileSync(file, 'utf8')));
  if (certain && !names.includes(null)) return names.findLast((name) => typeof name === 'string') ?? projectNameOf(resolve(dir));
  const { loadModel, renderDiagnostic } = await import('@tso/compose');
  const loaded = await loadModel({ files, cwd: io.cwd, env: io.env });
  if (loaded.ok) return loaded.project.name;
  throw new TsoError(
    'INVALID_ARGUMENT',
    `the project's name cannot be read: ${loaded.diagnostics.map((one) => renderDiagnostic(one, { color: false })).join(' ')}`,
    {
      hint: 'Name the stack with -p.',
    },
  );
};

/** COMPOSE_FILE, as a list. */
const filesOfEnvironment = (env: Io['env']): readonly string[] | undefined =>
  env.COMPOSE_FILE ? env.COMPOSE_FILE.split(env.COMPOSE_PATH_SEPARATOR || ':').filter((file) => file !== '') : undefined;

const projectFiles = (options: SelectionOptions, io: Io): readonly string[] => {
  const named = options.file ?? filesOfEnvironment(io.env);
  if (named !== undefined) {
    if (named.includes('-')) throw new UsageError('-f - cannot name a stack here', 'Name it with -p.');
    const files = named.map((file) => resolve(io.cwd, file));
    const missing = files.find((file) => !existsSync(file));
    if (missing !== undefined) throw new TsoError('NOT_FOUND', `there is no file ${missing}`);
    return files;
  }
  const found = findProjectFile(io.cwd);
  if (found === undefined) return [];
  const override = firstThere(dirname(found), overrideNames);
  return override === undefined ? [found] : [found, override];
};

/** Which stack is meant: -p, else COMPOSE_PROJECT_NAME, else the compose files (-f, or of this folder). Undefined: none is named. UsageError: an empty -p. */
export const selectStack = async (options: SelectionOptions, io: Io): Promise<Selection | undefined> => {
  // To a manager no name at all may stand for every stack.
  if (options.projectName === '')
    throw new UsageError('-p is empty and names no stack', 'Say which one, or leave -p out where the folder has a compose file.');
  if (options.projectName !== undefined) return { name: options.projectName, source: 'option' };
  if (options.file === undefined && io.env.COMPOSE_PROJECT_NAME) return { name: io.env.COMPOSE_PROJECT_NAME, source: 'environment' };
  const files = projectFiles(options, io);
  return files.length === 0 ? undefined : { name: await nameOfFiles(files, io), source: 'file' };
};

/** The environment as plain text values. */
export const definedOnly = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
