/** What was measured of both, and how they compare. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly tso: number | undefined;
  readonly etcd: number | undefined;
  /** What the issue asks of tso's figure, in words. */
  readonly goal?: string;
}

/** NaN of nothing. @param share 0.5 is the median, 0.99 what one of a hundred exceeds */
export const quantile = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

const number = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '-' : value >= 1_000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const ratio = ({ tso, etcd }: Figure): string =>
  tso === undefined || etcd === undefined || !(etcd > 0) || Number.isNaN(tso) ? '' : `x${(tso / etcd).toFixed(2)}`;

/** A line per figure: both values, tso's divided by etcd's, the goal. */
export const figuresText = (figures: readonly Figure[]): string => {
  const row = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(66)} ${cells
      .slice(1, 4)
      .map((cell) => cell.padStart(9))
      .join(' ')} ${(cells[4] ?? '').padEnd(9)} ${cells[5] ?? ''}`.trimEnd();
  return [
    row(['', 'tso', 'etcd', 'ratio', 'unit', 'goal']),
    ...figures.map((figure) => row([figure.what, number(figure.tso), number(figure.etcd), ratio(figure), figure.unit, figure.goal ?? ''])),
  ].join('\n');
};
