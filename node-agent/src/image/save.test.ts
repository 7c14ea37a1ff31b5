import test from 'ava';
import { withBlobs } from '../testing/with-blobs.ts';
import { Archive } from './archive.ts';
import { sha256Digest } from './blob-store.ts';
import { mediaTypes, parseManifest } from './manifest.ts';
import { imageArchive } from './save.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const descriptor = (content: Uint8Array) => ({
  mediaType: mediaTypes.ociLayer,
  digest: sha256Digest(content),
  sizeBytes: content.length,
  platform: undefined,
  annotations: {},
});

const collected = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
};

test('an archive has the size that was said, and what a load reads of it is what was put in', (t) =>
  withBlobs(async (blobs) => {
    const layer = bytes('x'.repeat(600_001));
    await blobs.put(layer);
    const manifest = bytes('{"schemaVersion":2}');
    const made = imageArchive(blobs, { digest: sha256Digest(manifest), mediaType: mediaTypes.ociManifest, bytes: manifest }, [
      descriptor(layer),
    ]);
    const written = await collected(made.pieces);
    t.is(written.length, made.sizeBytes);
    const archive = await Archive.read(
      blobs,
      (async function* () {
        yield written;
      })(),
      undefined,
    );
    const index = parseManifest(await archive.document(archive.file('index.json'), 'index'), mediaTypes.ociIndex, 'index');
    t.like(index, { kind: 'index', manifests: [{ digest: sha256Digest(manifest), sizeBytes: manifest.length }] });
    t.is(archive.blob(sha256Digest(manifest)).digest, sha256Digest(manifest));
    t.is(archive.blob(sha256Digest(layer)).digest, sha256Digest(layer));
    await archive.discard();
  }));

test('the same image makes the same archive, byte for byte', (t) =>
  withBlobs(async (blobs) => {
    const manifest = bytes('{}');
    const make = () =>
      collected(imageArchive(blobs, { digest: sha256Digest(manifest), mediaType: mediaTypes.ociManifest, bytes: manifest }, []).pieces);
    t.deepEqual(await make(), await make());
  }));
