import { oneLine } from './task-text.ts';

/** Lines of a page about one thing: a word and what it is; without the word it goes on with the line above. */
export type DetailLine = readonly [title: string, value: string];

export const listLines = (title: string, values: readonly string[]): readonly DetailLine[] =>
  values.map((value, index) => [index === 0 ? title : '', oneLine(value)]);

/** `name=value`, or the name alone, sorted by name. */
export const mapLines = (title: string, map: Readonly<Record<string, string>>): readonly DetailLine[] =>
  listLines(
    title,
    Object.entries(map)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => (value === '' ? name : `${name}=${value}`)),
  );

/** The page, its words in a column of that width. */
export const detailsText = (lines: readonly DetailLine[], width: number): string =>
  lines.map(([title, value]) => `${(title === '' ? '' : `${title}:`).padEnd(width)}${value}\n`).join('');
