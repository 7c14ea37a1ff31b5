/** Seeded damage to good compose files, of the kinds that hands, editors, templates and merges do. */

export type Rng = () => number;

/** Numbers from 0 to below 1, the same for the same seed. Source: mulberry32, public domain. */
export const randomOf = (seed: number): Rng => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const below = (random: Rng, limit: number): number => Math.floor(random() * limit);
const pick = <T>(random: Rng, from: readonly T[], otherwise: T): T => from[below(random, from.length)] ?? otherwise;

/** Values that stand where nobody expects them. */
const values = [
  ...[
    '',
    '~',
    'null',
    '[]',
    '{}',
    '[a, b]',
    '{a: b}',
    '- a',
    '"',
    "'",
    '|',
    '>-',
    'yes',
    'off',
    'TRUE',
    '0440',
    '0o440',
    '1e9',
    '-1',
    '.inf',
    '.nan',
  ],
  ...[
    '22:22',
    '99999999999999999999',
    '0x1f',
    '1_000',
    '1.5',
    '512q',
    '-5m',
    '1h5',
    '5 s',
    '*none',
    '&a b',
    '!reset null',
    '!override []',
    '!!binary aGk=',
    '!x y',
  ],
  ...[
    '$',
    '${',
    '${}',
    '${A',
    '${A:-${B}',
    '${A:?}',
    '${A:?why}',
    '$$',
    '$1',
    '${A B}',
    '${é}',
    '../..',
    '/',
    '..',
    '~/x',
    'C:\\x',
    'file://x',
    'git@host:x',
    'oci://x/y',
  ],
  ...[
    'x:y:z:w',
    '80:80:80:80',
    '300.1.1.1:80:80',
    '[::1]:1',
    'a=b=c',
    '=',
    'service:none',
    'container:',
    'host',
    '\u{1F600}',
    'a\u0301',
    '\u202Eabc',
    'x'.repeat(300),
  ],
] as const;

/** Pieces that stray into a file. */
const pieces = [
  ...[
    '\t',
    '\u0000',
    '\u0007',
    '\u00a0',
    '\ufeff',
    '\r',
    ':',
    ': ',
    ' #',
    '%',
    '@',
    '`',
    '---\n',
    '...\n',
    '<<: *a\n',
    '? ',
    '- ',
    '!reset ',
    '!override ',
    '&a ',
    '*a ',
  ],
  ...[
    'extends: web\n',
    'include: [compose.yaml]\n',
    'include: missing.yaml\n',
    'x-a: 1\n',
    'services:\n',
    '<<<<<<< HEAD\n',
    '=======\n',
    '{{ .Values.x }}',
    '{% if x %}',
  ],
] as const;

type Mutation = (lines: readonly string[], random: Rng) => readonly string[];

const replaceLine = (lines: readonly string[], index: number, ...by: readonly string[]): readonly string[] =>
  lines.toSpliced(index, 1, ...by);

/** Changes the text after the first colon of a line. */
const changeValue: Mutation = (lines, random) => {
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  const cut = line.indexOf(':');
  return replaceLine(lines, at, `${cut < 0 ? line : line.slice(0, cut + 1)} ${pick(random, values, '')}`);
};

/** Misspells a word: a letter lost, doubled or swapped. */
const misspell: Mutation = (lines, random) => {
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  const place = below(random, line.length);
  const [a = '', b = ''] = [line[place], line[place + 1]];
  const instead = pick(random, ['', a + a, b + a], '');
  return replaceLine(lines, at, line.slice(0, place) + instead + line.slice(place + (instead === b + a ? 2 : 1)));
};

const insertPiece: Mutation = (lines, random) => {
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  const place = below(random, line.length + 1);
  return replaceLine(lines, at, line.slice(0, place) + pick(random, pieces, '') + line.slice(place));
};

const indent: Mutation = (lines, random) => {
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  return replaceLine(lines, at, pick(random, [` ${line}`, `  ${line}`, line.slice(1), line.trimStart(), `\t${line}`], line));
};

const dropLine: Mutation = (lines, random) => lines.toSpliced(below(random, lines.length), 1 + below(random, 3));

const repeatLines: Mutation = (lines, random) => {
  const from = below(random, lines.length);
  return lines.toSpliced(below(random, lines.length + 1), 0, ...lines.slice(from, from + 1 + below(random, 4)));
};

const swapLines: Mutation = (lines, random) => {
  const [a, b] = [below(random, lines.length), below(random, lines.length)];
  return lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
};

const cutOff: Mutation = (lines, random) => {
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  return [...lines.slice(0, at), line.slice(0, below(random, line.length + 1))];
};

/** Makes a scalar a list item or a list item a mapping. */
const changeKind: Mutation = (lines, random) => {
  const at = below(random, lines.length);
  const line = lines[at] ?? '';
  const blank = line.slice(0, line.length - line.trimStart().length);
  const rest = line.trimStart();
  return replaceLine(
    lines,
    at,
    blank + pick(random, [`- ${rest}`, rest.replace(/^- /, ''), `${rest}:`, `? ${rest}`, `"${rest}`, `[${rest}`, `{${rest}}`], rest),
  );
};

/** Those that find most stand here more than once. */
const mutations: readonly Mutation[] = [
  changeValue,
  changeValue,
  changeValue,
  misspell,
  misspell,
  insertPiece,
  insertPiece,
  indent,
  dropLine,
  repeatLines,
  swapLines,
  cutOff,
  changeKind,
];

/** The text with one to four things done to it. */
export const mutate = (text: string, random: Rng): string => {
  let lines: readonly string[] = text.split('\n');
  for (let left = 1 + below(random, 4); left > 0; left--) if (lines.length > 0) lines = pick(random, mutations, dropLine)(lines, random);
  return lines.join('\n');
};

/** The text with as many lines left out as `keeps` allows: what is left says what is wrong without the rest. */
export const minimised = (text: string, keeps: (text: string) => boolean): string => {
  let lines = text.split('\n');
  for (let size = Math.ceil(lines.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < lines.length; ) {
      const without = lines.toSpliced(at, size);
      if (without.length < lines.length && keeps(without.join('\n'))) lines = without;
      else at += size;
    }
  }
  return lines.join('\n');
};
