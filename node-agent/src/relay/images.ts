import type { ImageInOptions, ImageOutOptions, RelayFrame } from '@tso/proto';
import type { Duplex } from '@tso/proto/rpc';
import type { Image, Images } from '../image/types.ts';
import { archivePieces } from './archive-pieces.ts';

type Store = { readonly images: Pick<Images, 'findDigest' | 'name' | 'takeIn' | 'save'> };

type Frames = Pick<Duplex<RelayFrame, RelayFrame>, 'send'>;

/** A frame is sent once it holds that much. */
const frameBytes = 256 * 1024;

const loaded = ({ digest, id }: Image, sizeBytes: number, existed: boolean): RelayFrame => ({
  image: { digest, id, sizeBytes, node: '', existed },
});

/** Small pieces together, large ones as they come. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < frameBytes) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}

/**
 * Sends an image of this host: first what it is and how large its archive, then the pieces, then `end`. NOT_FOUND: it is not here, said
 * before anything was sent.
 */
export const relayImageOut = ({ digest, have }: ImageOutOptions, frames: Frames, signal: AbortSignal, { images }: Store): Promise<void> =>
  images.save(digest, new Set(have), async ({ sizeBytes, pieces }, image) => {
    await frames.send(loaded(image, sizeBytes, true));
    for await (const archive of gathered(pieces)) {
      signal.throwIfAborted();
      await frames.send({ archive });
    }
    await frames.send({ end: true });
  });

interface Streams {
  readonly frames: Frames;
  readonly incoming: AsyncIterable<RelayFrame>;
}

/** Says what is lacking, when it was said what there is, and reads that. */
async function* partsOf({ frames, incoming }: Streams, blobs: readonly string[], have: readonly string[]): AsyncGenerator<Uint8Array> {
  if (blobs.length > 0) await frames.send({ wanted: { blobs: blobs.filter((blob) => !have.includes(blob)) } });
  yield* archivePieces(incoming);
}

/**
 * Takes an image in; the last frame that is sent is what became of it. One that is here already, by the digest that the other side knows, is
 * not waited for.
 */
export const relayImageIn = async (
  { digest, names, blobs }: ImageInOptions,
  { frames, incoming }: Streams,
  signal: AbortSignal,
  { images }: Store,
): Promise<void> => {
  const existed = digest !== '' && images.findDigest(digest) !== undefined;
  const image = existed
    ? await images.name(digest, names)
    : await images.takeIn((have) => partsOf({ frames, incoming }, blobs, have), {
        names,
        blobs,
        digest: digest === '' ? undefined : digest,
        signal,
      });
  await frames.send(loaded(image, image.sizeBytes, existed));
};
