import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageLoaded, type RelayFrame, TsoError } from '@tso/proto';
import type { ControlClient } from '../control-client.ts';
import { type ImageLayout, packLayout, readLayout } from './image-layout.ts';

export interface SendOptions {
  /** Full names that it gets. */
  readonly names: readonly string[];
  /** Empty: one that the cluster chooses. */
  readonly node: string;
  readonly signal: AbortSignal;
  /** Told once it is known how much has to go over. */
  readonly onSize: (bytes: number) => void;
}

type Call = ReturnType<ControlClient['loadImage']>;

/** A frame is not larger than this. */
const frameBytes = 256 * 1024;

async function* framesOf(archive: AsyncIterable<Uint8Array>): AsyncGenerator<RelayFrame> {
  for await (const piece of archive)
    for (let at = 0; at < piece.length; at += frameBytes) yield { archive: piece.subarray(at, at + frameBytes) };
  yield { stdinEnd: true };
}

/** Sends until the other side has heard enough; why it ended is seen where its answers are read. */
const send = async (call: Call, layout: ImageLayout, blobs: readonly string[]): Promise<void> => {
  try {
    for await (const frame of framesOf(packLayout(layout, blobs))) await call.send({ frame });
  } catch {
    call.cancel();
  }
};

const sizeOf = async ({ folder }: ImageLayout, blobs: readonly string[]): Promise<number> => {
  const sizes = await Promise.all(blobs.map(async (blob) => (await stat(join(folder, 'blobs', blob.replace(':', '/')))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

/**
 * Brings an image into the cluster, where its nodes have it from; of its parts only what the node lacks that takes it. Nothing is sent of one
 * that is there already.
 */
export const sendImage = async (
  control: ControlClient,
  { layout: folder, digest }: { readonly layout: string; readonly digest: string },
  { names, node, signal, onSize }: SendOptions,
): Promise<ImageLoaded> => {
  const layout = await readLayout(folder, digest);
  const call = control.loadImage({ signal });
  try {
    await call.send({ start: { node, options: { names, digest, blobs: layout.blobs } } });
    for await (const { wanted, image } of call) {
      if (image !== undefined) return image;
      if (wanted === undefined) continue;
      const blobs = layout.blobs.filter((blob) => wanted.blobs.includes(blob));
      onSize(await sizeOf(layout, blobs));
      void send(call, layout, blobs);
    }
    throw new TsoError('UNAVAILABLE', 'the connection ended before the image was there', { hint: 'Build again: what was built is kept' });
  } finally {
    call.end();
  }
};
