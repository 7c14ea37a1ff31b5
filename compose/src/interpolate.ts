import type { Report } from './diagnostics.ts';
import { mapItems, mapValues, type Position, type TreeNode, type TreePath } from './tree.ts';

/** The value of a variable, or undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What went wrong in a template. `invalid`: cannot be read; `required`: `${NAME:?text}` without a value. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly kind: 'invalid' | 'required';
  readonly variable: string;
  constructor(kind: 'invalid' | 'required', message: string, variable = '') {
    super(message);
    this.kind = kind;
    this.variable = variable;
  }
}

export const operators = [':-', '-', ':?', '?', ':+', '+'] as const;
export type Operator = (typeof operators)[number];

export interface Expression {
  readonly name: string;
  /** Undefined: a plain `${NAME}`. */
  readonly operator?: Operator;
  /** Everything after the operator, not yet interpolated. */
  readonly operand: string;
}

const namePattern = /^[_a-zA-Z][_a-zA-Z0-9]*/;

/** What stands between `${` and `}`: the operator is the one directly after the name. Undefined: not a valid expression. */
export const parseExpression = (text: string): Expression | undefined => {
  const name = namePattern.exec(text)?.[0];
  if (name === undefined) return undefined;
  const rest = text.slice(name.length);
  if (rest === '') return { name, operand: '' };
  const operator = operators.find((candidate) => rest.startsWith(candidate));
  return operator === undefined ? undefined : { name, operator, operand: rest.slice(operator.length) };
};

/** The index of the brace that closes the one at `open`, braces of defaults counted; -1: none. */
export const closingBrace = (text: string, open: number): number => {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text[index] === '{') depth += 1;
    else if (text[index] === '}') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
};

const evaluate = (expression: Expression, lookup: Lookup, onUnset: (name: string) => void, depth: number): string => {
  const { name, operator, operand } = expression;
  const value = lookup(name);
  const inner = (): string => substituteAt(operand, lookup, onUnset, depth + 1);
  switch (operator) {
    case undefined:
      if (value === undefined) onUnset(name);
      return value ?? '';
    case ':-':
      return value === undefined || value === '' ? inner() : value;
    case '-':
      return value === undefined ? inner() : value;
    case ':+':
      return value === undefined || value === '' ? '' : inner();
    case '+':
      return value === undefined ? '' : inner();
    case ':?':
    case '?': {
      if (value !== undefined && (operator === '?' || value !== '')) return value;
      const text = inner();
      throw new TemplateError('required', `required variable ${name} is missing a value${text === '' ? '' : `: ${text}`}`, name);
    }
    default:
      return operator satisfies never;
  }
};

const shown = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);

const invalid = (text: string): TemplateError => new TemplateError('invalid', `invalid template: '${shown(text)}'`);

/** How many `${…}` may stand in one another. */
const maxNesting = 50;

const substituteAt = (text: string, lookup: Lookup, onUnset: (name: string) => void, depth: number): string => {
  if (depth > maxNesting) throw new TemplateError('invalid', `invalid template: more than ${maxNesting} expressions inside one another`);
  let out = '';
  let index = 0;
  while (index < text.length) {
    const dollar = text.indexOf('$', index);
    if (dollar < 0) return out + text.slice(index);
    out += text.slice(index, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      out += '$';
      index = dollar + 2;
    } else if (next === '{') {
      const end = closingBrace(text, dollar + 1);
      const expression = end < 0 ? undefined : parseExpression(text.slice(dollar + 2, end));
      if (expression === undefined) throw invalid(text);
      out += evaluate(expression, lookup, onUnset, depth);
      index = end + 1;
    } else {
      const name = namePattern.exec(text.slice(dollar + 1))?.[0];
      // A dollar sign before anything else is text: `$(date)`, `$1`, a price.
      out += name === undefined ? '$' : evaluate({ name, operand: '' }, lookup, onUnset, depth);
      index = dollar + 1 + (name?.length ?? 0);
    }
  }
  return out;
};

/**
 * The text with `$NAME`, `${NAME}` and the six operators replaced and `$$` made `$`; any other dollar sign stays. Operands are interpolated themselves, and
 * only when they are used. `onUnset` hears of each variable that was used without a value. Throws TemplateError.
 * Source: compose-spec 12-interpolation.
 */
export const substitute = (text: string, lookup: Lookup, onUnset: (name: string) => void = () => {}): string =>
  substituteAt(text, lookup, onUnset, 0);

/** The text in a form that substitutes to itself. */
export const escapeTemplate = (text: string): string => text.replaceAll('$', '$$$$');

const reportFailure = (report: Report, error: TemplateError, at: Position, path: TreePath): void => {
  if (error.kind === 'required') {
    report.add('E121', at, path, error.message, { hint: `set ${error.variable} in the environment or in .env` });
    return;
  }
  report.add('E120', at, path, error.message, { hint: 'write $$ for a dollar sign, ${NAME} for a variable' });
};

/** The tree with every text value (never a key) interpolated; E120 and E121 for what cannot be, W120 once per unset variable and file, with `silent` of none. */
export const interpolateTree = (
  tree: TreeNode,
  lookup: Lookup,
  report: Report,
  path: TreePath = [],
  warned: Set<string> | 'silent' = new Set(),
): TreeNode => {
  if (tree.kind === 'map') return mapValues(tree, (value, key) => interpolateTree(value, lookup, report, [...path, key], warned));
  if (tree.kind === 'list') return mapItems(tree, (item, index) => interpolateTree(item, lookup, report, [...path, index], warned));
  if (typeof tree.value !== 'string' || !tree.value.includes('$')) return tree;
  const onUnset = (name: string): void => {
    if (warned === 'silent' || warned.has(name)) return;
    warned.add(name);
    report.add('W120', tree.at, path, `the variable ${name} is not set; an empty text takes its place`, {
      hint: `set ${name} in the environment or in .env, or give a default: \${${name}:-value}`,
    });
  };
  try {
    return { ...tree, value: substitute(tree.value, lookup, onUnset) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    reportFailure(report, error, tree.at, path);
    return tree;
  }
};
