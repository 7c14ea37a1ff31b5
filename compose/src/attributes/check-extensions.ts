import { meantHint, type Report } from '../diagnostics.ts';
import type { MapNode, TreeNode, TreePath } from '../tree.ts';
import { type CatalogueNode, catalogueTree } from './catalogue.ts';
import { extensions, extensionsAt, isOurs } from './extensions.ts';

const ourKeys: readonly string[] = extensions.map(({ key }) => key);

/** Where a key belongs, or which one was meant. */
const hintFor = (key: string): string => {
  const places = extensions.find((extension) => extension.key === key)?.at;
  return places === undefined ? (meantHint(key, ourKeys) ?? `known keys: ${ourKeys.join(', ')}`) : `it stands at ${places.join(' or ')}`;
};

const look = (report: Report, node: CatalogueNode, value: TreeNode, path: TreePath, pattern: string): void => {
  // What no attribute is known below holds the user's own words, or one value.
  if (node.below.size === 0 || value.kind === 'scalar') return;
  if (value.kind === 'list') {
    const item = node.below.get('[]');
    if (item === undefined) return;
    for (const [index, one] of value.items.entries()) look(report, item, one, [...path, index], `${pattern}[]`);
    return;
  }
  const named = node.below.get('*');
  for (const [key, entry] of value.entries) {
    const at = [...path, key];
    const next = named ?? node.below.get(key);
    if (next !== undefined) look(report, next, entry.value, at, pattern === '' ? key : `${pattern}.${named === undefined ? key : '*'}`);
    else if (isOurs(key) && !extensionsAt(pattern).includes(key))
      report.add('W400', entry.key, at, `${key} means nothing here`, { hint: hintFor(key) });
  }
};

/**
 * Every key of our own (`x-tso-…`) that means nothing where it stands, to the report (W400), since a slip would be silent. Files are looked at
 * as they were written: also what the model has no place for, and services that take no part.
 */
export const checkExtensions = (file: MapNode, report: Report): void => look(report, catalogueTree(), file, [], '');
