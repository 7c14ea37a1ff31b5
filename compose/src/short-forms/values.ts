import { ShellWordsError, shellWords } from '../shell-words.ts';
import {
  type Entry,
  list,
  mapOf,
  mapValues,
  pathText,
  record,
  type Scalar,
  type ScalarNode,
  scalar,
  scalarText,
  type TreeNode,
} from '../tree.ts';
import { formatDuration, parseBoolean, parseBytes, parseDuration, parseNumber } from '../units.ts';
import { type Rewrite, refuse } from './context.ts';

/** Rewrites of single values and of the plain list and mapping forms. */

/** The scalar with another value, which is all there is to know of it. */
const withValue = ({ exact: _digits, ...node }: ScalarNode, value: Scalar): ScalarNode => ({ ...node, value });

export const toNumber: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar') return node;
  if (typeof node.value !== 'string') return node.exact === undefined ? node : withValue(node, node.value);
  const value = parseNumber(node.value);
  if (value === undefined) return refuse(node, path, context, `${pathText(path)} must be a number, but is '${node.value}'`);
  return { ...node, value };
};

export const toInteger: Rewrite = (node, path, context) => {
  const number = toNumber(node, path, context);
  if (number.kind === 'scalar' && typeof number.value === 'number' && !Number.isInteger(number.value)) {
    return refuse(number, path, context, `${pathText(path)} must be a whole number, but is ${number.value}`);
  }
  return number;
};

export const toBoolean: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node;
  const value = parseBoolean(node.value);
  if (value === undefined) return refuse(node, path, context, `${pathText(path)} must be true or false, but is '${node.value}'`);
  return { ...node, value };
};

/** Sizes as decimal texts of bytes, as the specification's own tools print them. */
export const toBytes: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar' || node.value === null) return node;
  const bytes = parseBytes(scalarText(node));
  if (bytes === undefined) {
    return refuse(node, path, context, `${pathText(path)}: '${scalarText(node)}' is not a size`, 'write a number with b, k, m or g: 512m');
  }
  return withValue(node, String(bytes));
};

export const toDuration: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node;
  const nanos = parseDuration(node.value);
  if (nanos === undefined) {
    return refuse(
      node,
      path,
      context,
      `${pathText(path)}: '${node.value}' is not a duration`,
      'write a number with its unit: 30s, 1m30s, 500ms',
    );
  }
  return { ...node, value: formatDuration(nanos) };
};

export const toText: Rewrite = (node) => (node.kind === 'scalar' && node.value !== null ? withValue(node, scalarText(node)) : node);

export const toTextList: Rewrite = (node, path, context) => {
  if (node.kind === 'scalar' && node.value !== null) return list([toText(node, path, context)], node.at);
  return node.kind === 'list' ? { ...node, items: node.items.map((item) => toText(item, path, context)) } : node;
};

/** Text is split into words as a shell would, but nothing is expanded. */
export const toCommand: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node;
  try {
    return {
      ...list(
        shellWords(node.value).map((word) => scalar(word, node.at)),
        node.at,
      ),
      ...(node.tag === undefined ? {} : { tag: node.tag }),
    };
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    return refuse(node, path, context, `${pathText(path)}: ${error.message}`, 'close the quote, or write the command as a list');
  }
};

/** `[KEY=VALUE, KEY]` as a mapping; a bare KEY becomes `bare`. */
const keyValues =
  (bare: null | '', separator: RegExp): Rewrite =>
  (node, path, context) => {
    if (node.kind === 'map') return mapValues(node, (value) => toText(value, path, context));
    if (node.kind !== 'list') return node;
    const entries = new Map<string, Entry>();
    for (const item of node.items) {
      if (item.kind !== 'scalar' || item.tag === 'reset') continue;
      const whole = scalarText(item);
      const cut = whole.search(separator);
      const key = cut < 0 ? whole : whole.slice(0, cut);
      entries.set(key, { key: item.at, value: scalar(cut < 0 ? bare : whole.slice(cut + 1), item.at) });
    }
    return { ...mapOf(entries, node.at), ...(node.tag === undefined ? {} : { tag: node.tag }) };
  };

/** environment, build.args: a key without a value takes it from the project's environment. */
export const toEnvironment = keyValues(null, /=/);
const plainKeyValues = keyValues('', /=/);
/** labels, sysctls, annotations: a key without a value is empty. */
export const toLabels: Rewrite = (node, path, context) => {
  const map = plainKeyValues(node, path, context);
  return map.kind === 'map'
    ? mapValues(map, (value) => (value.kind === 'scalar' && value.value === null ? { ...value, value: '' } : value))
    : map;
};

/** `[a, b]` as a mapping from names to nothing. */
export const toNames: Rewrite = (node) => {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, Entry>();
  for (const item of node.items) if (item.kind === 'scalar') entries.set(scalarText(item), { key: item.at, value: scalar(null, item.at) });
  return { ...mapOf(entries, node.at), ...(node.tag === undefined ? {} : { tag: node.tag }) };
};

/** A text becomes the mapping `{key: text}`. */
export const toKeyed =
  (key: string): Rewrite =>
  (node) =>
    node.kind === 'scalar' && typeof node.value === 'string' ? record({ [key]: scalar(node.value, node.at) }, node.at) : node;

const hostAndAddress = (text: string): readonly [string, string] | undefined => {
  const cut = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
  return cut <= 0 ? undefined : [text.slice(0, cut), text.slice(cut + 1)];
};
const bare = (address: string): string => (/^\[.*\]$/.test(address) ? address.slice(1, -1) : address);

/** extra_hosts as a list of `name=address`, brackets removed, one address each, sorted by name. */
export const toExtraHosts: Rewrite = (node, path, context) => {
  const found: { name: string; text: TreeNode }[] = [];
  const add = (name: string, addresses: string, at: TreeNode): void => {
    for (const address of addresses.split(',')) found.push({ name, text: scalar(`${name}=${bare(address.trim())}`, at.at) });
  };
  if (node.kind === 'map') {
    for (const [name, entry] of node.entries) {
      const values = entry.value.kind === 'list' ? entry.value.items : [entry.value];
      for (const value of values) if (value.kind === 'scalar') add(name, scalarText(value), value);
    }
  } else if (node.kind === 'list') {
    for (const item of node.items) {
      const pair = item.kind === 'scalar' ? hostAndAddress(scalarText(item)) : undefined;
      if (pair === undefined) refuse(item, path, context, `${pathText(path)}: bad host name in this entry`, 'write name=address');
      else add(pair[0], pair[1], item);
    }
  } else return node;
  const sorted = found.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return {
    ...list(
      sorted.map((entry) => entry.text),
      node.at,
    ),
    ...(node.tag === undefined ? {} : { tag: node.tag }),
  };
};
