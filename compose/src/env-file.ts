import { type Lookup, substitute, TemplateError } from './interpolate.ts';

/** An env file that cannot be understood; `line` counts from 1. */
export class EnvFileError extends Error {
  override readonly name = 'EnvFileError';
  readonly line: number;
  readonly reason: string;
  /** What else is wrong in the file, further down. */
  readonly others: readonly EnvFileError[];
  constructor(line: number, reason: string, others: readonly EnvFileError[] = []) {
    super(`line ${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
    this.others = others;
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // Doubled, because the text is interpolated afterwards and must come out as one dollar sign.
  $: '$$',
};

const expandEscapes = (text: string): string =>
  text.replaceAll(/\\(?:([abfnrtv$"\\])|0([0-7]{1,3}))/g, (_, letter: string | undefined, octal: string | undefined) =>
    letter !== undefined ? (simpleEscapes[letter] ?? '') : String.fromCharCode(Number.parseInt(octal ?? '0', 8) & 0xff),
  );

class Reader {
  readonly text: string;
  index = 0;
  constructor(text: string) {
    this.text = text;
  }
  /** The line of an offset, from 1: counted only when a message needs it. */
  lineOf(index: number): number {
    let line = 1;
    for (let end = this.text.indexOf('\n'); end >= 0 && end < index; end = this.text.indexOf('\n', end + 1)) line += 1;
    return line;
  }
  get line(): number {
    return this.lineOf(this.index);
  }
  get done(): boolean {
    return this.index >= this.text.length;
  }
  rest(): string {
    return this.text.slice(this.index);
  }
  /** The text up to the end of the line, the line end itself swallowed. */
  takeLine(): string {
    const end = this.text.indexOf('\n', this.index);
    const line = end < 0 ? this.rest() : this.text.slice(this.index, end);
    this.index = end < 0 ? this.text.length : end + 1;
    return line;
  }
  skipBlank(): void {
    for (;;) {
      const space = /^\s+/.exec(this.rest());
      if (space !== null) this.index += space[0].length;
      if (this.text[this.index] !== '#') return;
      this.takeLine();
    }
  }
}

interface Key {
  readonly name: string;
  /** False: the line has no `=`; the value comes from the environment. */
  readonly hasValue: boolean;
}

/** What is wrong with a key; its line is left behind. */
const badKey = (reader: Reader, reason: string): EnvFileError => {
  const error = new EnvFileError(reader.line, reason);
  reader.takeLine();
  return error;
};

const readKey = (reader: Reader): Key => {
  const exported = /^export[ \t]+(?=[^=:\s])/.exec(reader.rest());
  if (exported !== null) reader.index += exported[0].length;
  const start = reader.index;
  const lineEnd = reader.text.indexOf('\n', start);
  const line = lineEnd < 0 ? reader.rest() : reader.text.slice(start, lineEnd);
  const separator = line.search(/[=:]/);
  const raw = separator < 0 ? (line.split(/\s#/)[0] ?? '') : line.slice(0, separator);
  const name = raw.trim();
  if (/\s/.test(name)) throw badKey(reader, `key cannot contain a space: '${name}'`);
  const odd = /[^\p{L}\p{N}_.\-[\]]/u.exec(name);
  if (odd !== null) throw badKey(reader, `unexpected character '${odd[0]}' in variable name '${name}'`);
  if (separator < 0) {
    reader.takeLine();
    return { name, hasValue: false };
  }
  reader.index = start + separator + 1;
  return { name, hasValue: true };
};

const readQuoted = (reader: Reader, quote: string): string => {
  const start = reader.index;
  let escaped = false;
  for (let index = reader.index + 1; index < reader.text.length; index++) {
    const char = reader.text[index];
    if (escaped) escaped = false;
    else if (char === '\\') escaped = true;
    else if (char === quote) {
      const value = reader.text.slice(reader.index + 1, index);
      reader.index = index + 1;
      return value;
    }
  }
  const shown = reader.rest().split('\n')[0] ?? '';
  reader.index = reader.text.length;
  throw new EnvFileError(reader.lineOf(start), `unterminated quoted value ${shown.length > 200 ? `${shown.slice(0, 200)}...` : shown}`);
};

const readValue = (reader: Reader, lookup: Lookup): string => {
  const blank = /^[ \t\r\f\v]+/.exec(reader.rest());
  if (blank !== null) reader.index += blank[0].length;
  const start = reader.index;
  const first = reader.text[start];
  try {
    if (first === "'") return readQuoted(reader, first).replaceAll("\\'", "'");
    if (first === '"') return substitute(expandEscapes(readQuoted(reader, first)), lookup);
    const plain = reader.takeLine();
    const comment = plain.search(/(^|\s)#/);
    return substitute((comment < 0 ? plain : plain.slice(0, comment)).trim(), lookup);
  } catch (error) {
    if (error instanceof TemplateError) throw new EnvFileError(reader.lineOf(start), error.message);
    throw error;
  }
};

/** Of a file that is none of variables more help nobody. */
const mostMistakes = 20;

const throwAll = ([first, ...others]: readonly EnvFileError[]): void => {
  if (first !== undefined) throw new EnvFileError(first.line, first.reason, others);
};

/**
 * The variables of an env file, in order. References see `outside` first, then what the file said before, then what `earlier` files said. A key without `=` takes
 * its value from `outside` and is left out when that has none. Throws EnvFileError, the first with all others. Source: compose-spec 05-services env_file.
 */
export const parseEnvText = (text: string, outside: Lookup, earlier: Lookup = () => undefined): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const lookup: Lookup = (name) => outside(name) ?? found.get(name) ?? earlier(name);
  const reader = new Reader(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  const wrong: EnvFileError[] = [];
  reader.skipBlank();
  while (!reader.done && wrong.length < mostMistakes) {
    try {
      const { name, hasValue } = readKey(reader);
      const value = hasValue ? readValue(reader, lookup) : outside(name);
      if (value !== undefined) found.set(name, value);
    } catch (error) {
      if (!(error instanceof EnvFileError)) throw error;
      wrong.push(error);
    }
    reader.skipBlank();
  }
  throwAll(wrong);
  return found;
};

/** The same for a file on disk: names that start with a digit are no variables and are left out. */
export const parseEnvFile = (text: string, outside: Lookup, earlier?: Lookup): ReadonlyMap<string, string> =>
  new Map([...parseEnvText(text, outside, earlier)].filter(([name]) => !/^\d/.test(name)));

/** `format: raw`: one KEY=VALUE a line, the value as it stands; blank lines and lines that start with `#` are skipped. */
export const parseRawEnvText = (text: string, outside: Lookup): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const wrong: EnvFileError[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const cut = line.indexOf('=');
    const name = cut < 0 ? line.trim() : line.slice(0, cut);
    if (/\s/.test(name) && wrong.length < mostMistakes) wrong.push(new EnvFileError(index + 1, `key cannot contain a space: '${name}'`));
    const value = cut < 0 ? outside(name) : line.slice(cut + 1);
    if (value !== undefined) found.set(name, value);
  }
  throwAll(wrong);
  return found;
};
