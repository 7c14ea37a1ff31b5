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

/** So many at once for each key, which is forgotten with its last one. */
export class TurnsByKey {
  readonly #count: number;
  readonly #held = new Map<string, { readonly turns: Turns; users: number }>();

  constructor(count: number) {
    this.#count = count;
  }

  /** As `Turns.take`; what it gives is called once. */
  async take(key: string, signal: AbortSignal): Promise<() => void> {
    const held = this.#held.get(key) ?? { turns: new Turns(this.#count), users: 0 };
    this.#held.set(key, held);
    held.users += 1;
    const forget = (): void => {
      held.users -= 1;
      if (held.users === 0) this.#held.delete(key);
    };
    try {
      const leave = await held.turns.take(signal);
      return () => {
        leave();
        forget();
      };
    } catch (error) {
      forget();
      throw error;
    }
  }
}

const gone = (): TsoError => new TsoError('CANCELLED', 'the caller went away');
