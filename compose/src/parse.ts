import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments, type YAMLError } from 'yaml';
import type { Report } from './diagnostics.ts';
import type { Entry, MapNode, MergeTag, Position, Scalar, TreeNode } from './tree.ts';

/** How many nodes one document may hold once its aliases are expanded (guards against alias bombs). */
export const maxNodes = 100_000;

type Document = ReturnType<typeof parseAllDocuments>[number];

interface Context {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly report: Report;
  readonly open: Set<Node>;
  nodes: number;
}

/** Thrown to leave a document that cannot be taken further; the reason is in the report already. */
class Abandoned extends Error {}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces; YAML does not allow tabs there',
  BAD_INDENT: 'check the indentation of this line and the one above',
  MULTILINE_IMPLICIT_KEY: 'a colon or a line break may be missing above',
  MISSING_CHAR: 'a quote, bracket or colon may be missing',
  BLOCK_AS_IMPLICIT_KEY: 'put the nested mapping on its own line, or quote the text that holds a colon',
  UNEXPECTED_TOKEN: 'quote the text if it is meant as text',
};

const positionAt = (file: string, lines: LineCounter, start: number, end: number): Position => {
  const from = lines.linePos(start);
  const to = lines.linePos(Math.max(start, end));
  const length = to.line === from.line ? Math.max(1, to.col - from.col) : 1;
  return { file, line: Math.max(1, from.line), column: Math.max(1, from.col), length };
};

const position = (context: Context, node: Node | null | undefined, fallback: Position): Position => {
  const range = node?.range;
  if (range === null || range === undefined) return fallback;
  return positionAt(context.file, context.lines, range[0], range[1]);
};

const count = (context: Context, at: Position): void => {
  context.nodes += 1;
  if (context.nodes <= maxNodes) return;
  context.report.add('E112', at, [], `this document has more than ${maxNodes} values once its aliases are expanded (excessive aliasing)`, {
    hint: 'write it with fewer aliases of aliases',
  });
  throw new Abandoned();
};

const mergeTag = (node: Node): MergeTag | undefined =>
  node.tag === '!reset' ? 'reset' : node.tag === '!override' ? 'override' : undefined;

/** What the YAML 1.2 core schema leaves to us: octal with a bare leading zero (file modes), digits grouped by underscores, binary. */
const plainNumber = (source: string): number | undefined => {
  const match = /^([-+]?)(?:0([0-7]+)|0b([01]+)|([1-9][0-9]*(?:_[0-9]+)+))$/.exec(source);
  if (match === null) return undefined;
  const [, sign, octal, binary, grouped] = match;
  const value =
    octal !== undefined
      ? Number.parseInt(octal, 8)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : Number(grouped?.replaceAll('_', ''));
  return sign === '-' ? -value : value;
};

const scalarValue = (node: Node): Scalar => {
  if (!isScalar(node)) return null;
  const value: unknown = node.value;
  if (node.type === 'PLAIN' && node.source !== undefined && node.tag === undefined) {
    const special = plainNumber(node.source);
    if (special !== undefined) return special;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : String(value);
};

const keyText = (
  context: Context,
  pair: Pair<unknown, unknown>,
  path: readonly string[],
  fallback: Position,
): [string, Position] | undefined => {
  const key = pair.key as Node | null;
  const at = position(context, key, fallback);
  if (key !== null && isScalar(key)) {
    const value = scalarValue(key);
    if (typeof value === 'string') return [value, at];
    const where = path.length === 0 ? 'at the top level' : `in ${path.join('.')}`;
    context.report.add('E114', at, path, `the key ${String(value)} ${where} is not text`, { hint: `quote it: "${String(value)}"` });
    return undefined;
  }
  context.report.add('E114', at, path, 'a key is not text', { hint: 'write a plain word or quoted text before the colon' });
  return undefined;
};

/** Entries that `<<` brings in: those of an earlier mapping win over those of a later one. */
const mergedEntries = (context: Context, node: Node | null, path: readonly string[], at: Position): ReadonlyMap<string, Entry> => {
  const value = node === null ? undefined : convert(context, node, path, at);
  if (value?.kind === 'map') return value.entries;
  const found = new Map<string, Entry>();
  const items = value?.kind === 'list' ? value.items : [];
  for (const item of items) {
    if (item.kind !== 'map') break;
    for (const [key, entry] of item.entries) if (!found.has(key)) found.set(key, entry);
  }
  if (value === undefined || value.kind === 'scalar' || items.some((item) => item.kind !== 'map')) {
    context.report.add(
      'E110',
      at,
      path,
      'map merge requires map or sequence of maps as the value: `<<` takes a mapping or a list of mappings',
      {
        hint: 'point the alias to a mapping',
      },
    );
  }
  return found;
};

const convertMap = (context: Context, node: Node, path: readonly string[], at: Position): MapNode => {
  const own = new Map<string, Entry>();
  const merged: [string, Entry][] = [];
  if (!isMap(node)) return { kind: 'map', entries: own, at };
  for (const pair of node.items) {
    const named = keyText(context, pair, path, at);
    if (named === undefined) continue;
    const [key, keyAt] = named;
    const valueNode = pair.value as Node | null;
    if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
      merged.push(...mergedEntries(context, valueNode, path, position(context, valueNode, keyAt)));
      continue;
    }
    own.set(key, { key: keyAt, value: convert(context, valueNode, [...path, key], keyAt) });
  }
  const entries = new Map(own);
  for (const [key, entry] of merged) if (!entries.has(key)) entries.set(key, entry);
  return { kind: 'map', entries, at };
};

const resolveAlias = (context: Context, node: Node, path: readonly string[], at: Position): TreeNode => {
  const target = isAlias(node) ? node.resolve(context.document) : undefined;
  if (target === undefined) return { kind: 'scalar', value: null, at };
  if (context.open.has(target)) {
    context.report.add('E112', at, path, `cycle detected: the alias at ${path.join('.')} refers to a value it is itself part of`, {
      hint: 'remove the alias from inside the anchored value',
    });
    throw new Abandoned();
  }
  return convert(context, target, path, at);
};

const convert = (context: Context, node: Node | null, path: readonly string[], fallback: Position): TreeNode => {
  const at = position(context, node, fallback);
  count(context, at);
  if (node === null) return { kind: 'scalar', value: null, at: fallback };
  if (isAlias(node)) return resolveAlias(context, node, path, at);
  const tag = mergeTag(node);
  context.open.add(node);
  let result: TreeNode;
  if (isMap(node)) result = convertMap(context, node, path, at);
  else if (isSeq(node))
    result = {
      kind: 'list',
      items: node.items.map((item, index) => convert(context, item as Node, [...path.slice(0, -1), `${path.at(-1) ?? ''}[${index}]`], at)),
      at,
    };
  else result = { kind: 'scalar', value: scalarValue(node), at };
  context.open.delete(node);
  return tag === undefined ? result : { ...result, tag };
};

const addYamlError = (report: Report, file: string, lines: LineCounter, error: YAMLError): void => {
  const at = positionAt(file, lines, error.pos[0], error.pos[1]);
  if (error.code === 'DUPLICATE_KEY') {
    report.add('E111', at, [], 'this key is written twice in the same mapping', { hint: 'remove one of them' });
    return;
  }
  const said = error.message.replace(/\s+/g, ' ').replace(/\.$/, '');
  const tab = error.code === 'TAB_AS_INDENT' ? ' (found a tab character that violates indentation)' : '';
  report.add('E110', at, [], `this is not valid YAML: ${said}${tab}`, { hint: hints[error.code] });
};

const convertDocument = (document: Document, file: string, lines: LineCounter, report: Report): MapNode | undefined => {
  const context: Context = { file, document, lines, report, open: new Set(), nodes: 0 };
  const top: Position = { file, line: 1, column: 1, length: 1 };
  if (document.contents === null) return undefined;
  const tree = convert(context, document.contents as Node, [], top);
  if (tree.kind === 'map') return tree;
  if (tree.kind === 'scalar' && tree.value === null) return undefined;
  report.add(
    'E113',
    tree.at,
    [],
    `the top of a compose file must be a mapping, but is ${tree.kind === 'list' ? 'a list' : 'a plain value'}`,
    {
      hint: 'start with `services:`',
    },
  );
  return undefined;
};

/**
 * The documents of a YAML text as trees, in order, empty ones left out; what is wrong goes to the report (E110 to E114).
 * Source: YAML 1.2.2, with YAML 1.1's octal numbers as compose-go reads them.
 */
export const parseText = (text: string, file: string, report: Report): readonly MapNode[] => {
  const lines = new LineCounter();
  report.addSource(file, text);
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent', merge: false });
    const trees: MapNode[] = [];
    for (const document of documents) {
      // After the first mistake in the syntax the others are mostly its echoes.
      const syntax = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
      for (const error of document.errors) if (error.code === 'DUPLICATE_KEY' || error === syntax) addYamlError(report, file, lines, error);
      if (document.errors.length > 0) continue;
      const tree = convertDocument(document, file, lines, report);
      if (tree !== undefined) trees.push(tree);
    }
    return trees;
  } catch (error) {
    if (error instanceof Abandoned) return [];
    if (!(error instanceof RangeError)) throw error;
    // The parser recurses; only nesting thousands of levels deep gets here.
    report.add('E110', { file, line: 1, column: 1, length: 1 }, [], 'this file is nested too deeply to be a compose file');
    return [];
  }
};
