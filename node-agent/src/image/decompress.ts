import type { Transform } from 'node:stream';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { TsoError } from '@tso/proto';
import { pieceBytes } from './blob-store.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** By the first bytes (RFC 1952, RFC 8878, including a skippable frame in front); media types in the wild are often wrong. */
export const compressionOf = (head: Uint8Array): Compression => {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  if (((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return 'zstd';
  return 'none';
};

async function* continued(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

const failure = (error: unknown): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(Z_|ZSTD_|ERR_ZLIB|ERR_BUFFER)/.test(code)) return error;
  return new TsoError('DATA_LOSS', `compressed data is damaged: ${error instanceof Error ? error.message : code}`, { cause: error });
};

async function* through(input: AsyncIterable<Uint8Array>, engine: Transform): AsyncGenerator<Uint8Array> {
  // The failure reaches the loop below, which reads the engine's end of the pipeline.
  pipeline(Readable.from(input, { objectMode: true, highWaterMark: 2 }), engine, () => undefined);
  try {
    yield* engine as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw failure(error);
  } finally {
    engine.destroy();
  }
}

/** Resolves when the engine has taken what it wants of the piece, or was given up. */
const offered = (engine: Transform, piece: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      engine.off('close', done);
      resolve();
    };
    engine.once('close', done);
    engine.write(piece, done);
  });

/**
 * A zstd stream of any number of frames. Node's engine ends after the first (unlike its gzip, which reads every member) and says by
 * `bytesWritten` how much it took; the rest goes to another. pzstd and zstd:chunked layers have several, some of them skippable.
 */
async function* zstdFrames(input: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left: Uint8Array | undefined;
  const nextPiece = async (): Promise<Uint8Array | undefined> => {
    const next = await input.next();
    return next.done === true ? undefined : next.value;
  };
  try {
    left = await nextPiece();
    while (left !== undefined) {
      const engine = createZstdDecompress({ chunkSize: pieceBytes });
      const fed = feedFrame(engine, left, nextPiece);
      try {
        yield* engine as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw failure(error);
      } finally {
        engine.destroy();
      }
      left = await fed;
    }
  } finally {
    await input.return(undefined);
  }
}

/** Feeds one engine until it wants no more; what it did not take, or undefined at the end of the input. */
const feedFrame = async (
  engine: Transform & { readonly bytesWritten: number },
  first: Uint8Array,
  nextPiece: () => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> => {
  let taken = 0;
  try {
    for (let piece: Uint8Array | undefined = first; piece !== undefined; piece = await nextPiece()) {
      await offered(engine, piece);
      if (engine.bytesWritten < taken + piece.length) return piece.subarray(engine.bytesWritten - taken);
      taken += piece.length;
    }
    engine.end();
  } catch (error) {
    // Reaches the reader of the engine's other end.
    engine.destroy(error instanceof Error ? error : new Error(String(error)));
  }
  return undefined;
};

/** The plain bytes of a stream that may be gzip or zstd. DATA_LOSS when the compressed data is damaged or cut short. */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < 4) {
    const next = await iterator.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  const compression = compressionOf(Buffer.concat(head, Math.min(length, 8)));
  const input = continued(head, iterator);
  // zlib works in the thread pool, so the event loop is free meanwhile.
  if (compression === 'gzip') yield* through(input, createGunzip({ chunkSize: pieceBytes }));
  else if (compression === 'zstd') yield* zstdFrames(input);
  else yield* input;
}
