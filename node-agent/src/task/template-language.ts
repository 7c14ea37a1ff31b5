import { TsoError } from '@tso/proto';

/** What a template may name; a record is looked into by `.key` and by `index`. */
export type TemplateValue = string | number | boolean | TemplateRecord;
export interface TemplateRecord {
  readonly [key: string]: TemplateValue;
}
export type TemplateFunction = (args: readonly TemplateValue[]) => TemplateValue;

type Operand =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'value'; readonly value: TemplateValue }
  | { readonly kind: 'call'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe };
/** Operands side by side: the first is called with the rest. */
type Command = readonly [Operand, ...Operand[]];
type Pipe = readonly Command[];

interface Branch {
  /** undefined: `else`. */
  readonly when: Pipe | undefined;
  readonly body: readonly Part[];
  readonly source: string;
}
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe; readonly source: string }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] };

/** A template that was read; `source` of an action is what stands between its braces. */
export interface Template {
  readonly parts: readonly Part[];
  /** What stands in quotes in its actions. */
  readonly quoted: ReadonlySet<string>;
}

/** As long as the longest file that a task may be given. Characters. */
export const maxTextLength = 1024 * 1024;
const maxDepth = 32;
const shownSource = 60;
/** Before a comment's first sign. */
const maxBlanks = 100;

const shown = (source: string): string => `{{${source.length > shownSource ? `${source.slice(0, shownSource)}…` : source}}}`;
const refuse = (source: string, why: string, hint?: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `the template ${shown(source)} ${why}`, hint === undefined ? {} : { hint });

const tokenPattern = /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|-?\d+|\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\.|[A-Za-z_]\w*|:=|[()|]|./gsy;

const tokensOf = (source: string): readonly string[] =>
  [...source.matchAll(tokenPattern)].map(([text]) => text).filter((text) => text.trim() !== '');

const otherKeywords = new Set(['range', 'with', 'define', 'template', 'block', 'break', 'continue']);

/** Reads one action's words. */
class Reader {
  readonly #source: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(source: string, tokens: readonly string[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  whole(): Pipe {
    const pipe = this.#pipe(0);
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw refuse(this.#source, `has ${rest} where its end should be`);
    return pipe;
  }

  #pipe(depth: number): Pipe {
    if (depth > maxDepth) throw refuse(this.#source, `has more than ${maxDepth} brackets in one another`);
    const commands = [this.#command(depth)];
    while (this.#tokens[this.#at] === '|') {
      this.#at += 1;
      commands.push(this.#command(depth));
    }
    return commands;
  }

  #command(depth: number): Command {
    const first = this.#operand(depth);
    if (first === undefined) throw refuse(this.#source, 'lacks a value');
    const command: [Operand, ...Operand[]] = [first];
    for (let next = this.#operand(depth); next !== undefined; next = this.#operand(depth)) command.push(next);
    return command;
  }

  #operand(depth: number): Operand | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || token === '|' || token === ')') return undefined;
    this.#at += 1;
    if (token === '(') {
      const pipe = this.#pipe(depth + 1);
      if (this.#tokens[this.#at] !== ')') throw refuse(this.#source, 'lacks a closing bracket');
      this.#at += 1;
      return { kind: 'pipe', pipe };
    }
    if (token.startsWith('"') && token.length > 1) return { kind: 'value', value: this.#string(token) };
    if (token.startsWith('`') && token.length > 1) return { kind: 'value', value: token.slice(1, -1) };
    if (/^-?\d+$/.test(token)) return { kind: 'value', value: Number(token) };
    if (token === 'true' || token === 'false') return { kind: 'value', value: token === 'true' };
    if (/^\.[A-Za-z_]/.test(token)) return { kind: 'field', path: token.slice(1).split('.') };
    if (/^[A-Za-z_]/.test(token)) return { kind: 'call', name: token };
    throw refuse(this.#source, `has ${token} in it, which means nothing here`, 'Variables, bare dots and other signs are not supported');
  }

  #string(token: string): string {
    try {
      return JSON.parse(token) as string;
    } catch (cause) {
      throw new TsoError('INVALID_ARGUMENT', `the template ${shown(this.#source)} has a text with an escape that is none`, { cause });
    }
  }
}

interface Open {
  readonly branches: Branch[];
  when: Pipe | undefined;
  source: string;
  body: Part[];
}

/** Where a text in quotes that begins there ends, its closing quote included; -1: it does not. */
const endOfQuoted = (text: string, start: number): number => {
  const quote = text[start];
  if (quote === '`') return text.indexOf('`', start + 1) + 1 || -1;
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return -1;
};

/** Where the braces are that close an action whose words begin there; -1: nowhere. Those in quotes and in a comment do not. */
const endOfAction = (text: string, start: number): number => {
  if (/^-?\s*\/\*/.test(text.slice(start, start + maxBlanks))) {
    const end = text.indexOf('*/', text.indexOf('/*', start) + 2);
    return end < 0 ? -1 : text.indexOf('}}', end);
  }
  for (let at = start; at < text.length; ) {
    if (text.startsWith('}}', at)) return at;
    const isQuote = text[at] === '"' || text[at] === '`';
    at = isQuote ? endOfQuoted(text, at) : at + 1;
    if (at < 0) return -1;
  }
  return -1;
};

/** The parts of a text, conditions with what they choose from. */
class Builder {
  readonly #open: Open[] = [];
  readonly #parts: Part[] = [];

  get #body(): Part[] {
    return this.#open.at(-1)?.body ?? this.#parts;
  }

  text(text: string): void {
    if (text !== '') this.#body.push({ kind: 'text', text });
  }

  action(source: string): void {
    const trimmed = source.trim();
    if (/^\/\*[\s\S]*\*\/$/.test(trimmed)) return;
    const tokens = tokensOf(source);
    const [word = ''] = tokens;
    if (word === 'if') this.#open.push({ branches: [], when: new Reader(source, tokens.slice(1)).whole(), source, body: [] });
    else if (word === 'else') this.#else(source, tokens.slice(1));
    else if (word === 'end') this.#end(source, tokens);
    else if (word === '') throw refuse(source, 'is empty');
    else if (otherKeywords.has(word)) throw refuse(source, `uses ${word}, which is not supported`, 'There are if, else and end');
    else this.#body.push({ kind: 'print', pipe: new Reader(source, tokens).whole(), source });
    if (this.#open.length > maxDepth) throw refuse(source, `is inside of more than ${maxDepth} others`);
  }

  finish(): readonly Part[] {
    const open = this.#open.at(-1);
    if (open !== undefined) throw refuse(open.source, 'has no end', 'Close it: {{end}}');
    return this.#parts;
  }

  #else(source: string, tokens: readonly string[]): void {
    const open = this.#open.at(-1);
    if (open === undefined || open.when === undefined) throw refuse(source, 'has no if before it');
    open.branches.push({ when: open.when, body: open.body, source: open.source });
    open.body = [];
    open.source = source;
    if (tokens.length === 0) open.when = undefined;
    else if (tokens[0] === 'if') open.when = new Reader(source, tokens.slice(1)).whole();
    else throw refuse(source, `has ${tokens[0]} where its end should be`);
  }

  #end(source: string, tokens: readonly string[]): void {
    const open = this.#open.pop();
    if (open === undefined) throw refuse(source, 'has no if before it');
    if (tokens[1] !== undefined) throw refuse(source, `has ${tokens[1]} where its end should be`);
    this.#body.push({ kind: 'if', branches: [...open.branches, { when: open.when, body: open.body, source: open.source }] });
  }
}

const operandsOf = (pipe: Pipe): readonly Operand[] =>
  pipe.flatMap((command) => command.flatMap((operand) => (operand.kind === 'pipe' ? operandsOf(operand.pipe) : [operand])));
const pipesOf = (parts: readonly Part[]): readonly Pipe[] =>
  parts.flatMap((part) => {
    if (part.kind === 'text') return [];
    if (part.kind === 'print') return [part.pipe];
    return part.branches.flatMap(({ when, body }) => [...(when === undefined ? [] : [when]), ...pipesOf(body)]);
  });

/**
 * A text with actions in double braces, in the part of Go's text/template that has fields, texts, numbers, calls, pipes, brackets, comments, `if`
 * and the dashes that take blanks away. INVALID_ARGUMENT names the action that cannot be read.
 */
export const parseTemplate = (text: string): Template => {
  const builder = new Builder();
  let at = 0;
  let trimsNext = false;
  for (;;) {
    const start = text.indexOf('{{', at);
    const plain = text.slice(at, start < 0 ? undefined : start);
    const begun = trimsNext ? plain.trimStart() : plain;
    if (start < 0) {
      builder.text(begun);
      const parts = builder.finish();
      const operands = pipesOf(parts).flatMap(operandsOf);
      const quoted = operands.flatMap((operand) => (operand.kind === 'value' && typeof operand.value === 'string' ? [operand.value] : []));
      return { parts, quoted: new Set(quoted) };
    }
    const end = endOfAction(text, start + 2);
    if (end < 0) throw refuse(text.slice(start + 2), 'is not closed', 'Close it with two braces');
    const inside = text.slice(start + 2, end);
    const trimsBefore = /^-\s/.test(inside);
    trimsNext = /\s-$/.test(inside);
    builder.text(trimsBefore ? begun.trimEnd() : begun);
    builder.action(inside.slice(trimsBefore ? 1 : 0, trimsNext ? -1 : undefined));
    at = end + 2;
  }
};

/** As Go prints it; keys of a record sorted. */
export const templateText = (value: TemplateValue): string =>
  typeof value === 'object'
    ? `map[${Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, one]) => `${key}:${templateText(one)}`)
        .join(' ')}]`
    : String(value);

export const isTrue = (value: TemplateValue): boolean => (typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value));

/** RESOURCE_EXHAUSTED: the text is longer than any file may be. */
export const requireLength = (length: number): void => {
  if (length <= maxTextLength) return;
  throw new TsoError('RESOURCE_EXHAUSTED', `a template comes to more than ${maxTextLength} characters`, { hint: 'Let it take in less' });
};

class Evaluation {
  readonly #fields: TemplateRecord;
  readonly #functions: ReadonlyMap<string, TemplateFunction>;
  #length = 0;
  #text: string[] = [];

  constructor(fields: TemplateRecord, functions: ReadonlyMap<string, TemplateFunction>) {
    this.#fields = fields;
    this.#functions = functions;
  }

  get text(): string {
    return this.#text.join('');
  }

  run(parts: readonly Part[]): void {
    for (const part of parts) {
      if (part.kind === 'text') this.#write(part.text);
      else if (part.kind === 'print') this.#write(templateText(this.#pipe(part.pipe, part.source)));
      else {
        const chosen = part.branches.find(({ when, source }) => when === undefined || isTrue(this.#pipe(when, source)));
        if (chosen !== undefined) this.run(chosen.body);
      }
    }
  }

  #write(text: string): void {
    this.#length += text.length;
    requireLength(this.#length);
    this.#text.push(text);
  }

  #pipe(pipe: Pipe, source: string): TemplateValue {
    let last: TemplateValue | undefined;
    for (const command of pipe) last = this.#command(command, last, source);
    return last ?? '';
  }

  #command([first, ...rest]: Command, piped: TemplateValue | undefined, source: string): TemplateValue {
    const args = rest.map((operand) => this.#operand(operand, source));
    if (piped !== undefined) args.push(piped);
    if (first.kind === 'call') return this.#call(first.name, args, source);
    if (args.length > 0) throw refuse(source, 'gives something to a value that is no function');
    return this.#operand(first, source);
  }

  #operand(operand: Operand, source: string): TemplateValue {
    switch (operand.kind) {
      case 'value':
        return operand.value;
      case 'field':
        return this.#field(operand.path, source);
      case 'call':
        return this.#call(operand.name, [], source);
      case 'pipe':
        return this.#pipe(operand.pipe, source);
      default:
        return operand satisfies never;
    }
  }

  #field(path: readonly string[], source: string): TemplateValue {
    let value: TemplateValue = this.#fields;
    for (const [n, key] of path.entries()) {
      const next: TemplateValue | undefined = typeof value === 'object' && Object.hasOwn(value, key) ? value[key] : undefined;
      if (next === undefined) {
        const known = typeof value === 'object' ? Object.keys(value).toSorted() : [];
        const hint =
          known.length === 0 ? undefined : `There are ${known.map((one) => `.${[...path.slice(0, n), one].join('.')}`).join(', ')}`;
        throw refuse(source, `names .${path.slice(0, n + 1).join('.')}, which does not exist`, hint);
      }
      value = next;
    }
    return value;
  }

  #call(name: string, args: readonly TemplateValue[], source: string): TemplateValue {
    const found = this.#functions.get(name);
    if (found === undefined) {
      throw refuse(source, `calls ${name}, which does not exist here`, `There are ${[...this.#functions.keys()].toSorted().join(', ')}`);
    }
    try {
      return found(args);
    } catch (cause) {
      if (!(cause instanceof TsoError)) throw cause;
      throw new TsoError(cause.code, `the template ${shown(source)} cannot be filled in: ${cause.message}`, { cause });
    }
  }
}

/** The text that it comes to. INVALID_ARGUMENT: it names something that does not exist; RESOURCE_EXHAUSTED: more than `maxTextLength` characters. */
export const evaluateTemplate = (template: Template, fields: TemplateRecord, functions: ReadonlyMap<string, TemplateFunction>): string => {
  const evaluation = new Evaluation(fields, functions);
  evaluation.run(template.parts);
  return evaluation.text;
};
