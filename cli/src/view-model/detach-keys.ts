/** As docker has it. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

const named: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 };

const keyCode = (text: string): number | undefined => {
  if (text.length === 1) return text.charCodeAt(0) < 128 ? text.charCodeAt(0) : undefined;
  const [, key = ''] = /^ctrl-(.)$/.exec(text) ?? [];
  return /^[a-z]$/.test(key) ? key.charCodeAt(0) - 96 : named[key];
};

/** The bytes of `ctrl-p,ctrl-q`: single characters, and `ctrl-` with a letter or one of @ [ \ ] ^ _; undefined: something else. */
export const parseDetachKeys = (text: string): readonly number[] | undefined => {
  const codes = text.split(',').map(keyCode);
  return codes.every((code) => code !== undefined) ? codes : undefined;
};

export interface Scanned {
  /** What goes on to the command. */
  readonly passed: Uint8Array;
  /** The keys were typed: nothing behind them counts. */
  readonly detached: boolean;
}

/**
 * Looks for the detach keys in what is typed. The beginning of them is held back until it is clear that it is not the whole, then passed on.
 */
export class DetachScanner {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  push(typed: Uint8Array): Scanned {
    const passed: number[] = [];
    for (const byte of typed) {
      // What no longer fits is passed on up to where the keys may begin anew.
      while (this.#matched > 0 && byte !== this.#keys[this.#matched]) passed.push(...this.#giveUpFirst());
      if (byte !== this.#keys[this.#matched]) {
        passed.push(byte);
        continue;
      }
      this.#matched += 1;
      if (this.#matched === this.#keys.length) return { passed: Uint8Array.from(passed), detached: true };
    }
    return { passed: Uint8Array.from(passed), detached: false };
  }

  /** Input has ended: what was held back was no more than a beginning. */
  rest(): Uint8Array {
    const held = this.#keys.slice(0, this.#matched);
    this.#matched = 0;
    return Uint8Array.from(held);
  }

  /** Shortens what is held back to the longest end of it that may begin the keys; what falls out in front is the result. */
  #giveUpFirst(): readonly number[] {
    const held = this.#keys.slice(0, this.#matched);
    let from = 1;
    while (!held.slice(from).every((byte, index) => byte === this.#keys[index])) from += 1;
    this.#matched = held.length - from;
    return held.slice(0, from);
  }
}
