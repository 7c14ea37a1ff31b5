import type { Io } from '../io.ts';
import { type LogEntry, logName } from '../view-model/log-lines.ts';
import { type Colors, colorsFor } from './color.ts';

export interface LogPrinterOptions {
  readonly json: boolean;
  readonly prefix: boolean;
  readonly timestamps: boolean;
  /** Of the longest name, as far as it is known; grows with longer ones. */
  readonly width: number;
}

/** Log entries as text, `web.1  | …`, or as the elements of one JSON array. */
export class LogPrinter {
  readonly #options: LogPrinterOptions;
  readonly #colors: Colors;
  readonly #colorOf = new Map<string, number>();
  #width: number;
  #count = 0;

  constructor(io: Pick<Io, 'stdout' | 'env'>, options: LogPrinterOptions) {
    this.#options = options;
    this.#colors = colorsFor(io.stdout, io.env);
    this.#width = options.width;
  }

  begin(): string {
    return this.#options.json ? '[' : '';
  }

  entry(entry: LogEntry): string | Uint8Array {
    this.#count += 1;
    if (this.#options.json) return `${this.#count === 1 ? '\n' : ',\n'}${JSON.stringify(jsonOf(entry))}`;
    // The data is passed on byte for byte: it may be in any encoding.
    return Buffer.concat([Buffer.from(this.#prefix(entry)), entry.data, Buffer.from('\n')]);
  }

  end(): string {
    return this.#options.json ? `${this.#count === 0 ? '' : '\n'}]\n` : '';
  }

  #prefix(entry: LogEntry): string {
    const time = this.#options.timestamps ? `${entry.time} ` : '';
    if (!this.#options.prefix) return time;
    const name = logName(entry);
    this.#width = Math.max(this.#width, name.length);
    return `${this.#colors.nth(this.#color(name), `${name.padEnd(this.#width)}  | `)}${time}`;
  }

  #color(name: string): number {
    const known = this.#colorOf.get(name) ?? this.#colorOf.size;
    this.#colorOf.set(name, known);
    return known;
  }
}

const jsonOf = ({ taskId, stack, service, slot, node, stream, time, data }: LogEntry): object => ({
  taskId,
  stack,
  service,
  slot,
  node,
  stream,
  time,
  line: Buffer.from(data).toString('utf8'),
});
