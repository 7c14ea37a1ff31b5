import { type RelayFrame, TsoError } from '@tso/proto';

/** The pieces of the archive that comes in. CANCELLED: it broke off before its end was said. */
export const archivePieces = async function* (incoming: AsyncIterable<RelayFrame>): AsyncGenerator<Uint8Array> {
  for await (const frame of incoming) {
    if (frame.stdinEnd === true) return;
    if (frame.archive !== undefined) yield frame.archive;
  }
  throw new TsoError('CANCELLED', 'the archive broke off before its end');
};
