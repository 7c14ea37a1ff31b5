import { oneLine } from '../view-model/task-text.ts';

/** A column: its heading, and whether its text may be broken over lines when the terminal is narrow. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly wrap?: boolean;
}

const gap = '   ';

/** Breaks between words, inside them only when one is wider than the room. */
export const wrapText = (text: string, width: number): readonly string[] => {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = word;
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = rest;
  }
  return line === '' ? lines : [...lines, line];
};

const pad = (text: string, width: number, column: Column): string => (column.align === 'right' ? text.padStart(width) : text.padEnd(width));

/**
 * The rows under their headings, each line without trailing blanks. Columns that are empty in every row are left out. What a node, a
 * container or a registry said in a cell does not steer the terminal.
 * @param width columns of the terminal; undefined: no wrapping
 */
export const renderTable = (columns: readonly Column[], rows: readonly (readonly string[])[], width: number | undefined): string => {
  const used = columns.map((_, index) => index === 0 || rows.length === 0 || rows.some((row) => (row[index] ?? '') !== ''));
  const shown = columns.filter((_, index) => used[index]);
  const cells = rows.map((row) => row.filter((_, index) => used[index]).map(oneLine));
  const widths = shown.map((column, index) => Math.max(column.title.length, ...cells.map((row) => (row[index] ?? '').length)));
  const total = widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
  const flexible = shown.findLastIndex((column) => column.wrap === true);
  if (width !== undefined && total > width && flexible >= 0) {
    const least = Math.max(24, shown[flexible]?.title.length ?? 0);
    widths[flexible] = Math.max(least, (widths[flexible] ?? 0) - (total - width));
  }
  const lineOf = (row: readonly string[]) =>
    shown
      .map((column, index) => pad(row[index] ?? '', widths[index] ?? 0, column))
      .join(gap)
      .trimEnd();
  const block = (row: readonly string[]): string[] => {
    const parts = flexible < 0 ? [''] : wrapText(row[flexible] ?? '', widths[flexible] ?? 1);
    return parts.map((part, line) => lineOf(row.map((cell, index) => (index === flexible ? part : line === 0 ? cell : ''))));
  };
  return [lineOf(shown.map((column) => column.title)), ...cells.flatMap(block)].map((line) => `${line}\n`).join('');
};

/** `0 B`, `812 kB`, `1.3 GB`: decimal units, as image sizes are usually shown. */
export const sizeText = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 99.5 || unit === 0 ? Math.round(value) : value.toPrecision(value >= 9.95 ? 3 : 2)} ${units[unit]}`;
};
