import { closingBrace, type Expression, parseExpression } from './interpolate.ts';
import type { Json } from './tree.ts';

/** A variable that files ask for, as `docker compose config --variables` shows it. */
export interface Variable {
  readonly name: string;
  /** `${NAME:?}` or `${NAME?}`: there must be one. */
  readonly required: boolean;
  /** What takes its place when it is not set, not yet interpolated; empty: nothing. */
  readonly defaultValue: string;
  /** What takes its place when it is set (`${NAME:+…}`); empty: its value. */
  readonly alternateValue: string;
}

/** The expressions of a text in their order, those inside operands not included. A text that cannot be read has those before the fault. */
const expressionsOf = (text: string): readonly Expression[] => {
  const found: Expression[] = [];
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    if (text[at + 1] === '$') at += 2;
    else if (text[at + 1] === '{') {
      const end = closingBrace(text, at + 1);
      const expression = end < 0 ? undefined : parseExpression(text.slice(at + 2, end));
      if (expression === undefined) return found;
      found.push(expression);
      at = end + 1;
    } else {
      const name = /^[_a-zA-Z][_a-zA-Z0-9]*/.exec(text.slice(at + 1))?.[0];
      if (name !== undefined) found.push({ name, operand: '' });
      at += 1 + (name?.length ?? 0);
    }
  }
  return found;
};

const variableOf = ({ name, operator, operand }: Expression): Variable => ({
  name,
  required: operator === ':?' || operator === '?',
  defaultValue: operator === ':-' || operator === '-' ? operand : '',
  alternateValue: operator === ':+' || operator === '+' ? operand : '',
});

const joined = (a: Variable, b: Variable): Variable => ({
  name: a.name,
  required: a.required || b.required,
  defaultValue: a.defaultValue === '' ? b.defaultValue : a.defaultValue,
  alternateValue: a.alternateValue === '' ? b.alternateValue : a.alternateValue,
});

/**
 * Every variable that the values of a model which was not interpolated ask for, by name, sorted. One that several ask for is required when
 * one of them requires it, and has the first default. Variables inside defaults and alternates count; texts of errors do not.
 */
export const variablesOf = (model: Json): readonly Variable[] => {
  const found = new Map<string, Variable>();
  const visit = (value: Json): void => {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return;
    if (typeof value !== 'string') {
      for (const one of Object.values(value)) visit(one as Json);
      return;
    }
    if (!value.includes('$')) return;
    for (const expression of expressionsOf(value)) {
      const variable = variableOf(expression);
      const before = found.get(variable.name);
      found.set(variable.name, before === undefined ? variable : joined(before, variable));
      if (!variable.required) visit(expression.operand);
    }
  };
  visit(model);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
};
