import { parseUnlockKey, TsoError } from '@tso/proto';

/** Whether it is shut to the keys that are known. */
export const isLocked = (error: unknown): error is TsoError =>
  error instanceof TsoError &&
  (error.details.locked === true || error.details.reason === 'locked' || error.details.reason === 'wrong-passphrase');

type Open<T> = (key: string | undefined) => Promise<T>;

/**
 * The keys that a locked manager's state and its certificate are opened with: one, but after a crash while it was replaced each of the two
 * may want another. They are told by a person, and kept in memory only.
 */
export class UnlockKey {
  readonly #onLocked: (why: string) => void;
  #asked: PromiseWithResolvers<void> | undefined;
  /** Newest first; another array with each that is told. */
  #known: readonly string[] = [];
  #text: string | undefined;

  /** @param onLocked a key is needed now; with a sentence that says for what. Called again when one was told that does not do. */
  constructor(onLocked: (why: string) => void) {
    this.#onLocked = onLocked;
  }

  /** What the state on disk is locked with, as people keep it; undefined: with nothing, or it was not opened yet. */
  get text(): string | undefined {
    return this.#text;
  }

  /** Those that were told or were in use since this manager began, newest first. */
  get known(): readonly string[] {
    return this.#known;
  }

  /** INVALID_ARGUMENT: this is no unlock key. */
  tell(text: string): void {
    parseUnlockKey(text);
    this.#learn(text.trim());
    this.#asked?.resolve();
    this.#asked = undefined;
  }

  /** What the state on disk is locked with from now on; undefined: with nothing. */
  change(text: string | undefined): void {
    this.#text = text;
    if (text !== undefined) this.#learn(text);
  }

  /** Opens without a key, or with one that is known, or else with the first that fits of those that are told when asked for. Errors are those of `open`. */
  async open<T>(open: Open<T>): Promise<T> {
    for (;;) {
      const known = this.#known;
      try {
        return await this.openKnown(open);
      } catch (error) {
        if (!isLocked(error)) throw error;
        // One that was told meanwhile was not tried yet.
        if (known === this.#known) await this.#ask(error);
      }
    }
  }

  /** The same without asking anybody. */
  async openKnown<T>(open: Open<T>): Promise<T> {
    const [newest, ...older] = this.#known;
    try {
      return await open(newest);
    } catch (error) {
      if (!isLocked(error)) throw error;
      for (const key of older) {
        const opened = await open(key).then(
          (value) => ({ value }),
          (reason: unknown) => {
            if (!isLocked(reason)) throw reason;
          },
        );
        if (opened !== undefined) return opened.value;
      }
      throw error;
    }
  }

  #learn(text: string): void {
    this.#known = [text, ...this.#known.filter((key) => key !== text)];
  }

  #ask({ message }: TsoError): Promise<void> {
    if (this.#asked === undefined) {
      this.#asked = Promise.withResolvers<void>();
      this.#onLocked(message);
    }
    return this.#asked.promise;
  }
}
