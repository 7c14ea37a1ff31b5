/** How often names were answered, by what became of it. */
export interface NameAnswers {
  /** As dig(1) spells it, in small letters: noerror, nxdomain… */
  readonly code: string;
  /** Whether the answer came from another resolver. */
  readonly elsewhere: boolean;
  readonly count: number;
}

const codeNames = ['noerror', 'formerr', 'servfail', 'nxdomain', 'notimp', 'refused'];

/** Counts answers; nothing is made for one. */
export class DnsCounts {
  readonly #own = new Float64Array(codeNames.length + 1);
  readonly #elsewhere = new Float64Array(codeNames.length + 1);

  add(code: number, elsewhere: boolean): void {
    const counts = elsewhere ? this.#elsewhere : this.#own;
    const index = Math.min(code, codeNames.length);
    counts[index] = (counts[index] ?? 0) + 1;
  }

  /** What happened at least once; codes that we never give ourselves are `other`. */
  figures(): readonly NameAnswers[] {
    return [this.#own, this.#elsewhere].flatMap((counts) =>
      [...counts].flatMap((count, index) =>
        count === 0 ? [] : [{ code: codeNames[index] ?? 'other', elsewhere: counts === this.#elsewhere, count }],
      ),
    );
  }
}
