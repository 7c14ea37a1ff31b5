import type { Duplex } from './client.ts';

/** A two-way stream whose other end is still looked for. What is done with it is done in the same order once that is found. */
export class LateDuplex<Out, In> implements Duplex<Out, In> {
  readonly closed: Promise<void>;
  readonly #stream: Promise<Duplex<Out, In>>;

  constructor(stream: Promise<Duplex<Out, In>>) {
    this.#stream = stream;
    // Why there is none is told to who sends or reads.
    this.closed = stream.then(
      (it) => it.closed,
      () => undefined,
    );
  }

  async send(message: Out): Promise<void> {
    await (await this.#stream).send(message);
  }

  write(message: Out, done: () => void): void {
    this.#stream.then((it) => it.write(message, done)).catch(done);
  }

  end(): void {
    this.#then((it) => it.end());
  }

  cancel(): void {
    this.#then((it) => it.cancel());
  }

  async *[Symbol.asyncIterator](): AsyncIterator<In> {
    yield* await this.#stream;
  }

  #then(action: (stream: Duplex<Out, In>) => void): void {
    this.#stream.then(action, () => undefined);
  }
}
