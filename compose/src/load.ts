import { emptyStackSpec, type FileContent, type StackSpec } from '@tso/proto';
import { checkSupport } from './attributes/check.ts';
import { checkExtensions } from './attributes/check-extensions.ts';
import type { ImageBuild } from './convert/builds.ts';
import type { ProjectInput } from './convert/context.ts';
import { type Converted, toStack } from './convert/stack.ts';
import { type Diagnostic, type DiagnosticCode, Report } from './diagnostics.ts';
import { emptyTree, parsed, type Reading, readOrReport } from './document.ts';
import type { FilePort } from './file-port.ts';
import { readEnvFiles, readFileTree } from './include.ts';
import { mergeFiles, withoutRepeats } from './merge.ts';
import { type ComposeModel, mapNamed, type ServiceModel } from './model.ts';
import { normaliseService, withResources, withResourcesAsWritten } from './normalise.ts';
import { onlyShown, type Told } from './only-shown.ts';
import { folderOf, resolvePath } from './paths.ts';
import { selectServices } from './profiles.ts';
import { filesFromVariable, findDefaultFiles, flagVariable, listVariable, projectName, stdinName } from './project.ts';
import { withAbsolutePaths } from './relative-paths.ts';
import { checkRules } from './rules.ts';
import { get, isMap, type Json, type MapNode, type TreeNode, toExactPlain, withoutResets } from './tree.ts';

export interface LoadOptions {
  /** `-f` files in order, absolute or relative to `cwd`; `-` is `stdin`. Empty: COMPOSE_FILE, else the usual names in `cwd` and its parents. */
  readonly files: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The environment of the caller; it wins over env files. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Replace `.env`. */
  readonly envFiles?: readonly string[];
  readonly profiles?: readonly string[];
  readonly projectName?: string;
  /** False leaves `${…}` as written; the spec is then empty. Default true. */
  readonly interpolate?: boolean;
  /** Only these services and what they depend on. */
  readonly services?: readonly string[];
  readonly stdin?: string;
  /** Instead of the first file's folder. */
  readonly projectDirectory?: string;
  /** Keep networks, volumes, secrets and configs that no service uses in the model. Default false. */
  readonly allResources?: boolean;
  /** False leaves paths as they are written. Default true; of a model only. */
  readonly resolvePaths?: boolean;
  /** False leaves out names, defaults and what is implied. Default true; of a model only. */
  readonly normalize?: boolean;
  /** False does not ask whether the parts of the files agree. Default true; of a model only. */
  readonly checkConsistency?: boolean;
  /** False leaves env files of services unread. Default true; of a model only. */
  readonly resolveEnvironment?: boolean;
  /** What else would be a warning is an error. Default false. */
  readonly strict?: boolean;
}

export interface Project {
  readonly name: string;
  /** Absolute; relative paths of the files lead from here. */
  readonly workingDir: string;
  /** Absolute, in order; `-` for standard input. */
  readonly files: readonly string[];
}

export interface LoadFailure {
  readonly ok: false;
  /** Everything that is wrong, errors first, and what is merely odd. */
  readonly diagnostics: readonly Diagnostic[];
}

export type ModelResult =
  | {
      readonly ok: true;
      readonly project: Project;
      readonly model: Json;
      /** What variables are looked up in: the caller's environment over the env files, and the project's name. */
      readonly environment: Readonly<Record<string, string>>;
      /** Of every service that the files declare, whether it takes part or not; sorted. */
      readonly profiles: readonly string[];
      readonly warnings: readonly Diagnostic[];
    }
  | LoadFailure;

export type LoadResult =
  | {
      readonly ok: true;
      readonly project: Project;
      readonly model: Json;
      readonly spec: StackSpec;
      /** Every service that the files name, whether it takes part or not; sorted. Those that the spec lacks are no orphans. */
      readonly declared: readonly string[];
      /** What the spec's secrets and configs hold, but external ones. For ApplyStack alone, never to be shown. */
      readonly contents: readonly FileContent[];
      /** The images that services say how to build. */
      readonly builds: readonly ImageBuild[];
      readonly warnings: readonly Diagnostic[];
    }
  | LoadFailure;

interface Resolved {
  readonly project: Project;
  readonly environment: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
  readonly declared: readonly string[];
  readonly model: ComposeModel;
  readonly tree: TreeNode;
  readonly reading: Reading;
}

interface Sources {
  readonly files: readonly string[];
  readonly folder: string;
  readonly reading: Reading;
  /** Of the env files. */
  readonly variables: ReadonlyMap<string, string>;
}

const displayFrom = (cwd: string) => {
  const inside = cwd.endsWith('/') ? cwd : `${cwd}/`;
  return (path: string): string => (path === stdinName ? 'stdin' : path.startsWith(inside) ? path.slice(inside.length) : path);
};

const folderOfFiles = (options: LoadOptions, files: readonly string[]): string => {
  if (options.projectDirectory !== undefined) return resolvePath(options.cwd, options.projectDirectory);
  const first = files[0];
  return first === undefined || first === stdinName ? options.cwd : folderOf(resolvePath(options.cwd, first));
};

/** The env files' variables: those given, else COMPOSE_ENV_FILES, else `.env` of the folder. */
const environmentFiles = (reading: Reading, options: LoadOptions, folder: string): ReadonlyMap<string, string> => {
  const named = options.envFiles ?? listVariable(reading.lookup, 'COMPOSE_ENV_FILES');
  if (named.length > 0)
    return readEnvFiles(
      reading,
      named.map((path) => resolvePath(options.cwd, path)),
      true,
    );
  return flagVariable(reading.lookup, 'COMPOSE_DISABLE_ENV_FILE') ? new Map() : readEnvFiles(reading, [`${folder}/.env`], false);
};

/** Which files there are, and the environment to read them in. Undefined: none, and the report says so. */
const findSources = (options: LoadOptions, files: FilePort, report: Report): Sources | undefined => {
  const base: Reading = {
    report,
    files,
    lookup: (name) => options.env[name],
    interpolate: options.interpolate !== false,
    display: displayFrom(options.cwd),
    home: options.env['HOME'],
    warned: new Set(),
    unsound: new Set(),
    incomplete: new Set(),
    parsed: new Map(),
  };
  const within = (variables: ReadonlyMap<string, string>): Reading => ({
    ...base,
    lookup: (name) => options.env[name] ?? variables.get(name),
  });
  let variables = environmentFiles(base, options, folderOfFiles(options, options.files));
  const named = options.files.length > 0 ? options.files : filesFromVariable(within(variables).lookup);
  if (named.length > 0) {
    const paths = named.map((path) => (path === stdinName ? path : resolvePath(options.cwd, path)));
    return { files: paths, folder: folderOfFiles(options, named), reading: within(variables), variables };
  }
  const found = findDefaultFiles(files, options.cwd);
  if (found.length === 0) {
    report.add(
      'E102',
      undefined,
      [],
      `no compose file in ${options.cwd} or the folders above it (looked for compose.yaml, compose.yml, docker-compose.yaml, docker-compose.yml)`,
      {
        hint: 'name one with -f FILE',
      },
    );
    return undefined;
  }
  const folder = folderOfFiles(options, found);
  if (folder !== options.cwd && options.projectDirectory === undefined) variables = environmentFiles(base, options, folder);
  return { files: found, folder, reading: within(variables), variables };
};

const readTexts = (sources: Sources, options: LoadOptions): readonly { readonly path: string; readonly text: string }[] =>
  sources.files.flatMap((path) => {
    if (path === stdinName) return [{ path, text: options.stdin ?? '' }];
    const text = readOrReport(sources.reading, path, 'E101');
    return text === undefined ? [] : [{ path, text }];
  });

const mergeAll = (sources: Sources, reading: Reading, texts: readonly { readonly path: string; readonly text: string }[]): MapNode => {
  let merged: MapNode | undefined;
  for (const { path, text } of texts) {
    const tree = readFileTree(reading, path, text, sources.folder, [], merged);
    if (tree !== undefined) merged = merged === undefined ? tree : mergeFiles(merged, tree, reading.report);
    else if (!reading.report.hasErrorsIn(reading.display(path)) && texts.length === 1) {
      reading.report.add(
        'E113',
        { file: reading.display(path), line: 1, column: 1, length: 1 },
        [],
        `${reading.display(path)} is an empty compose file`,
        {
          hint: 'start with `services:`',
        },
      );
    }
  }
  return withoutRepeats(merged ?? emptyTree(reading.display(sources.files[0] ?? '')));
};

const bare = (tree: MapNode): MapNode => {
  const plain = withoutResets(tree);
  return isMap(plain) ? plain : tree;
};

const finished = (tree: MapNode, folder: string, home: string | undefined): MapNode => {
  const absolute = withAbsolutePaths(tree, { folder, home });
  return isMap(absolute) ? bare(absolute) : tree;
};

const asModel = (tree: MapNode, name: string): ComposeModel => {
  // The schema and the long forms have made sure that the tree has this shape.
  const plain = toExactPlain(tree) as unknown as ComposeModel;
  const { version: _obsolete, ...rest } = plain as ComposeModel & { readonly version?: string };
  return { ...rest, name, services: rest.services ?? {} };
};

const fatalCodes: ReadonlySet<DiagnosticCode> = new Set(['E110', 'E111', 'E112', 'E113', 'E114', 'E115', 'E140', 'E150', 'E160']);
/** True when a file, or a part of one, is missing as a whole: rules would then only repeat that. */
const fatal = (report: Report): boolean => report.hasAny(fatalCodes);

/** What `${…}` is looked up in, as a whole. */
const environmentOf = (options: LoadOptions, variables: ReadonlyMap<string, string>, name: string): Readonly<Record<string, string>> => {
  const own = Object.entries(options.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(variables), ...Object.fromEntries(own), COMPOSE_PROJECT_NAME: name };
};

const profilesOf = (declared: ComposeModel): readonly string[] =>
  [...new Set(Object.values(declared.services).flatMap(({ profiles }) => profiles ?? []))].toSorted();

/** Files that a service names are read from the project's folder, also where their paths are left as they are written. */
const readingIn = (reading: Reading, folder: string): Reading => ({
  ...reading,
  files: {
    ...reading.files,
    read: (path) => reading.files.read(resolvePath(folder, path)),
    isFile: (path) => reading.files.isFile(resolvePath(folder, path)),
  },
});

const resolve = (options: LoadOptions, files: FilePort, report: Report): Resolved | undefined => {
  const sources = findSources(options, files, report);
  if (sources === undefined) return undefined;
  const texts = readTexts(sources, options);
  const trees = (): readonly MapNode[] => texts.flatMap(({ path, text }) => parsed(sources.reading, text, path) ?? []);
  const name = projectName({ option: options.projectName, lookup: sources.reading.lookup, trees, folder: sources.folder }, report);
  const { lookup } = sources.reading;
  const reading: Reading = { ...sources.reading, lookup: (key) => (key === 'COMPOSE_PROJECT_NAME' ? name : lookup(key)) };
  const paths = options.resolvePaths !== false;
  const merged = mergeAll(sources, reading, texts);
  const tree = paths ? finished(merged, sources.folder, reading.home) : bare(merged);
  // Without a readable file there is nothing to check further.
  if (texts.length < sources.files.length || fatal(report)) return undefined;
  const version = get(tree, 'version');
  if (version !== undefined)
    report.add('W400', version.at, ['version'], 'the key version is obsolete and changes nothing', { hint: 'remove it' });
  for (const file of reading.parsed.values()) if (file !== undefined) checkExtensions(file, report);
  const declared = asModel(tree, name);
  const profiles = [...(options.profiles ?? []), ...listVariable(lookup, 'COMPOSE_PROFILES')];
  const selected = selectServices(declared, profiles, options.services ?? [], report);
  const services: Record<string, ServiceModel> = mapNamed(selected.services, (service, key) =>
    normaliseService(paths ? reading : readingIn(reading, sources.folder), service, key, tree, paths ? sources.folder : '.', {
      environment: options.resolveEnvironment === false,
      everythingElse: options.normalize === false,
    }),
  );
  const whole: ComposeModel = { ...selected, services };
  const declaredNames = Object.keys(declared.services);
  const { unsound, incomplete } = reading;
  if (options.checkConsistency !== false)
    checkRules({ model: whole, declared: declared.services, declaredNames, tree, report, unsound, incomplete });
  if (declaredNames.length === 0 && unsound.size === 0) {
    report.add('W400', tree.at, ['services'], 'this project has no services', { hint: 'add services:' });
  }
  const project: Project = { name, workingDir: sources.folder, files: sources.files };
  const resources = options.normalize === false ? withResourcesAsWritten : withResources;
  const environment = environmentOf(options, sources.variables, name);
  return {
    project,
    environment,
    profiles: profilesOf(declared),
    declared: declaredNames.toSorted(),
    model: resources(whole, options.allResources === true),
    tree,
    reading,
  };
};

const sortKeys = (value: Json): Json => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json) => sortKeys(item));
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(sorted.map(([key, item]) => [key, sortKeys(item)]));
};

/** What services say in the order in which it is printed: what comes of a file is then the same as what comes of its print. */
const inOrder = (model: ComposeModel): ComposeModel => ({
  ...model,
  services: mapNamed(model.services, (service) => sortKeys(service as unknown as Json) as unknown as ServiceModel),
});

const topOrder = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

const printable = (model: ComposeModel): Json => {
  const sorted = sortKeys(model as unknown as Json) as Readonly<Record<string, Json>>;
  const rank = (key: string): number => (topOrder.includes(key) ? topOrder.indexOf(key) : topOrder.length);
  return Object.fromEntries(Object.entries(sorted).toSorted(([a], [b]) => rank(a) - rank(b)));
};

/** What was found, or undefined when nothing of it stands in the way. With `strict`, warnings do, and are errors. */
const failureOf = ({ strict }: LoadOptions, report: Report): LoadFailure | undefined => {
  const all = report.all();
  if (strict === true && all.length > 0) return { ok: false, diagnostics: all.map((found) => ({ ...found, severity: 'error' })) };
  return report.hasErrors ? { ok: false, diagnostics: all } : undefined;
};

const stackInput = ({ model, tree, project, reading: { home, lookup } }: Resolved, report: Told, files: FilePort): ProjectInput => ({
  model: inOrder(model),
  tree,
  report,
  files,
  workingDir: project.workingDir,
  home,
  lookup,
});

/** True for a model with no step left out: only of such a one can be said what `up` makes of it. */
const isWhole = (options: LoadOptions): boolean =>
  ![options.interpolate, options.normalize, options.resolvePaths, options.checkConsistency, options.resolveEnvironment].includes(false);

/**
 * The canonical model of a project, or everything that is wrong with its files. What `up` would refuse is no error here, but a warning
 * (W402), and is only known where no step is left out.
 */
export const loadModelFrom = (options: LoadOptions, files: FilePort): ModelResult => {
  const report = new Report();
  const resolved = resolve(options, files, report);
  if (resolved === undefined) return failureOf(options, report) ?? { ok: false, diagnostics: report.all() };
  const { project, environment, profiles, model, tree, reading } = resolved;
  const shown = onlyShown(report);
  if (reading.interpolate) checkSupport(model, tree, shown);
  // For what it says alone: what it holds of secrets goes no further.
  if (isWhole(options)) toStack(stackInput(resolved, shown, files));
  const failure = failureOf(options, report);
  return failure ?? { ok: true, project, environment, profiles, model: printable(model), warnings: report.warnings() };
};

/** A project as a StackSpec and its canonical model, or everything that is wrong with its files. */
export const loadFrom = (options: LoadOptions, files: FilePort): LoadResult => {
  const report = new Report();
  const resolved = resolve(options, files, report);
  if (resolved === undefined) return failureOf(options, report) ?? { ok: false, diagnostics: report.all() };
  const { project, declared, model, tree, reading } = resolved;
  let converted: Converted = { spec: { ...emptyStackSpec, name: project.name }, contents: [], builds: [] };
  if (reading.interpolate) {
    checkSupport(model, tree, report);
    converted = toStack(stackInput(resolved, report, files));
  }
  return failureOf(options, report) ?? { ok: true, project, model: printable(model), declared, ...converted, warnings: report.warnings() };
};
