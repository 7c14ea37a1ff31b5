import type { Place, Position, TreePath } from './tree.ts';
import { pathText } from './tree.ts';

export type Severity = 'error' | 'warning';

/** Codes are stable; docs/errors.md has an entry for each. E: the file is refused; W: it is taken, but something is not as written. */
export const diagnosticCodes = {
  E101: 'a file cannot be read',
  E102: 'no compose file was found',
  E103: 'the project name is not allowed',
  E110: 'the file is not YAML',
  E111: 'a key is written twice',
  E112: 'aliases form a cycle, or the file holds too much',
  E113: 'the file is empty or its top is not a mapping',
  E114: 'a key is not text',
  E115: 'the file holds several documents',
  E120: 'a ${...} expression is not valid',
  E121: 'a required variable has no value',
  E130: 'an env file cannot be understood',
  E140: 'extends cannot be resolved',
  E150: 'include cannot be resolved',
  E160: 'two files say things that do not merge',
  E190: 'more is wrong than is shown',
  E200: 'an unknown key',
  E201: 'a value of the wrong type',
  E202: 'a value that is not allowed',
  E203: 'a required key is missing',
  E204: 'a short form, size, duration or port that cannot be understood',
  E300: 'a service without an image',
  E301: 'a reference to something that is not declared',
  E302: 'services depend on each other in a circle',
  E303: 'attributes that exclude each other',
  E304: 'two attributes that must agree do not',
  E305: 'the same name or port is taken twice',
  E306: 'an incomplete definition',
  E307: 'no such service',
  E400: 'an attribute that is not supported yet',
  E401: 'a value that is not supported yet',
  E402: 'a value no host can fulfil',
  W120: 'a variable is not set',
  W190: 'there is more to say than is shown',
  W150: 'an included file and this one declare the same thing',
  W400: 'an attribute has no effect here',
  W401: 'an attribute acts differently here',
  W402: 'something that is shown, and that tso up refuses',
} as const;
export type DiagnosticCode = keyof typeof diagnosticCodes;

export interface Diagnostic {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  /** As the user named it; empty when the message is about no file. */
  readonly file: string;
  /** From 1; 0 when the message is about no place. */
  readonly line: number;
  readonly column: number;
  /** One sentence, without the place. */
  readonly message: string;
  /** What to do, one sentence. */
  readonly hint?: string;
  /** `services.web.ports[0]`; empty when it is about the file as a whole. */
  readonly path: string;
  /** The text of that line, for the caret; of a very long line the part around the place. */
  readonly source?: string;
  /** Where in `source` the place is, from 1, when that is not `column`. */
  readonly sourceColumn?: number;
  readonly length?: number;
}

/** So many are told of one project; a last one says how many more there are. */
const maxTold = 1000;
/** How much comparing the hints of one project may cost, in letters held against letters; a second holds some hundred million. */
const maxCompared = 20_000_000;
/** Of a line longer than this only a part of this length is shown. */
const maxSourceLength = 240;

/** Of a longer message, hint or path only so much is told: a file may hold names of any length. */
const maxSaid = 1000;

// Put together anew: a slice would keep all of the text that it is of.
const clipped = (text: string): string => (text.length > maxSaid ? [...text.slice(0, maxSaid).split(''), '...'].join('') : text);

interface Shown {
  readonly source?: string;
  readonly sourceColumn?: number;
  readonly length?: number;
}

/** Finds lines of a text, best when asked for in their order; holds no more than the text. */
class LineCursor {
  readonly text: string;
  #line = 1;
  #start = 0;
  constructor(text: string) {
    this.text = text;
  }
  /** The text of a line, from 1, without its end; undefined beyond the last. */
  lineAt(line: number): string | undefined {
    if (line < this.#line) {
      this.#line = 1;
      this.#start = 0;
    }
    while (this.#line < line) {
      const end = this.text.indexOf('\n', this.#start);
      if (end < 0) return undefined;
      this.#line += 1;
      this.#start = end + 1;
    }
    const end = this.text.indexOf('\n', this.#start);
    const found = this.text.slice(this.#start, end < 0 ? undefined : end);
    return found.endsWith('\r') ? found.slice(0, -1) : found;
  }
}

/** The part of a line that a message shows: all of it, unless it is very long. */
const shownPart = (line: string | undefined, at: { readonly column: number; readonly length: number }): Shown => {
  if (line === undefined) return {};
  if (line.length <= maxSourceLength) return { source: line, length: at.length };
  const start = Math.max(0, Math.min(at.column - 1 - maxSourceLength / 4, line.length - maxSourceLength));
  const source = line.slice(start, start + maxSourceLength);
  return { source, sourceColumn: at.column - start, length: Math.max(1, Math.min(at.length, source.length - (at.column - 1 - start))) };
};

export interface Extra {
  readonly hint?: string | undefined;
}

/** Collects what is wrong; knows the text of the files that were read. */
export class Report {
  readonly #found: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  /** Places of texts whose variables could not be put in: nobody knows what they come to, so nothing else is said of them. */
  readonly #unknown = new Set<string>();
  readonly #texts = new Map<string, string>();
  readonly #cursors = new Map<string, LineCursor>();
  readonly #codes = new Set<DiagnosticCode>();
  #errors = 0;
  #compared = 0;

  /** Remembers a file's text, so that messages can show its lines. */
  addSource(file: string, text: string): void {
    this.#texts.set(file, text);
  }

  /** True when so much was found already that more would not be shown: callers may then spare the work of describing it. */
  get isFull(): boolean {
    return this.#errors > maxTold;
  }

  /**
   * `meantHint` where a file may have any number of slips: of thousands among thousands of names only the first are helped, since looking
   * each up among all would take as long as both together multiplied.
   */
  meantHint(word: string, known: () => Iterable<string>): string | undefined {
    if (this.isFull || this.#compared > maxCompared) return undefined;
    const names = [...known()];
    this.#compared += names.length * (word.length ** 2 + 64);
    return meantHint(word, names);
  }

  add(code: DiagnosticCode, at: Position | undefined, path: TreePath, said: string, extra: Extra = {}): void {
    const severity: Severity = code.startsWith('W') ? 'warning' : 'error';
    const message = clipped(said);
    const place = `${at?.file}|${at?.line}|${at?.column}`;
    const key = `${code}|${place}|${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (code === 'E120' || code === 'E121') this.#unknown.add(place);
    else if (this.#unknown.has(place)) return;
    if (severity === 'error') this.#errors += 1;
    this.#codes.add(code);
    this.#found.push({
      severity,
      code,
      file: at?.file ?? '',
      line: at?.line ?? 0,
      column: at?.column ?? 0,
      message,
      ...(extra.hint === undefined ? {} : { hint: clipped(extra.hint) }),
      path: clipped(pathText(path)),
      ...(at === undefined ? {} : { length: at.length }),
    });
  }

  /** The same, at a place found by path: `key` for what the name is about, `value` for what it holds. */
  at(code: DiagnosticCode, place: Place, which: 'key' | 'value', path: TreePath, message: string, extra: Extra = {}): void {
    this.add(code, place[which], path, message, extra);
  }

  /** True when something was found that has one of these codes. */
  hasAny(codes: ReadonlySet<DiagnosticCode>): boolean {
    return [...this.#codes].some((code) => codes.has(code));
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  get errorCount(): number {
    return this.#errors;
  }

  /** True when something is wrong in the file of that name. */
  hasErrorsIn(file: string): boolean {
    return this.#found.some((found) => found.severity === 'error' && found.file === file);
  }

  /** Everything found: errors before warnings, each by file in the order they were read, then by place; of a great many the first. */
  all(): readonly Diagnostic[] {
    const files = new Map([...this.#texts.keys()].map((file, index) => [file, index]));
    const order = (a: Diagnostic, b: Diagnostic): number =>
      (a.severity === 'error' ? 0 : 1) - (b.severity === 'error' ? 0 : 1) ||
      (files.get(a.file) ?? -1) - (files.get(b.file) ?? -1) ||
      a.line - b.line ||
      a.column - b.column;
    const sorted = this.#found.toSorted(order);
    const told = sorted.slice(0, maxTold).map((found) => this.#withSource(found));
    if (sorted.length <= maxTold) return told;
    const [severity, code] = this.hasErrors ? (['error', 'E190'] as const) : (['warning', 'W190'] as const);
    const message = `${sorted.length - maxTold} more are not shown`;
    return [...told, { severity, code, file: '', line: 0, column: 0, message, path: '' }];
  }

  /** The diagnostic with the line it is about, which is looked for only now: most texts are never shown. */
  #withSource(found: Diagnostic): Diagnostic {
    const text = this.#texts.get(found.file);
    if (text === undefined || found.line === 0) return found;
    const { length = 1, ...rest } = found;
    return { ...rest, ...shownPart(this.#cursor(found.file, text).lineAt(found.line), { column: found.column, length }) };
  }

  #cursor(file: string, text: string): LineCursor {
    const known = this.#cursors.get(file);
    if (known?.text === text) return known;
    const cursor = new LineCursor(text);
    this.#cursors.set(file, cursor);
    return cursor;
  }

  warnings(): readonly Diagnostic[] {
    return this.all().filter((found) => found.severity === 'warning');
  }
}

/** The number of single-character edits (insert, delete, replace, swap of neighbours) between two words. */
export const editDistance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
};

/** What words of one family begin with, in which a mistake says nothing of the rest: SIG, SYS_, NET_. */
const familyOf = (word: string): string => /^(?:SIG|[A-Z]+_)/.exec(word)?.[0] ?? '';

/** The one known word that begins or ends with what was said. */
const longerWord = (said: string, known: readonly string[], flat: (text: string) => string): string | undefined => {
  const [only, another] = said.length < 4 ? [] : known.filter((one) => flat(one).startsWith(said) || flat(one).endsWith(said));
  return another === undefined ? only : undefined;
};

/** Nobody means a known word by one this long, and comparing costs its length for each. */
const longestMeant = 64;

/** The known word a person most likely meant, or undefined when none is near. */
export const didYouMean = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > longestMeant) return undefined;
  const candidates = [...known].filter((candidate) => candidate.length <= 2 * longestMeant);
  const flat = (text: string): string => text.toLowerCase().replaceAll(/[-_. ]/g, '');
  let best: string | undefined;
  // Of one or two letters every other word is near.
  let bestDistance = Math.floor(word.length / 3) + 1;
  const family = familyOf(word);
  const mostInFamily = Math.ceil((word.length - family.length) / 4);
  for (const candidate of candidates) {
    const isSame = flat(candidate) === flat(word);
    // As many letters at least are to be put in or taken out.
    if (!isSame && Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = isSame ? 0 : editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance || (family !== '' && candidate.startsWith(family) && distance > mostInFamily)) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best ?? longerWord(flat(word), candidates, flat);
};

/** "did you mean 'image'?", or undefined. */
export const meantHint = (word: string, known: Iterable<string>): string | undefined => {
  const meant = didYouMean(word, known);
  return meant === undefined ? undefined : `did you mean '${meant}'?`;
};

const paint = (color: boolean, codes: string, text: string): string => (color ? `\u001b[${codes}m${text}\u001b[0m` : text);

const place = (d: Diagnostic): string => (d.file === '' ? '' : d.line === 0 ? `${d.file}: ` : `${d.file}:${d.line}:${d.column}: `);

// Control characters of a file must not reach a terminal.
const printable = (text: string): string => text.replaceAll('\t', ' ').replaceAll(/\p{Cc}/gu, '?');

/** The message with its place, the source line, a caret under it and the hint: one to four lines, no newline at the end. */
export const renderDiagnostic = (d: Diagnostic, options: { readonly color: boolean }): string => {
  const tint = d.severity === 'error' ? '31' : '33';
  const head = `${paint(options.color, '1', printable(place(d)))}${paint(options.color, `1;${tint}`, `${d.severity} ${d.code}`)}: ${printable(d.message)}`;
  const lines = [head];
  if (d.source !== undefined && d.line > 0) {
    const gutter = String(d.line);
    const shown = printable(d.source);
    const column = d.sourceColumn ?? d.column;
    const room = Math.max(1, shown.length - (column - 1));
    const caret = ' '.repeat(column - 1) + '^'.repeat(Math.max(1, Math.min(d.length ?? 1, room)));
    lines.push(` ${gutter} | ${shown}`, ` ${' '.repeat(gutter.length)} | ${paint(options.color, tint, caret)}`);
  }
  if (d.hint !== undefined) lines.push(` ${paint(options.color, '36', 'hint')}: ${printable(d.hint)}`);
  return lines.join('\n');
};
