import type { ComposeModel } from '../model.ts';
import type { Told } from '../only-shown.ts';
import { type Json, pathText, placeOf, type TreeNode, type TreePath } from '../tree.ts';
import type { Attribute } from './attribute.ts';
import { type CatalogueNode, catalogueTree } from './catalogue.ts';

/** A value that asks for nothing. `attach` is the one key whose false asks for something. */
const asksNothing = (key: string, value: Json): boolean =>
  value === null ||
  value === '' ||
  (key === 'attach' ? value !== false : value === false) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const isPlural = (word: string): boolean => word.endsWith('s') && !/(ss|us)$/.test(word);

interface Walk {
  readonly tree: TreeNode;
  readonly report: Told;
}

const tell = ({ tree, report }: Walk, attribute: Attribute | undefined, path: TreePath): void => {
  if (attribute?.becomes === 'acts') return;
  const word = String(path.at(-1));
  const plural = isPlural(word);
  const place = placeOf(tree, path);
  const reason = attribute === undefined ? '' : `: ${attribute.meaning}`;
  const hint = attribute?.instead ?? 'remove it';
  if (attribute?.becomes === 'warning')
    report.at('W400', place, 'key', path, `${word} ${plural ? 'have' : 'has'} no effect (${pathText(path)})${reason}`, { hint });
  else report.at('E400', place, 'key', path, `${word} ${plural ? 'are' : 'is'} not supported (${pathText(path)})${reason}`, { hint });
};

const isMapping = (value: Json): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Looks at a value whose place is known. `pattern`: that place in the words of the catalogue. */
const look = (walk: Walk, node: CatalogueNode, value: Json, path: TreePath, pattern: string): void => {
  // What no attribute is known below holds the user's own words, or one value.
  if (node.below.size === 0) return;
  if (Array.isArray(value)) {
    const item = node.below.get('[]');
    if (item === undefined) return;
    for (const [index, one] of value.entries()) look(walk, item, one as Json, [...path, index], `${pattern}[]`);
    return;
  }
  if (!isMapping(value)) return;
  const named = node.below.get('*');
  for (const [key, one] of Object.entries(value)) {
    const at = [...path, key];
    // Where names stand, one may begin with x- too.
    if (named !== undefined) look(walk, named, one, at, `${pattern}.*`);
    // An extension is the user's own, but for those that others act on.
    else if (key.startsWith('x-') && !node.below.has(key)) continue;
    else lookAtKey(walk, node.below.get(key), key, one, at, pattern);
  }
};

const lookAtKey = (walk: Walk, node: CatalogueNode | undefined, key: string, value: Json, path: TreePath, pattern: string): void => {
  if (asksNothing(key, value)) return;
  const attribute = node?.attribute;
  // What stands below something that does not act has been told of with it.
  if (node === undefined || (attribute !== undefined && attribute.becomes !== 'acts')) tell(walk, attribute, path);
  else look(walk, node, value, path, pattern === '' ? key : `${pattern}.${key}`);
};

/**
 * Every attribute of the model that does not act, to the report: E400 for one that is refused or that the catalogue does not have, W400
 * for one without effect.
 */
export const checkSupport = (model: ComposeModel, tree: TreeNode, report: Told): void =>
  look({ tree, report }, catalogueTree(), model as unknown as Json, [], '');
