import type { DiagnosticCode, Report } from './diagnostics.ts';
import { EnvFileError } from './env-file.ts';
import { type FilePort, FileProblem } from './file-port.ts';
import { interpolateTree, type Lookup } from './interpolate.ts';
import { checkMounts, withoutRepeats } from './merge.ts';
import { parseText } from './parse.ts';
import { toLongForms } from './short-forms/index.ts';
import { get, isMap, isNull, type MapNode, mapOf, mapValues, type Position, type TreePath, withoutResets } from './tree.ts';
import { validateTree } from './validate.ts';

/** What reading a file needs to know of the project. */
export interface Reading {
  readonly report: Report;
  readonly files: FilePort;
  /** The project's environment. */
  readonly lookup: Lookup;
  /** False leaves variables as they stand. */
  readonly interpolate: boolean;
  /** How a path is named in messages. */
  readonly display: (path: string) => string;
  readonly home: string | undefined;
  /** Variables the user was warned of already. */
  readonly warned: Set<string>;
  /** Parts (`services.web`, `services.web.ports`, `include`) that were left out because their shape is wrong. */
  readonly unsound: Set<string>;
  /** Services that lack a part for that reason. */
  readonly incomplete: Set<string>;
  /** Files that were parsed already, by path. */
  readonly parsed: Map<string, MapNode | undefined>;
}

/** The file's text, or undefined and a diagnostic at the place that asked for it. */
export const readOrReport = (
  reading: Reading,
  path: string,
  code: DiagnosticCode,
  at?: Position,
  from: TreePath = [],
): string | undefined => {
  try {
    return reading.files.read(path);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    reading.report.add(code, at, from, `${reading.display(path)} ${error.reason}`, { hint: 'check the path' });
    return undefined;
  }
};

/** The variables of an env file's text; undefined when it cannot be understood, and every line of which that is so is told (E130). */
export const variablesOrReport = (
  reading: Reading,
  path: string,
  text: string,
  from: TreePath,
  parse: (text: string) => ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | undefined => {
  const file = reading.display(path);
  reading.report.addSource(file, text);
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof EnvFileError)) throw error;
    for (const { line, reason } of [error, ...error.others])
      reading.report.add('E130', { file, line, column: 1, length: 1 }, from, reason, { hint: 'write KEY=value, one a line' });
    return undefined;
  }
};

/** The file's tree as it is written; read once, however often it is asked for. Undefined: it is empty or cannot be read. */
export const parsed = (reading: Reading, text: string, path: string): MapNode | undefined => {
  if (!reading.parsed.has(path)) reading.parsed.set(path, parseText(text, reading.display(path), reading.report));
  return reading.parsed.get(path);
};

/** With an env file missing or wrong nobody knows what variables would be. */
export const envFileCodes: ReadonlySet<DiagnosticCode> = new Set(['E101', 'E130']);

/** The file's tree with variables put in, not yet checked; undefined when it is empty or cannot be read. */
export const rawDocument = (reading: Reading, text: string, path: string): MapNode | undefined => {
  const tree = parsed(reading, text, path);
  if (tree === undefined || !reading.interpolate) return tree;
  const warned = reading.report.hasAny(envFileCodes) ? 'silent' : reading.warned;
  const done = interpolateTree(tree, reading.lookup, reading.report, [], warned);
  return done.kind === 'map' ? done : tree;
};

/** The tree without its unsound parts, whose names are remembered so that nobody is told that they are missing. */
const withoutUnsound = (reading: Reading, tree: MapNode, parts: readonly TreePath[]): MapNode => {
  for (const part of parts) {
    reading.unsound.add(part.join('.'));
    const [kind, name, attribute] = part;
    if (kind === 'services' && attribute !== undefined) reading.incomplete.add(String(name));
  }
  return withoutParts(tree, parts);
};

/** In one pass: a file may have thousands of parts to leave out. */
const withoutParts = (tree: MapNode, parts: readonly TreePath[]): MapNode => {
  const below = Map.groupBy(parts, ([step]) => step);
  return mapValues(tree, (value, key) => {
    const rests = below.get(key)?.map(([, ...rest]) => rest);
    if (rests === undefined) return value;
    return isMap(value) && rests.every((rest) => rest.length > 0) ? withoutParts(value, rests) : undefined;
  });
};

/** A tree checked and in its long forms, without its unsound parts; undefined when it is unsound as a whole (the report says why). */
export const shaped = (reading: Reading, tree: MapNode): MapNode | undefined => {
  const soundness = validateTree(onlyValues(tree), reading.report, reading.interpolate);
  // Unsound parts are read on too: what else is wrong in them is told in the same run.
  const long = toLongForms(tree, reading.report, reading.interpolate);
  if (!soundness.whole) return undefined;
  const sound = withoutUnsound(reading, long, soundness.unsoundParts);
  checkMounts(sound, reading.report);
  return withoutRepeats(sound);
};

// What is marked !reset may hold anything: its value is not looked at.
const onlyValues = (tree: MapNode): MapNode => {
  const plain = withoutResets(tree);
  return plain.kind === 'map' ? plain : tree;
};

/** The file without keys of services that it leaves empty and that earlier files fill: those keep what they were. */
const withoutKept = (tree: MapNode, earlier: MapNode): MapNode =>
  mapValues(tree, (services, top) =>
    top !== 'services' || !isMap(services)
      ? services
      : mapValues(services, (service, name) => {
          const before = get(get(earlier, 'services'), name);
          if (!isMap(service) || !isMap(before)) return service;
          return mapValues(service, (value, key) => {
            const kept = get(before, key);
            return isNull(value) && value.tag === undefined && kept !== undefined && !isNull(kept) ? undefined : value;
          });
        }),
  );

/** A text checked and in its long forms; undefined when it is empty or not sound. `earlier`: what the files before it made. */
export const readDocument = (reading: Reading, text: string, path: string, earlier?: MapNode): MapNode | undefined => {
  const tree = rawDocument(reading, text, path);
  if (tree === undefined) return undefined;
  return shaped(reading, earlier === undefined ? tree : withoutKept(tree, earlier));
};

export const emptyTree = (file: string): MapNode => mapOf(new Map(), { file, line: 1, column: 1, length: 1 });
