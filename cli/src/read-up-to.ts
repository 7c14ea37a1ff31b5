/**
 * All that the chunks hold. Nothing is read behind the bound, then it fails with `tooMuch`: a device without an end, or a wrong file, takes
 * neither memory nor time.
 */
export const readUpTo = async (chunks: AsyncIterable<unknown>, mostBytes: number, tooMuch: () => Error): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const part = Buffer.from(chunk as Uint8Array | string);
    length += part.length;
    if (length > mostBytes) throw tooMuch();
    parts.push(part);
  }
  return Buffer.concat(parts);
};
