const never = (): Promise<never> => new Promise(() => undefined);

export interface Hold {
  /** Resolves when the call came. */
  readonly reached: Promise<void>;
  release(): void;
}

/**
 * What one life of an agent asks of the world around it, in order, and what a test lets happen at each call: it may hold one, fail one,
 * or end the agent there. After its end a life does nothing more: its calls never return.
 */
export class Script {
  readonly calls: string[] = [];
  readonly crashed: Promise<void>;
  readonly #next = new Map<string, (() => Promise<void>)[]>();
  readonly #resolveCrashed: () => void;
  #points = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #dead = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.crashed = promise;
    this.#resolveCrashed = resolve;
  }

  /** How many places there were where the agent could have ended. */
  get points(): number {
    return this.#points;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Ends the agent at its n-th point, counted from 1. */
  crashAt(point: number): void {
    this.#crashAt = point;
  }

  crash(): void {
    this.#dead = true;
    this.#resolveCrashed();
  }

  /** One call: it may end the agent before its effect, or after it. */
  async perform<T>(call: string, subject: string, effect: () => T | Promise<T>): Promise<T> {
    await this.#point();
    this.calls.push(subject === '' ? call : `${call} ${subject}`);
    await this.#next.get(call)?.shift()?.();
    if (this.#dead) return never();
    const result = await effect();
    await this.#point();
    return result;
  }

  failNext(call: string, error: Error): void {
    this.#then(call, () => Promise.reject(error));
  }

  holdNext(call: string): Hold {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#then(call, () => {
      reached.resolve();
      return released.promise;
    });
    return { reached: reached.promise, release: () => released.resolve() };
  }

  /** The calls with one of these names, without their subject. */
  named(...names: readonly string[]): readonly string[] {
    return this.calls.map((call) => call.split(' ')[0] ?? '').filter((name) => names.includes(name));
  }

  #then(call: string, behaviour: () => Promise<void>): void {
    this.#next.set(call, [...(this.#next.get(call) ?? []), behaviour]);
  }

  async #point(): Promise<void> {
    if (!this.#dead) this.#points += 1;
    if (this.#points >= this.#crashAt) this.crash();
    if (this.#dead) return never();
  }
}
