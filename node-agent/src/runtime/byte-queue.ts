/** Bytes handed from callbacks to one `for await`: calls `onFull` and `onRoom` as what waits passes the limit and drains. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #limitBytes: number;
  readonly #onFull: () => void;
  readonly #onRoom: () => void;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(options: { readonly limitBytes: number }, ports: { readonly onFull: () => void; readonly onRoom: () => void }) {
    this.#limitBytes = options.limitBytes;
    this.#onFull = ports.onFull;
    this.#onRoom = ports.onRoom;
  }

  push(data: Uint8Array): void {
    if (this.#ended) return;
    this.#waiting.push(data);
    this.#bytes += data.byteLength;
    if (this.#bytes > this.#limitBytes) this.#onFull();
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    while (true) {
      const data = this.#waiting.shift();
      if (data !== undefined) {
        const wasFull = this.#bytes > this.#limitBytes;
        this.#bytes -= data.byteLength;
        if (wasFull && this.#bytes <= this.#limitBytes) this.#onRoom();
        yield data;
        continue;
      }
      if (this.#ended) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
  }
}
