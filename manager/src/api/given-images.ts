import { limits } from '../limits.ts';

/** Which nodes gave an image to whom, until it is known that what came was that image. */
export class GivenImages {
  /** The latest giver last. */
  readonly #givers = new Map<string, readonly string[]>();

  /** Who gave it to the asker, each once, the latest last. */
  givers(digest: string, asking: string): readonly string[] {
    return this.#givers.get(key(digest, asking)) ?? [];
  }

  gave(digest: string, asking: string, giver: string): void {
    const before = this.givers(digest, asking).filter((id) => id !== giver);
    this.forget(digest, asking);
    this.#givers.set(key(digest, asking), [...before, giver]);
    const [oldest] = this.#givers.keys();
    if (this.#givers.size > limits.rememberedImageAskers && oldest !== undefined) this.#givers.delete(oldest);
  }

  /** The asker has the image. */
  forget(digest: string, asking: string): void {
    this.#givers.delete(key(digest, asking));
  }
}

const key = (digest: string, asking: string): string => `${digest} ${asking}`;
