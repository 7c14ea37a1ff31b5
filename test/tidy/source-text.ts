/** A source text taken apart just far enough for the rules: no parser, so that thousands of lines are read in milliseconds. */
export interface SourceText {
  /** The text with comments and the contents of strings, templates and regular expressions blanked; same length, same lines. */
  readonly code: string;
  /** The text with only comments blanked. */
  readonly withStrings: string;
  /** The text with only strings, templates and regular expressions blanked. */
  readonly withComments: string;
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** After these a slash starts a regular expression; after anything else it divides. */
const beforeRegExp = /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield))\s*$/;

const endOfString = (text: string, from: number, quote: string): number => {
  let at = from + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

const endOfRegExp = (text: string, from: number): number => {
  let inClass = false;
  let at = from + 1;
  for (; at < text.length && text[at] !== '\n'; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1;
  }
  return at;
};

/** The end of the literal part of a template: after its closing backtick, or after the `${` of an expression. */
const endOfTemplatePart = (text: string, from: number): { readonly end: number; readonly opens: boolean } => {
  let at = from;
  for (; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '`') return { end: at + 1, opens: false };
    else if (text[at] === '$' && text[at + 1] === '{') return { end: at + 2, opens: true };
  }
  return { end: at, opens: false };
};

export const readSource = (text: string): SourceText => {
  const code: string[] = [];
  const withStrings: string[] = [];
  const withComments: string[] = [];
  // Depth of braces at which each open template goes on.
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  let lately = '';
  const take = (end: number, kind: 'code' | 'literal' | 'comment') => {
    const piece = text.slice(at, end);
    code.push(kind === 'code' ? piece : blank(piece));
    withStrings.push(kind === 'comment' ? blank(piece) : piece);
    withComments.push(kind === 'literal' ? blank(piece) : piece);
    if (kind === 'code') lately = (lately + piece).slice(-20);
    else if (kind === 'literal') lately = 'x';
    at = end;
  };
  const template = (from: number) => {
    const { end, opens } = endOfTemplatePart(text, from);
    take(end, 'literal');
    if (!opens) return;
    templates.push(depth);
    lately = '(';
  };
  while (at < text.length) {
    const char = text[at];
    const two = text.slice(at, at + 2);
    if (two === '//' || (at === 0 && two === '#!')) {
      const end = text.indexOf('\n', at);
      take(end < 0 ? text.length : end, 'comment');
    } else if (two === '/*') {
      const end = text.indexOf('*/', at + 2);
      take(end < 0 ? text.length : end + 2, 'comment');
    } else if (char === "'" || char === '"') {
      take(endOfString(text, at, char), 'literal');
    } else if (char === '`') {
      template(at + 1);
    } else if (char === '}' && templates.at(-1) === depth) {
      templates.pop();
      template(at + 1);
    } else if (char === '/' && beforeRegExp.test(lately)) {
      take(endOfRegExp(text, at), 'literal');
    } else {
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      take(at + 1, 'code');
    }
  }
  return { code: code.join(''), withStrings: withStrings.join(''), withComments: withComments.join('') };
};

export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** Names taken from it, as exported there; `*` for all of it, `default` for its default. */
  readonly names: readonly string[];
  /** From 1. */
  readonly line: number;
}

const importPattern =
  /(?:^|[;\s}])(?:(?:import|export)\s+(?<clause>[\w*{}\s,$]*?)\s*from\s*|import\s*\(\s*|import\s+)(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/g;

const namesOf = (clause: string): string[] => {
  const names: string[] = [];
  const inBraces = /\{(?<list>[^}]*)\}/.exec(clause)?.groups?.list ?? '';
  for (const item of inBraces.split(',')) {
    const name = item
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/)[0];
    if (name !== undefined && name !== '') names.push(name);
  }
  const rest = clause.replace(/\{[^}]*\}/, '').replace(/\btype\b/, '');
  if (rest.includes('*')) names.push('*');
  if (/^\s*\w/.test(rest.replace(/\*\s*as\s+\w+/, ''))) names.push('default');
  return names;
};

export const lineOf = (text: string, index: number): number => {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
};

/** Every module that the text names: static, re-exported, for its effect, and dynamic with a literal name. */
export const importsOf = (source: SourceText): readonly Import[] => {
  const imports: Import[] = [];
  for (const match of source.withStrings.matchAll(importPattern)) {
    const { clause, specifier = '' } = match.groups ?? {};
    // A string that holds such words is no import: there the code is blank.
    const keywordAt = match.index + match[0].search(/import|export/);
    if (source.code.slice(keywordAt, keywordAt + 6).trim() === '') continue;
    imports.push({ specifier, names: clause === undefined ? ['*'] : namesOf(clause), line: lineOf(source.withStrings, keywordAt) });
  }
  return imports;
};
