import { emptyTree, type Reading, readDocument, readOrReport, variablesOrReport } from './document.ts';
import { parseEnvFile } from './env-file.ts';
import { applyExtends } from './extends.ts';
import { mergeFiles, sameTree, withoutRepeats } from './merge.ts';
import { folderOf, resolvePath } from './paths.ts';
import { isRemote, withAbsolutePaths } from './relative-paths.ts';
import { get, isMap, type MapNode, type TreeNode, textOf, withoutEntry } from './tree.ts';

/** Source: compose-spec 14-include. */

const textsOf = (node: TreeNode | undefined): readonly string[] =>
  node?.kind === 'list' ? node.items.flatMap((item) => textOf(item) ?? []) : [];

/** The variables of env files, later files winning; what the environment outside sets wins inside references. */
export const readEnvFiles = (reading: Reading, paths: readonly string[], required: boolean): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const path of paths) {
    if (path === '/dev/null' || (!required && !reading.files.isFile(path))) continue;
    const text = readOrReport(reading, path, 'E101');
    if (text === undefined) continue;
    const said = variablesOrReport(reading, path, text, [], (lines) => parseEnvFile(lines, reading.lookup, (name) => found.get(name)));
    for (const [name, value] of said ?? []) found.set(name, value);
  }
  return found;
};

/** Reads one file wholly: what it says, extends and includes. Undefined: it is empty or not sound. `earlier`: what the files before it made. */
export const readFileTree = (
  reading: Reading,
  path: string,
  text: string,
  folder: string,
  chain: readonly string[],
  earlier?: MapNode,
): MapNode | undefined => {
  const tree = readDocument(reading, text, path, earlier);
  if (tree === undefined) return undefined;
  return applyIncludes(reading, applyExtends(reading, tree, path, folder), folder, [...chain, path]);
};

const warnOfConflicts = (reading: Reading, included: MapNode, local: MapNode): void => {
  for (const kind of ['services', 'networks', 'volumes', 'configs', 'secrets']) {
    const theirs = get(included, kind);
    const ours = get(local, kind);
    if (!isMap(theirs) || !isMap(ours)) continue;
    for (const [name, entry] of theirs.entries) {
      const own = ours.entries.get(name);
      if (own === undefined || sameTree(own.value, entry.value)) continue;
      reading.report.add(
        'W150',
        own.key,
        [kind, name],
        `${kind}.${name} is also declared by the included file ${entry.key.file}; what stands here wins`,
        {
          hint: 'give one of them another name if they are not meant to be one',
        },
      );
    }
  }
};

const readIncluded = (reading: Reading, item: TreeNode, folder: string, chain: readonly string[]): MapNode | undefined => {
  const paths = textsOf(get(item, 'path'));
  const remote = paths.find((path) => isRemote(path));
  if (remote !== undefined || paths[0] === undefined) {
    const reason = remote === undefined ? 'names no path' : `names ${remote}; files from elsewhere are not supported yet`;
    reading.report.add(remote === undefined ? 'E150' : 'E401', item.at, ['include'], `include ${reason}`);
    return undefined;
  }
  const files = paths.map((path) => resolvePath(folder, path));
  const first = files[0] ?? folder;
  const named = textOf(get(item, 'project_directory'));
  const inside = named === undefined ? folderOf(first) : resolvePath(folder, named);
  const envPaths = textsOf(get(item, 'env_file')).map((path) => resolvePath(folder, path));
  const own = readEnvFiles(reading, envPaths.length > 0 ? envPaths : [`${inside}/.env`], envPaths.length > 0);
  const nested: Reading = { ...reading, lookup: (name) => reading.lookup(name) ?? own.get(name) };
  let merged = emptyTree(reading.display(first));
  for (const file of files) {
    if (chain.includes(file)) {
      const circle = [...chain, file].map((path) => reading.display(path)).join(' -> ');
      reading.report.add('E150', item.at, ['include'], `include cycle detected: ${circle}`, { hint: 'remove one of the includes' });
      return undefined;
    }
    const text = readOrReport(nested, file, 'E150', item.at, ['include']);
    const tree = text === undefined ? undefined : readFileTree(nested, file, text, inside, chain, merged);
    if (tree !== undefined) merged = mergeFiles(merged, tree, reading.report);
  }
  const bare = withoutEntry(withoutEntry(merged, 'name'), 'version');
  return withAbsolutePaths(bare, { folder: inside, home: reading.home });
};

/** The tree with what it includes under it. `folder`: where the include paths lead from. E150 for what cannot be read. */
const applyIncludes = (reading: Reading, tree: MapNode, folder: string, chain: readonly string[]): MapNode => {
  const include = get(tree, 'include');
  const local = withoutEntry(tree, 'include');
  if (include?.kind !== 'list') return local;
  let merged: MapNode | undefined;
  for (const item of include.items) {
    const tree = readIncluded(reading, item, folder, chain);
    if (tree !== undefined) merged = merged === undefined ? tree : mergeFiles(merged, tree, reading.report);
  }
  if (merged === undefined) return local;
  warnOfConflicts(reading, merged, local);
  return withoutRepeats(mergeFiles(merged, local, reading.report));
};
