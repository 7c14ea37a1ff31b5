import { meantHint } from './diagnostics.ts';
import { type Reading, rawDocument, readOrReport, shaped } from './document.ts';
import { mergeTrees } from './merge.ts';
import { folderOf, resolvePath } from './paths.ts';
import { isRemote, withServicePaths } from './relative-paths.ts';
import { type Entry, get, isMap, type MapNode, mapOf, mapValues, type Position, pathText, textOf, withoutEntry } from './tree.ts';

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
}

interface Link {
  readonly source: Source;
  readonly name: string;
}

const otherFile = (reading: Reading, path: string, at: Position): Source | undefined => {
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
  return { path, folder: folderOf(path), find, names: () => [...named.keys()] };
};

const key = (link: Link): string => `${link.source.path}#${link.name}`;

const chainText = (reading: Reading, chain: readonly Link[]): string =>
  chain.map((link) => `${link.name} (${reading.display(link.source.path)})`).join(' -> ');

const baseOf = (reading: Reading, service: MapNode, name: string, source: Source, chain: readonly Link[]): MapNode | undefined => {
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
  const next = file === undefined ? source : otherFile(reading, resolvePath(source.folder, file), get(from, 'file')?.at ?? from.at);
  if (next === undefined) return undefined;
  const link: Link = { source: next, name: baseName };
  const before = [...chain, link];
  if (chain.some((earlier) => key(earlier) === key(link))) {
    reading.report.add('E140', from.at, path, `circular reference: ${chainText(reading, before)}`, {
      hint: 'let one of them stand on its own',
    });
    return undefined;
  }
  const errors = reading.report.errorCount;
  const found = next.find(baseName);
  if (found === undefined) {
    if (reading.report.errorCount > errors || reading.unsound.has(`services.${baseName}`)) return undefined;
    reading.report.add('E140', from.at, path, `service ${name} extends ${baseName}, which ${reading.display(next.path)} does not have`, {
      hint: meantHint(baseName, next.names()),
    });
    return undefined;
  }
  const resolved = extended(reading, found, baseName, next, before);
  return next === source ? resolved : withServicePaths(resolved, { folder: next.folder, home: reading.home });
};

const extended = (reading: Reading, service: MapNode, name: string, source: Source, chain: readonly Link[]): MapNode => {
  const base = baseOf(reading, service, name, source, chain);
  const own = withoutEntry(service, 'extends');
  if (base === undefined) return own;
  const merged = mergeTrees(base, own, ['services', name], reading.report);
  return isMap(merged) ? merged : own;
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
  };
  return mapValues(tree, (value, top) =>
    top !== 'services'
      ? value
      : mapValues(services, (service, name) => (isMap(service) ? extended(reading, service, name, source, [{ source, name }]) : service)),
  );
};
