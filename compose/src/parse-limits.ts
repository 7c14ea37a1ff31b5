import { CST, Lexer } from 'yaml';

/**
 * What keeps a hostile or mistaken text from costing more than its length: characters that no YAML text may hold, and bounds on how much
 * the parser is given to build.
 */

/** How many values one file may hold once its aliases are expanded (guards against alias bombs; the reference's limit). */
export const maxNodes = 100_000;
/** How many levels of lists and mappings may lie in one another. */
export const maxDepth = 200;
/** How many words, marks, spaces, comments and line ends one file may hold. */
const maxTokens = 1_000_000;
/** How long one text in a file may be, as it is written. What is longer than this fits no config, secret or command. */
const maxTextLength = 2 * 1024 * 1024;

/** Thrown by `checkLimits`: the text goes beyond a bound at this offset. */
export class BeyondLimit extends Error {
  override readonly name = 'BeyondLimit';
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

// YAML 1.2.2, 5.1: c-printable.
const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Where the first character stands that YAML does not allow anywhere, and its name (`U+0000`); undefined: there is none. */
export const forbiddenCharacter = (text: string): { readonly offset: number; readonly name: string } | undefined => {
  const offset = text.search(unprintable);
  if (offset < 0) return undefined;
  return { offset, name: `U+${(text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0')}` };
};

/** Counts the values a text will make: at least one for each list item and each key with its colon. */
class Counter {
  #tokens = 0;
  #values = 0;
  /** Open brackets of flow collections, in which commas part the values. */
  #flow = 0;

  add(lexeme: string, offset: number): void {
    this.#tokens += 1;
    if (this.#tokens > maxTokens) throw new BeyondLimit(offset, `has more than ${maxTokens} words and marks`);
    switch (lexeme) {
      case '{':
      case '[':
        this.#flow += 1;
        this.#values += 1;
        if (this.#flow > maxDepth) throw new BeyondLimit(offset, `has lists or mappings nested more than ${maxDepth} levels deep`);
        break;
      case '}':
      case ']':
        this.#flow -= 1;
        break;
      case ',':
        this.#values += 1;
        break;
      case ':':
      case '-':
      case '?':
        if (this.#flow === 0) this.#values += 1;
        break;
      case CST.DOCUMENT:
      case CST.FLOW_END:
        this.#flow = 0;
        break;
      default:
    }
    if (this.#values > maxNodes) throw new BeyondLimit(offset, `has more than ${maxNodes} values`);
  }
}

/** An upper bound of the values in a text, from its characters alone. */
const mostValues = (text: string): number => {
  let found = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // Line end, comma, dash, colon, question mark, opening brackets.
    if (code === 10 || code === 44 || code === 45 || code === 58 || code === 63 || code === 91 || code === 123) found += 1;
  }
  return found;
};

/**
 * Throws BeyondLimit when a text holds too much to be read. One that might, by its size or its marks alone, is looked through first, which
 * needs no memory; what the parser would build of it would.
 */
export const checkLimits = (text: string): void => {
  if (text.length <= maxTextLength && mostValues(text) <= maxNodes) return;
  const counter = new Counter();
  let isScalar = false;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.length > maxTextLength) throw new BeyondLimit(offset, `has a text of more than ${maxTextLength / 1024 / 1024} MiB`);
    if (!isScalar) counter.add(lexeme, offset);
    const isMark = !isScalar && (lexeme === CST.SCALAR || lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END);
    isScalar = !isScalar && lexeme === CST.SCALAR;
    if (!isMark) offset += lexeme.length;
  }
};
