import { cleanPath, expandHome, isAbsolutePath, isWindowsAbsolute, resolvePath } from './paths.ts';
import { get, isMap, type MapNode, mapItems, mapValues, type TreeNode, textOf } from './tree.ts';

/** Where relative paths of a tree lead from. */
export interface Base {
  /** Absolute. */
  readonly folder: string;
  readonly home: string | undefined;
}

type Change = (node: TreeNode, base: Base) => TreeNode;

/** True for a build context, or a file to extend or include, that lies elsewhere: `https://…`, `git@…`, `oci://…`. */
export const isRemote = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w.-]+@[\w.-]+:/.test(text) || text.startsWith('github.com/');

const path: Change = (node, base) => {
  const text = textOf(node);
  if (text === undefined || text === '' || text.startsWith('$') || isWindowsAbsolute(text) || node.kind !== 'scalar') return node;
  const expanded = expandHome(text, base.home);
  return { ...node, value: isAbsolutePath(expanded) ? cleanPath(expanded) : resolvePath(base.folder, expanded) };
};

const context: Change = (node, base) => (isRemote(textOf(node) ?? '') ? node : path(node, base));
const additional: Change = (node, base) => {
  const text = textOf(node) ?? '';
  return /^(service|docker-image|target|oci-layout):/.test(text) || isRemote(text) ? node : path(node, base);
};

const keys =
  (table: Readonly<Record<string, Change>>): Change =>
  (node, base) =>
    isMap(node) ? mapValues(node, (value, key) => (Object.hasOwn(table, key) ? (table[key]?.(value, base) ?? value) : value)) : node;
const each =
  (change: Change): Change =>
  (node, base) =>
    node.kind === 'list' ? mapItems(node, (item) => change(item, base)) : node;
const values =
  (change: Change): Change =>
  (node, base) =>
    isMap(node) ? mapValues(node, (value) => change(value, base)) : node;

const mount: Change = (node, base) => (textOf(get(node, 'type')) === 'bind' ? keys({ source: path })(node, base) : node);

/** A local volume bound to a folder: its device is a path like any other. */
const namedVolume: Change = (node, base) => {
  const options = get(node, 'driver_opts');
  const device = textOf(get(options, 'device')) ?? '';
  const bound = (textOf(get(options, 'o')) ?? '').split(',').includes('bind') || textOf(get(options, 'type')) === 'none';
  if (!bound || isAbsolutePath(device)) return node;
  const folder: Change = (value, from) =>
    value.kind === 'scalar' && value.value === '' ? { ...value, value: from.folder } : path(value, from);
  return keys({ driver_opts: keys({ device: folder }) })(node, base);
};

/** `id=path` of a key or an agent's socket; a bare id is the agent of whoever builds. */
const sshKey: Change = (node, base) => {
  const text = textOf(node) ?? '';
  const cut = text.indexOf('=');
  if (cut < 0 || node.kind !== 'scalar') return node;
  const resolved = path({ ...node, value: text.slice(cut + 1) }, base);
  return { ...node, value: `${text.slice(0, cut)}=${textOf(resolved) ?? ''}` };
};

const service = keys({
  build: keys({ context, additional_contexts: values(additional), ssh: each(sshKey) }),
  env_file: each(keys({ path })),
  label_file: each(path),
  volumes: each(mount),
  develop: keys({ watch: each(keys({ path })) }),
  extends: keys({ file: (node, base) => (isRemote(textOf(node) ?? '') ? node : path(node, base)) }),
});

const document = keys({
  services: values(service),
  volumes: values(namedVolume),
  configs: values(keys({ file: path })),
  secrets: values(keys({ file: path })),
});

/** The service with every path absolute. */
export const withServicePaths = (node: MapNode, base: Base): MapNode => {
  const done = service(node, base);
  return isMap(done) ? done : node;
};

/** The whole tree with every path absolute (compose-spec: relative to the project's folder). */
export const withAbsolutePaths = (tree: MapNode, base: Base): MapNode => {
  const done = document(tree, base);
  return isMap(done) ? done : tree;
};
