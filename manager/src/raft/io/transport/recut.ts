/** The same bytes in pieces of exactly `size`, only the last one smaller. Pieces that fit as they are are not copied. */
export async function* recut(chunks: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (bytes + rest.length >= size) {
      const cut = size - bytes;
      const head = rest.subarray(0, cut);
      yield bytes === 0 ? head : Buffer.concat([...waiting, head]);
      rest = rest.subarray(cut);
      waiting = [];
      bytes = 0;
    }
    if (rest.length > 0) {
      waiting.push(rest);
      bytes += rest.length;
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
