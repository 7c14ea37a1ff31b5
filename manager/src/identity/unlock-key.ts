import { parseUnlockKey, TsoError } from '@tso/proto';

/** Whether somebody has to unlock this manager before it can go on. */
export const isLocked = (error: unknown): boolean =>
  error instanceof TsoError && (error.details.locked === true || error.details.reason === 'locked');

/** The key that a locked manager's state and certificate are opened with. It is told by a person, and kept in memory only. */
export class UnlockKey {
  readonly #onLocked: () => void;
  #asked: PromiseWithResolvers<string> | undefined;
  #text: string | undefined;

  /** @param onLocked the key is needed now; called once */
  constructor(onLocked: () => void) {
    this.#onLocked = onLocked;
  }

  /** As people keep it; undefined: nobody told it. */
  get text(): string | undefined {
    return this.#text;
  }

  /** INVALID_ARGUMENT: this is no unlock key. */
  tell(text: string): void {
    parseUnlockKey(text);
    this.#text = text.trim();
    this.#asked?.resolve(this.#text);
  }

  /** What opens it from now on; undefined: nothing does, it is not locked any more. */
  change(text: string | undefined): void {
    this.#text = text;
  }

  /** Opens without a key, or with the one that is known, or else with the one that is told when asked for. Errors are those of `open`. */
  async open<T>(open: (key: string | undefined) => Promise<T>): Promise<T> {
    try {
      return await open(this.#text);
    } catch (error) {
      if (!isLocked(error) || this.#text !== undefined) throw error;
      return open(await this.#ask());
    }
  }

  #ask(): Promise<string> {
    if (this.#asked === undefined) {
      this.#asked = Promise.withResolvers<string>();
      this.#onLocked();
    }
    return this.#asked.promise;
  }
}
