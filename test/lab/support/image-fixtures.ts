import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { encodeEntry, endOfArchive, padding, type TarEntry } from '../../../node-agent/src/image/tar-format.ts';

export type EntryWish = Partial<Omit<TarEntry, 'sizeBytes'>> & { readonly name: string; readonly content?: string | Uint8Array };

/** A tar of exactly these entries, however evil. */
export const tarOf = (entries: readonly EntryWish[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  for (const { content = '', ...wish } of entries) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const kind = wish.kind ?? 'file';
    const entry: TarEntry = {
      linkName: '',
      mode: kind === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: '1700000000',
      devMajor: 0,
      devMinor: 0,
      xattrs: new Map(),
      ...wish,
      kind,
      sizeBytes: bytes.length,
    };
    parts.push(...encodeEntry(entry), bytes, padding(bytes.length));
  }
  return Buffer.concat([...parts, endOfArchive()]);
};

export const sha256 = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export async function* piecesOf(bytes: Uint8Array, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

export interface BlobFixture {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
}

export interface ImageFixture {
  readonly config: BlobFixture;
  readonly layers: readonly BlobFixture[];
  readonly manifest: BlobFixture;
  readonly diffIds: readonly string[];
}

export interface ImageWish {
  readonly gzip?: boolean;
  readonly architecture?: string;
  readonly variant?: string;
  readonly config?: object;
  /** Instead of the true ones. */
  readonly diffIds?: readonly string[];
}

const blob = (mediaType: string, bytes: Uint8Array): BlobFixture => ({ mediaType, bytes, digest: sha256(bytes) });
const jsonBlob = (mediaType: string, value: object): BlobFixture => blob(mediaType, Buffer.from(JSON.stringify(value)));
export const descriptorOf = ({ mediaType, digest, bytes }: BlobFixture): object => ({ mediaType, digest, size: bytes.length });

const hostArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** An OCI image of these layer tars, lowest first. */
export const imageOf = (tars: readonly Uint8Array[], wish: ImageWish = {}): ImageFixture => {
  const diffIds = wish.diffIds ?? tars.map(sha256);
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    created: '2024-01-02T03:04:05Z',
    architecture: wish.architecture ?? hostArchitecture,
    ...(wish.variant === undefined ? {} : { variant: wish.variant }),
    os: 'linux',
    config: wish.config ?? { Cmd: ['/bin/sh'], Env: ['A=b'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const layers = tars.map((tar) =>
    wish.gzip === true
      ? blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar))
      : blob('application/vnd.oci.image.layer.v1.tar', tar),
  );
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  });
  return { config, layers, manifest, diffIds };
};

/** An index of images by platform. */
export const indexOf = (images: readonly { readonly image: ImageFixture; readonly platform: object }[]): BlobFixture =>
  jsonBlob('application/vnd.oci.image.index.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: images.map(({ image, platform }) => ({ ...descriptorOf(image.manifest), platform })),
  });

const blobEntries = (image: ImageFixture): readonly EntryWish[] =>
  [...new Map([image.manifest, image.config, ...image.layers].map((one) => [one.digest, one])).values()].map(({ digest, bytes }) => ({
    name: `blobs/${digest.replace(':', '/')}`,
    content: bytes,
  }));

/** `name` undefined: without the annotation. */
export const ociArchive = (images: readonly { readonly image: ImageFixture; readonly name?: string }[]): Uint8Array =>
  tarOf([
    ...images.flatMap(({ image }) => blobEntries(image)),
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    {
      name: 'index.json',
      content: JSON.stringify({
        schemaVersion: 2,
        manifests: images.map(({ image, name }) => ({
          ...descriptorOf(image.manifest),
          ...(name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }),
        })),
      }),
    },
  ]);

/** The older form: `<id>/layer.tar`, the second of equal layers a symlink to the first. */
export const dockerArchive = (image: ImageFixture, names: readonly string[]): Uint8Array => {
  const first = new Map<string, string>();
  const layers = image.layers.map((layer, n) => {
    const name = `layer${n}/layer.tar`;
    const same = first.get(layer.digest);
    if (same === undefined) first.set(layer.digest, name);
    const entry: EntryWish = same === undefined ? { name, content: layer.bytes } : { name, kind: 'symlink', linkName: `../${same}` };
    return { name, entry };
  });
  const config = `${image.config.digest.slice(7)}.json`;
  return tarOf([
    ...layers.map(({ entry }) => entry),
    { name: config, content: image.config.bytes },
    { name: 'manifest.json', content: JSON.stringify([{ Config: config, RepoTags: names, Layers: layers.map(({ name }) => name) }]) },
  ]);
};
