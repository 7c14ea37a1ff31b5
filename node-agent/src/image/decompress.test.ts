import { gzipSync, zstdCompressSync } from 'node:zlib';
import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { compressionOf, decompressed } from './decompress.ts';

const plain = Buffer.from('some text '.repeat(50_000));
const zeros = Buffer.alloc(5_000_000);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = async (bytes: Uint8Array, size = 1000): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of decompressed(pieces(bytes, size))) parts.push(part);
  return Buffer.concat(parts);
};

/** Without printing half a megabyte when it fails. */
const same = (t: ExecutionContext, found: Buffer, expected: Buffer): void => {
  t.is(found.length, expected.length);
  t.true(found.equals(expected));
};

/** RFC 8878, 3.1.2: carries no content; zstd:chunked layers end with some. */
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('skip')]);

test('plain, gzip and zstd streams come out alike, in pieces of any size', async (t) => {
  for (const size of [1, 3, 1000, 1_000_000]) {
    const short = plain.subarray(0, 2000);
    for (const bytes of [short, gzipSync(short), zstdCompressSync(short)]) same(t, await read(bytes, size), short);
  }
  same(t, await read(gzipSync(zeros)), zeros);
  same(t, await read(Buffer.alloc(0)), Buffer.alloc(0));
});

test('several gzip members and several zstd frames are one stream', async (t) => {
  const twice = Buffer.concat([plain, plain]);
  same(t, await read(Buffer.concat([gzipSync(plain), gzipSync(plain)])), twice);
  const frame = zstdCompressSync(plain);
  for (const size of [1, 7, frame.length - 1, frame.length, frame.length + 1, 1000])
    same(t, await read(Buffer.concat([frame, frame]), size), twice);
});

test('skippable zstd frames before, between and after the content say nothing', async (t) => {
  const frame = zstdCompressSync(plain);
  same(t, await read(Buffer.concat([skippable, frame, skippable, frame, skippable])), Buffer.concat([plain, plain]));
});

test('damaged and cut streams are DATA_LOSS', async (t) => {
  for (const whole of [gzipSync(plain), zstdCompressSync(plain)]) {
    const flipped = Buffer.from(whole);
    const at = Math.floor(whole.length / 2);
    flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    for (const bytes of [flipped, whole.subarray(0, whole.length - 5)]) {
      t.is((await t.throwsAsync(read(bytes), { instanceOf: TsoError })).code, 'DATA_LOSS');
    }
  }
});

test('a failure of the source comes through as it was, and the source is closed when the reader stops', async (t) => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gzipSync(plain).subarray(0, 500);
    throw new Error('the network is down');
  }
  await t.throwsAsync(
    async () => {
      for await (const _ of decompressed(failing()));
    },
    { message: 'the network is down' },
  );
  let closed = false;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces(plain, 100);
    } finally {
      closed = true;
    }
  }
  for await (const _ of decompressed(watched())) break;
  t.true(closed);
});

test('the compression is told by the first bytes', (t) => {
  t.is(compressionOf(gzipSync('')), 'gzip');
  t.is(compressionOf(zstdCompressSync('')), 'zstd');
  t.is(compressionOf(skippable), 'zstd');
  t.is(compressionOf(Buffer.from('etc/')), 'none');
});
