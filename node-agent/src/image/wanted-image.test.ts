import { readdir } from 'node:fs/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { withBlobs } from '../testing/with-blobs.ts';
import { Archive } from './archive.ts';
import { type BlobStore, sha256Digest } from './blob-store.ts';
import { encodeManifest, mediaTypes } from './manifest.ts';
import { maxDocumentBytes } from './materialise.ts';
import { imageArchive } from './save.ts';
import { encodeEntry, endOfArchive, noXattrs, padding, type TarEntry } from './tar-format.ts';
import { blobName, WantedImage } from './wanted-image.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const config = bytes('{"architecture":"amd64","os":"linux"}');
const layer = bytes('a layer');
const sized = (content: Uint8Array) => ({ mediaType: mediaTypes.ociLayer, digest: sha256Digest(content), sizeBytes: content.length });
const manifest = encodeManifest(sized(config), [sized(layer)]);
const digest = sha256Digest(manifest);

type Member = readonly [name: string, content: Uint8Array, more?: Partial<TarEntry>];
const blob = (content: Uint8Array): Member => [blobName(sha256Digest(content)), content];
const documents: readonly Member[] = [
  ['oci-layout', bytes('{}')],
  ['index.json', bytes('{}')],
];

const plain = { kind: 'file', linkName: '', mode: 0o644, uid: 0, gid: 0, mtime: '0', devMajor: 0, devMinor: 0, xattrs: noXattrs } as const;
const tarOf = (...members: readonly Member[]): Buffer =>
  Buffer.concat([
    ...members.flatMap(([name, content, more]) => [
      ...encodeEntry({ ...plain, name, sizeBytes: content.length, ...more }),
      content,
      padding(content.length),
    ]),
    endOfArchive(),
  ]);

/** Reads in small pieces, and counts those that were taken. */
const reading = (blobs: BlobStore, tar: Uint8Array) => {
  const taken = { bytes: 0 };
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < tar.length; at += 512) {
      taken.bytes += 512;
      yield tar.subarray(at, at + 512);
    }
  };
  const wanted = new WantedImage(digest);
  return { taken, wanted, archive: Archive.read(blobs, pieces(), undefined, wanted) };
};

test('of the archive that a node makes of an image all blobs are kept, and its manifest is known', (t) =>
  withBlobs(async (blobs) => {
    for (const content of [config, layer]) await blobs.put(content);
    const whole = { platform: undefined, annotations: {} };
    const made = imageArchive(blobs, { digest, mediaType: mediaTypes.ociManifest, bytes: manifest }, [
      { ...sized(config), ...whole },
      { ...sized(layer), ...whole },
    ]);
    const all: Uint8Array[] = [];
    for await (const piece of made.pieces) all.push(piece);
    const { wanted, archive } = reading(blobs, Buffer.concat(all));
    const read = await archive;
    t.is(read.blob(sha256Digest(layer)).digest, sha256Digest(layer));
    t.is(read.blob(sha256Digest(config)).sizeBytes, config.length);
    t.is(wanted.manifest.config.digest, sha256Digest(config));
    t.deepEqual(Buffer.from(wanted.bytes), Buffer.from(manifest));
    t.false(read.has('index.json'));
    await read.discard();
  }));

const large = bytes('x'.repeat(200_000));
const hostile: readonly (readonly [title: string, tar: Uint8Array, message: RegExp])[] = [
  ['a blob that the manifest does not name', tarOf(...documents, blob(manifest), blob(large), blob(large)), /blobs\/sha256.*not part/],
  [
    'a blob that is longer than the manifest says',
    tarOf(...documents, blob(manifest), [blobName(sha256Digest(layer)), large]),
    /200000 bytes.*at most 7/,
  ],
  ['a blob that comes again', tarOf(blob(manifest), blob(layer), blob(layer), blob(large)), /not part/],
  ['a blob before the manifest', tarOf(...documents, blob(layer), blob(large), blob(manifest)), /not part/],
  ['another manifest under the wanted name', tarOf([blobName(digest), bytes('{}')], blob(large)), /digest/],
  [
    'a manifest that is too long',
    tarOf([blobName(digest), bytes(''), { sizeBytes: maxDocumentBytes + 1 }], blob(large)),
    /4194305 bytes.*at most 4194304/,
  ],
  [
    'a link',
    tarOf(blob(manifest), [blobName(sha256Digest(layer)), bytes(''), { kind: 'symlink', linkName: 'x' }], blob(large)),
    /not part/,
  ],
  ['a member of another name', tarOf(...documents, ['manifest.json', bytes('[]')], blob(large)), /not part/],
  ['an archive that is compressed (gzip)', gzipSync(Buffer.concat([tarOf(blob(manifest)), large])), /damaged/],
  ['an archive that is compressed (zstd)', zstdCompressSync(Buffer.concat([tarOf(blob(manifest)), large])), /damaged/],
];

for (const [title, tar, message] of hostile) {
  test(`from another node ${title} is refused at once, and nothing is left of it`, (t) =>
    withBlobs(async (blobs) => {
      const { taken, archive } = reading(blobs, tar);
      await t.throwsAsync(archive, { code: 'DATA_LOSS', message });
      t.true(taken.bytes < 6_000, `${taken.bytes} bytes were read`);
      t.deepEqual(await readdir(blobs.temporaryFolder), []);
    }));
}

test('an archive without the wanted manifest is none of that image', async (t) => {
  await withBlobs(async (blobs) => {
    const { wanted, archive } = reading(blobs, tarOf(...documents));
    await archive;
    t.throws(() => wanted.manifest, { code: 'DATA_LOSS', message: new RegExp(digest) });
  });
});
