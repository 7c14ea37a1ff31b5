import { TsoError } from '@tso/proto';
import type { ImageConfig } from './types.ts';

const instructions = ['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'USER', 'VOLUME', 'WORKDIR', 'LABEL', 'STOPSIGNAL'] as const;
type Instruction = (typeof instructions)[number];

const bad = (line: string, why: string, hint?: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `change ${JSON.stringify(line)}: ${why}`, {
    hint: hint ?? `Known are ${instructions.join(', ')}, written as in a Dockerfile`,
  });

/** Splits at blanks outside quotes; quotes and backslashes are taken away as in a Dockerfile: single quotes keep backslashes. */
const splitWords = (text: string, line: string): readonly string[] => {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '\\' && quote !== "'" && i + 1 < text.length) {
      const next = text.charAt(i + 1);
      const literal = quote === '"' && next !== '"' && next !== '\\' && next !== '$';
      word = (word ?? '') + (literal ? char + next : next);
      i += 1;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') throw bad(line, `the ${quote} is not closed`, 'Close it');
  return word === undefined ? words : [...words, word];
};

/** The JSON form `["a","b"]`, or undefined when it is not written so. */
const jsonForm = (text: string): readonly string[] | undefined => {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    // As in a Dockerfile: what is not JSON is a shell line that happens to begin with a bracket.
    return undefined;
  }
};

const commandOf = (text: string): readonly string[] => jsonForm(text) ?? ['/bin/sh', '-c', text];

const pairs = (text: string, line: string, legacy: boolean): readonly (readonly [key: string, value: string])[] => {
  const words = splitWords(text, line);
  const first = words[0] ?? '';
  if (legacy && !first.includes('=')) {
    const value = text.slice(text.search(/\s|$/)).trim();
    if (value === '') throw bad(line, 'a value is needed', 'Write NAME=value');
    return [[first, value]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 1) throw bad(line, `"${word}" is not of the form name=value`, 'Quote values that have blanks');
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
};

const withEnv = (env: readonly string[], key: string, value: string): readonly string[] => {
  const entry = `${key}=${value}`;
  const at = env.findIndex((one) => one.startsWith(`${key}=`));
  return at === -1 ? [...env, entry] : env.with(at, entry);
};

const merged = (list: readonly string[], more: readonly string[]): readonly string[] => [...new Set([...list, ...more])];

const portsOf = (text: string, line: string): readonly string[] =>
  splitWords(text, line).flatMap((word) => {
    const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(word);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (match === null || from < 1 || to > 65_535 || to < from) throw bad(line, `"${word}" is not a port`, 'Write 80, 80/udp or 8000-8010');
    const protocol = (match[3] ?? 'tcp').toLowerCase();
    return Array.from({ length: to - from + 1 }, (_, n) => `${from + n}/${protocol}`);
  });

const workingDir = (current: string, text: string): string => {
  const parts: string[] = [];
  for (const part of (text.startsWith('/') ? text : `${current}/${text}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
};

const oneWord = (text: string, line: string): string => {
  const [word, ...rest] = splitWords(text, line);
  if (word === undefined || word === '' || rest.length > 0) throw bad(line, 'exactly one value is needed', 'Quote a value that has blanks');
  return word;
};

const apply = (config: ImageConfig, instruction: Instruction, text: string, line: string): ImageConfig => {
  switch (instruction) {
    case 'CMD':
      return { ...config, command: commandOf(text) };
    case 'ENTRYPOINT':
      return { ...config, entrypoint: commandOf(text) };
    case 'ENV':
      return { ...config, env: pairs(text, line, true).reduce((env, [key, value]) => withEnv(env, key, value), config.env) };
    case 'LABEL':
      return { ...config, labels: { ...config.labels, ...Object.fromEntries(pairs(text, line, true)) } };
    case 'EXPOSE':
      return { ...config, exposedPorts: merged(config.exposedPorts, portsOf(text, line)) };
    case 'VOLUME':
      return { ...config, volumes: merged(config.volumes, jsonForm(text) ?? splitWords(text, line)) };
    case 'USER':
      return { ...config, user: oneWord(text, line) };
    case 'WORKDIR':
      return { ...config, workingDir: workingDir(config.workingDir, oneWord(text, line)) };
    case 'STOPSIGNAL':
      return { ...config, stopSignal: oneWord(text, line) };
    default:
      return instruction satisfies never;
  }
};

const isInstruction = (word: string): word is Instruction => instructions.some((one) => one === word);

/**
 * The configuration with Dockerfile lines applied in order (Dockerfile reference; CMD and ENTRYPOINT in JSON or shell form).
 * Blank lines and `#` lines say nothing. INVALID_ARGUMENT quotes the line.
 */
export const applyChanges = (config: ImageConfig, lines: readonly string[]): ImageConfig =>
  lines.reduce((current, raw) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return current;
    const [, word = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
    const instruction = word.toUpperCase();
    if (!isInstruction(instruction)) throw bad(line, `"${word}" is not an instruction that an import takes`);
    if (text === '') throw bad(line, 'it has no value');
    return apply(current, instruction, text, line);
  }, config);
