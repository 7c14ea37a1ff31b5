/** With the two bytes of length that TCP puts before a message (RFC 1035, 4.2.2). */
export const framed = (message: Uint8Array): Uint8Array => {
  const frame = Buffer.allocUnsafe(message.length + 2);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
};

/** Cuts a TCP stream into messages; keeps what is not whole yet. */
export class MessageReader {
  readonly #limitBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param limitBytes longer messages are not waited for */
  constructor(limitBytes = 65_535) {
    this.#limitBytes = limitBytes;
  }

  /** The messages that are whole now; undefined when a longer one than is allowed was announced: the stream is of no more use. */
  push(chunk: Uint8Array): readonly Uint8Array[] | undefined {
    let buffer = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const messages: Uint8Array[] = [];
    while (buffer.length >= 2) {
      const length = buffer.readUInt16BE(0);
      if (length > this.#limitBytes) return undefined;
      if (buffer.length < length + 2) break;
      messages.push(buffer.subarray(2, length + 2));
      buffer = buffer.subarray(length + 2);
    }
    this.#rest = buffer;
    return messages;
  }
}
