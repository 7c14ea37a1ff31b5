import { type ImageLoaded, type RelayFrame, TsoError } from '@tso/proto';
import type { ControlClient } from '../control-client.ts';
import { type ImageLayout, packLayout, readLayout, sizeOfBlobs } from './image-layout.ts';

export interface SendOptions {
  /** Full names that it gets. */
  readonly names: readonly string[];
  /** Empty: one that the cluster chooses. */
  readonly node: string;
  readonly signal: AbortSignal;
  /** Told once it is known how much has to go over. */
  readonly onSize: (bytes: number) => void;
}

/** What is used of the call, and of who makes it. */
type Call = Pick<ReturnType<ControlClient['loadImage']>, 'send' | 'end' | 'cancel' | typeof Symbol.asyncIterator>;
export interface ImageTaker {
  loadImage(options: { readonly signal: AbortSignal }): Call;
}

/** A frame is not larger than this. */
const frameBytes = 256 * 1024;

async function* framesOf(archive: AsyncIterable<Uint8Array>): AsyncGenerator<RelayFrame> {
  for await (const piece of archive)
    for (let at = 0; at < piece.length; at += frameBytes) yield { archive: piece.subarray(at, at + frameBytes) };
  yield { stdinEnd: true };
}

/**
 * Sends until the other side has heard enough. The result is why the image cannot be read, if so; what the other side has against it is seen
 * where its answers are read.
 */
const send = async (call: Call, layout: ImageLayout, blobs: readonly string[]): Promise<unknown> => {
  const frames = framesOf(packLayout(layout, blobs));
  for (;;) {
    let next: IteratorResult<RelayFrame>;
    try {
      next = await frames.next();
    } catch (error) {
      call.cancel();
      return error;
    }
    if (next.done === true) return undefined;
    try {
      await call.send({ frame: next.value });
    } catch {
      // It has ended the call: with an answer, or with its reason.
      await frames.return(undefined);
      return undefined;
    }
  }
};

/**
 * Brings an image into the cluster, where its nodes have it from; of its parts only what the node lacks that takes it. Nothing is sent of one
 * that is there already.
 */
export const sendImage = async (
  control: ImageTaker,
  { layout: folder, digest }: { readonly layout: string; readonly digest: string },
  { names, node, signal, onSize }: SendOptions,
): Promise<ImageLoaded> => {
  const layout = await readLayout(folder, digest);
  const call = control.loadImage({ signal });
  let sending: Promise<unknown> = Promise.resolve();
  try {
    await call.send({ start: { node, options: { names, digest, blobs: layout.blobs } } });
    for await (const { wanted, image } of call) {
      if (image !== undefined) return image;
      if (wanted === undefined) continue;
      const blobs = layout.blobs.filter((blob) => wanted.blobs.includes(blob));
      onSize(await sizeOfBlobs(layout, blobs));
      sending = send(call, layout, blobs);
    }
    throw new TsoError('UNAVAILABLE', 'the connection ended before the image was there', { hint: 'Build again: what was built is kept' });
  } catch (error) {
    throw (await sending) ?? error;
  } finally {
    call.end();
  }
};
