import type { Finding } from './finding.ts';
import type { SourceFile } from './tree.ts';

/** What the command line takes: `node ls` → its sub-commands, the words its arguments are chosen from, its options. The program itself is ''. */
export type CommandWords = ReadonlyMap<string, ReadonlySet<string>>;

/** From the completion script for bash, which has a line for every command: `    "node ls") words="--format -q" ;;`. */
export const commandWords = (script: string): CommandWords =>
  new Map([...script.matchAll(/^ {4}"(.*)"\) words="(.*)" ;;$/gm)].map(([, path = '', words = '']) => [path, new Set(words.split(' '))]));

/** What follows the name in sentences about the program, and is no command. */
const prose = new Set(['again', 'alice', 'does', 'that', 'reads', 'sets', 'writes', 'raft', 'root']);

/** A command line as far as it goes inside a sentence: it ends with a mark, a quote, a pipe or the next sentence. */
const mention = /(?<![\w$/.@-]|complete -c )tso((?: +(?:\$\{[^}]*\}|[^\s`'"(){}|>,;:\\…])+)+)/g;

const endsSentence = (token: string): boolean => /[.?!]$/.test(token);

const tokensOf = (text: string): readonly string[] => {
  const tokens = text.trim().split(/ +/);
  const last = tokens.findIndex(endsSentence);
  return last < 0 ? tokens : [...tokens.slice(0, last), (tokens[last] ?? '').replace(/[.?!]+$/, '')];
};

const optionsIn = (token: string): readonly string[] =>
  /^-[a-zA-Z]{2,}$/.test(token) ? [...token.slice(1)].map((letter) => `-${letter}`) : [token.replace(/=.*$/, '')];

/** What stands for something else: `COMMAND`, `${name}`. */
const isPlaceholder = (token: string): boolean => /^[A-Z$]/.test(token);

const hasCommands = (path: string, known: CommandWords): boolean => [...known.keys()].some((one) => one.startsWith(`${path} `));

const unknownCommand = (path: string, tokens: readonly string[], known: CommandWords): string | undefined => {
  const [token = ''] = tokens;
  if (path === '') {
    if (token.startsWith('$') && tokens.length > 1) return `write the command out instead of ${token}`;
    return isPlaceholder(token) || prose.has(token) ? undefined : `there is no tso ${token}`;
  }
  return hasCommands(path, known) && !isPlaceholder(token) ? `there is no tso ${path} ${token}` : undefined;
};

/** What is wrong with one mention of a command; undefined: it can be typed. */
const wrongIn = (mentioned: string, known: CommandWords): string | undefined => {
  const tokens = tokensOf(mentioned);
  let path = '';
  let at = 0;
  // What comes before the command is where it goes to, each with a value.
  for (; tokens[at]?.startsWith('-'); at += 2) if (!known.get('')?.has(tokens[at] ?? '')) return `tso has no ${tokens[at]}`;
  for (; at < tokens.length && !tokens[at]?.startsWith('-'); at += 1) {
    const next = `${path} ${tokens[at]?.replace(/\$\{.*$/, '')}`.trim();
    if (next === path || !known.has(next)) {
      const wrong = unknownCommand(path, tokens.slice(at), known);
      // Which of a group's commands a placeholder stands for is not known, nor what that takes.
      if (wrong !== undefined || path === '' || hasCommands(path, known)) return wrong;
      break;
    }
    path = next;
  }
  const options = tokens.slice(at).filter((token) => /^--?[a-zA-Z]/.test(token));
  const unknown = options.flatMap(optionsIn).find((option) => !known.get(path)?.has(option));
  return unknown === undefined ? undefined : `tso ${path} has no ${unknown}`;
};

/** Hints, messages and guides name commands and options that exist. */
export const checkCommands = (files: readonly SourceFile[], known: CommandWords): readonly Finding[] =>
  files.flatMap(({ path, withStrings }) =>
    [...withStrings.matchAll(mention)].flatMap(({ 0: all, 1: mentioned = '', index }) => {
      const wrong = wrongIn(mentioned, known);
      const line = withStrings.slice(0, index).split('\n').length;
      return wrong === undefined ? [] : [{ path, line, message: `says "${all}": ${wrong}` }];
    }),
  );
