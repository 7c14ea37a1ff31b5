type Paint = (text: string) => string;

/** Escape codes, or nothing of the kind. */
export interface Colors {
  readonly enabled: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** One of a set of well distinguishable colours; the same index gives the same. */
  readonly nth: (index: number, text: string) => string;
}

const code =
  (on: number, off: number): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const plain: Paint = (text) => text;
const wheel = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94].map((on) => code(on, 39));

export const noColors: Colors = {
  enabled: false,
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
  nth: (_index, text) => text,
};

export const ansiColors: Colors = {
  enabled: true,
  bold: code(1, 22),
  dim: code(2, 22),
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  cyan: code(36, 39),
  nth: (index, text) => (wheel[index % wheel.length] ?? plain)(text),
};

/** Colours for a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says otherwise. */
export const colorsFor = (output: { readonly isTTY?: boolean | undefined }, env: Readonly<Record<string, string | undefined>>): Colors =>
  output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb' ? ansiColors : noColors;

/** How wide a terminal is; undefined: the output is none, and lines are as long as they are. */
export const columnsOf = (output: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }): number | undefined =>
  output.isTTY === true ? output.columns : undefined;
