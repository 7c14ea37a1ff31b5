import type { Report } from './diagnostics.ts';
import type { FilePort } from './file-port.ts';
import { type Lookup, substitute, TemplateError } from './interpolate.ts';
import { baseName, folderOf, resolvePath } from './paths.ts';
import { get, type MapNode, type Position, placeOf, textOf } from './tree.ts';
import { parseBoolean } from './units.ts';

/** Which files make the project, in which folder, and what it is called. Source: compose-spec 04-version-and-name, 03-compose-file. */

export const defaultNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'] as const;
const overrideNames = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
] as const;

/** Stands for the text given on standard input. */
export const stdinName = '-';

/** The compose files of the nearest folder, from `cwd` upwards, that has one: the file and its override twin. Empty: none. */
export const findDefaultFiles = (files: FilePort, cwd: string): readonly string[] => {
  for (let folder = cwd; ; folder = folderOf(folder)) {
    const main = defaultNames.map((name) => resolvePath(folder, name)).find((path) => files.isFile(path));
    if (main !== undefined) {
      const twin = overrideNames.map((name) => resolvePath(folder, name)).find((path) => files.isFile(path));
      return twin === undefined ? [main] : [main, twin];
    }
    if (folder === '/' || folder === '.') return [];
  }
};

/** COMPOSE_FILE as a list: split at COMPOSE_PATH_SEPARATOR, or `:`. */
export const filesFromVariable = (lookup: Lookup): readonly string[] => {
  const separator = lookup('COMPOSE_PATH_SEPARATOR') ?? ':';
  return (lookup('COMPOSE_FILE') ?? '').split(separator === '' ? ':' : separator).filter((name) => name !== '');
};

export const listVariable = (lookup: Lookup, name: string): readonly string[] =>
  (lookup(name) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const flagVariable = (lookup: Lookup, name: string): boolean => parseBoolean(lookup(name) ?? '') ?? false;

const validName = /^[a-z0-9][a-z0-9_-]*$/;

/** A folder's name as a project's: lower case, only letters, digits, dash and underscore, starting with a letter or digit. */
export const nameFromFolder = (folder: string): string =>
  baseName(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');

interface NameInFile {
  readonly text: string;
  readonly at: Position;
}

/** The last top-level `name:` of these files with variables put in, and where it stands; undefined when none has one or all come to nothing. */
const nameInFiles = (trees: readonly MapNode[], lookup: Lookup): NameInFile | undefined => {
  let name: NameInFile | undefined;
  for (const tree of trees) {
    const said = textOf(get(tree, 'name'));
    if (said === undefined || said === '') continue;
    try {
      const text = substitute(said, lookup);
      if (text !== '') name = { text, at: placeOf(tree, ['name']).value };
    } catch (error) {
      // The same mistake is told when the file is read for its content.
      if (!(error instanceof TemplateError)) throw error;
    }
  }
  return name;
};

export interface NameSources {
  readonly option: string | undefined;
  readonly lookup: Lookup;
  /** The files as they are written; asked for only when nothing else names the project. */
  readonly trees: () => readonly MapNode[];
  readonly folder: string;
}

/** The project's name: option, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the folder's name. E103 when it is not allowed. */
export const projectName = (sources: NameSources, report: Report): string => {
  const variable = sources.lookup('COMPOSE_PROJECT_NAME');
  const given = [sources.option, variable].find((text) => text !== undefined && text !== '');
  const inFile = given === undefined ? nameInFiles(sources.trees(), sources.lookup) : undefined;
  const name = given ?? inFile?.text ?? nameFromFolder(sources.folder);
  if (name === '') {
    report.add('E103', undefined, ['name'], `the folder ${sources.folder} gives no usable project name`, {
      hint: 'name the project: -p NAME, or `name:` in the file',
    });
  } else if (!validName.test(name)) {
    const meant = nameFromFolder(name);
    report.add(
      'E103',
      inFile?.at,
      ['name'],
      `invalid project name '${name}': it must be lower-case letters, digits, dashes and underscores, and start with a letter or digit`,
      { hint: meant === '' ? 'choose another name' : `use '${meant}'` },
    );
  }
  return name;
};
