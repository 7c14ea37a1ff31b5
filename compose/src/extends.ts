import { type Reading, rawDocument, readOrReport, shaped } from './document.ts';
import { mergeTrees } from './merge.ts';
import { folderOf, resolvePath } from './paths.ts';
import { isRemote, withServicePaths } from './relative-paths.ts';
import {
  type Entry,
  get,
  isMap,
  type MapNode,
  mapOf,
  mapValues,
  type Position,
  pathText,
  type TreePath,
  textOf,
  withoutEntry,
} from './tree.ts';

/** Source: compose-spec 05-services extends. */

/** Where services are looked up: the file at hand, or one named by `extends.file`. */
interface Source {
  /** Absolute; identifies the file in a chain. */
  readonly path: string;
  /** The folder that relative paths of the file lead from. */
  readonly folder: string;
  /** The named service in its long form, still with its own `extends`. */
  readonly find: (name: string) => MapNode | undefined;
  readonly names: () => readonly string[];
  /** Services that were resolved already, and on how many others each stands. */
  readonly done: Map<string, Resolved>;
}

interface Resolved {
  readonly service: MapNode;
  readonly height: number;
}

/** One file's work: what it reads with, and the other files it has opened, by path. */
interface Scope {
  readonly reading: Reading;
  readonly files: Map<string, Source | undefined>;
}

/** How many services one may stand on. */
const maxHeight = 100;

interface Link {
  readonly source: Source;
  readonly name: string;
}

const openFile = (reading: Reading, path: string, at: Position): Source | undefined => {
  const text = readOrReport(reading, path, 'E140', at);
  if (text === undefined) return undefined;
  const document = rawDocument(reading, text, path);
  const services = get(document, 'services');
  const named: ReadonlyMap<string, Entry> = isMap(services) ? services.entries : new Map();
  const find = (name: string): MapNode | undefined => {
    const entry = named.get(name);
    if (entry === undefined || document === undefined) return undefined;
    const place = document.at;
    // Only the service that is asked for is checked: the rest of that file is not part of this project.
    const alone = mapOf(new Map([['services', { key: place, value: mapOf(new Map([[name, entry]]), place) }]]), place);
    const found = get(get(shaped(reading, alone), 'services'), name);
    return isMap(found) ? found : undefined;
  };
  return { path, folder: folderOf(path), find, names: () => [...named.keys()], done: new Map() };
};

const otherFile = ({ reading, files }: Scope, path: string, at: Position): Source | undefined => {
  if (!files.has(path)) files.set(path, openFile(reading, path, at));
  return files.get(path);
};

const chainText = (reading: Reading, chain: readonly Link[]): string =>
  chain.map((link) => `${link.name} (${reading.display(link.source.path)})`).join(' -> ');

const addCircle = (reading: Reading, at: Position, path: TreePath, chain: readonly Link[]): void =>
  reading.report.add('E140', at, path, `circular reference: ${chainText(reading, chain)}`, { hint: 'let one of them stand on its own' });

/** The service that another one extends, resolved itself; undefined, and told: it cannot be had. */
const baseOf = (scope: Scope, service: MapNode, name: string, source: Source, chain: readonly Link[]): Resolved | undefined => {
  const { reading } = scope;
  const from = get(service, 'extends');
  const path = ['services', name, 'extends'];
  const baseName = textOf(get(from, 'service'));
  const file = textOf(get(from, 'file'));
  if (from === undefined || baseName === undefined) return undefined;
  if (file !== undefined && isRemote(file)) {
    reading.report.add('E401', from.at, path, `${pathText(path)}: files from elsewhere (${file}) are not supported yet`, {
      hint: 'copy the file beside this one',
    });
    return undefined;
  }
  const next = file === undefined ? source : otherFile(scope, resolvePath(source.folder, file), get(from, 'file')?.at ?? from.at);
  if (next === undefined) return undefined;
  const before = [...chain, { source: next, name: baseName }];
  if (chain.some((earlier) => earlier.name === baseName && earlier.source.path === next.path)) {
    addCircle(reading, from.at, path, before);
    return undefined;
  }
  const found = foundIn(reading, next, baseName, name, from.at);
  if (found === undefined) return undefined;
  const resolved = extended(scope, found, baseName, next, before);
  if (resolved.height >= maxHeight) {
    reading.report.add('E140', from.at, path, `service ${name} ends a chain of more than ${maxHeight} services that extend each other`, {
      hint: 'let services extend one common base',
    });
    return undefined;
  }
  return next === source
    ? resolved
    : { ...resolved, service: withServicePaths(resolved.service, { folder: next.folder, home: reading.home }) };
};

const foundIn = (reading: Reading, source: Source, baseName: string, name: string, at: Position): MapNode | undefined => {
  const errors = reading.report.errorCount;
  const found = source.find(baseName);
  if (found !== undefined || reading.report.errorCount > errors || reading.unsound.has(`services.${baseName}`)) return found;
  const message = `service ${name} extends ${baseName}, which ${reading.display(source.path)} does not have`;
  reading.report.add('E140', at, ['services', name, 'extends'], message, { hint: reading.report.meantHint(baseName, source.names) });
  return undefined;
};

const extended = (scope: Scope, service: MapNode, name: string, source: Source, chain: readonly Link[]): Resolved => {
  const known = source.done.get(name);
  if (known !== undefined) return known;
  // Deeper than any chain may be: the one that is too long is told by those above.
  const base = chain.length > maxHeight + 1 ? undefined : baseOf(scope, service, name, source, chain);
  const own = withoutEntry(service, 'extends');
  const merged = base === undefined ? own : mergeTrees(base.service, own, ['services', name], scope.reading.report);
  const resolved: Resolved = { service: isMap(merged) ? merged : own, height: base === undefined ? 0 : base.height + 1 };
  source.done.set(name, resolved);
  return resolved;
};

/** The file's tree with every `extends` carried out; E140 for what cannot be. `folder` is where its `extends.file` paths lead from. */
export const applyExtends = (reading: Reading, tree: MapNode, path: string, folder: string): MapNode => {
  const services = get(tree, 'services');
  if (!isMap(services)) return tree;
  const source: Source = {
    path,
    folder,
    find: (name) => {
      const found = get(services, name);
      return isMap(found) ? found : undefined;
    },
    names: () => [...services.entries.keys()],
    done: new Map(),
  };
  const scope: Scope = { reading, files: new Map() };
  return mapValues(tree, (value, top) =>
    top !== 'services'
      ? value
      : mapValues(services, (service, name) =>
          isMap(service) ? extended(scope, service, name, source, [{ source, name }]).service : service,
        ),
  );
};
