import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import type { Report } from './diagnostics.ts';
import { BeyondLimit, checkLimits, forbiddenCharacter, maxDepth, maxNodes } from './parse-limits.ts';
import { type Entry, type MapNode, type MergeTag, type Position, type Scalar, type ScalarNode, scalarText, type TreeNode } from './tree.ts';

interface Context {
  readonly file: string;
  readonly lines: LineCounter;
  readonly report: Report;
  /** The collections around the value at hand. */
  readonly open: Set<Node>;
  /** The node that each anchor names at this point of the text. */
  readonly anchors: Map<string, Node>;
  /** What each alias was found to stand for where it is written: it keeps that, wherever it is expanded. */
  readonly targets: Map<Node, Node>;
  nodes: number;
  /** Aliases being expanded; anchors inside them name nothing new. */
  expanding: number;
}

/** Thrown to leave a document that cannot be taken further; the reason is in the report already. */
class Abandoned extends Error {}

const tooDeep = `this file is nested more than ${maxDepth} levels deep, which no compose file needs`;

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

/** The digits of a whole number that was rounded to `value`: ids and limits of the kernel have up to twenty. Undefined: it was not. */
const exactDigits = (source: string, value: number): string | undefined => {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return undefined;
  const match = /^([-+]?)(0x[0-9a-fA-F]+|0o?[0-7]+|0b[01]+|[0-9][0-9_]*)$/.exec(source);
  if (match === null) return undefined;
  // Of hundreds of digits nobody means the value, and counting them out would take long.
  if (!Number.isFinite(value)) return source;
  const [, sign, digits = ''] = match;
  return `${sign === '-' ? '-' : ''}${BigInt(digits.replace(/^0(?=[0-7]+$)/, '0o').replaceAll('_', ''))}`;
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

const scalarNode = (node: Node, at: Position): ScalarNode => {
  const value = scalarValue(node);
  const exact = typeof value === 'number' && isScalar(node) && node.type === 'PLAIN' ? exactDigits(node.source ?? '', value) : undefined;
  return exact === undefined ? { kind: 'scalar', value, at } : { kind: 'scalar', value, exact, at };
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
    const said = scalarNode(key, at);
    if (typeof said.value === 'string') return [said.value, at];
    const where = path.length === 0 ? 'at the top level' : `in ${path.join('.')}`;
    const text = scalarText(said);
    context.report.add('E114', at, path, `the key ${text} ${where} is not text`, { hint: `quote it: "${text}"` });
    return undefined;
  }
  context.report.add('E114', at, path, 'a key is not text', { hint: 'write a plain word or quoted text before the colon' });
  return undefined;
};

/** Entries that `<<` brings in: those of an earlier mapping win over those of a later one. */
const mergedEntries = (context: Context, node: Node | null, path: readonly string[], at: Position): ReadonlyMap<string, Entry> => {
  const errors = context.report.errorCount;
  const value = node === null ? undefined : convert(context, node, path, at);
  if (value?.kind === 'map') return value.entries;
  // An alias of nothing was told as that.
  if (context.report.errorCount > errors) return new Map();
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

const reportRepeat = (context: Context, key: string, at: Position, before: Position, path: readonly string[]): void =>
  context.report.add('E111', at, [...path, key], `the key ${key} is written twice in the same mapping, first in line ${before.line}`, {
    hint: key === '<<' ? 'give one << a list: <<: [*a, *b]' : 'remove one of them',
  });

const convertMap = (context: Context, node: Node, path: readonly string[], at: Position): MapNode => {
  const own = new Map<string, Entry>();
  const merged: [string, Entry][] = [];
  if (!isMap(node)) return { kind: 'map', entries: own, at };
  let mergeKey: Position | undefined;
  for (const pair of node.items) {
    const named = keyText(context, pair, path, at);
    if (named === undefined) continue;
    const [key, keyAt] = named;
    const valueNode = pair.value as Node | null;
    const isMerge = key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN';
    const before = isMerge ? mergeKey : own.get(key)?.key;
    if (before !== undefined) {
      reportRepeat(context, key, keyAt, before, path);
      continue;
    }
    if (isMerge) {
      mergeKey = keyAt;
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
  if (!isAlias(node)) return { kind: 'scalar', value: null, at };
  const target = context.targets.get(node) ?? context.anchors.get(node.source);
  if (target === undefined) {
    context.report.add('E110', at, path, `the alias *${node.source} names no anchor that stands before it`, {
      hint:
        context.report.meantHint(`*${node.source}`, () => [...context.anchors.keys()].map((name) => `*${name}`)) ??
        `write &${node.source} before the value it is to stand for`,
    });
    return { kind: 'scalar', value: null, at };
  }
  context.targets.set(node, target);
  if (context.open.has(target)) {
    context.report.add('E112', at, path, `cycle detected: the alias at ${path.join('.')} refers to a value it is itself part of`, {
      hint: 'remove the alias from inside the anchored value',
    });
    throw new Abandoned();
  }
  context.expanding += 1;
  const value = convert(context, target, path, at);
  context.expanding -= 1;
  return value;
};

const itemPath = (path: readonly string[], index: number): readonly string[] => [...path.slice(0, -1), `${path.at(-1) ?? ''}[${index}]`];

const convertCollection = (context: Context, node: Node, path: readonly string[], at: Position): TreeNode => {
  if (context.open.size >= maxDepth) {
    context.report.add('E110', at, path, tooDeep);
    throw new Abandoned();
  }
  context.open.add(node);
  const result: TreeNode = isSeq(node)
    ? { kind: 'list', items: node.items.map((item, index) => convert(context, item as Node, itemPath(path, index), at)), at }
    : convertMap(context, node, path, at);
  context.open.delete(node);
  return result;
};

const convert = (context: Context, node: Node | null, path: readonly string[], fallback: Position): TreeNode => {
  const at = position(context, node, fallback);
  count(context, at);
  if (node === null) return { kind: 'scalar', value: null, at: fallback };
  if (isAlias(node)) return resolveAlias(context, node, path, at);
  const anchor = context.expanding === 0 && 'anchor' in node ? node.anchor : undefined;
  if (anchor !== undefined) context.anchors.set(anchor, node);
  const tag = mergeTag(node);
  const result: TreeNode = isMap(node) || isSeq(node) ? convertCollection(context, node, path, at) : scalarNode(node, at);
  return tag === undefined ? result : { ...result, tag };
};

/** Where a mistake is to be seen: where an open quote begins, not where the text ends; at the first word of a line, not in the blanks before it. */
const offsetOf = (text: string, document: Document, { code, pos: [from], message }: YAMLError): number => {
  let start = from;
  if (code === 'MISSING_CHAR' && message.includes('quote')) {
    visit(document, {
      Scalar: (_, { type, range }) => {
        if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range !== undefined && range !== null && range[0] < from)
          start = range[0];
      },
    });
    return start;
  }
  while (text[start] === ' ') start += 1;
  return text[start] === '\n' || start === text.length ? from : start;
};

const addYamlError = (report: Report, file: string, lines: LineCounter, error: YAMLError, offset: number): void => {
  const at = positionAt(file, lines, offset, offset + error.pos[1] - error.pos[0]);
  const said = error.message.replace(/\s+/g, ' ').replace(/\.$/, '');
  if (said.includes('call stack')) {
    // The parser recurses, and says so in its own way when it cannot any more.
    report.add('E110', at, [], tooDeep);
    return;
  }
  const tab = error.code === 'TAB_AS_INDENT' ? ' (found a tab character that violates indentation)' : '';
  report.add('E110', at, [], `this is not valid YAML: ${said}${tab}`, { hint: hints[error.code] });
};

const convertDocument = (document: Document, file: string, lines: LineCounter, report: Report): MapNode | undefined => {
  const context: Context = { file, lines, report, open: new Set(), anchors: new Map(), targets: new Map(), nodes: 0, expanding: 0 };
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

const saysNothing = ({ contents, errors }: Document): boolean =>
  errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null && (contents.source ?? '') === ''));

/** The first document that says anything, and whether another follows it. */
const documentOf = (text: string, lines: LineCounter): { readonly document: Document | undefined; readonly next: Document | undefined } => {
  const composer = new Composer({ prettyErrors: false, logLevel: 'silent', merge: false, uniqueKeys: false });
  checkLimits(text);
  let document: Document | undefined;
  for (const found of composer.compose(new Parser(lines.addNewLine).parse(text))) {
    if (saysNothing(found)) continue;
    if (document !== undefined) return { document, next: found };
    document = found;
  }
  return { document, next: undefined };
};

const addSecondDocument = (report: Report, at: Position): void =>
  report.add('E115', at, [], 'a second document begins here, but a compose file is one document', {
    hint: 'remove this `---`, or put what follows into a file of its own and name both: -f FIRST -f SECOND',
  });

/** Where a text has this offset, found without the lines that a parser counts. */
const placeAt = (file: string, text: string, offset: number): Position => {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', end + 1)) {
    line += 1;
    start = end + 1;
  }
  return { file, line, column: offset - start + 1, length: 1 };
};

const addForbidden = (report: Report, file: string, text: string, found: { readonly offset: number; readonly name: string }): void =>
  report.add('E110', placeAt(file, text, found.offset), [], `this is not valid YAML: the character ${found.name} may not stand in it`, {
    hint: 'remove it, or write it as an escape in double quotes; is this really a text file?',
  });

const readDocument = (text: string, file: string, lines: LineCounter, report: Report): MapNode | undefined => {
  const { document, next } = documentOf(text, lines);
  if (document === undefined) return undefined;
  // After the first mistake in the syntax the others are mostly its echoes.
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    addYamlError(report, file, lines, syntax, offsetOf(text, document, syntax));
    return undefined;
  }
  const errors = report.errorCount;
  if (next !== undefined) addSecondDocument(report, positionAt(file, lines, next.range?.[0] ?? 0, next.range?.[0] ?? 0));
  const tree = convertDocument(document, file, lines, report);
  return report.errorCount === errors ? tree : undefined;
};

/**
 * The one document of a YAML text as a tree; undefined when it is empty or cannot be read, which the report then says (E110 to E115).
 * Source: YAML 1.2.2, with YAML 1.1's octal numbers as compose-go reads them.
 */
export const parseText = (text: string, file: string, report: Report): MapNode | undefined => {
  report.addSource(file, text);
  const forbidden = forbiddenCharacter(text);
  if (forbidden !== undefined) {
    addForbidden(report, file, text, forbidden);
    return undefined;
  }
  const lines = new LineCounter();
  try {
    return readDocument(text, file, lines, report);
  } catch (error) {
    if (error instanceof Abandoned) return undefined;
    if (error instanceof BeyondLimit) {
      report.add('E112', placeAt(file, text, error.offset), [], `this file ${error.message}`, {
        hint: 'a compose file describes services; keep data in files of its own and name them under configs',
      });
      return undefined;
    }
    if (!(error instanceof RangeError)) throw error;
    // The parser recurses; only nesting beyond every bound gets here.
    report.add('E110', { file, line: 1, column: 1, length: 1 }, [], tooDeep);
    return undefined;
  }
};
