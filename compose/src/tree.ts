/**
 * A compose file as a tree in which every value knows where it was written. Everything up to the canonical model works on
 * this tree, so that a message can name file, line and column even after files were merged.
 */

/** Where something was written; `line` and `column` count from 1, `length` is in UTF-16 units within that line (at least 1). */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export type Scalar = string | number | boolean | null;
/** `reset`: remove what earlier files said. `override`: replace it without merging. (compose-spec 13-merge) */
export type MergeTag = 'reset' | 'override';

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** The digits of a whole number that `value` has rounded: decimal, or as written where `value` is infinite. */
  readonly exact?: string;
  readonly at: Position;
  readonly tag?: MergeTag;
}
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
  readonly at: Position;
  readonly tag?: MergeTag;
}
export interface Entry {
  /** Where the key was written. */
  readonly key: Position;
  readonly value: TreeNode;
}
export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Position;
  readonly tag?: MergeTag;
}
export type TreeNode = ScalarNode | ListNode | MapNode;

/** Keys and list indexes from the top. */
export type TreePath = readonly (string | number)[];

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export const scalar = (value: Scalar, at: Position): ScalarNode => ({ kind: 'scalar', value, at });
export const list = (items: readonly TreeNode[], at: Position): ListNode => ({ kind: 'list', items, at });
export const mapOf = (entries: ReadonlyMap<string, Entry>, at: Position): MapNode => ({ kind: 'map', entries, at });

/** A map made from plain pairs, all of them standing where `at` is; pairs whose value is undefined are left out. */
export const record = (pairs: Readonly<Record<string, Scalar | TreeNode | undefined>>, at: Position): MapNode => {
  const entries = new Map<string, Entry>();
  for (const [key, value] of Object.entries(pairs)) {
    if (value === undefined) continue;
    entries.set(key, { key: at, value: typeof value === 'object' && value !== null ? value : scalar(value, at) });
  }
  return mapOf(entries, at);
};

export const isMap = (node: TreeNode | undefined): node is MapNode => node?.kind === 'map';
export const isList = (node: TreeNode | undefined): node is ListNode => node?.kind === 'list';
export const isNull = (node: TreeNode | undefined): boolean => node?.kind === 'scalar' && node.value === null;

/** The value under `key`; undefined when the node is no map, has no such key, or the key was reset. */
export const get = (node: TreeNode | undefined, key: string): TreeNode | undefined => {
  if (node?.kind !== 'map') return undefined;
  const value = node.entries.get(key)?.value;
  return value?.tag === 'reset' ? undefined : value;
};

/** What a scalar says as text: a number with all its digits. */
export const scalarText = (node: ScalarNode): string => node.exact ?? String(node.value);

/** The text of a string scalar, else undefined. */
export const textOf = (node: TreeNode | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;

/** The same map with `key` set to `value`; a new key stands where `keyAt` (else the value) is. */
export const withEntry = (map: MapNode, key: string, value: TreeNode, keyAt?: Position): MapNode => {
  const entries = new Map(map.entries);
  entries.set(key, { key: keyAt ?? map.entries.get(key)?.key ?? value.at, value });
  return { ...map, entries };
};

export const withoutEntry = (map: MapNode, key: string): MapNode => {
  if (!map.entries.has(key)) return map;
  const entries = new Map(map.entries);
  entries.delete(key);
  return { ...map, entries };
};

/** The same map with each value replaced by what `change` returns; undefined drops the key. The map itself when nothing changes. */
export const mapValues = (map: MapNode, change: (value: TreeNode, key: string, entry: Entry) => TreeNode | undefined): MapNode => {
  let entries: Map<string, Entry> | undefined;
  let same = 0;
  for (const [key, entry] of map.entries) {
    const value = change(entry.value, key, entry);
    if (entries === undefined && value === entry.value) {
      same += 1;
      continue;
    }
    entries ??= new Map([...map.entries].slice(0, same));
    if (value !== undefined) entries.set(key, value === entry.value ? entry : { key: entry.key, value });
  }
  return entries === undefined ? map : { ...map, entries };
};

/** The same list with each item replaced by what `change` returns. The list itself when nothing changes. */
export const mapItems = (node: ListNode, change: (item: TreeNode, index: number) => TreeNode): ListNode => {
  const items = node.items.map(change);
  return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
};

const untagged = <T extends TreeNode>(node: T): T => {
  if (node.tag === undefined) return node;
  const { tag: _tag, ...rest } = node;
  return rest as T;
};

/** The tree without what is marked `!reset`, and without the marks. */
export const withoutResets = (node: TreeNode): TreeNode => {
  if (node.kind === 'scalar') return untagged(node);
  if (node.kind === 'list') {
    const kept = node.items.some((item) => item.tag === 'reset')
      ? { ...node, items: node.items.filter((item) => item.tag !== 'reset') }
      : node;
    return mapItems(untagged(kept), withoutResets);
  }
  return untagged(mapValues(node, (value) => (value.tag === 'reset' ? undefined : withoutResets(value))));
};

const plainWith = (scalarOf: (node: ScalarNode) => Scalar) => {
  const plainOf = (node: TreeNode): Json => {
    if (node.kind === 'scalar') return scalarOf(node);
    if (node.kind === 'list') return node.items.map(plainOf);
    const plain: Record<string, Json> = {};
    for (const [key, { value }] of node.entries) {
      // Assigned, it would set the prototype; defined, it stays data.
      if (key === '__proto__')
        Object.defineProperty(plain, key, { value: plainOf(value), enumerable: true, configurable: true, writable: true });
      else plain[key] = plainOf(value);
    }
    return plain;
  };
  return plainOf;
};

/** Plain data, without positions. Every number is one, rounded or not. */
export const toPlain = plainWith((node) => node.value);

/** The same, but whole numbers that would be rounded are texts of all their digits. */
export const toExactPlain = plainWith((node) => node.exact ?? node.value);

/** A tree of plain data in which everything stands at `at`. */
export const fromPlain = (value: Json, at: Position): TreeNode => {
  if (value === null || typeof value !== 'object') return scalar(value, at);
  if (Array.isArray(value))
    return list(
      value.map((item: Json) => fromPlain(item, at)),
      at,
    );
  return mapOf(new Map(Object.entries(value).map(([key, item]) => [key, { key: at, value: fromPlain(item, at) }])), at);
};

export interface Place {
  /** Where the key was written (for a list item or the root: the value). */
  readonly key: Position;
  readonly value: Position;
}

/** Where the deepest part of `path` that exists was written. */
export const placeOf = (root: TreeNode, path: TreePath): Place => {
  let node = root;
  let place: Place = { key: root.at, value: root.at };
  for (const step of path) {
    if (node.kind === 'map') {
      const entry = node.entries.get(String(step));
      if (entry === undefined) return place;
      place = { key: entry.key, value: entry.value.at };
      node = entry.value;
    } else if (node.kind === 'list') {
      const item = node.items[Number(step)];
      if (item === undefined) return place;
      place = { key: item.at, value: item.at };
      node = item;
    } else {
      return place;
    }
  }
  return place;
};

/** `services.web.ports[0]` as people write it. */
export const pathText = (path: TreePath): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

/** What a value is, in words of a compose file. */
export const kindText = (node: TreeNode): string => {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'empty';
  const text = scalarText(node);
  const shown = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  return typeof node.value === 'string' ? `the text '${shown}'` : `the ${typeof node.value} ${shown}`;
};
