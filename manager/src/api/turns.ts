import { TsoError } from '@tso/proto';

/** So many at once, the others in line, first come first served. */
export class Turns {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves, once there is a place, with what gives it back. CANCELLED: the signal. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw gone();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#line.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const mine = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#line.splice(this.#line.indexOf(mine), 1);
        reject(gone());
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#line.push(mine);
    });
  }
}

const gone = (): TsoError => new TsoError('CANCELLED', 'the caller went away');
