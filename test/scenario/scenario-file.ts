/**
 * The text form that this field's interaction tests share: blocks of a command line, optional input lines, `----`, the expected
 * output and a blank line; `#` begins a comment between blocks. Output that has blank lines of its own stands between two
 * doubled `----`.
 */

export interface Argument {
  readonly key: string;
  /** What stands behind `=`: one value, or several in parentheses. Empty for a bare word. */
  readonly values: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
}

export interface Block {
  /** Line of the command in the file, from 1. */
  readonly line: number;
  /** The command line as it stands there, with continuation lines. */
  readonly head: readonly string[];
  readonly command: Command;
  readonly input: readonly string[];
  readonly expected: string;
}

/** A comment or blank line between blocks, kept so that the file can be written again. */
export interface Between {
  readonly text: string;
}

export type Part = Block | Between;

export const isBlock = (part: Part): part is Block => 'command' in part;

const separator = '----';

/** A command line that cannot be read, and where. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

const wordPattern = /[^\s=()]+(?:=\([^)]*\)|=[^\s()]*)?|\([^)]*\)/y;

const argumentOf = (word: string): Argument => {
  const at = word.indexOf('=');
  if (at === -1) return { key: word, values: [] };
  const value = word.slice(at + 1);
  const inner = value.startsWith('(') ? value.slice(1, -1) : value;
  return { key: word.slice(0, at), values: value.startsWith('(') ? inner.split(/[\s,]+/).filter((it) => it !== '') : [inner] };
};

/** One command line: a name, then bare words and `key=value` or `key=(a,b)`. */
export const parseCommand = (line: string, where: string): Command => {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at] ?? '')) {
      at += 1;
      continue;
    }
    wordPattern.lastIndex = at;
    const word = wordPattern.exec(line)?.[0];
    if (word === undefined) throw new ScenarioError(`${where}: cannot read the command ${JSON.stringify(line)} from column ${at + 1} on`);
    words.push(word);
    at += word.length;
  }
  const [name, ...rest] = words;
  if (name === undefined) throw new ScenarioError(`${where}: a command is missing`);
  return { name, args: rest.map(argumentOf) };
};

class Lines {
  private at = 0;
  private readonly lines: readonly string[];

  constructor(text: string) {
    this.lines = text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n');
  }

  get number(): number {
    return this.at + 1;
  }

  peek(): string | undefined {
    return this.lines[this.at];
  }

  next(): string | undefined {
    const line = this.lines[this.at];
    this.at += 1;
    return line;
  }
}

const readExpected = (lines: Lines, where: string): string => {
  const output: string[] = [];
  if (lines.peek() !== separator) {
    while (lines.peek() !== undefined && lines.peek()?.trim() !== '') output.push(lines.next() ?? '');
    return output.join('\n');
  }
  lines.next();
  for (let line = lines.next(); ; line = lines.next()) {
    if (line === undefined) throw new ScenarioError(`${where}: the output that begins with two lines of ${separator} does not end`);
    if (line === separator && lines.peek() === separator) {
      lines.next();
      return output.join('\n');
    }
    output.push(line);
  }
};

const readBlock = (lines: Lines, file: string): Block => {
  const line = lines.number;
  const where = `${file}:${line}`;
  const head = [lines.next() ?? ''];
  if (head[0] === separator) throw new ScenarioError(`${where}: ${separator} stands without a command before it`);
  while (head.at(-1)?.endsWith('\\')) head.push(lines.next() ?? '');
  const command = parseCommand(head.map((it) => it.replace(/\\$/, ' ')).join(' '), where);
  const input: string[] = [];
  for (let next = lines.next(); next !== separator; next = lines.next()) {
    if (next === undefined || next.trim() === '') throw new ScenarioError(`${where}: ${separator} is missing behind ${command.name}`);
    input.push(next);
  }
  return { line, head, command, input, expected: readExpected(lines, where) };
};

/** The file's parts in order. Throws ScenarioError naming file and line. */
export const parseScenario = (text: string, file: string): readonly Part[] => {
  const lines = new Lines(text);
  const parts: Part[] = [];
  for (let line = lines.peek(); line !== undefined; line = lines.peek()) {
    if (line.trim() === '' || line.startsWith('#')) parts.push({ text: lines.next() ?? '' });
    else parts.push(readBlock(lines, file));
  }
  return parts;
};

/** A block with the given output, as it stands in a file. */
export const writeBlock = (block: Block, output: string): string => {
  const body = output.replace(/\n$/, '');
  const doubled = body.split('\n').some((line) => line.trim() === '');
  const shown = doubled ? [separator, separator, body, separator, separator] : [separator, body];
  return [...block.head, ...block.input, ...shown].join('\n');
};
