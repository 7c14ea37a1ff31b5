import type { Json } from './tree.ts';

/**
 * Plain data as YAML in block style, as Docker prints it. A library would make a document of nodes first, which takes longer than all the
 * rest of `tso config`. What is written reads the same by the rules of YAML 1.1 and 1.2.
 */

/** What a reader of YAML 1.1 or 1.2 would take for something else than text (yaml.org/type, YAML 1.2.2 chapter 10). */
const otherThanText: readonly RegExp[] = [
  /^(?:~|null|Null|NULL|<<|=)$/,
  /^(?:y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/,
  /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?$/,
  // Hours and minutes: 22:22 is a number in YAML 1.1.
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?$/,
];

/** Only such text can be anything of those. */
const maybeOther = /^[-+.0-9~<=eEyYnNtTfFoO]/;

/** What may stand without quotes in a block, wherever that is (YAML 1.2.2, 7.3.3). */
const plain = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`\p{C}]|-(?=[^\s\p{C}]))(?:[^\s:#\p{C}]|(?<=[^\s])#|:(?=[^\s\p{C}])| (?=[^\s#]))*$/u;

/** What a text in quotes or a block cannot hold as it is. */
const unprintable = /[^\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

const escapes = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const isOther = (text: string): boolean => maybeOther.test(text) && otherThanText.some((pattern) => pattern.test(text));

/** A text on one line. */
const inline = (text: string): string => {
  if (text === '' || isOther(text)) return escapes(text);
  if (plain.test(text) && !text.startsWith('---') && !text.startsWith('...')) return text;
  return unprintable.test(text) || text.includes('\n') ? escapes(text) : `'${text.replaceAll("'", "''")}'`;
};

/** A text of several lines as they are; undefined: it has to stand on one. */
const literal = (text: string, indent: string): string | undefined => {
  if (!text.includes('\n') || /^[\s]/.test(text) || unprintable.test(text)) return undefined;
  const end = text.endsWith('\n\n') ? '|+' : text.endsWith('\n') ? '|' : '|-';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return `${end}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}\n`;
};

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

const number = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';

/** What stands behind `key:` or `-`, with the newline at its end; a block begins on the next line. */
const behind = (value: Json, indent: string): string => {
  if (typeof value === 'string') return ` ${literal(value, indent) ?? `${inline(value)}\n`}`;
  if (typeof value === 'number') return ` ${number(value)}\n`;
  if (value === null || typeof value !== 'object') return ` ${value}\n`;
  if (isEmpty(value)) return Array.isArray(value) ? ' []\n' : ' {}\n';
  return `\n${block(value, indent)}`;
};

/** Longer ones have to be announced (YAML 1.2.2, 7.4.2: 1024 characters). */
const longestKey = 1000;

const entry = (key: string, value: Json, indent: string): string => {
  const text = inline(key);
  const rest = behind(value, `${indent}  `);
  return text.length > longestKey ? `${indent}? ${text}\n${indent}:${rest}` : `${indent}${text}:${rest}`;
};

/** An item's block begins beside its dash. */
const item = (value: Json, indent: string): string => {
  const rest = behind(value, `${indent}  `);
  return rest.startsWith('\n') ? `${indent}- ${rest.slice(indent.length + 3)}` : `${indent}-${rest}`;
};

const block = (value: object, indent: string): string =>
  Array.isArray(value)
    ? value.map((one: Json) => item(one, indent)).join('')
    : Object.entries(value)
        .map(([key, one]) => entry(key, one as Json, indent))
        .join('');

/** The data as a document that ends with a newline. */
export const renderYaml = (value: Json): string =>
  value !== null && typeof value === 'object' && !isEmpty(value) ? block(value, '') : behind(value, '').slice(1);
